// Numbers that look random and follow from a seed (mulberry32).

export class Random {
  #state;

  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /**
   * An integer from 0 to limit - 1.
   *
   * @param {number} limit
   */
  below(limit) {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /**
   * True this often, from 0 to 1.
   *
   * @param {number} probability
   */
  chance(probability) {
    return this.below(1_000_000) < probability * 1_000_000;
  }

  /** @param {number} length */
  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.below(256)));
  }

  /**
   * @template T
   * @param {readonly T[]} choices not empty
   * @returns {T}
   */
  pick(choices) {
    return /** @type {T} */ (choices[this.below(choices.length)]);
  }
}

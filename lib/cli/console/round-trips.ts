import type { LogSource } from '../log';

/** Round-trip times of one client's pings. */
export class RoundTrips {
  #sentAt: number | null = null;
  #unclear = false;
  #last: number | null = null;
  #sum = 0;
  #count = 0;

  constructor(client: LogSource) {
    client.on('data', ({ direction }) => {
      if (direction === 'sent') this.#sent();
      else this.#received();
    });
  }

  /** Milliseconds of the last one, or null. */
  get last(): number | null {
    return this.#last;
  }

  /** The mean of those since the last call, in milliseconds, or null when there were none. */
  takeMean(): number | null {
    const mean = this.#count === 0 ? null : this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    return mean;
  }

  // An answer does not say which ping it is for: with two on the way nothing can be measured until one is alone again.
  #sent(): void {
    this.#unclear = this.#sentAt !== null;
    this.#sentAt = performance.now();
  }

  #received(): void {
    if (this.#sentAt !== null && !this.#unclear) {
      this.#last = performance.now() - this.#sentAt;
      this.#sum += this.#last;
      this.#count += 1;
    }
    this.#sentAt = null;
    this.#unclear = false;
  }
}

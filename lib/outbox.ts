/** Bytes of the longest message, and what a suite may add to it, and a little more: see QDtls.encryptDatagramInto(). */
const SIZE = 16_384 + 96;

/**
 * Memory for datagrams that the system takes at once. It is in cache, where a new Buffer for each is not: that makes a tenth of
 * an echo.
 */
class Outbox {
  #memory = Buffer.allocUnsafeSlow(SIZE);
  #last = this.#memory;

  /** Where the next datagram is written. */
  get memory(): Buffer {
    return this.#memory;
  }

  /** The datagram that was written, good until the next one. The last view is often as long, and then nothing is made for it. */
  datagram(length: number): Buffer {
    if (this.#last.length !== length) this.#last = this.#memory.subarray(0, length);
    return this.#last;
  }

  /** Leaves the memory to whoever still reads the last datagram. */
  leave(): void {
    this.#memory = Buffer.allocUnsafeSlow(SIZE);
    this.#last = this.#memory;
  }
}

/** One for all associations of a thread: they send one after the other. */
export const outbox = new Outbox();

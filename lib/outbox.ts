import { LONGEST_MESSAGE, OVERHEAD } from './internal/record-calls';

const SIZE = LONGEST_MESSAGE + OVERHEAD;
const CHUNK = 4 * SIZE;

/**
 * Memory for datagrams that the system takes at once. It is in cache, where a new Buffer for each is not: that makes a tenth of
 * an echo.
 */
class Outbox {
  #chunk = Buffer.allocUnsafeSlow(CHUNK);
  #start = 0;
  #memory = this.#chunk.subarray(0, SIZE);
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

  /** Leaves the last datagram to whoever still reads it, and goes on behind it: where many wait, none keeps more than its own. */
  leave(): void {
    this.#start += (this.#last.length + 7) & ~7;
    if (this.#start + SIZE > CHUNK) {
      this.#chunk = Buffer.allocUnsafeSlow(CHUNK);
      this.#start = 0;
    }
    this.#memory = this.#chunk.subarray(this.#start, this.#start + SIZE);
    this.#last = this.#memory;
  }
}

/** One for all associations of a thread: they send one after the other. */
export const outbox = new Outbox();

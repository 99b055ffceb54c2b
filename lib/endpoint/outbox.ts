import { QDtls } from '../qdtls';

/** What a suite may add to a message, and a little more: see QDtls.encryptDatagramInto(). */
const MOST_ADDED = 96;

/**
 * Memory for datagrams that the system takes at once. It is in cache, where a new Buffer for each is not: that makes a tenth of
 * an echo.
 */
class Outbox {
  #memory = Buffer.allocUnsafeSlow(QDtls.MaximumMessageSize + MOST_ADDED);
  /** The last datagram: the next one is often as long, and then nothing is made for it. */
  #last = this.#memory;

  /** Returns the datagram of a message, good until the next call; an empty one, with an error, as encryptDatagram() does. */
  seal(dtls: QDtls, message: string | NodeJS.ArrayBufferView): Buffer {
    const length = Math.max(0, dtls.encryptDatagramInto(message, this.#memory));
    if (this.#last.length !== length) this.#last = this.#memory.subarray(0, length);
    return this.#last;
  }

  /** Leaves the memory to whoever still reads the last datagram. */
  leave(): void {
    this.#memory = Buffer.allocUnsafeSlow(this.#memory.length);
    this.#last = this.#memory;
  }
}

/** One for all sessions of a thread: they send one after the other. */
export const outbox = new Outbox();

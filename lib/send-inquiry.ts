export { HAS_NODES_DGRAM, sendsAtOnce } from './internal/datagram-socket';

/** Messages. */
const EVERY = 16;

/** Milliseconds. */
const SILENCE = 100;

/** Half of it: who asks just after a tick, or is timed by a timer of the user's that fires first, is not late then. */
const TICK = SILENCE / 2;

/**
 * A clock for all who look, which goes on some time after it was looked at, and stands still while the event loop is blocked.
 * The time itself costs more than the rest of the question.
 */
class Ticks {
  #count = 0;
  #timer: NodeJS.Timeout | null = null;

  get count(): number {
    return this.#count;
  }

  /** Sees to it that the count will have changed when there was SILENCE. */
  start(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#count += 1;
    }, TICK).unref();
  }
}

const ticks = new Ticks();

/**
 * Which messages a dgram.Socket is asked about. That a datagram was taken it tells by a tick of its own, which is some 2 us of
 * an echo's 24 (docs/performance.md, "Advice"). So it is asked about every 16th message, about one that is sent a tenth of a
 * second after the last one it was asked about, and about each one after a refusal. RFC 6347 section 4.1.1.1
 */
export class SendInquiry {
  #unasked = EVERY;
  #askedIn = 0;
  #wasRefused = false;

  /** Whether the next message is one of them. */
  isDue(): boolean {
    this.#unasked += 1;
    if (this.#unasked < EVERY && this.#askedIn === ticks.count && !this.#wasRefused) return false;
    this.#unasked = 0;
    this.#askedIn = ticks.count;
    ticks.start();
    return true;
  }

  /** What became of one. */
  heard(error: Error | null | undefined): void {
    this.#wasRefused = error !== null && error !== undefined;
  }
}

import { checkUint } from './arguments';

/** OpenSSL takes a timer with less than 15 ms left for expired, so a shorter one would never rest. */
const MINIMUM_TIMEOUT = 20;
const MAXIMUM_TIMEOUT = 60_000;
const DEFAULT_TIMEOUT = 1000;
const DEFAULT_DEADLINE = 60_000;

/** What to do when a timer fires. */
export interface TimerActions {
  retransmit(): void;
  giveUp(milliseconds: number): void;
}

/**
 * When the flight of a handshake may be repeated, and when there has been enough of it: one timer, for what comes first. It
 * does not keep the process alive: that is the socket's part.
 */
export class HandshakeTimers {
  readonly #actions: TimerActions;
  #timer: NodeJS.Timeout | undefined;
  #deadlineMs = DEFAULT_DEADLINE;
  /** By performance.now(); infinity without one. */
  #deadline = Infinity;
  /** What it was set to when the handshake began. */
  #patience = 0;
  #initialMs = DEFAULT_TIMEOUT;
  #maximumMs = MAXIMUM_TIMEOUT;

  constructor(actions: TimerActions) {
    this.#actions = actions;
  }

  setDeadline(milliseconds: number): void {
    this.#deadlineMs = milliseconds;
  }

  /** Throws a RangeError or a TypeError for values out of range. */
  setRetransmission(initial: unknown, maximum: unknown): void {
    const first = checkUint(initial, 'timeouts.initial', { min: MINIMUM_TIMEOUT, max: MAXIMUM_TIMEOUT });
    this.#maximumMs = checkUint(maximum, 'timeouts.maximum', { min: first, max: MAXIMUM_TIMEOUT });
    this.#initialMs = first;
  }

  /** In milliseconds. */
  get retransmission(): { readonly initial: number; readonly maximum: number } {
    return { initial: this.#initialMs, maximum: this.#maximumMs };
  }

  /** A handshake begins: arm(), pause() or stop() follows. */
  start(): void {
    this.#patience = this.#deadlineMs;
    this.#deadline = this.#deadlineMs === 0 ? Infinity : performance.now() + this.#deadlineMs;
  }

  /** Sets the repetition timer to what OpenSSL's own says (-1: none), so that its back-off is never forgotten. */
  arm(milliseconds: number): void {
    if (milliseconds < 0 || performance.now() + milliseconds >= this.#deadline) this.pause();
    else this.#set(milliseconds, () => this.#repeat());
  }

  /** The peer has answered, and we are not ready to go on. */
  pause(): void {
    if (this.#deadline === Infinity) clearTimeout(this.#timer);
    else this.#set(this.#deadline - performance.now(), () => this.#giveUp());
  }

  /** The handshake is over. The timer is let go: an association may live long without it. */
  stop(): void {
    this.#deadline = Infinity;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #set(milliseconds: number, action: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, Math.max(milliseconds, 1)).unref();
  }

  /** A listener that does not repeat the flight must not lose the deadline. */
  #repeat(): void {
    this.pause();
    this.#actions.retransmit();
  }

  #giveUp(): void {
    this.#actions.giveUp(this.#patience);
  }
}

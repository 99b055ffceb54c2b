import { checkUint } from './arguments';
import type { NativeConnection } from './native-types';

/** OpenSSL takes a timer with less than 15 ms left for expired, so a shorter one would never rest. */
const MINIMUM_TIMEOUT = 20;
const MAXIMUM_TIMEOUT = 60_000;
const DEFAULT_TIMEOUT = 1000;
const DEFAULT_DEADLINE = 60_000;

/** What to do when a timer fires. */
export interface TimerActions {
  readonly retransmission: () => void;
  readonly deadline: (milliseconds: number) => void;
}

/**
 * The two timers of a handshake: when the flight may be repeated, and when there has been enough of it. Neither keeps
 * the process alive: that is the socket's part.
 */
export class HandshakeTimers {
  readonly #actions: TimerActions;
  #retransmission: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #deadlineMs = DEFAULT_DEADLINE;
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

  /** A handshake begins. */
  start(connection: NativeConnection): void {
    this.stop();
    connection.setRetransmissionTimeouts(this.#initialMs, this.#maximumMs);
    if (this.#deadlineMs === 0) return;
    const milliseconds = this.#deadlineMs;
    this.#deadline = setTimeout(() => this.#actions.deadline(milliseconds), milliseconds).unref();
  }

  /** Sets the repetition timer to what OpenSSL's own says, so that its back-off is never forgotten. */
  arm(connection: NativeConnection): void {
    clearTimeout(this.#retransmission);
    const milliseconds = connection.timeout();
    if (milliseconds < 0) return;
    this.#retransmission = setTimeout(() => this.#actions.retransmission(), milliseconds).unref();
  }

  /** The peer has answered, and we are not ready to go on. */
  pause(): void {
    clearTimeout(this.#retransmission);
    this.#retransmission = undefined;
  }

  /** The handshake is over. Both timers are let go: an association may live long without them. */
  stop(): void {
    this.pause();
    clearTimeout(this.#deadline);
    this.#deadline = undefined;
  }
}

interface Step {
  readonly client: unknown;
  readonly run: () => void;
}

/** As many as libuv reads from a socket before it goes on. */
const DATAGRAMS_PER_TURN = 32;

/** Turns that a step is put off at the most: a flood of messages must not end all handshakes. */
const MOST_PUT_OFF = 16;

/**
 * Runs handshake steps one per turn of the event loop, in order. A step costs some hundred times as much as
 * a message: a storm of hellos must not keep timers and the messages of running associations waiting.
 */
export class HandshakeQueue {
  readonly #limit: number;
  #steps: Step[] = [];
  #dropped = 0;
  #arrived = 0;
  #putOff = 0;
  #scheduled: NodeJS.Immediate | null = null;

  /** @param limit how many steps may wait: a flood is dropped, as a full socket buffer would drop it. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many steps were dropped so far. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether a step of the client waits. */
  has(client: unknown): boolean {
    return this.#steps.some((step) => step.client === client);
  }

  /** Returns false when the queue is full and the step was dropped. */
  push(client: unknown, run: () => void): boolean {
    if (this.#steps.length >= this.#limit) {
      this.#dropped += 1;
      return false;
    }
    this.#steps.push({ client, run });
    this.#scheduled ??= setImmediate(() => this.#turn());
    return true;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#steps = [];
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
  }

  /** A datagram was read, of whatever kind. */
  arrived(): void {
    this.#arrived += 1;
  }

  /**
   * Whether the socket has more to read than it gave in one turn. Then messages may wait in it, behind a burst of hellos that
   * cost little to answer: they are not to wait for a step in each turn as well.
   */
  #mustReadFirst(): boolean {
    const isFull = this.#arrived >= DATAGRAMS_PER_TURN && this.#putOff < MOST_PUT_OFF;
    this.#arrived = 0;
    this.#putOff = isFull ? this.#putOff + 1 : 0;
    return isFull;
  }

  /** The next turn is asked for first: a step that throws takes no other with it. */
  #turn(): void {
    if (this.#mustReadFirst()) {
      this.#scheduled = setImmediate(() => this.#turn());
      return;
    }
    const step = this.#steps.shift();
    this.#scheduled = this.#steps.length > 0 ? setImmediate(() => this.#turn()) : null;
    step?.run();
  }
}

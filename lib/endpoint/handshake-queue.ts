interface Step {
  readonly client: unknown;
  readonly run: () => void;
}

/** As many as libuv reads from a socket before it goes on. */
const DATAGRAMS_PER_TURN = 32;

/** Strangers who are answered in one turn: a cookie costs a fiftieth of a step. */
const KNOCKS_PER_TURN = 8;

/** Turns that a step is put off at the most: a flood of messages must not end all handshakes. */
const MOST_PUT_OFF = 16;

/**
 * Runs handshake steps one per turn of the event loop, in order. A step costs some hundred times as much as
 * a message: a storm of hellos must not keep timers and the messages of running associations waiting. Strangers, whose
 * hellos must be answered before they are known, wait in a lane of their own, where they take no place from those who are.
 */
export class HandshakeQueue {
  readonly #limit: number;
  #steps: Step[] = [];
  #knocks: (() => void)[] = [];
  #dropped = 0;
  #arrived = 0;
  #putOff = 0;
  #scheduled: NodeJS.Immediate | null = null;
  readonly #run = (): void => this.#turn();

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
    this.#schedule();
    return true;
  }

  /** The same for a stranger. */
  knock(run: () => void): boolean {
    if (this.#knocks.length >= this.#limit) {
      this.#dropped += 1;
      return false;
    }
    this.#knocks.push(run);
    this.#schedule();
    return true;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#steps = [];
    this.#knocks = [];
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

  #schedule(): void {
    this.#scheduled ??= setImmediate(this.#run);
  }

  /** A step that throws takes no other with it. */
  #turn(): void {
    this.#scheduled = null;
    if (this.#mustReadFirst()) {
      this.#schedule();
      return;
    }
    try {
      for (let left = KNOCKS_PER_TURN; left > 0 && this.#knocks.length > 0; left -= 1) this.#knocks.shift()?.();
      this.#steps.shift()?.run();
    } finally {
      if (this.#steps.length + this.#knocks.length > 0) this.#schedule();
    }
  }
}

interface Step {
  readonly client: unknown;
  readonly run: () => void;
}

/**
 * Runs handshake steps one per turn of the event loop, in order. A step costs some hundred times as much as
 * a message: a storm of hellos must not keep timers and the messages of running associations waiting.
 */
export class HandshakeQueue {
  readonly #limit: number;
  #steps: Step[] = [];
  #dropped = 0;
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

  /** The next turn is asked for first: a step that throws takes no other with it. */
  #turn(): void {
    const step = this.#steps.shift();
    this.#scheduled = this.#steps.length > 0 ? setImmediate(() => this.#turn()) : null;
    step?.run();
  }
}

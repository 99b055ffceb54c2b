/**
 * Runs jobs one per turn of the event loop, in order. A handshake step costs some hundred times as much as
 * a message; a storm of hellos must not keep messages of running associations waiting.
 */
export class HandshakeQueue {
  readonly #limit: number;
  #jobs: (() => void)[] = [];
  #scheduled: NodeJS.Immediate | null = null;

  /** @param limit how many jobs may wait: a flood is dropped, as a full socket buffer would drop it. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns false when the queue is full and the job was dropped. */
  push(job: () => void): boolean {
    if (this.#jobs.length >= this.#limit) return false;
    this.#jobs.push(job);
    this.#scheduled ??= setImmediate(() => this.#turn());
    return true;
  }

  /** Forgets what waits. */
  clear(): void {
    this.#jobs = [];
    if (this.#scheduled !== null) clearImmediate(this.#scheduled);
    this.#scheduled = null;
  }

  #turn(): void {
    const job = this.#jobs.shift();
    this.#scheduled = this.#jobs.length > 0 ? setImmediate(() => this.#turn()) : null;
    job?.();
  }
}

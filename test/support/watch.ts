/** How long a condition may take to become true, in milliseconds. */
const PATIENCE = 15_000;

/** Waits for conditions without polling: they are looked at again whenever somebody says that something changed. */
export class Watch {
  readonly #waiting: (() => void)[] = [];

  /** Something changed. */
  notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Resolves when the condition holds; rejects with the description when it does not in time. */
  async until(condition: () => boolean, description: () => string, patience = PATIENCE): Promise<void> {
    const deadline = performance.now() + patience;
    while (!condition()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`not in time: ${description()}`);
      await this.#change(left);
    }
  }

  #change(atMost: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, atMost);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

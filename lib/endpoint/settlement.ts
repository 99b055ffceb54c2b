/**
 * A promise that is made when somebody asks for it: most sessions of a busy server are never awaited. Its rejection is never
 * an unhandled one, because the session's error handlers hear of it too.
 */
export class Settlement<T> {
  #promise: Promise<T> | null = null;
  #settle: ((outcome: { readonly value: T } | { readonly error: Error }) => void) | null = null;
  #outcome: { readonly value: T } | { readonly error: Error } | null = null;

  get promise(): Promise<T> {
    this.#promise ??= this.#make();
    return this.#promise;
  }

  /** The first call counts. */
  resolve(value: T): void {
    this.#take({ value });
  }

  /** The first call counts. */
  reject(error: Error): void {
    this.#take({ error });
  }

  #take(outcome: { readonly value: T } | { readonly error: Error }): void {
    if (this.#outcome !== null) return;
    this.#outcome = outcome;
    this.#settle?.(outcome);
    this.#settle = null;
  }

  #make(): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      this.#settle = (outcome) => {
        if ('error' in outcome) reject(outcome.error);
        else resolve(outcome.value);
      };
    });
    promise.catch(() => undefined);
    if (this.#outcome !== null) this.#settle?.(this.#outcome);
    return promise;
  }
}

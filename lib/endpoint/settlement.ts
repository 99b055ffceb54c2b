const UNKNOWN = Symbol('unknown');

class Failure {
  readonly error: Error;

  constructor(error: Error) {
    this.error = error;
  }
}

/**
 * A promise that is made when somebody asks for it: most sessions of a busy server are never awaited. Its rejection is never
 * an unhandled one, because the session's error handlers hear of it too.
 */
export class Settlement<T> {
  #promise: Promise<T> | null = null;
  #settle: ((outcome: T | Failure) => void) | null = null;
  #outcome: T | Failure | typeof UNKNOWN = UNKNOWN;

  get promise(): Promise<T> {
    this.#promise ??= this.#make();
    return this.#promise;
  }

  /** The first call counts. */
  resolve(value: T): void {
    this.#take(value);
  }

  /** The first call counts. */
  reject(error: Error): void {
    this.#take(new Failure(error));
  }

  #take(outcome: T | Failure): void {
    if (this.#outcome !== UNKNOWN) return;
    this.#outcome = outcome;
    this.#settle?.(outcome);
    this.#settle = null;
  }

  #make(): Promise<T> {
    const promise = new Promise<T>((resolve, reject) => {
      this.#settle = (outcome) => {
        if (outcome instanceof Failure) reject(outcome.error);
        else resolve(outcome);
      };
    });
    promise.catch(() => undefined);
    if (this.#outcome !== UNKNOWN) this.#settle?.(this.#outcome);
    return promise;
  }
}

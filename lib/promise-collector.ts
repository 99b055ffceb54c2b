import { invalidArgumentType } from './internal/arguments';

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** What listeners want a handshake to wait for: they may say so while the event is emitted. */
export class PromiseCollector {
  readonly #event: string;
  #collected: Promise<unknown>[] | null = null;

  constructor(event: string) {
    this.#event = event;
  }

  /** Throws a TypeError for anything but a promise, and when the event is over. */
  add(promise: unknown): void {
    if (!isPromiseLike(promise)) throw invalidArgumentType('promise', 'a promise', promise);
    const collected = this.#collected;
    if (collected === null) throw new TypeError(`waitUntil() must be called while ${this.#event} is emitted`);
    const settling = Promise.resolve(promise);
    settling.catch(() => undefined); // ours to answer for, also when the listener throws and nobody waits
    collected.push(settling);
  }

  /** Emits the event and returns what to wait for, or null. */
  collect(emit: () => void): Promise<unknown> | null {
    const collected: Promise<unknown>[] = [];
    this.#collected = collected;
    try {
      emit();
    } finally {
      this.#collected = null;
    }
    return collected.length === 0 ? null : Promise.all(collected);
  }
}

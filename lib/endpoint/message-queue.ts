import type { EventEmitter } from 'node:events';
import { errorFrom } from './errors';

/** Messages that may wait for a slow reader; more are dropped, as UDP would drop them. */
const MOST_WAITING = 1024;

/** The messages of a session for `for await`: ends with the session, and throws what ended it. */
export class MessageQueue implements AsyncIterableIterator<Buffer> {
  readonly #session: EventEmitter;
  #waiting: Buffer[] = [];
  readonly #readers: { resolve(result: IteratorResult<Buffer>): void; reject(error: Error): void }[] = [];
  #isOver = false;
  #error: Error | null = null;

  constructor(session: EventEmitter, closed: Promise<void>) {
    this.#session = session;
    session.on('message', this.#take);
    closed.then(
      () => this.#end(null),
      (error: unknown) => this.#end(errorFrom(error)),
    );
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Buffer>> {
    const message = this.#waiting.shift();
    if (message !== undefined) return Promise.resolve({ value: message, done: false });
    const error = this.#error;
    this.#error = null;
    if (error !== null) return Promise.reject(error);
    if (this.#isOver) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
    });
  }

  /** The loop was left. */
  return(): Promise<IteratorResult<Buffer>> {
    this.#waiting = [];
    this.#end(null);
    return Promise.resolve({ value: undefined, done: true });
  }

  readonly #take = (message: Buffer): void => {
    const reader = this.#readers.shift();
    if (reader !== undefined) reader.resolve({ value: message, done: false });
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(message);
  };

  #end(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#session.off('message', this.#take);
    const [first, ...others] = this.#readers.splice(0);
    if (error !== null && first !== undefined) first.reject(error);
    else first?.resolve({ value: undefined, done: true });
    if (first === undefined) this.#error = error;
    for (const reader of others) reader.resolve({ value: undefined, done: true });
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { QSslPreSharedKeyAuthenticator } from '../../lib';
import { answerPsk } from './pair';

type Listener = (authenticator: QSslPreSharedKeyAuthenticator) => void;

/** A pskRequired listener whose key comes from a database that takes this many milliseconds. */
export function answerAfter(milliseconds: number, answer: Listener = answerPsk): Listener {
  return (authenticator) => authenticator.waitUntil(delay(milliseconds).then(() => answer(authenticator)));
}

/** A promise in the hands of a test. */
export interface Pending {
  readonly promise: Promise<unknown>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

export function pending(): Pending {
  let resolve: () => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/** A pskRequired listener that waits for the test; what it was asked is in `asked`. */
export class SlowKeys {
  readonly asked: QSslPreSharedKeyAuthenticator[] = [];
  readonly #promises: Pending[] = [];

  readonly listener: Listener = (authenticator) => {
    const key = pending();
    this.asked.push(authenticator);
    this.#promises.push(key);
    authenticator.waitUntil(key.promise);
  };

  /** Gives the keys of the tests to all that wait. */
  answer(): void {
    this.asked.forEach((authenticator) => answerPsk(authenticator));
    this.resolve();
  }

  /** Lets all go on with what they have. */
  resolve(): void {
    for (const { resolve } of this.#promises) resolve();
  }

  /** Drops what was asked: nobody can answer any more. */
  forget(): void {
    this.asked.length = 0;
    this.#promises.length = 0;
  }

  reject(reason: unknown): void {
    for (const { reject } of this.#promises) reject(reason);
  }
}

/** Resolves when what a settled promise leads to has happened. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

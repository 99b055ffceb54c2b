function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** Hands on what a function of the user's returned: at once, or when the promise that it is resolves. */
export function whenKnown(value: unknown, use: (value: unknown) => void): void | Promise<void> {
  if (isThenable(value)) return Promise.resolve(value).then(use);
  use(value);
}

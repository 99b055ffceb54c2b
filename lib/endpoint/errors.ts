import { types } from 'node:util';
import { invalidArgumentType } from '../argument-errors';

/** An Error with a code, as Node's own have one. */
export function coded(message: string, code: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code });
}

/** What cannot be done in the present state. */
export function invalidState(message: string): Error {
  return coded(message, 'ERR_INVALID_STATE');
}

/** A class whose objects this module makes. */
export function illegalConstructor(): TypeError {
  return Object.assign(new TypeError('Illegal constructor'), { code: 'ERR_ILLEGAL_CONSTRUCTOR' });
}

/** Also for one of another realm, such as Node's own in a vm context. */
export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error || value instanceof DOMException;
}

/** What destroy() was given: an Error, or null for none; throws a TypeError for anything else. */
export function givenError(value: unknown): Error | null {
  if (value === undefined) return null;
  if (isError(value)) return value;
  throw invalidArgumentType('error', 'an Error', value);
}

/** Whatever was thrown, as an Error. */
export function errorFrom(thrown: unknown): Error {
  return isError(thrown) ? thrown : new Error(String(thrown), { cause: thrown });
}

/**
 * Raises what a listener threw where it harms nobody else: as the uncaught exception that it is, when the present datagram has
 * been dealt with.
 */
export function raiseLater(thrown: unknown): void {
  process.nextTick(() => {
    throw thrown;
  });
}

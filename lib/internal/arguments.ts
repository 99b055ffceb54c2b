import { types } from 'node:util';

// Taken out once: `types` is an object that is slow to look into.
const { isArrayBuffer, isInt32Array, isSharedArrayBuffer, isUint8Array } = types;

/** Text for its UTF-8 form, or bytes. Extension: for QByteArray. */
export type Bytes = string | NodeJS.ArrayBufferView | ArrayBuffer;

/** The members of a numeric enum: its name to value entries, and the reverse ones the compiler adds. */
export type EnumObject<E extends number> = Readonly<Record<string, E | string>>;

/** A class whose instances are recognised by `instanceof`. */
export type ClassOf<T> = (abstract new (...args: never[]) => T) & { readonly name: string };

/** Inclusive bounds of an unsigned integer. */
export interface UintRange {
  /** Smallest accepted value; 0 when absent. */
  readonly min?: number;
  /** Largest accepted value; 2^32 - 1 when absent. */
  readonly max?: number;
}

/**
 * Says what a rejected value is. The text of a string is never shown: it may be a passphrase that
 * landed in the wrong place.
 */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `a string of ${value.length} characters`;
    case 'number':
    case 'boolean':
      return `the ${typeof value} ${String(value)}`;
    case 'object':
      return value === null ? 'null' : describeObject(value);
    case 'undefined':
      return 'undefined';
    default:
      return `a ${typeof value}`;
  }
}

function describeObject(value: object): string {
  const constructor: unknown = value.constructor;
  const name = typeof constructor === 'function' ? constructor.name : '';
  return name === '' ? 'an object' : `an instance of ${name}`;
}

function sentence(name: string, expectation: string, value: unknown): string {
  return `The "${name}" argument must be ${expectation}. Received ${describe(value)}`;
}

/** The error for an argument of a wrong type: a TypeError with the code ERR_INVALID_ARG_TYPE. */
export function invalidArgumentType(name: string, expectation: string, value: unknown): TypeError {
  return Object.assign(new TypeError(sentence(name, expectation, value)), { code: 'ERR_INVALID_ARG_TYPE' });
}

/** The error for an argument out of its range: a RangeError with the code ERR_OUT_OF_RANGE. */
export function argumentOutOfRange(name: string, expectation: string, value: unknown): RangeError {
  return Object.assign(new RangeError(sentence(name, expectation, value)), { code: 'ERR_OUT_OF_RANGE' });
}

/** The error for an argument that cannot stand: a TypeError with the code ERR_INVALID_ARG_VALUE. */
export function invalidArgumentValue(name: string, expectation: string, value: unknown): TypeError {
  return Object.assign(new TypeError(sentence(name, expectation, value)), { code: 'ERR_INVALID_ARG_VALUE' });
}

/** Returns the value if it is a string; throws a TypeError otherwise. */
export function checkString(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw invalidArgumentType(name, 'a string', value);
}

/** Returns the value if it is an object, its members unchecked; throws a TypeError otherwise. */
export function checkObject(value: unknown, name: string, expectation: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return { ...value };
  throw invalidArgumentType(name, expectation, value);
}

/** Returns the value if it is a boolean; throws a TypeError otherwise. */
export function checkBoolean(value: unknown, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw invalidArgumentType(name, 'a boolean', value);
}

/** Returns the value if it is an integer within the range; throws a TypeError or a RangeError otherwise. */
export function checkUint(value: unknown, name: string, range: UintRange = {}): number {
  const { min = 0, max = 0xffff_ffff } = range;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  const expectation = `an integer from ${min} to ${max}`;
  if (typeof value === 'number') throw argumentOutOfRange(name, expectation, value);
  throw invalidArgumentType(name, expectation, value);
}

/**
 * Returns the bytes of a string (as UTF-8), a Buffer, a typed array, a DataView or an ArrayBuffer;
 * throws a TypeError otherwise. Nothing but a string is copied: the result shares the caller's memory.
 */
export function checkBytes(value: unknown, name: string): Uint8Array {
  return isUint8Array(value) ? value : viewOf(value, name);
}

function viewOf(value: unknown, name: string): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (isArrayBuffer(value)) return new Uint8Array(value);
  throw invalidArgumentType(name, 'a string, a Buffer, an ArrayBufferView or an ArrayBuffer', value);
}

const NO_BYTES = Buffer.alloc(0);

/** The same as a copy, which is nobody else's unless it is empty; throws what checkBytes() throws. */
export function copyBytes(value: unknown, name: string): Buffer {
  if (typeof value === 'string') return Buffer.from(value, 'utf8');
  const bytes = checkBytes(value, name);
  return bytes.length === 0 ? NO_BYTES : Buffer.from(bytes);
}

/** Returns the memory that a result is written to; throws a TypeError for anything but a Uint8Array. */
export function checkWritableBytes(value: unknown, name: string): Uint8Array {
  if (isUint8Array(value)) return value;
  throw invalidArgumentType(name, 'a Buffer or another Uint8Array', value);
}

/** Returns the value if it is an Int32Array; throws a TypeError otherwise. */
export function checkInt32Array(value: unknown, name: string): Int32Array {
  if (isInt32Array(value)) return value;
  throw invalidArgumentType(name, 'an Int32Array', value);
}

/** Whether other threads may see this memory. */
export function isShared(bytes: Uint8Array): boolean {
  return isSharedArrayBuffer(bytes.buffer);
}

/** Returns the value if it is an instance of the class; throws a TypeError otherwise. */
export function checkInstance<T>(value: unknown, expected: ClassOf<T>, name: string): T {
  if (value instanceof expected) return value;
  throw invalidArgumentType(name, `an instance of ${expected.name}`, value);
}

/**
 * Returns a copy of the array, every element checked by the given function under the name `name[index]`;
 * throws a TypeError if the value is no array, and whatever the check of an element throws.
 */
export function checkArrayOf<T>(
  value: unknown,
  checkElement: (element: unknown, name: string) => T,
  name: string,
): T[] {
  if (!Array.isArray(value)) throw invalidArgumentType(name, 'an array', value);
  // Array.from, not map: a hole of a sparse array is an undefined element, which must be checked.
  return Array.from<unknown, T>(value, (element, index) => checkElement(element, `${name}[${index}]`));
}

/** Returns the value if it is a member of the numeric enum; throws a TypeError or a RangeError otherwise. */
export function checkEnum<E extends number>(
  value: unknown,
  members: EnumObject<E>,
  name: string,
  enumName: string,
): E {
  const member = typeof value === 'number' ? members[String(members[value])] : undefined;
  if (typeof member === 'number' && member === value) return member;
  const expectation = `a value of ${enumName}`;
  if (typeof value === 'number') throw argumentOutOfRange(name, expectation, value);
  throw invalidArgumentType(name, expectation, value);
}

import { argumentOutOfRange, invalidArgumentType, invalidArgumentValue } from '../argument-errors';

/** A function of the user's: what it takes is documented, what it returns is checked. */
export type Callable = (...values: readonly unknown[]) => unknown;

/** Inclusive. */
interface Range {
  readonly min: number;
  readonly max: number;
}

/** Whether it can be called; what with is the caller's to know. */
export function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Returns the bytes of a Buffer, a TypedArray or a DataView; null for anything else. */
export function viewedBytes(value: unknown): Buffer | null {
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : null;
}

/**
 * Reads an object of options, each by a method that says what it must be. An option that is undefined counts as absent.
 * What nobody asked for is a mistake: finish() throws for it. Everything thrown names the option.
 */
export class OptionReader {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #left: Set<string>;
  readonly #prefix: string;

  constructor(options: unknown, prefix = 'options') {
    if (!isObject(options) || Array.isArray(options)) throw invalidArgumentType(prefix, 'an object', options);
    this.#values = new Map(Object.entries(options).filter(([, value]) => value !== undefined));
    this.#left = new Set(this.#values.keys());
    this.#prefix = prefix;
  }

  /** The full name of an option, for messages. */
  nameOf(option: string): string {
    return `${this.#prefix}.${option}`;
  }

  /** The names of all options there are. */
  get given(): ReadonlySet<string> {
    return new Set(this.#values.keys());
  }

  has(option: string): boolean {
    return this.#values.has(option);
  }

  /** Its value as it came. */
  take(option: string): unknown {
    this.#left.delete(option);
    return this.#values.get(option);
  }

  boolean(option: string, preset: boolean): boolean {
    const value = this.take(option);
    if (value === undefined) return preset;
    if (typeof value === 'boolean') return value;
    throw invalidArgumentType(this.nameOf(option), 'a boolean', value);
  }

  string(option: string): string | null {
    const value = this.take(option);
    if (value === undefined) return null;
    if (typeof value === 'string') return value;
    throw invalidArgumentType(this.nameOf(option), 'a string', value);
  }

  integer(option: string, { min, max }: Range): number | null {
    const value = this.take(option);
    if (value === undefined) return null;
    const expectation = `an integer from ${min} to ${max}`;
    if (typeof value !== 'number') throw invalidArgumentType(this.nameOf(option), expectation, value);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw argumentOutOfRange(this.nameOf(option), expectation, value);
  }

  /** An unlimited number: 0 or an integer up to 2^31 - 1. */
  count(option: string, preset: number): number {
    return this.integer(option, { min: 0, max: 0x7fff_ffff }) ?? preset;
  }

  oneOf<T extends string>(option: string, allowed: readonly T[]): T | null {
    const value = this.take(option);
    if (value === undefined) return null;
    const found = allowed.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    const complain = typeof value === 'string' ? invalidArgumentValue : invalidArgumentType;
    throw complain(this.nameOf(option), allowed.map((text) => `'${text}'`).join(' or '), value);
  }

  /** Bytes; a string stands for its UTF-8 form. */
  bytes(option: string): Buffer | null {
    const value = this.take(option);
    return value === undefined ? null : this.#bytes(value, this.nameOf(option));
  }

  /** Bytes that no text can stand for. */
  view(option: string): Buffer | null {
    const value = this.take(option);
    if (value === undefined) return null;
    const bytes = viewedBytes(value);
    if (bytes !== null) return bytes;
    throw invalidArgumentType(this.nameOf(option), 'a Buffer, a TypedArray or a DataView', value);
  }

  /** One or several of them. */
  manyBytes(option: string): Buffer[] | null {
    const value = this.take(option);
    if (value === undefined) return null;
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    return list.map((element, index) => this.#bytes(element, `${this.nameOf(option)}[${index}]`));
  }

  callable(option: string): Callable | null {
    const value = this.take(option);
    if (value === undefined) return null;
    if (isCallable(value)) return value;
    throw invalidArgumentType(this.nameOf(option), 'a function', value);
  }

  /** Options within an option. */
  nested(option: string): OptionReader | null {
    const value = this.take(option);
    return value === undefined ? null : new OptionReader(value, this.nameOf(option));
  }

  /** Throws for the first option that nobody has asked for. */
  finish(): void {
    const [stray] = this.#left;
    if (stray === undefined) return;
    throw invalidArgumentValue(this.nameOf(stray), 'absent: there is no such option here', this.#values.get(stray));
  }

  #bytes(value: unknown, name: string): Buffer {
    if (typeof value === 'string') return Buffer.from(value);
    const bytes = viewedBytes(value);
    if (bytes !== null) return bytes;
    throw invalidArgumentType(name, 'a string, a Buffer, a TypedArray or a DataView', value);
  }
}

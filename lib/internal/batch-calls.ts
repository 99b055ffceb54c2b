import { KnownView, Target } from './known-view';
import { indices } from './mailbox';
import { native } from './native';
import { address, result, type Handle } from './record-calls';

/** The other side of native/binding/record_calls.h for many messages or datagrams at a time. */

const { sealMany: nativeSealMany, openMany: nativeOpenMany, sealManyAgain, openManyAgain } = native;
const { SEALED_MANY, OPENED_MANY } = indices;
/** `RecordCalls::kOutside`: lengths that do not fit. */
const OUTSIDE = -2;

/** Several messages or datagrams, packed one behind the other. */
export interface Packed {
  readonly input: Uint8Array;
  /** Bytes of each. */
  readonly lengths: Int32Array;
  /** Gets the bytes of each result; 0 for none. */
  readonly sizes: Int32Array;
}

/** Of each of several: slot, generation, and whether the last call left more to be taken. */
export class Names {
  static readonly #SIZE = 3;
  static readonly #HAS_REST = 2;
  readonly numbers: Int32Array;

  constructor(handles: readonly Handle[]) {
    this.numbers = new Int32Array(Names.#SIZE * handles.length);
    for (const [index, { slot, generation }] of handles.entries()) {
      this.numbers[Names.#SIZE * index] = slot;
      this.numbers[Names.#SIZE * index + 1] = generation;
    }
  }

  hasRest(index: number): boolean {
    return this.numbers[Names.#SIZE * index + Names.#HAS_REST] === 1;
  }
}

/** The memory of the last batch of a kind. */
class Regions {
  readonly #input = new KnownView();
  readonly #lengths = new KnownView();
  readonly #sizes = new KnownView();
  readonly #out: Target;

  /** `index` is that of native code's count, in the mailbox. */
  constructor(index: number) {
    this.#out = new Target(index);
  }

  are({ input, lengths, sizes }: Packed, out: Uint8Array): boolean {
    return this.#out.is(out) && this.#input.is(input) && this.#lengths.is(lengths) && this.#sizes.is(sizes);
  }

  /** After a call that native code remembers. */
  remember({ input, lengths, sizes }: Packed, out: Uint8Array): void {
    this.#input.remember(input);
    this.#lengths.remember(lengths);
    this.#sizes.remember(sizes);
    this.#out.remember(out);
  }
}

const sealed = new Regions(SEALED_MANY);
const opened = new Regions(OPENED_MANY);

/** Whether the last batch that was sealed lay in the same memory, which need not be checked again. */
export function isSealedAgain(packed: Packed, out: Uint8Array): boolean {
  return sealed.are(packed, out);
}

/** The same of one that was opened. */
export function isOpenedAgain(packed: Packed): boolean {
  return opened.are(packed, packed.input);
}

function made(): number | null {
  return result() === OUTSIDE ? null : result();
}

/**
 * Packs the datagrams of many messages into `out`. Returns how many there are; null when the lengths do not fit. `again` is
 * what isSealedAgain() says.
 */
export function sealMany(who: Handle | Names, packed: Packed, out: Uint8Array, again: boolean): number | null {
  const { input, lengths, sizes } = packed;
  if (who instanceof Names) {
    nativeSealMany(input, lengths, sizes, who.numbers, out);
    return made();
  }
  address(who);
  if (again) {
    sealManyAgain();
  } else {
    nativeSealMany(input, lengths, sizes, undefined, out);
    sealed.remember(packed, out);
  }
  return made();
}

/** Puts each message where its datagram begins. Returns how many there are; null when the lengths do not fit. */
export function openMany(who: Handle | Names, packed: Packed, again: boolean): number | null {
  const { input, lengths, sizes } = packed;
  if (who instanceof Names) {
    nativeOpenMany(input, lengths, sizes, who.numbers);
    return made();
  }
  address(who);
  if (again) {
    openManyAgain();
  } else {
    nativeOpenMany(input, lengths, sizes, undefined);
    opened.remember(packed, input);
  }
  return made();
}

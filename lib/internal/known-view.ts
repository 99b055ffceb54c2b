import { native } from './native';

const { box } = native;

type TypedArray = Uint8Array | Int32Array;

/** %TypedArray%.prototype.length: not what an object says of itself. */
const lengthOf: (view: TypedArray) => number = Function.prototype.call.bind(
  Reflect.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length')?.get ?? (() => 0),
);

/**
 * A view whose place native code has looked up, which costs more than the rest of a call, and remembers. It is held here and
 * therefore lies where it lay (small ones move in V8's heap, but no more once they were looked up) unless its length has
 * changed: detached memory has none, and memory that shrinks makes views shorter. An empty one is never known.
 */
export class KnownView {
  #view: TypedArray | null = null;
  #length = 0;

  is(view: TypedArray): boolean {
    return this.#length > 0 && view === this.#view && lengthOf(view) === this.#length;
  }

  remember(view: TypedArray): void {
    this.#view = view;
    this.#length = lengthOf(view);
  }
}

/** The memory that results of a kind went to last. `count` says that native code remembers that, and nothing of others. */
export class Target {
  readonly #view = new KnownView();
  #count = -1;
  readonly #index: number;

  /** `index` is that of native code's count, in the mailbox. */
  constructor(index: number) {
    this.#index = index;
  }

  is(out: Uint8Array): boolean {
    return box[this.#index] === this.#count && this.#view.is(out);
  }

  /** After a call that native code remembers. */
  remember(out: Uint8Array): void {
    this.#view.remember(out);
    this.#count = box[this.#index] ?? -1;
  }
}

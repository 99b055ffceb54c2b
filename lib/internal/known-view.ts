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

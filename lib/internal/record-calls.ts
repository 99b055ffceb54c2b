import { markAsUntransferable } from 'node:worker_threads';
import { Target } from './known-view';
import { indices } from './mailbox';
import { native } from './native';

/**
 * The other side of native/binding/record_calls.h: application data to datagrams and back, without an object for each; and what
 * the steps of a connection leave beside their numbers.
 *
 * A message goes into the arena, the numbers that a call needs into the mailbox, and what comes out is cut from a slab.
 * Results are never written to again: they may be kept, and keep their slab of 64 KiB alive.
 */

/** Which native connection a call is about. */
export interface Handle {
  readonly slot: number;
  readonly generation: number;
}

// Taken out once: to find one among all that the addon exports costs as much as the call itself.
const { arena, box, setSlab, sealIn, openIn, sealAgain, openAgain } = native;
const { sealInto: nativeSealInto, openInto: nativeOpenInto, openInPlace: nativeOpenInPlace } = native;

// Bound, for V8 to know what it calls: half as fast again as looking `set` up in the arena.
const toArena = Uint8Array.prototype.set.bind(arena);
const arenaMemory = arena.buffer;

// Constants of this module: quicker to find than those of another.
const { SLOT, GENERATION, RESULT, HAS_REST, LENGTH, OFFSET, ROOM, IN_SLAB, LENGTHS, SEALED_TO, OPENED_TO } = indices;

/** Bytes of header, nonce, padding and tag of any suite: `Connection::kMaximumOverhead`. */
export const OVERHEAD = 96;
const SLAB_SIZE = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** How the native connection that was just made is called; null when that failed. */
export function madeHandle(): Handle | null {
  const slot = box[SLOT] ?? -1;
  return slot < 0 ? null : { slot, generation: box[GENERATION] ?? 0 };
}

type ViewClass = new (memory: ArrayBufferLike, offset: number, length: number) => Buffer;

/** The class that Node makes Buffers of: `new` costs half of what Buffer.from() does. */
const View: unknown = Reflect.get(Buffer, Symbol.species);

function isViewClass(value: unknown): value is ViewClass {
  if (typeof value !== 'function') return false;
  const view: unknown = Reflect.construct(value, [new ArrayBuffer(8), 2, 4]);
  return Buffer.isBuffer(view) && view.length === 4 && view.byteOffset === 2;
}

const makeView: (memory: ArrayBufferLike, offset: number, length: number) => Buffer = isViewClass(View)
  ? (memory, offset, length) => new View(memory, offset, length)
  : (memory, offset, length) => Buffer.from(memory, offset, length);

let slab = NOTHING;
let slabMemory = NOTHING.buffer; // the getter costs more than the rest of a view
let used = 0;

/** Makes room for a result. A slab that somebody has detached, through the buffer of a result, has no length any more. */
function reserve(size: number): void {
  if (used + size > slab.length) renewSlab(size);
  box[OFFSET] = used;
}

function renewSlab(size: number): void {
  slab = Buffer.allocUnsafeSlow(Math.max(size, SLAB_SIZE));
  slabMemory = slab.buffer;
  markAsUntransferable(slabMemory);
  setSlab(slab);
  used = 0;
}

/** Says which connection the next call is about. */
export function address({ slot, generation }: Handle): void {
  box[SLOT] = slot;
  box[GENERATION] = generation;
}

/** What the last call came to. */
export function result(): number {
  return box[RESULT] ?? 0;
}

/** A result of so many bytes, as a part of the slab. */
function cut(length: number): Buffer {
  if (length <= 0) return NOTHING;
  const at = used;
  used = behind(at, length);
  return makeView(slabMemory, at, length);
}

/** Where the next part begins. */
function behind(at: number, length: number): number {
  return (at + length + 7) & ~7;
}

function prepare(handle: Handle, input: Uint8Array): void {
  toArena(input);
  box[LENGTH] = input.length;
  address(handle);
}

/** A copy of what native code left in the arena. */
function takeFromArena(at: number, length: number): Buffer {
  if (length === 0) return NOTHING;
  reserve(length);
  slab.set(makeView(arenaMemory, at, length), used);
  return cut(length);
}

/**
 * Lets a step of a connection leave its parts where they can stay, if they fit. Before each step, and nothing in between: what
 * was lent earlier may hold something else by now, or be detached.
 */
export function lendSlab(): void {
  box[OFFSET] = used;
  box[ROOM] = slab.length - used;
}

/** The parts that a step left. */
export function takeParts(count: number): readonly Buffer[] {
  const isInSlab = box[IN_SLAB] === 1;
  const parts = new Array<Buffer>(count); // what push() makes has room for 17
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const length = box[LENGTHS + index] ?? 0;
    parts[index] = isInSlab ? cut(length) : takeFromArena(at, length);
    at = behind(at, length);
  }
  return parts;
}

/**
 * The one part that the native call that was just made left. Not in a slab: strangers are answered with it, and a slab that is in
 * use for long is freed by a full collection only.
 */
export function onlyPart(): Buffer {
  const length = box[LENGTHS] ?? 0;
  return length === 0 ? NOTHING : Buffer.from(makeView(arenaMemory, 0, length));
}

/** The longest message that one record holds. RFC 6347 section 4.1 */
export const LONGEST_MESSAGE = 16_384;

/** Whether the last call left more to be taken: NativeConnection's takeRest(). */
export function hasRest(): boolean {
  return box[HAS_REST] === 1;
}

/** The datagram of a message of up to LONGEST_MESSAGE bytes; empty when there is none. */
export function seal(handle: Handle, message: Uint8Array): Buffer {
  reserve(message.length + OVERHEAD);
  prepare(handle, message);
  sealIn();
  return cut(result());
}

/** The longest datagram that openInto() takes. */
export const LONGEST_DATAGRAM = arena.length;

/** The first message of a datagram; empty when there is none. */
export function open(handle: Handle, datagram: Uint8Array): Buffer {
  if (datagram.length > LONGEST_DATAGRAM) return openInPlace(handle, Buffer.from(datagram));
  reserve(datagram.length);
  prepare(handle, datagram);
  openIn();
  return cut(result());
}

/** The same, where the datagram was. */
export function openInPlace(handle: Handle, datagram: Uint8Array): Buffer {
  address(handle);
  nativeOpenInPlace(datagram);
  const length = result();
  return length <= 0 ? NOTHING : makeView(datagram.buffer, datagram.byteOffset, length);
}

const sealedTo = new Target(SEALED_TO);
const openedTo = new Target(OPENED_TO);

/** Returns the bytes written to `out`. */
export function sealInto(handle: Handle, message: Uint8Array, out: Uint8Array): number {
  prepare(handle, message);
  if (sealedTo.is(out)) {
    sealAgain();
  } else {
    nativeSealInto(out);
    sealedTo.remember(out);
  }
  return Math.max(result(), 0);
}

/** Returns the bytes written to `out`. A message that does not fit is among the rest. */
export function openInto(handle: Handle, datagram: Uint8Array, out: Uint8Array): number {
  prepare(handle, datagram);
  if (openedTo.is(out)) {
    openAgain();
  } else {
    nativeOpenInto(out);
    openedTo.remember(out);
  }
  return Math.max(result(), 0);
}

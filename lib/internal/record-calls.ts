import { markAsUntransferable } from 'node:worker_threads';
import { native } from './native';

/**
 * The other side of native/binding/record_calls.h: application data to datagrams and back, without an object for each.
 *
 * A message goes into the arena, the numbers that a call needs into the mailbox, and what comes out is cut from a slab.
 * Results are never written to again: they may be kept, and keep their slab of 64 KiB alive.
 */

/** Which native connection a call is about: NativeConnection's. */
export interface Handle {
  readonly slot: number;
  readonly generation: number;
}

// Taken out once: to find one among all that the addon exports costs as much as the call itself.
const { arena, box, setSlab, sealIn, openIn, sealMany: nativeSealMany, openMany: nativeOpenMany } = native;
const { sealInto: nativeSealInto, openInto: nativeOpenInto, openInPlace: nativeOpenInPlace } = native;

/** Indices of the mailbox: `RecordCalls::Box`. */
const SLOT = 0;
const GENERATION = 1;
const RESULT = 2;
const HAS_REST = 3;
const LENGTH = 4;
const OFFSET = 5;
const CAPACITY = 6;
const ENTRIES = 8;
const ENTRY_SIZE = 4;
/** Entries of one call. */
const MOST_AT_ONCE = (box.length - ENTRIES) / ENTRY_SIZE;

/** Bytes of header, nonce, padding and tag of any suite: `Connection::kMaximumOverhead`. */
const OVERHEAD = 96;
const SLAB_SIZE = 64 * 1024;
const NOTHING = Buffer.alloc(0);

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
let used = 0;

/** Makes room for a result. A slab that somebody has detached, through the buffer of a result, has no length any more. */
function reserve(size: number): void {
  if (used + size > slab.length) {
    slab = Buffer.allocUnsafeSlow(Math.max(size, SLAB_SIZE));
    markAsUntransferable(slab.buffer);
    setSlab(slab);
    used = 0;
  }
  box[OFFSET] = used;
  box[CAPACITY] = size;
}

function result(): number {
  return box[RESULT] ?? 0;
}

/** The result, as a part of the slab. */
function cut(): Buffer {
  const length = result();
  if (length <= 0) return NOTHING;
  const at = used;
  used = (at + length + 7) & ~7;
  return makeView(slab.buffer, at, length);
}

function prepare(handle: Handle, input: Uint8Array): void {
  arena.set(input);
  box[LENGTH] = input.length;
  box[SLOT] = handle.slot;
  box[GENERATION] = handle.generation;
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
  return cut();
}

/** The longest datagram that open() and openInto() take. */
export const LONGEST_DATAGRAM = arena.length;

/** The first message of a datagram; empty when there is none. */
export function open(handle: Handle, datagram: Uint8Array): Buffer {
  reserve(datagram.length);
  prepare(handle, datagram);
  openIn();
  return cut();
}

/** The same, where the datagram was. */
export function openInPlace(handle: Handle, datagram: Uint8Array): Buffer {
  box[SLOT] = handle.slot;
  box[GENERATION] = handle.generation;
  nativeOpenInPlace(datagram);
  const length = result();
  return length <= 0 ? NOTHING : makeView(datagram.buffer, datagram.byteOffset, length);
}

/** Returns the bytes written to `out`. */
export function sealInto(handle: Handle, message: Uint8Array, out: Uint8Array): number {
  prepare(handle, message);
  nativeSealInto(out);
  return Math.max(result(), 0);
}

/** Returns the bytes written to `out`. A message that does not fit is among the rest. */
export function openInto(handle: Handle, datagram: Uint8Array, out: Uint8Array): number {
  prepare(handle, datagram);
  nativeOpenInto(out);
  return Math.max(result(), 0);
}

/** Several messages or datagrams, packed one behind the other. */
export interface Packed {
  readonly handles: readonly Handle[];
  readonly input: Uint8Array;
  /** Bytes of each; their sum is not above the input's length. */
  readonly lengths: Int32Array;
  /** Gets the bytes of each result; 0 for none. */
  readonly sizes: Int32Array;
}

/** Where one call of several stands. */
interface Progress {
  readonly from: number;
  readonly count: number;
}

function writeEntries({ handles, lengths }: Packed, { from, count }: Progress): void {
  let at = ENTRIES;
  for (let index = from; index < from + count; index += 1) {
    const handle = handles.length === 1 ? handles[0] : handles[index];
    box[at] = handle?.slot ?? -1;
    box[at + 1] = handle?.generation ?? 0;
    box[at + 2] = lengths[index] ?? 0;
    at += ENTRY_SIZE;
  }
  box[LENGTH] = count;
}

/** Adds to `rests` which entries left more to be taken. */
function readEntries({ sizes }: Packed, { from, count }: Progress, rests: number[]): void {
  let at = ENTRIES + 2;
  for (let index = from; index < from + count; index += 1) {
    sizes[index] = Math.max(box[at] ?? 0, 0);
    if (box[at + 1] === 1) rests.push(index);
    at += ENTRY_SIZE;
  }
}

function runMany(packed: Packed, call: () => void): number[] {
  const rests: number[] = [];
  let inputAt = 0;
  let outputAt = 0;
  for (let from = 0; from < packed.lengths.length; from += MOST_AT_ONCE) {
    const progress = { from, count: Math.min(MOST_AT_ONCE, packed.lengths.length - from) };
    writeEntries(packed, progress);
    box[OFFSET] = inputAt;
    box[CAPACITY] = outputAt;
    call();
    inputAt = box[OFFSET];
    outputAt = box[CAPACITY];
    readEntries(packed, progress, rests);
  }
  return rests;
}

/** Packs the datagrams of many messages into `out`. Returns which entries left more to be taken. */
export function sealMany(packed: Packed, out: Uint8Array): number[] {
  return runMany(packed, () => nativeSealMany(packed.input, out));
}

/** Puts each message where its datagram begins. Returns which entries left more to be taken. */
export function openMany(packed: Packed): number[] {
  return runMany(packed, () => nativeOpenMany(packed.input));
}

import type { DtlsAssociation } from './dtls-association';
import { raise } from './dtls-channel';
import { argumentOutOfRange, checkInt32Array, checkWritableBytes, isShared } from './internal/arguments';
import * as calls from './internal/batch-calls';
import { hasRest, LONGEST_DATAGRAM, LONGEST_MESSAGE, type Handle } from './internal/record-calls';

/** Messages or datagrams one behind the other. */
export type Batch = calls.Packed;

/** Whose they are: all of one association, or each of another. */
type Whose = readonly DtlsAssociation[];

/** Throws unless these go together. `input` is that parameter's name. */
function check(batch: Batch, input: string): void {
  checkWritableBytes(batch.input, input);
  const { length } = checkInt32Array(batch.lengths, 'lengths');
  const sizes = checkInt32Array(batch.sizes, 'sizes');
  if (sizes.length !== length) {
    throw argumentOutOfRange('sizes', `of as many elements as lengths, ${length}`, sizes.length);
  }
}

/** Says what is wrong with lengths that do not fit. `longest` is the bytes of an element at most. */
function refuse({ input, lengths }: Batch, longest: number): never {
  for (const [index, length] of lengths.entries()) {
    if (length < 0 || length > longest) throw argumentOutOfRange(`lengths[${index}]`, `from 0 to ${longest}`, length);
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  throw argumentOutOfRange('lengths', `numbers that add up to ${input.length} bytes at most`, total);
}

function handleOf(association: DtlsAssociation): Handle {
  return association.isEncrypted() ? association.handle : { slot: -1, generation: 0 };
}

/** The call was one that could be made: what the one before had to say is over. */
function clearSlots(whose: Whose): void {
  for (const association of whose) if (association.isEncrypted()) association.slot.clear();
}

function namesOf(whose: Whose): Handle | calls.Names {
  const handles = whose.map((association) => handleOf(association));
  const [only] = handles;
  return only !== undefined && handles.length === 1 ? only : new calls.Names(handles);
}

/** Two objects for shared memory may be of the same memory, and nothing tells. */
function mayOverlap(left: Uint8Array, right: Uint8Array): boolean {
  if (left.buffer !== right.buffer) return isShared(left) && isShared(right);
  return left.byteOffset < right.byteOffset + right.length && right.byteOffset < left.byteOffset + left.length;
}

/** Those that left more to be taken, each once. */
function withRest(whose: Whose, names: Handle | calls.Names): Iterable<DtlsAssociation> {
  if (!(names instanceof calls.Names)) return whose;
  return new Set(whose.filter((_association, index) => names.hasRest(index)));
}

/**
 * Draws the consequences for those with more to tell. Messages are taken before anything is sent and listeners hear last:
 * both may call back, and a listener that throws silences no other.
 */
function conclude(associations: Iterable<DtlsAssociation>): void {
  const rests = Array.from(associations, (association) => ({ association, rest: association.takeRest() }));
  for (const { association, rest } of rests) association.concludeRest(rest);
  const thrown: unknown[] = [];
  for (const { association } of rests) {
    try {
      association.announce();
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) raise(thrown[0]);
}

/** See DtlsData.encryptDatagrams(). */
export function sealBatch(whose: Whose, batch: Batch, out: Uint8Array): number {
  const again = calls.isSealedAgain(batch, out);
  if (!again) {
    check(batch, 'messages');
    const room = checkWritableBytes(out, 'out');
    if (mayOverlap(batch.input, room)) throw argumentOutOfRange('out', 'memory that does not overlap messages', room);
  }
  const names = namesOf(whose);
  const count = calls.sealMany(names, batch, out, again) ?? refuse(batch, LONGEST_MESSAGE);
  clearSlots(whose);
  if (hasRest()) conclude(withRest(whose, names));
  return count;
}

/** See DtlsData.decryptDatagramsInPlace(). */
export function openBatch(whose: Whose, batch: Batch): number {
  const again = calls.isOpenedAgain(batch);
  if (!again) check(batch, 'datagrams');
  const names = namesOf(whose);
  const count = calls.openMany(names, batch, again) ?? refuse(batch, LONGEST_DATAGRAM);
  clearSlots(whose);
  if (hasRest()) conclude(withRest(whose, names));
  return count;
}

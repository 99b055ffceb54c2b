import { raise, type DtlsAssociation } from './dtls-association';
import { argumentOutOfRange, checkInt32Array, checkWritableBytes, isShared } from './internal/arguments';
import * as records from './internal/record-calls';

/** Messages or datagrams one behind the other, with the association of each, or one for all. */
export interface Batch {
  readonly input: Uint8Array;
  readonly lengths: Int32Array;
  readonly sizes: Int32Array;
}

/** What fits the mailbox, with room for what sealing adds. */
const MOST_BYTES = 2 ** 30;

/** Throws unless it all fits together. `input` is that parameter's name, `longest` the bytes of an element at most. */
function check(associations: readonly DtlsAssociation[], batch: Batch, input: string, longest: number): records.Packed {
  const memory = checkWritableBytes(batch.input, input);
  const lengths = checkInt32Array(batch.lengths, 'lengths');
  const sizes = checkInt32Array(batch.sizes, 'sizes');
  if (sizes.length !== lengths.length) {
    throw argumentOutOfRange('sizes', `of as many elements as lengths, ${lengths.length}`, sizes.length);
  }
  let total = 0;
  for (let index = 0; index < lengths.length; index += 1) {
    const length = lengths[index] ?? 0;
    if (length < 0 || length > longest) throw argumentOutOfRange(`lengths[${index}]`, `from 0 to ${longest}`, length);
    total += length;
  }
  const most = Math.min(memory.length, MOST_BYTES);
  if (total > most) throw argumentOutOfRange('lengths', `numbers that add up to ${most} bytes at most`, total);
  return { handles: associations.map((association) => handleOf(association)), input: memory, lengths, sizes };
}

function handleOf(association: DtlsAssociation): records.Handle {
  if (!association.isEncrypted()) return { slot: -1, generation: 0 };
  association.slot.clear();
  return association.handle;
}

/** Two objects for shared memory may be of the same memory, and nothing tells. */
function mayOverlap(left: Uint8Array, right: Uint8Array): boolean {
  if (left.buffer !== right.buffer) return isShared(left) && isShared(right);
  return left.byteOffset < right.byteOffset + right.length && right.byteOffset < left.byteOffset + left.length;
}

/**
 * Draws the consequences for those with more to tell; returns how many entries gave something. Messages are taken before
 * anything is sent and listeners hear last: both may call back, and a listener that throws silences no other.
 */
function finish(associations: readonly DtlsAssociation[], { sizes }: Batch, indices: readonly number[]): number {
  const told = new Set(indices.flatMap((index) => associations[associations.length === 1 ? 0 : index] ?? []));
  const rests = Array.from(told, (association) => ({ association, rest: association.takeRest() }));
  for (const { association, rest } of rests) association.concludeRest(rest);
  let count = 0;
  for (let index = 0; index < sizes.length; index += 1) if ((sizes[index] ?? 0) > 0) count += 1;
  const thrown: unknown[] = [];
  for (const association of told) {
    try {
      association.announce();
    } catch (error) {
      thrown.push(error);
    }
  }
  if (thrown.length > 0) raise(thrown[0]);
  return count;
}

/** See DtlsData.encryptDatagrams(). */
export function sealBatch(associations: readonly DtlsAssociation[], batch: Batch, out: unknown): number {
  const packed = check(associations, batch, 'messages', records.LONGEST_MESSAGE);
  const room = checkWritableBytes(out, 'out');
  if (mayOverlap(packed.input, room)) throw argumentOutOfRange('out', 'memory that does not overlap messages', room);
  if (room.length > 2 * MOST_BYTES - 1) throw argumentOutOfRange('out', 'less than 2 GiB', room.length);
  return finish(associations, batch, records.sealMany(packed, room));
}

/** See DtlsData.decryptDatagramsInPlace(). */
export function openBatch(associations: readonly DtlsAssociation[], batch: Batch): number {
  const packed = check(associations, batch, 'datagrams', records.LONGEST_DATAGRAM);
  return finish(associations, batch, records.openMany(packed));
}

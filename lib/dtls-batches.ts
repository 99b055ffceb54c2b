import type { DtlsAssociation } from './dtls-association';
import { checkWritableBytes, invalidArgumentType } from './internal/arguments';
import * as records from './internal/record-calls';

/** Messages or datagrams one behind the other, with the association of each, or one for all. */
export interface Batch {
  readonly input: Uint8Array;
  readonly lengths: Int32Array;
  readonly sizes: Int32Array;
}

/** RFC 6347 section 4.1 */
const MAXIMUM_MESSAGE = 16_384;

function checkInt32Array(value: unknown, name: string): Int32Array {
  if (value instanceof Int32Array) return value;
  throw invalidArgumentType(name, 'an Int32Array', value);
}

/** Throws unless it all fits together. `names` are those of the input and its longest element. */
function check(associations: readonly DtlsAssociation[], batch: Batch, input: string, longest: number): records.Packed {
  const memory = checkWritableBytes(batch.input, input);
  const lengths = checkInt32Array(batch.lengths, 'lengths');
  const sizes = checkInt32Array(batch.sizes, 'sizes');
  if (sizes.length !== lengths.length) {
    throw new RangeError(`"sizes" must have as many elements as "lengths", ${lengths.length}, not ${sizes.length}`);
  }
  let total = 0;
  for (let index = 0; index < lengths.length; index += 1) {
    const length = lengths[index] ?? 0;
    if (length < 0 || length > longest) {
      throw new RangeError(`"lengths[${index}]" must be from 0 to ${longest}, not ${length}`);
    }
    total += length;
  }
  if (total > memory.length) {
    throw new RangeError(`"lengths" must add up to the bytes of "${input}" at most, ${memory.length}, not ${total}`);
  }
  return { handles: associations.map((association) => handleOf(association)), input: memory, lengths, sizes };
}

function handleOf(association: DtlsAssociation): records.Handle {
  if (!association.isEncrypted()) return { slot: -1, generation: 0 };
  association.slot.clear();
  return association.handle;
}

function overlap(left: Uint8Array, right: Uint8Array): boolean {
  if (left.buffer !== right.buffer) return false;
  return left.byteOffset < right.byteOffset + right.length && right.byteOffset < left.byteOffset + left.length;
}

/** Draws the consequences for those with more to tell; returns how many entries gave something. */
function finish(associations: readonly DtlsAssociation[], { sizes }: Batch, rests: readonly number[]): number {
  const told = new Set(rests.map((index) => associations[associations.length === 1 ? 0 : index]));
  for (const association of told) association?.concludeRest();
  let count = 0;
  for (let index = 0; index < sizes.length; index += 1) if ((sizes[index] ?? 0) > 0) count += 1;
  for (const association of told) association?.announce();
  return count;
}

/** See DtlsData.encryptDatagrams(). */
export function sealBatch(associations: readonly DtlsAssociation[], batch: Batch, out: unknown): number {
  const packed = check(associations, batch, 'messages', MAXIMUM_MESSAGE);
  const room = checkWritableBytes(out, 'out');
  if (overlap(packed.input, room)) throw new RangeError('"out" must not overlap "messages"');
  return finish(associations, batch, records.sealMany(packed, room));
}

/** See DtlsData.decryptDatagramsInPlace(). */
export function openBatch(associations: readonly DtlsAssociation[], batch: Batch): number {
  const packed = check(associations, batch, 'datagrams', records.LONGEST_DATAGRAM);
  return finish(associations, batch, records.openMany(packed));
}

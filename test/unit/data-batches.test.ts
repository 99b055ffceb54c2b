import { QDtls, QDtlsError } from '../../lib';
import { Pair } from '../support/pair';
import { callWith } from '../support/untyped';

const texts = Array.from({ length: 100 }, (_, index) => 'x'.repeat(index) + String(index));
const messages = Buffer.from(texts.join(''));
const lengths = Int32Array.from(texts, (text) => text.length);

/** The parts of a region: of each, what `offsets` and `sizes` say. */
function cut(region: Buffer, offsets: Iterable<number>, sizes: Int32Array): string[] {
  return Array.from(offsets, (offset, index) => region.toString('utf8', offset, offset + (sizes[index] ?? 0)));
}

/** Where each of several lies that are packed. */
function offsetsOf(packed: Int32Array): number[] {
  let offset = 0;
  return Array.from(packed, (length) => (offset += length) - length);
}

function total(sizes: Int32Array): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}

describe('a batch of one association', () => {
  it('carries 100 messages of every length, in order', () => {
    const { client, server } = new Pair().run();
    const out = Buffer.alloc(messages.length + 100 * texts.length);
    const sizes = new Int32Array(texts.length);
    expect(client.encryptDatagrams(messages, lengths, out, sizes)).toBe(texts.length);

    const plain = new Int32Array(texts.length);
    expect(server.decryptDatagramsInPlace(out.subarray(0, total(sizes)), sizes, plain)).toBe(texts.length);
    expect(cut(out, offsetsOf(sizes), plain)).toEqual(texts);
  });

  it('leaves out what has no room, and the association goes on', () => {
    const { client, server } = new Pair().run();
    const out = Buffer.alloc(200);
    const sizes = new Int32Array(3);
    expect(client.encryptDatagrams(Buffer.alloc(300, 'a'), Int32Array.of(100, 100, 100), out, sizes)).toBe(1);
    expect(Array.from(sizes)).toEqual([129, 0, 0]);
    expect(client.dtlsError()).toBe(QDtlsError.InvalidInputParameters);
    expect(client.isConnectionEncrypted()).toBe(true);
    expect(server.decryptDatagramInPlace(out.subarray(0, 129)).toString()).toBe('a'.repeat(100));
  });

  it('goes on behind garbage and replays', () => {
    const { client, server } = new Pair().run();
    const [one, two] = [client.encryptDatagram('one'), client.encryptDatagram('two')];
    const parts = [one, Buffer.from('garbage'), one, Buffer.alloc(0), two];
    const sizes = new Int32Array(parts.length);
    const region = Buffer.concat(parts);
    const given = Int32Array.from(parts, (part) => part.length);
    expect(server.decryptDatagramsInPlace(region, given, sizes)).toBe(2);
    expect(cut(region, offsetsOf(given), sizes)).toEqual(['one', '', '', '', 'two']);
  });

  it('ends with the association, and the messages before that are there', () => {
    const pair = new Pair().run();
    const one = pair.client.encryptDatagram('one');
    pair.client.shutdown(pair.clientSocket);
    const bye = pair.clientSocket.take();
    const states: number[] = [];
    pair.server.on('handshakeStateChanged', (state) => states.push(state));
    const given = Int32Array.of(one.length, bye.length, one.length);
    const sizes = new Int32Array(3);
    const region = Buffer.concat([one, bye, one]);
    expect(pair.server.decryptDatagramsInPlace(region, given, sizes)).toBe(1);
    expect(Array.from(sizes)).toEqual([3, 0, 0]);
    expect(pair.server.dtlsError()).toBe(QDtlsError.RemoteClosedConnectionError);
    expect(states).toEqual([QDtls.HandshakeNotStarted]);
  });

  it('keeps the further messages of a datagram', () => {
    const { client, server } = new Pair().run();
    const both = Buffer.concat([client.encryptDatagram('one'), client.encryptDatagram('two')]);
    const sizes = new Int32Array(1);
    expect(server.decryptDatagramsInPlace(both, Int32Array.of(both.length), sizes)).toBe(1);
    expect(both.toString('utf8', 0, sizes[0])).toBe('one');
    expect(server.nextPendingDatagram().toString()).toBe('two');
  });

  it('may be of nothing', () => {
    const { client } = new Pair().run();
    expect(client.encryptDatagrams(Buffer.alloc(0), new Int32Array(0), Buffer.alloc(0), new Int32Array(0))).toBe(0);
  });
});

describe('a batch of many associations', () => {
  it('carries a message of each, and several of one', () => {
    const pairs = Array.from({ length: 30 }, () => new Pair().run());
    const order = texts.map((_, index) => index % pairs.length);
    const [out, sizes] = [Buffer.alloc(messages.length + 100 * texts.length), new Int32Array(texts.length)];
    const pick = (side: 'client' | 'server'): QDtls[] => order.flatMap((index) => pairs[index]?.[side] ?? []);
    expect(QDtls.encryptMany(pick('client'), messages, lengths, out, sizes)).toBe(texts.length);
    const plain = new Int32Array(texts.length);
    expect(QDtls.decryptMany(pick('server'), out, sizes, plain)).toBe(texts.length);
    expect(cut(out, offsetsOf(sizes), plain)).toEqual(texts);
  });

  it('gives nothing for those that are not encrypted, and the others go on', () => {
    const { client } = new Pair().run();
    const sizes = new Int32Array(3);
    const three = [client, new Pair().client, client];
    expect(QDtls.encryptMany(three, Buffer.from('abc'), Int32Array.of(1, 1, 1), Buffer.alloc(300), sizes)).toBe(2);
    expect(Array.from(sizes)).toEqual([30, 0, 30]);
  });

  it('gives nothing for the wrong association', () => {
    const [here, there] = [new Pair().run(), new Pair().run()];
    const datagram = here.client.encryptDatagram('here');
    const sizes = new Int32Array(1);
    expect(QDtls.decryptMany([there.server], Buffer.from(datagram), Int32Array.of(datagram.length), sizes)).toBe(0);
    expect(there.server.statistics().recordsDropped.undecryptable).toBe(1);
  });
});

describe('a batch that does not fit together', () => {
  const { client } = new Pair().run();
  const memory = Buffer.alloc(100);
  const one = Int32Array.of(10);

  it.each<[method: string, what: string, given: unknown[], text: string]>([
    ['encryptDatagrams', 'messages that are text', ['x', one, memory, one], '"messages"'],
    ['encryptDatagrams', 'lengths in an array', [Buffer.alloc(9), [9], memory, one], '"lengths"'],
    ['encryptDatagrams', 'no sizes', [Buffer.alloc(9), one, memory], '"sizes"'],
    ['encryptDatagrams', 'more sizes than lengths', [Buffer.alloc(10), one, memory, new Int32Array(2)], '"sizes"'],
    ['encryptDatagrams', 'a negative length', [Buffer.alloc(9), Int32Array.of(-1), memory, one], '"lengths[0]"'],
    ['encryptDatagrams', 'a length above 16384', [Buffer.alloc(20_000), Int32Array.of(16_385), memory, one], '16384'],
    ['encryptDatagrams', 'more bytes than there are', [Buffer.alloc(9), one, memory, new Int32Array(1)], 'add up to 9 bytes'],
    ['encryptDatagrams', 'memory that overlaps', [memory.subarray(0, 60), one, memory.subarray(59), new Int32Array(1)], 'overlap'],
    ['encryptDatagrams', 'an out that is text', [Buffer.alloc(10), one, 'out', new Int32Array(1)], '"out"'],
    ['decryptDatagramsInPlace', 'datagrams that are text', ['x', one, one], '"datagrams"'],
    ['decryptDatagramsInPlace', 'more bytes than there are', [Buffer.alloc(9), one, new Int32Array(1)], 'add up to 9 bytes'],
  ])('is refused by %s: %s', (method, _what, given, text) => {
    expect(() => callWith(client, method, ...given)).toThrow(text);
    expect(client.isConnectionEncrypted()).toBe(true);
  });

  it.each<[string, unknown[], string]>([
    ['no list', [client, memory, one, new Int32Array(1)], '"associations"'],
    ['something else in it', [[client, {}], memory, Int32Array.of(1, 1), new Int32Array(2)], '"associations[1]"'],
    ['another number of associations', [[client], memory, Int32Array.of(1, 1), new Int32Array(2)], '"associations"'],
  ])('is refused by decryptMany: %s', (_what, given, text) => {
    expect(() => callWith(QDtls, 'decryptMany', ...given)).toThrow(text);
  });
});

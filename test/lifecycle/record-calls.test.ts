import { MessageChannel } from 'node:worker_threads';
import { QDtls, SslMode } from '../../lib';
import { indices } from '../../lib/internal/mailbox';
import { native } from '../../lib/internal/native';
import { MemorySocket } from '../support/memory-socket';
import { makeConnection } from '../support/native-connection';
import { exchange, Pair, pairWithLostFlight, repeatedFlight } from '../support/pair';
import { stages } from '../support/stages';
import { callWith, constructWith } from '../support/untyped';

// Memory passes between JavaScript and the core without being copied: what must not go wrong, with sanitizers watching.

const SLAB = 65_536;
const { SLOT, GENERATION, RESULT, HAS_REST, LENGTH, SEALED_MANY, OPENED_MANY } = indices;

/** How the last association that was used is called. */
function connectionOf(dtls: QDtls): { slot: number; generation: number } {
  expect(dtls.encryptDatagram('x')).not.toHaveLength(0);
  return { slot: native.box[SLOT] ?? 0, generation: native.box[GENERATION] ?? 0 };
}

/** Gives the memory away. Versions of Node differ in whether they refuse, or do nothing, where it must not be. */
function detach(memory: ArrayBuffer): void {
  const { port1, port2 } = new MessageChannel();
  try {
    port1.postMessage(null, [memory]);
  } catch (error) {
    expect(String(error)).toMatch(/transfer|clone/i);
  }
  port1.close();
  port2.close();
}

describe('results', () => {
  it('are never written to again, however many come after them', () => {
    const pair = new Pair().run();
    const texts = Array.from({ length: 2000 }, (_, index) => `${index} `.repeat(1 + (index % 100)));
    const datagrams = texts.map((text) => pair.client.encryptDatagram(text));
    const copies = datagrams.map((datagram) => Buffer.from(datagram));
    const received = datagrams.map((datagram) => pair.server.decryptDatagram(new MemorySocket(), datagram));
    expect(received.map(String)).toEqual(texts);
    expect(datagrams.every((datagram, index) => copies[index]?.equals(datagram))).toBe(true);
  });

  it('outlive their association', () => {
    const pair = new Pair().run();
    const kept = pair.server.decryptDatagram(new MemorySocket(), pair.client.encryptDatagram('kept'));
    pair.client.shutdown(pair.clientSocket);
    pair.server.decryptDatagram(pair.serverSocket, pair.clientSocket.take());
    for (let index = 0; index < 100; index += 1) expect(exchange(new Pair().run(), 'x'.repeat(1000))).toHaveLength(1000);
    expect(kept.toString()).toBe('kept');
  });

  it('cannot be moved to another thread, which would take the memory of others along', () => {
    const pair = new Pair().run();
    const datagram = pair.client.encryptDatagram('stays');
    const { buffer } = datagram;
    if (buffer instanceof SharedArrayBuffer) throw new Error('the slab is shared');
    detach(buffer);
    expect([buffer.byteLength, datagram.length]).toEqual([SLAB, 34]);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });

  it('may lose their memory where the language allows it, and the next ones get other memory', () => {
    const pair = new Pair().run();
    const transfer: unknown = Reflect.get(ArrayBuffer.prototype, 'transfer');
    const { buffer } = pair.client.encryptDatagram('lost');
    if (typeof transfer === 'function') {
      try {
        Reflect.apply(transfer, buffer, []);
      } catch {
        expect(buffer.byteLength).toBe(SLAB); // refused
      }
    }
    for (let index = 0; index < 200; index += 1) expect(exchange(pair, `message ${index}`)).toBe(`message ${index}`);
  });
});

describe('memory of the caller', () => {
  it('may be detached: nothing is written, and the association goes on', () => {
    const pair = new Pair().run();
    const [out, datagram] = [new Uint8Array(2000), new Uint8Array(pair.client.encryptDatagram('lost'))];
    for (const memory of [out, datagram]) detach(memory.buffer);
    expect(pair.client.encryptDatagramInto('x', out)).toBe(-1);
    expect(pair.server.decryptDatagramInPlace(datagram)).toHaveLength(0);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });

  it('may be a part of other memory, which stays as it is', () => {
    const pair = new Pair().run();
    const memory = Buffer.alloc(300, 0xee);
    const length = pair.client.encryptDatagramInto('inside', memory.subarray(100, 200));
    expect(memory.subarray(0, 100).equals(Buffer.alloc(100, 0xee))).toBe(true);
    expect(memory.subarray(100 + length).equals(Buffer.alloc(200 - length, 0xee))).toBe(true);
    const message = pair.server.decryptDatagramInPlace(memory.subarray(100, 100 + length));
    expect([message.toString(), message.byteOffset - memory.byteOffset]).toEqual(['inside', 100]);
    expect(memory.subarray(100 + length).equals(Buffer.alloc(200 - length, 0xee))).toBe(true);
  });

  it('may be shared with other threads', () => {
    const pair = new Pair().run();
    const shared = new Uint8Array(new SharedArrayBuffer(200));
    const length = pair.client.encryptDatagramInto('shared', shared);
    expect(pair.server.decryptDatagramInPlace(shared.subarray(0, length)).toString()).toBe('shared');
  });
});

describe('a socket that calls back from inside send()', () => {
  it('does not disturb what is being sent', () => {
    const [pair, other] = [new Pair().run(), new Pair().run()];
    const sent: Buffer[] = [];
    const socket = {
      send: (datagram: Uint8Array): void => {
        expect(exchange(other, 'in between')).toBe('in between');
        if (sent.length === 0) sent.push(pair.client.encryptDatagram('second'));
        sent.push(Buffer.from(datagram));
      },
    };
    expect(pair.client.writeDatagramEncrypted(socket, 'first')).toBe(5);
    const received = sent.map((datagram) => pair.server.decryptDatagram(pair.serverSocket, datagram).toString());
    expect(received).toEqual(['second', 'first']);
  });
});

describe('the name of a connection', () => {
  function resultFor(slot: number, generation: number): number {
    native.box[RESULT] = 77;
    native.box[SLOT] = slot;
    native.box[GENERATION] = generation;
    native.box[LENGTH] = 0;
    native.openIn();
    return native.box[RESULT];
  }

  it('means nothing once it is disposed of, also when its number is used again', () => {
    const first = makeConnection();
    const { slot, generation } = first;
    first.dispose();
    expect(resultFor(slot, generation)).toBe(-1);
    const second = makeConnection();
    expect([second.slot, second.generation]).toEqual([slot, generation + 1]);
    expect(resultFor(slot, generation)).toBe(-1);
    expect(resultFor(slot, generation + 1)).toBe(0);
    second.dispose();
  });

  it.each([
    [-1, 0],
    [1_000_000, 0],
    [0x7fff_ffff, 0x7fff_ffff],
    [-0x8000_0000, -1],
  ])('means nothing when it is %i, generation %i', (slot, generation) => {
    expect(resultFor(slot, generation)).toBe(-1);
    expect(native.box[HAS_REST]).toBe(0);
  });
});

describe('the mailbox', () => {
  it.each([-1, SLAB, SLAB - 1, 0x7fff_ffff])('with offset %i, where the slab has no room, gets nothing written', (offset) => {
    const pair = new Pair().run();
    const { slot, generation } = connectionOf(pair.client);
    const slab = new Uint8Array(pair.client.encryptDatagram('x').buffer);
    const before = slab.slice();
    native.box.set([slot, generation, 0, 0, 5, offset]);
    native.sealIn();
    expect(native.box[RESULT]).toBe(0);
    expect(Buffer.compare(before, slab)).toBe(0);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });

  it('with a length beyond the arena gets nothing read', () => {
    const connection = connectionOf(new Pair().run().client);
    for (const length of [65_537, -1, 0x7fff_ffff]) {
      native.box.set([connection.slot, connection.generation, 0, 0, length, 0, 0]);
      native.openIn();
      expect(native.box[RESULT]).toBe(-2);
    }
  });
});

describe('several at once', () => {
  it.each<[what: string, lengths: readonly number[], result: number]>([
    ['a length beyond the memory', [60, 60], -2],
    ['a length beyond what one record holds', [20_000], -2],
    ['a negative length', [-1], -2],
    ['lengths whose sum is beyond 32 bits', [0x7fff_ffff, 0x7fff_ffff, 2], -2],
  ])('with %s gets nothing read or written', (_what, lengths, result) => {
    const pair = new Pair().run();
    const memory = new Uint8Array(100);
    const out = new Uint8Array(300);
    const sizes = new Int32Array(lengths.length).fill(7);
    const { slot, generation } = connectionOf(pair.client);
    native.box.set([slot, generation]);
    native.sealMany(memory, Int32Array.from(lengths), sizes, undefined, out);
    expect(native.box[RESULT]).toBe(result);
    native.box.set([slot, generation]);
    native.openMany(memory, Int32Array.from(lengths, (length) => length * 4), sizes, undefined);
    expect(native.box[RESULT]).toBe(result);
    expect([...memory, ...out].every((byte) => byte === 0)).toBe(true);
    expect(sizes.every((size) => size === 7)).toBe(true);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });

  it('ends with the shorter of lengths and sizes', () => {
    const { client } = new Pair().run();
    const { slot, generation } = connectionOf(client);
    native.box.set([slot, generation]);
    native.sealMany(new Uint8Array(10), Int32Array.of(1, 1, 1), new Int32Array(2), undefined, new Uint8Array(300));
    expect(native.box[RESULT]).toBe(2);
  });

  it('by names that mean nothing, or too few of them, harms nobody', () => {
    const pair = new Pair().run();
    const { slot, generation } = connectionOf(pair.client);
    const out = new Uint8Array(300);
    const [lengths, sizes] = [Int32Array.of(1, 1), new Int32Array(2)];
    const names = Int32Array.of(-1, 0, 7, 0x7fff_ffff, generation, 7);
    native.sealMany(new Uint8Array(2), lengths, sizes, names, out);
    expect([native.box[RESULT], ...sizes, names[2], names[5]]).toEqual([0, 0, 0, 0, 0]);
    native.box.set([slot, generation]);
    native.sealMany(new Uint8Array(2), lengths, sizes, Int32Array.of(slot, generation, 0, slot, generation), out);
    expect([native.box[RESULT], sizes[1]]).toEqual([1, 0]); // never of the one in the mailbox
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });
});

describe('memory that a result went to before', () => {
  const readInto = ({ client, server }: Pair, text: string, out: Uint8Array): string => {
    const length = server.decryptDatagramInto(client.encryptDatagram(text), out);
    return Buffer.from(out.subarray(0, Math.max(length, 0))).toString();
  };

  it('is found again as long as it is the same', () => {
    const pair = new Pair().run();
    const [one, other] = [Buffer.alloc(100), Buffer.alloc(100)];
    for (const out of [one, one, other, one, one.subarray(10), one]) expect(readInto(pair, 'text', out)).toBe('text');
  });

  it('gets nothing once it is detached, and nothing is lost', () => {
    const pair = new Pair().run();
    const out = new Uint8Array(100);
    expect(readInto(pair, 'before', out)).toBe('before');
    structuredClone(out, { transfer: [out.buffer] });
    const datagram = pair.client.encryptDatagram('after');
    expect(pair.server.decryptDatagramInto(datagram, out)).toBe(-1);
    expect(pair.server.nextPendingDatagram().toString()).toBe('after');
    expect(pair.client.encryptDatagramInto('x', out)).toBe(-1);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });

  it('is not believed when it says how long it is', () => {
    const pair = new Pair().run();
    const out = new Uint8Array(100);
    Object.defineProperty(out, 'length', { value: 100 });
    expect(pair.client.encryptDatagramInto('x', out)).toBeGreaterThan(0);
    structuredClone(out.buffer, { transfer: [out.buffer] });
    expect(pair.client.encryptDatagramInto('x', out)).toBe(-1);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });

  it('is looked at anew when it has shrunk or grown', () => {
    const pair = new Pair().run();
    const memory = constructWith(ArrayBuffer, 100, { maxByteLength: 100_000 });
    if (!(memory instanceof ArrayBuffer)) throw new Error('no memory');
    const out = new Uint8Array(memory);
    expect(readInto(pair, 'first', out)).toBe('first');
    callWith(memory, 'resize', 3);
    expect(pair.server.decryptDatagramInto(pair.client.encryptDatagram('longer'), out)).toBe(-1);
    expect(pair.server.nextPendingDatagram().toString()).toBe('longer');
    callWith(memory, 'resize', 100_000);
    const long = 'x'.repeat(10_000);
    expect(readInto(pair, long, out)).toBe(long);
    callWith(memory, 'resize', 0);
    expect(pair.client.encryptDatagramInto('x', out)).toBe(-1);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });
});

describe('memory that a batch lay in before', () => {
  const COUNT = 3;
  const SIZE = 50;

  class Regions {
    readonly messages = new Uint8Array(COUNT * SIZE);
    readonly lengths = new Int32Array(COUNT).fill(SIZE);
    readonly out = new Uint8Array(COUNT * (SIZE + 100));
    readonly sizes = new Int32Array(COUNT);
    readonly plain = new Int32Array(COUNT);

    /** Seals and opens; returns what came out, of the same text for each message. */
    carry({ client, server }: Pair, letter: string): string[] {
      this.messages.fill(letter.charCodeAt(0));
      client.encryptDatagrams(this.messages, this.lengths, this.out, this.sizes);
      server.decryptDatagramsInPlace(this.out, this.sizes, this.plain);
      let at = 0;
      return Array.from(this.sizes, (size, index) => {
        at += size;
        return Buffer.from(this.out.subarray(at - size, at - size + (this.plain[index] ?? 0))).toString();
      });
    }
  }

  const threeOf = (letter: string): string[] => Array<string>(COUNT).fill(letter.repeat(SIZE));

  it('is not looked up again', () => {
    const pair = new Pair().run();
    const [one, two] = [new Regions(), new Regions()];
    const lookedUp = (): (number | undefined)[] => [native.box[SEALED_MANY], native.box[OPENED_MANY]];
    one.carry(pair, 'a');
    const before = lookedUp();
    one.carry(pair, 'b');
    expect(lookedUp()).toEqual(before);
    two.carry(pair, 'c');
    expect(lookedUp()).toEqual(before.map((count = 0) => count + 1));
  });

  it('is found again as long as it is the same, whatever comes in between', () => {
    const [pair, other] = [new Pair().run(), new Pair().run()];
    const [one, two] = [new Regions(), new Regions()];
    const named = new Regions();
    for (const [regions, who, letter] of [
      [one, pair, 'a'],
      [one, pair, 'b'],
      [two, pair, 'c'],
      [one, other, 'd'],
      [one, pair, 'e'],
    ] as const) {
      expect(regions.carry(who, letter)).toEqual(threeOf(letter));
      const clients = Array<QDtls>(COUNT).fill(other.client);
      expect(QDtls.encryptMany(clients, named.messages, named.lengths, named.out, named.sizes)).toBe(COUNT);
      expect(regions.carry(who, letter)).toEqual(threeOf(letter));
    }
  });

  it('is looked at anew when its lengths say something else', () => {
    const pair = new Pair().run();
    const regions = new Regions();
    expect(regions.carry(pair, 'a')).toEqual(threeOf('a'));
    regions.lengths.set([3 * SIZE, 1, 1]);
    expect(() => regions.carry(pair, 'b')).toThrow(RangeError);
    regions.lengths.set([1, 0, 2]);
    expect(regions.carry(pair, 'c')).toEqual(['c', '', 'cc']);
  });

  it.each(['messages', 'lengths', 'out', 'sizes'] as const)('gets nothing once its %s are detached', (name) => {
    const pair = new Pair().run();
    const regions = new Regions();
    expect(regions.carry(pair, 'a')).toEqual(threeOf('a'));
    structuredClone(regions[name], { transfer: [regions[name].buffer] });
    const { messages, lengths, out, sizes } = regions;
    let sealed = 0;
    try {
      sealed = pair.client.encryptDatagrams(messages, lengths, out, sizes);
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
    expect(sealed).toBe(0);
    expect(new Regions().carry(pair, 'b')).toEqual(threeOf('b'));
  });

  it.each(['out', 'sizes', 'plain'] as const)('is not written to by what opens when its %s are detached', (name) => {
    const pair = new Pair().run();
    const regions = new Regions();
    expect(regions.carry(pair, 'a')).toEqual(threeOf('a'));
    structuredClone(regions[name], { transfer: [regions[name].buffer] });
    expect(() => pair.server.decryptDatagramsInPlace(regions.out, regions.sizes, regions.plain)).toThrow(RangeError);
    expect(new Regions().carry(pair, 'b')).toEqual(threeOf('b'));
  });

  it('is looked at anew when it has shrunk', () => {
    const pair = new Pair().run();
    const memory = constructWith(ArrayBuffer, 1000, { maxByteLength: 1000 });
    if (!(memory instanceof ArrayBuffer)) throw new Error('no memory');
    const { messages, lengths, sizes } = new Regions();
    const out = new Uint8Array(memory);
    expect(pair.client.encryptDatagrams(messages, lengths, out, sizes)).toBe(COUNT);
    callWith(memory, 'resize', 100);
    expect(pair.client.encryptDatagrams(messages, lengths, out, sizes)).toBe(1);
    callWith(memory, 'resize', 0);
    expect(pair.client.encryptDatagrams(messages, lengths, out, sizes)).toBe(0);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });
});

describe('trim()', () => {
  it('does nothing while there is no association', () => {
    new QDtls(SslMode.SslClientMode).trim();
    stages.HandshakeInProgress().client.trim();
  });

  it.each(['client', 'server'] as const)('of a %s leaves everything working, as often as it is called', (side) => {
    const pair = new Pair().run();
    for (let round = 0; round < 5; round += 1) {
      pair[side].trim();
      pair[side].trim();
      expect(exchange(pair, `message ${round}`)).toBe(`message ${round}`);
      pair[side].trim();
      const back = pair.client.decryptDatagramInPlace(pair.server.encryptDatagram(`answer ${round}`));
      expect(back.toString()).toBe(`answer ${round}`);
    }
    pair[side].trim();
    pair.client.shutdown(pair.clientSocket);
    expect(pair.clientSocket.sent).toHaveLength(1);
  });

  it('is no hindrance when a flight has to be repeated', async () => {
    const { pair, flight } = await lostLastFlight();
    pair.server.trim();
    for (const datagram of flight) pair.deliverToServer(datagram);
    for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
    expect(pair.client.isConnectionEncrypted()).toBe(true);
    expect(exchange(pair, 'goes on')).toBe('goes on');
  });
});

it('answers to data without a socket go to the socket of the last call that had one', async () => {
  const { pair, flight } = await lostLastFlight();
  for (const datagram of flight) expect(pair.server.decryptDatagramInPlace(datagram)).toHaveLength(0);
  for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
  expect(pair.client.isConnectionEncrypted()).toBe(true);
});

/** A server that is done, whose last flight was lost, and the flight that its client has repeated. */
async function lostLastFlight(): Promise<{ pair: Pair; flight: Buffer[] }> {
  const pair = pairWithLostFlight();
  return { pair, flight: await repeatedFlight(pair.client, pair.clientSocket) };
}

import { indices } from '../../lib/internal/mailbox';
import { native } from '../../lib/internal/native';
import { NativeStatus } from '../../lib/internal/native-types';
import { MemorySocket } from '../support/memory-socket';
import { makeConnection } from '../support/native-connection';
import { exchange, Pair, pskConfiguration } from '../support/pair';

// What a step of a connection leaves lies in a slab that was lent for it, or in the arena; record-calls.test.ts is about messages.

const SLAB = 65_536;
const { OFFSET, PARTS, ROOM, IN_SLAB } = indices;

describe('results', () => {
  it('of handshakes are not written to again either, with messages between them and one slab after the other', () => {
    const kept: { datagram: Uint8Array; copy: Buffer }[] = [];
    const keepAll = (socket: MemorySocket): void => {
      const send = socket.send.bind(socket);
      socket.send = (datagram, ...rest) => {
        kept.push({ datagram, copy: Buffer.from(datagram) });
        send(datagram, ...rest);
      };
    };
    const other = new Pair().run();
    for (let round = 0; round < 200; round += 1) {
      const pair = new Pair();
      keepAll(pair.clientSocket);
      keepAll(pair.serverSocket);
      pair.start();
      for (let moved = true; moved; moved = pair.step()) expect(exchange(other, 'x'.repeat(round))).toHaveLength(round);
      expect(pair.client.isConnectionEncrypted()).toBe(true);
      pair.client.shutdown(pair.clientSocket);
    }
    expect(kept.reduce((sum, { datagram }) => sum + datagram.length, 0)).toBeGreaterThan(2 * SLAB);
    expect(kept.filter(({ datagram, copy }) => !copy.equals(datagram))).toEqual([]);
  });
});

describe('the mailbox', () => {
  it.each([
    [0x7fff_ffff, SLAB],
    [0x7fff_ffff, SLAB - 1],
    [0x7fff_ffff, -1],
    [-1, 0],
    [0, 0],
  ])('that lends %i bytes at offset %i, which the slab has not, has the parts of a step in its arena', (room, offset) => {
    const slab = new Uint8Array(new Pair().run().client.encryptDatagram('x').buffer);
    const before = slab.slice();
    const { connection } = makeConnection();
    native.box[OFFSET] = offset;
    native.box[ROOM] = room;
    expect(connection.start()).toBeUndefined();
    expect([native.box[PARTS], native.box[IN_SLAB], native.box[ROOM]]).toEqual([1, 0, 0]);
    expect(native.arena[0]).toBe(22); // a record of the handshake
    expect(Buffer.compare(before, slab)).toBe(0);
    connection.dispose();
  });

  it('lends for one step only, also when that is refused', () => {
    const { connection } = makeConnection();
    connection.dispose();
    native.box[OFFSET] = 0;
    native.box[ROOM] = SLAB;
    expect(connection.start()).toEqual([NativeStatus.Refused, 'the association has ended', 0]);
    expect(native.box[ROOM]).toBe(0);
  });

  it('lends nothing that no step has taken', () => {
    const pair = new Pair({ server: pskConfiguration((server) => server.setDtlsCookieVerificationEnabled(true)) });
    const socket = new MemorySocket();
    const calls = [
      () => pair.client.abortHandshake(socket),
      () => pair.server.doHandshake(socket, Buffer.alloc(40, 22)),
      () => pair.run(),
      () => pair.client.doHandshake(socket, 'late'),
      () => pair.client.shutdown(socket),
      () => pair.client.shutdown(socket),
      () => pair.server.decryptDatagram(socket, socket.take()),
      () => pair.start(),
      () => pair.client.abortHandshake(socket),
      () => pair.client.handleTimeout(socket),
    ];
    for (const call of calls) {
      call();
      expect(native.box[ROOM]).toBe(0);
    }
  });
});

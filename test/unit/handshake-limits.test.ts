import { once } from 'node:events';
import { HandshakeState, QDtls, SslMode } from '../../lib';
import { ContentType, makeRecord } from '../support/dtls-records';
import { makeMessage } from '../support/handshake-messages';
import type { MemorySocket } from '../support/memory-socket';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, pskConfiguration, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { stages, statusOf } from '../support/stages';
import { callWith } from '../support/untyped';

type Side = 'client' | 'server';

const FATAL = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };
const IN_PROGRESS = { state: 'HandshakeInProgress', error: 'NoError' };
/** A message that each side takes. RFC 5246 section 7.4 */
const MESSAGES = { client: 11, server: 16 };
const SHORTEST = { initial: 20, maximum: 20 };
const HANDSHAKE: number = ContentType.Handshake;
const sides: Side[] = ['client', 'server'];

describe('setHandshakeLimits()', () => {
  it.each<[string, unknown, string, typeof TypeError | typeof RangeError]>([
    ['nothing', undefined, '"limits"', TypeError],
    ['null', null, '"limits"', TypeError],
    ['fewer than 32768 bytes', { maximumBytes: 32_767 }, '"limits.maximumBytes"', RangeError],
    ['more than 1048576 bytes', { maximumBytes: 1_048_577 }, '"limits.maximumBytes"', RangeError],
    ['half a byte', { maximumBytes: 40_000.5 }, '"limits.maximumBytes"', RangeError],
    ['bytes as text', { maximumBytes: '65536' }, '"limits.maximumBytes"', TypeError],
    ['fewer than no repetitions', { maximumRetransmissions: -1 }, '"limits.maximumRetransmissions"', RangeError],
    ['more repetitions than OpenSSL makes', { maximumRetransmissions: 13 }, '"limits.maximumRetransmissions"', RangeError],
    ['no number of repetitions', { maximumRetransmissions: NaN }, '"limits.maximumRetransmissions"', RangeError],
  ])('refuses %s', (_name, limits, parameter, type) => {
    const dtls = new QDtls(SslMode.SslClientMode);
    const call = (): unknown => callWith(dtls, 'setHandshakeLimits', limits);
    expect(call).toThrow(type);
    expect(call).toThrow(parameter);
  });

  it.each([
    {},
    { maximumBytes: 32_768 },
    { maximumBytes: 1_048_576, maximumRetransmissions: 0 },
    { maximumRetransmissions: 12 },
  ])('takes %j, and a handshake completes', (limits) => {
    const pair = new Pair();
    for (const dtls of [pair.client, pair.server]) dtls.setHandshakeLimits(limits);
    pair.run();
    expect([pair.client.isConnectionEncrypted(), pair.server.isConnectionEncrypted()]).toEqual([true, true]);
  });
});

/** A side that has sent its flight to nobody. */
function speakingToNobody(side: Side, maximumRetransmissions?: number): { dtls: QDtls; socket: MemorySocket } {
  const pair = new Pair();
  const dtls = pair[side];
  dtls.setRetransmissionTimeouts(SHORTEST);
  if (maximumRetransmissions !== undefined) dtls.setHandshakeLimits({ maximumRetransmissions });
  if (side === 'client') {
    dtls.doHandshake(pair.clientSocket);
    return { dtls, socket: pair.clientSocket };
  }
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  return { dtls, socket: pair.serverSocket };
}

/** Repeats what is due until the handshake is over; returns what handleTimeout said each time. */
async function repeatUntilOver(dtls: QDtls, socket: MemorySocket): Promise<boolean[]> {
  const said: boolean[] = [];
  while (dtls.handshakeState() === HandshakeState.HandshakeInProgress) {
    await once(dtls, 'handshakeTimeout');
    said.push(dtls.handleTimeout(socket));
  }
  return said;
}

describe.each(sides)('maximumRetransmissions of a %s', (side) => {
  it.each([0, 1, 3, 11, 12])('%i: its flight is repeated so often, and then the handshake fails', async (count) => {
    const { dtls, socket } = speakingToNobody(side, count);
    const states: HandshakeState[] = [];
    dtls.on('handshakeStateChanged', (state) => states.push(state));
    const first = dtls.statistics().datagramsSent;
    expect(socket.takeAll()).toHaveLength(first);

    const said = await repeatUntilOver(dtls, socket);
    expect(said).toEqual([...Array<boolean>(count).fill(true), false]);
    expect(statusOf(dtls)).toEqual(FATAL);
    expect(dtls.dtlsErrorString()).toContain('the peer does not answer');
    expect(states).toEqual([HandshakeState.HandshakeNotStarted]);
    expect(dtls.statistics().retransmissions).toBe(count);
    expect(socket.sent).toHaveLength(dtls.statistics().datagramsSent - first);
    expect(socket.sent.length).toBeGreaterThanOrEqual(count);
    if (count === 0) expect(socket.sent).toEqual([]);
  });

  it('is 12 by default', async () => {
    const { dtls, socket } = speakingToNobody(side);
    expect(await repeatUntilOver(dtls, socket)).toHaveLength(13);
    expect(dtls.statistics().retransmissions).toBe(12);
  });

  it('applies to the next start, not to a handshake that has begun', async () => {
    const { dtls, socket } = speakingToNobody(side, 2);
    dtls.setHandshakeLimits({ maximumRetransmissions: 0 });
    expect(await repeatUntilOver(dtls, socket)).toEqual([true, true, false]);
  });
});

describe('maximumRetransmissions', () => {
  it('counts each flight anew: with 1, every flight may be lost once', async () => {
    const pair = new Pair();
    const lost = { client: 0, server: 0 };
    for (const side of sides) {
      pair[side].setRetransmissionTimeouts({ initial: 100, maximum: 100 });
      pair[side].setHandshakeLimits({ maximumRetransmissions: 1 });
    }
    // The first hello, the second one and the key exchange; the first flight of the server.
    pair.client.doHandshake(pair.clientSocket);
    const loseOne = async (side: Side): Promise<void> => {
      const socket = side === 'client' ? pair.clientSocket : pair.serverSocket;
      expect(socket.takeAll().length).toBeGreaterThan(0);
      lost[side] += 1;
      await once(pair[side], 'handshakeTimeout');
      expect(pair[side].handleTimeout(socket)).toBe(true);
    };
    await loseOne('client');
    pair.verifier.verifyClient(pair.serverSocket, pair.clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
    pair.deliverToClient(pair.serverSocket.take());
    await loseOne('client');
    pair.deliverToServer(pair.clientSocket.take());
    pair.clientSocket.takeAll();
    await loseOne('server');
    for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
    await loseOne('client');
    pair.settle();
    expect([pair.client.isConnectionEncrypted(), pair.server.isConnectionEncrypted()]).toEqual([true, true]);
    // While one side waits, the timer of the other one runs as well.
    expect(pair.client.statistics().retransmissions).toBeGreaterThanOrEqual(lost.client);
    expect(pair.server.statistics().retransmissions).toBeGreaterThanOrEqual(lost.server);
    expect(lost).toEqual({ client: 3, server: 1 });
  });
});

/** A client in its handshake, or a server that has sent its flight, with this limit. */
function inProgress(side: Side, maximumBytes?: number): { dtls: QDtls; take: (datagram: Buffer) => number } {
  const pair = new Pair();
  const dtls = pair[side];
  if (maximumBytes !== undefined) dtls.setHandshakeLimits({ maximumBytes });
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  const socket = side === 'client' ? pair.clientSocket : pair.serverSocket;
  const take = (datagram: Buffer): number => {
    expect(dtls.doHandshake(socket, datagram)).toBe(true);
    expect(statusOf(dtls)).toEqual(IN_PROGRESS);
    return dtls.statistics().recordsDropped.overLimit;
  };
  return { dtls, take };
}

/** The first bytes of a message that claims a length. */
function beginning(side: Side, length: number, messageSequence: number): Buffer {
  const whole = makeMessage(MESSAGES[side], messageSequence, Buffer.alloc(100));
  whole.writeUIntBE(length, 1, 3);
  return makeRecord(HANDSHAKE, whole, 0, 10 + (messageSequence % 50)); // within the replay window of what is genuine
}

describe.each(sides)('maximumBytes of a %s', (side) => {
  it.each([
    [undefined, 32_768],
    [32_768, 16_384],
    [100_000, 50_000],
  ])('%p: messages that are being put together may claim half of it', (maximumBytes, half) => {
    const { take } = inProgress(side, maximumBytes);
    expect(take(beginning(side, half + 1, 5))).toBe(1);
    expect(take(beginning(side, half - 3000, 6))).toBe(1);
    expect(take(beginning(side, 2000, 7))).toBe(1);
    expect(take(beginning(side, 1001, 8))).toBe(2); // together they are too many
    expect(take(beginning(side, half - 3000, 6))).toBe(2); // the same again
  });

  it('bounds how many messages may be begun', () => {
    const { take } = inProgress(side);
    expect(take(beginning(side, 100, 15))).toBe(0);
    for (let sequence = 16; sequence < 1000; sequence += 100) take(beginning(side, 100, sequence));
    expect(take(beginning(side, 100, 0xffff))).toBe(11);
  });
});

describe('maximumBytes of a server', () => {
  it.each([
    [undefined, 16_384],
    [32_768, 8192],
  ])('%p: records that come before their keys may be a quarter of it', (maximumBytes, quarter) => {
    const { take } = inProgress('server', maximumBytes);
    const early = (sequence: number): Buffer =>
      makeRecord(ContentType.ApplicationData, Buffer.alloc(1000), 1, sequence);
    const fit = Math.floor(quarter / 1013);
    for (let sequence = 1; sequence <= fit; sequence += 1) expect(take(early(sequence))).toBe(0);
    for (let sequence = fit + 2; sequence <= fit + 11; sequence += 1) {
      expect(take(early(sequence))).toBeGreaterThan(0);
    }
  });

  it('bounds the number of records that come before their keys', () => {
    const { take } = inProgress('server');
    const early = (sequence: number): Buffer => makeRecord(ContentType.ApplicationData, Buffer.alloc(30), 1, sequence);
    for (let sequence = 1; sequence <= 200; sequence += 1) take(early(sequence));
    expect(take(early(201))).toBeGreaterThanOrEqual(201 - 32);
  });

  it('lets a handshake complete in spite of all that', () => {
    const pair = stages.HandshakeInProgress();
    pair.deliverToServer(pair.clientSocket.take());
    for (let sequence = 1; sequence <= 200; sequence += 1) {
      pair.server.doHandshake(pair.serverSocket, makeRecord(ContentType.ApplicationData, Buffer.alloc(1000), 1, sequence));
      pair.server.doHandshake(pair.serverSocket, beginning('server', 1000, 5 + sequence));
    }
    expect(statusOf(pair.server)).toEqual(IN_PROGRESS);
    pair.settle();
    expect([pair.client.isConnectionEncrypted(), pair.server.isConnectionEncrypted()]).toEqual([true, true]);
  });
});

describe('setObeyUnauthenticatedAlerts()', () => {
  it.each([undefined, null, 1, 'true'])('refuses %p', (value) => {
    expect(() => callWith(new QDtls(SslMode.SslClientMode), 'setObeyUnauthenticatedAlerts', value)).toThrow('"obey"');
  });

  it('applies to the next start, not to a handshake that has begun', () => {
    const client = new QDtls(SslMode.SslClientMode);
    const { clientSocket: socket } = new Pair();
    client.setPeer(SERVER_ADDRESS, SERVER_PORT);
    client.setDtlsConfiguration(pskConfiguration());
    const alert = makeRecord(ContentType.Alert, Buffer.from([2, 40]), 0, 0);
    client.doHandshake(socket);
    client.setObeyUnauthenticatedAlerts(true);
    expect(client.doHandshake(socket, alert)).toBe(true);
    client.abortHandshake(socket);

    client.doHandshake(socket);
    client.setObeyUnauthenticatedAlerts(false);
    expect(client.doHandshake(socket, alert)).toBe(false);
    expect(statusOf(client)).toEqual(FATAL);
    expect(client.statistics().alertsReceived).toEqual({ 'handshake failure': 1 });
    expect(client.statistics().recordsDropped.unauthenticatedAlert).toBe(0);

    client.doHandshake(socket);
    expect(client.doHandshake(socket, alert)).toBe(true);
    client.abortHandshake(socket);
  });
});

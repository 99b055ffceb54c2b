import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { QDtls, QSslConfiguration, QSslPreSharedKeyAuthenticator } from '../../lib';
import { ContentType, makeRecord, recordsOf } from '../support/dtls-records';
import { makeMessage, messagesOf } from '../support/handshake-messages';
import { LivePair } from '../support/live-pair';
import { answerPsk, Pair, PSK, pskConfiguration } from '../support/pair';
import { answerAfter, settled, SlowKeys } from '../support/slow-keys';
import { statusOf } from '../support/stages';
import { NO_REPETITION } from '../support/timers';

type Side = 'client' | 'server';

const CLIENT_KEY_EXCHANGE = 16; // RFC 5246 section 7.4
const HANDSHAKE: number = ContentType.Handshake;
const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };
const other = { client: 'server', server: 'client' } as const;
const longIdentity = `${'i'.repeat(199)}!`;

function settingsOf(suite: string, hint = ''): QSslConfiguration {
  return pskConfiguration((own) => {
    own.setCiphers(suite);
    own.setPreSharedKeyIdentityHint(hint);
  });
}

/** Names itself by an identity that does not fit one small datagram with the rest. */
function answerAtLength(authenticator: QSslPreSharedKeyAuthenticator): void {
  authenticator.setIdentity(longIdentity);
  authenticator.setPreSharedKey(PSK);
}

/** Each record in a datagram of its own. */
function scattered(datagrams: readonly Buffer[]): Buffer[] {
  return datagrams
    .flatMap(recordsOf)
    .map(({ type, fragment, epoch, sequence }) => makeRecord(type, fragment, epoch, sequence));
}

/** All orders of up to four things; of more, each one first, each one last, and the reverse. */
function orders<T>(things: readonly T[]): T[][] {
  if (things.length <= 1) return [[...things]];
  if (things.length > 4) {
    const others = (index: number): T[] => things.filter((_, other) => other !== index);
    const extremes = things.flatMap((thing, index) => [
      [thing, ...others(index)],
      [...others(index), thing],
    ]);
    return [[...things].reverse(), ...extremes];
  }
  return things.flatMap((thing, index) =>
    orders([...things.slice(0, index), ...things.slice(index + 1)]).map((rest) => [thing, ...rest]),
  );
}

/** The orders that so many datagrams can come in, each with its name. */
function namedOrders(count: number): [name: string, order: number[]][] {
  return orders(Array.from({ length: count }, (_, index) => index)).map((order) => [order.join(' '), order]);
}

function inOrder(datagrams: readonly Buffer[], order: readonly number[]): Buffer[] {
  return order.flatMap((index) => datagrams.slice(index, index + 1));
}

/** Hands each of these to a side in its handshake. */
function feed(dtls: QDtls, socket: Pair['clientSocket'], datagrams: readonly Buffer[]): void {
  for (const datagram of datagrams) expect(dtls.doHandshake(socket, datagram)).toBe(true);
}

async function expectKeyThenCompletion(pair: Pair, keys: SlowKeys, answer = answerPsk): Promise<void> {
  expect(keys.asked).toHaveLength(1);
  keys.asked.forEach(answer);
  keys.resolve();
  await settled();
  pair.settle();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
  pair.settle();
  expect(pair.received.server).toEqual(['ping']);
}

describe.each(['client', 'server'] as const)('while the %s waits for its key', (side) => {
  function impatientPair(): { pair: LivePair; keys: SlowKeys } {
    const pair = new LivePair({ psk: false });
    const keys = new SlowKeys();
    pair[other[side]].on('pskRequired', answerPsk);
    pair[side].on('pskRequired', keys.listener);
    pair[other[side]].setRetransmissionTimeouts({ initial: 20, maximum: 40 });
    return { pair, keys };
  }

  it('flights that the peer repeats are absorbed: nothing is sent, nobody is asked again', async () => {
    const { pair, keys } = impatientPair();
    pair.start();
    await pair.until(() => keys.asked.length === 1);
    const before = pair[side].statistics();
    await pair.until(() => pair[side].statistics().datagramsReceived - before.datagramsReceived >= 5);
    await settled();

    const meanwhile = pair[side].statistics();
    expect(meanwhile.datagramsSent).toBe(before.datagramsSent);
    expect(meanwhile.retransmissions).toBe(0);
    expect(pair.timeouts[side]).toBe(0);
    expect(keys.asked).toHaveLength(1);
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });

    keys.answer();
    await pair.encrypted();
    expect(keys.asked).toHaveLength(1);
    // A last flight that comes again is answered, and nothing else is.
    const after = pair[side].statistics();
    const received = after.datagramsReceived - before.datagramsReceived;
    expect(after.datagramsSent - before.datagramsSent).toBeLessThanOrEqual(2 + 2 * received);
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
    await pair.until(() => pair.received.server.length === 1);
  });

  it('a flood is kept as far as the limit goes, and the handshake completes all the same', async () => {
    const { pair, keys } = impatientPair();
    pair[side].setHandshakeLimits({ maximumBytes: 32_768 });
    pair.start();
    await pair.until(() => keys.asked.length === 1);
    const socket = side === 'client' ? pair.clientSocket : pair.serverSocket;
    const junk = Buffer.alloc(1024, 0xaa);
    for (let count = 0; count < 1000; count += 1) expect(pair[side].doHandshake(socket, junk)).toBe(true);
    keys.answer();
    await pair.encrypted();
    // A quarter of the limit: what was not kept was never looked at.
    expect(pair[side].statistics().recordsDropped.unknownType + pair[side].statistics().recordsDropped.malformed).toBeLessThanOrEqual(8);
    expect(pair[side].statistics().datagramsReceived).toBeGreaterThan(1000);
  });

  it('time that passes is not held against the peer, however few repetitions are allowed', async () => {
    const pair = new LivePair({ psk: false });
    for (const dtls of [pair.client, pair.server]) dtls.setMtuHint(256);
    pair[other[side]].on('pskRequired', answerAtLength);
    pair[side].on('pskRequired', answerAfter(1100, answerAtLength));
    pair[side].setRetransmissionTimeouts({ initial: 1000, maximum: 1000 });
    pair[other[side]].setRetransmissionTimeouts(NO_REPETITION);
    pair[side].setHandshakeLimits({ maximumRetransmissions: 0 });
    pair.start();
    await pair.encrypted();
    expect(pair.timeouts).toEqual({ client: 0, server: 0 });
    expect(pair[side].statistics().retransmissions).toBe(0);
  });

  it('handleTimeout does nothing', async () => {
    const pair = new Pair({ psk: false });
    const keys = new SlowKeys();
    pair[other[side]].on('pskRequired', answerPsk);
    pair[side].on('pskRequired', keys.listener);
    pair[side].setRetransmissionTimeouts({ initial: 100, maximum: 100 });
    pair.run();
    const socket = side === 'client' ? pair.clientSocket : pair.serverSocket;
    for (let count = 0; count < 15; count += 1) {
      await delay(10);
      expect(pair[side].handleTimeout(socket)).toBe(true);
    }
    expect(socket.sent).toEqual([]);
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    await expectKeyThenCompletion(pair, keys);
  });
});

/** A client that has answered the server's flight, at an MTU of 256 and with 200 bytes of identity; and its flight. */
function fragmented(suite: string): { pair: Pair; keys: SlowKeys; flight: Buffer[] } {
  const settings = settingsOf(suite);
  const pair = new Pair({ client: settings, server: settings, psk: false });
  const keys = new SlowKeys();
  pair.client.setMtuHint(256);
  pair.client.setRetransmissionTimeouts({ initial: 100, maximum: 100 });
  pair.client.on('handshakeTimeout', () => {
    pair.client.handleTimeout(pair.clientSocket);
    pair.settle();
  });
  pair.client.on('pskRequired', answerAtLength);
  pair.server.on('pskRequired', keys.listener);
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
  return { pair, keys, flight: pair.clientSocket.takeAll() };
}

function exchangeFragments(flight: readonly Buffer[]): number {
  return messagesOf(...flight).filter(({ type }) => type === CLIENT_KEY_EXCHANGE).length;
}

// RSA-sized parameters make the key exchange of DHE-PSK longer than a datagram by itself.
describe.each([
  ['ECDHE-PSK-CHACHA20-POLY1305', 2],
  ['DHE-PSK-AES128-GCM-SHA256', 2],
])('a key exchange of %s in fragments', (suite, least) => {
  const first = fragmented(suite);
  first.pair.client.abortHandshake(first.pair.clientSocket);
  first.pair.server.abortHandshake(first.pair.serverSocket);

  it('is what these tests are about', () => {
    expect(exchangeFragments(first.flight)).toBeGreaterThanOrEqual(least);
  });

  const rows = namedOrders(scattered(first.flight).length);
  it.each(rows)('completes in the order %s, and shows the whole identity', async (_, order) => {
    const { pair, keys, flight } = fragmented(suite);
    feed(pair.server, pair.serverSocket, inOrder(scattered(flight), order));
    expect(keys.asked.map((authenticator) => authenticator.identity().toString())).toEqual([longIdentity]);
    keys.answer();
    await settled();
    await repeatUntilComplete(pair);
    expect(keys.asked).toHaveLength(1);
  });

  it('completes when every fragment comes twice, and twice again while the key is fetched', async () => {
    const { pair, keys, flight } = fragmented(suite);
    feed(pair.server, pair.serverSocket, [...flight, ...flight, ...flight]);
    expect(keys.asked.map((authenticator) => authenticator.identity().toString())).toEqual([longIdentity]);
    await expectKeyThenCompletion(pair, keys);
  });
});

/** OpenSSL drops a ChangeCipherSpec that comes before its time: then the flight has to come again. */
async function repeatUntilComplete(pair: Pair): Promise<void> {
  pair.settle();
  while (!pair.client.isConnectionEncrypted()) await once(pair.client, 'handshakeStateChanged');
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
}

describe('an identity on the wire', () => {
  /** A server that waits for a key exchange, and one that is made by hand. */
  function withIdentity(identity: Buffer, claimed = identity.length): { pair: Pair; keys: SlowKeys; datagram: Buffer } {
    const settings = settingsOf('PSK-AES128-GCM-SHA256');
    const pair = new Pair({ client: settings, server: settings, psk: false });
    const keys = new SlowKeys();
    pair.server.on('pskRequired', keys.listener);
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    pair.serverSocket.takeAll();
    const body = Buffer.concat([Buffer.alloc(2), identity]);
    body.writeUInt16BE(claimed);
    const datagram = makeRecord(HANDSHAKE, makeMessage(CLIENT_KEY_EXCHANGE, 2, body), 0, 9);
    return { pair, keys, datagram };
  }

  it.each([0, 1, 127, 128, 254, 255, 256])('of %i bytes is asked for as it is', async (length) => {
    const { pair, keys, datagram } = withIdentity(Buffer.alloc(length, 'i'));
    expect(pair.server.doHandshake(pair.serverSocket, datagram)).toBe(true);
    expect(keys.asked.map((authenticator) => authenticator.identity().toString())).toEqual(['i'.repeat(length)]);
    keys.answer();
    await settled();
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  });

  it.each([257, 300, 1000])('of %i bytes is refused, and nobody is asked', (length) => {
    const { pair, keys, datagram } = withIdentity(Buffer.alloc(length, 'i'));
    expect(pair.server.doHandshake(pair.serverSocket, datagram)).toBe(false);
    expect(keys.asked).toEqual([]);
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(pair.server.dtlsErrorString()).toContain('data length too long');
  });

  it.each([
    ['less than it is', 4, 1],
    ['more than it is', 6, 0],
    ['65535 bytes', 65_535, 0],
  ])('of five bytes that claims %s is refused', async (_name, claimed, asked) => {
    const { pair, keys, datagram } = withIdentity(Buffer.from('alice'), claimed);
    pair.server.doHandshake(pair.serverSocket, datagram);
    expect(keys.asked).toHaveLength(asked);
    keys.answer();
    await settled();
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(pair.server.dtlsErrorString()).toContain('length mismatch');
  });

  it('with a NUL in it is asked for up to there, as OpenSSL reads it', async () => {
    const { pair, keys, datagram } = withIdentity(Buffer.from('alice\0bob'));
    pair.server.doHandshake(pair.serverSocket, datagram);
    expect(keys.asked.map((authenticator) => authenticator.identity().toString())).toEqual(['alice']);
    keys.answer();
    await settled();
    expect(statusOf(pair.server).state).toBe('HandshakeInProgress');
  });
});

describe.each<[string, string, string]>([
  ['PSK-AES128-GCM-SHA256', 'without a hint', ''],
  ['PSK-AES128-GCM-SHA256', 'with a hint', 'the hint'],
  ['PSK-AES128-CCM8', 'with the longest hint', 'h'.repeat(256)],
  ['ECDHE-PSK-CHACHA20-POLY1305', 'without a hint', ''],
  ['ECDHE-PSK-CHACHA20-POLY1305', 'with a hint', 'the hint'],
  ['DHE-PSK-AES128-GCM-SHA256', 'without a hint', ''],
  ['DHE-PSK-AES128-GCM-SHA256', 'with a hint', 'the hint'],
])("a server's flight of %s %s on a client that waits", (suite, _name, hint) => {
  function beforeFlight(): { pair: Pair; keys: SlowKeys; flight: Buffer[] } {
    const pair = new Pair({ client: settingsOf(suite), server: settingsOf(suite, hint), psk: false });
    const keys = new SlowKeys();
    pair.client.on('pskRequired', keys.listener);
    pair.server.on('pskRequired', answerPsk);
    pair.server.setMtuHint(256);
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    return { pair, keys, flight: scattered(pair.serverSocket.takeAll()) };
  }

  const first = beforeFlight();
  first.pair.client.abortHandshake(first.pair.clientSocket);
  first.pair.server.abortHandshake(first.pair.serverSocket);

  it.each(namedOrders(first.flight.length))('completes in the order %s', async (_, order) => {
    const { pair, keys, flight } = beforeFlight();
    feed(pair.client, pair.clientSocket, inOrder(flight, order));
    expect(keys.asked.map((authenticator) => authenticator.identityHint().toString())).toEqual([hint]);
    await expectKeyThenCompletion(pair, keys);
  });

  it('completes when it comes backwards, and again while the key is fetched', async () => {
    const { pair, keys, flight } = beforeFlight();
    feed(pair.client, pair.clientSocket, [...flight].reverse());
    feed(pair.client, pair.clientSocket, [...flight, ...flight]);
    await expectKeyThenCompletion(pair, keys);
  });

  it('is not asked about before it is complete', () => {
    const { pair, keys, flight } = beforeFlight();
    feed(pair.client, pair.clientSocket, flight.slice(0, -1));
    expect(keys.asked).toEqual([]);
    expect(pair.clientSocket.sent).toEqual([]);
  });
});

it('every side of a lossy flight waits by itself', async () => {
  const pair = new LivePair({ psk: false });
  const asked: Side[] = [];
  for (const side of ['client', 'server'] as const) {
    pair[side].setRetransmissionTimeouts({ initial: 20, maximum: 40 });
    pair[side].on('pskRequired', () => asked.push(side));
    pair[side].on('pskRequired', answerAfter(100));
  }
  pair.start();
  await pair.encrypted();
  expect(asked).toEqual(['client', 'server']);
});

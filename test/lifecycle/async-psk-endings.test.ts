import { setTimeout as delay } from 'node:timers/promises';
import { HandshakeState, QDtls, SslMode } from '../../lib';
import { FaultySocket, throws } from '../support/faulty-socket';
import { LivePair } from '../support/live-pair';
import { answerPsk, CLIENT_ADDRESS, CLIENT_PORT, Pair, pskConfiguration, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { settled, SlowKeys } from '../support/slow-keys';
import { statusOf } from '../support/stages';
import { collected } from '../support/timers';

type Side = 'client' | 'server';

const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };
const FATAL = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };
const other = { client: 'server', server: 'client' } as const;

function socketOf(pair: Pair, side: Side): Pair['clientSocket'] {
  return side === 'client' ? pair.clientSocket : pair.serverSocket;
}

/** A pair, one side of which waits for its key. */
function waiting(side: Side, pair = new Pair({ psk: false })): { pair: Pair; keys: SlowKeys } {
  const keys = new SlowKeys();
  pair[other[side]].on('pskRequired', answerPsk);
  pair[side].on('pskRequired', keys.listener);
  pair.run();
  expect(keys.asked).toHaveLength(1);
  expect(statusOf(pair[side])).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  return { pair, keys };
}

/** Lets both sides start again, with a key that is there at once, and talk. */
function expectAnotherHandshake(pair: Pair): void {
  for (const side of ['client', 'server'] as const) {
    pair[side].removeAllListeners('pskRequired');
    pair[side].on('pskRequired', answerPsk);
    if (pair[side].handshakeState() !== HandshakeState.HandshakeNotStarted) pair[side].abortHandshake(socketOf(pair, side));
    socketOf(pair, side).takeAll();
  }
  pair.run();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'as new');
  pair.settle();
  expect(pair.received.server).toEqual(['as new']);
}

/** What happens to an association that nobody touches: events, and datagrams sent. */
function watched(pair: Pair, side: Side): unknown[] {
  const happened: unknown[] = [];
  const dtls = pair[side];
  dtls.on('handshakeStateChanged', (state) => happened.push(HandshakeState[state]));
  dtls.on('pskRequired', () => happened.push('pskRequired'));
  dtls.on('handshakeTimeout', () => happened.push('handshakeTimeout'));
  dtls.on('socketError', () => happened.push('socketError'));
  return happened;
}

const reasons: [string, unknown, RegExp][] = [
  ['an Error', new Error('the database is gone'), /could not be fetched: the database is gone/],
  ['a string', 'no such user', /could not be fetched: .*no such user/],
  ['null', null, /could not be fetched: .*null/],
  ['undefined', undefined, /could not be fetched: .*undefined/],
];

describe.each(['client', 'server'] as const)('a promise that is rejected on the %s', (side) => {
  it.each(reasons)('with %s fails the handshake and is named', async (_, reason, text) => {
    const { pair, keys } = waiting(side);
    const happened = watched(pair, side);
    keys.reject(reason);
    await settled();
    expect(statusOf(pair[side])).toEqual(FATAL);
    expect(pair[side].dtlsErrorString()).toMatch(text);
    expect(pair[side].dtlsErrorString()).not.toContain('socket');
    expect(happened).toEqual(['HandshakeNotStarted']);

    // The peer is told, without a signature.
    expect(socketOf(pair, side).sent).toHaveLength(1);
    pair.settle();
    const name = side === 'client' ? 'handshake failure' : 'unknown PSK identity';
    expect(pair[other[side]].statistics().alertsReceived).toEqual({ [name]: 1 });
    expect(statusOf(pair[other[side]]).state).toBe('HandshakeInProgress');
    expectAnotherHandshake(pair);
  });

  it('fails the handshake although a key was set', async () => {
    const { pair, keys } = waiting(side);
    keys.asked.forEach(answerPsk);
    keys.reject(new Error('revoked'));
    await settled();
    expect(statusOf(pair[side])).toEqual(FATAL);
    expect(pair[side].dtlsErrorString()).toContain('revoked');
  });

  it('fails that handshake only', async () => {
    const pairs = Array.from({ length: 10 }, () => waiting(side));
    for (const [index, { keys }] of pairs.entries()) {
      if (index % 2 === 0) keys.reject(new Error('this one'));
      else keys.answer();
    }
    await settled();
    for (const [index, { pair }] of pairs.entries()) {
      pair.settle();
      expect(statusOf(pair[side])).toEqual(index % 2 === 0 ? FATAL : COMPLETE);
    }
  });

  it('fails the handshake at once, whatever other promises do then', async () => {
    const unhandled: unknown[] = [];
    const listener = (reason: unknown): unknown => unhandled.push(reason);
    process.on('unhandledRejection', listener);
    const pair = new Pair({ psk: false });
    const late = [new SlowKeys(), new SlowKeys()];
    for (const keys of late) pair[side].on('pskRequired', keys.listener);
    const { keys } = waiting(side, pair);
    keys.reject(new Error('the first'));
    await settled();
    expect(pair[side].dtlsErrorString()).toContain('the first');
    late[0]?.answer();
    late[1]?.reject(new Error('the second'));
    await settled();
    process.off('unhandledRejection', listener);
    expect(unhandled).toEqual([]);
    expect(pair[side].dtlsErrorString()).toContain('the first');
    expectAnotherHandshake(pair);
  });

  it('is no unhandled rejection when a listener throws and nobody waits', async () => {
    const pair = new Pair({ psk: false });
    pair[other[side]].on('pskRequired', answerPsk);
    pair[side].on('pskRequired', (authenticator) => {
      authenticator.waitUntil(Promise.reject(new Error('nobody waits')));
      throw new Error('by a listener');
    });
    expect(() => pair.run()).toThrow('by a listener');
    await settled(); // jest fails the test for an unhandled rejection
    expect(statusOf(pair[side])).toEqual(FATAL);
    expect(pair[side].dtlsErrorString()).not.toContain('nobody waits');
  });

  it('is not the reason of the next failure', async () => {
    const { pair, keys } = waiting(side);
    pair[side].abortHandshake(socketOf(pair, side));
    keys.reject(new Error('too late'));
    await settled();
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeNotStarted', error: 'NoError' });
    pair[other[side]].abortHandshake(socketOf(pair, other[side]));
    pair.clientSocket.takeAll();
    pair.serverSocket.takeAll();
    pair[side].removeAllListeners('pskRequired');
    pair.run();
    expect(statusOf(pair[side])).toEqual(FATAL);
    expect(pair[side].dtlsErrorString()).toContain('psk identity not found');
  });
});

const endings: [string, (keys: SlowKeys) => void][] = [
  ['resolves', (keys) => keys.answer()],
  ['is rejected', (keys) => keys.reject(new Error('too late'))],
];

describe.each(['client', 'server'] as const)('a %s that waits for its key', (side) => {
  it.each(endings)('can be aborted; a promise that %s afterwards changes nothing', async (_, end) => {
    const { pair, keys } = waiting(side);
    const dtls = pair[side];
    const happened = watched(pair, side);
    expect(dtls.abortHandshake(socketOf(pair, side))).toBe(true);
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'NoError' });
    end(keys);
    await settled();
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'NoError' });
    expect(happened).toEqual(['HandshakeNotStarted']);
    expect(socketOf(pair, side).sent).toEqual([]);
    expectAnotherHandshake(pair);
  });

  it.each(endings)('can start again; the old promise that %s then does not disturb it', async (_, end) => {
    const { pair, keys } = waiting(side);
    pair[side].abortHandshake(socketOf(pair, side));
    if (pair[other[side]].handshakeState() !== HandshakeState.HandshakeNotStarted) {
      pair[other[side]].abortHandshake(socketOf(pair, other[side]));
    }
    const again = waitingAgain(pair, side);
    end(keys);
    await settled();
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    expect(socketOf(pair, side).sent).toEqual([]);
    again.answer();
    await settled();
    pair.settle();
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  it.each(endings)('fails by its deadline; a promise that %s afterwards changes nothing', async (_, end) => {
    const pair = new Pair({ psk: false });
    pair[side].setHandshakeDeadline(60);
    const { keys } = waiting(side, pair);
    const dtls = pair[side];
    const happened = watched(pair, side);
    await delay(80);
    expect(statusOf(dtls)).toEqual(FATAL);
    expect(dtls.dtlsErrorString()).toContain('60 ms');
    end(keys);
    await settled();
    expect(statusOf(dtls)).toEqual(FATAL);
    expect(dtls.dtlsErrorString()).toContain('60 ms');
    expect(happened).toEqual(['HandshakeNotStarted']);
    expect(socketOf(pair, side).sent).toEqual([]);
    expectAnotherHandshake(pair);
  });

  it('holds no timer but the deadline', () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    try {
      const { pair } = waiting(side);
      pair[other[side]].abortHandshake(socketOf(pair, other[side]));
      const happened = watched(pair, side);
      expect(jest.getTimerCount()).toBe(1);
      jest.advanceTimersByTime(59_000);
      expect(happened).toEqual([]);
      pair[side].abortHandshake(socketOf(pair, side));
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('refuses what needs an encrypted association, and goes on', async () => {
    const { pair, keys } = waiting(side);
    const dtls = pair[side];
    const socket = socketOf(pair, side);
    expect(dtls.writeDatagramEncrypted(socket, 'early')).toBe(-1);
    expect(dtls.shutdown(socket)).toBe(false);
    expect(dtls.decryptDatagram(socket, 'early')).toHaveLength(0);
    expect(dtls.setPeer('192.0.2.1', 1)).toBe(false);
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeInProgress', error: 'InvalidOperation' });
    keys.answer();
    await settled();
    pair.settle();
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  it('tells listeners in order when the key is there', async () => {
    const { pair, keys } = waiting(side);
    const happened = watched(pair, side);
    keys.answer();
    await settled();
    pair.settle();
    expect(happened).toEqual(['HandshakeComplete']);
  });

  it('survives a socket that fails when the key is there', async () => {
    class FaultyPair extends Pair {
      override readonly clientSocket = new FaultySocket();
      override readonly serverSocket = new FaultySocket();
    }
    const pair = new FaultyPair({ psk: false });
    pair[side].setRetransmissionTimeouts({ initial: 30, maximum: 60 });
    const { keys } = waiting(side, pair);
    const happened = watched(pair, side);
    const socket = pair[side === 'client' ? 'clientSocket' : 'serverSocket'];
    socket.fault = throws(new Error('the socket was closed'));
    keys.answer();
    await settled();
    expect(happened).toContain('socketError');
    expect(statusOf(pair[side]).error).toBe('UnderlyingSocketError');
    expect(pair[side].dtlsErrorString()).toContain('the socket was closed');
    expect(pair[side].handshakeState()).not.toBe(HandshakeState.HandshakeNotStarted);
  });

  it('fails with a wrong key as it would at once: by the deadline', async () => {
    const pair = new Pair({ psk: false });
    pair[side].setHandshakeDeadline(80);
    const { keys } = waiting(side, pair);
    keys.asked.forEach((authenticator) => {
      answerPsk(authenticator);
      authenticator.setPreSharedKey('another key');
    });
    keys.resolve();
    await settled();
    pair.settle();
    expect([pair.client, pair.server].map((dtls) => dtls.isConnectionEncrypted())).toEqual([false, false]);
    await delay(100);
    expect(statusOf(pair[side])).toEqual(FATAL);
  });
});

/** The same side waits again, with another promise. */
function waitingAgain(pair: Pair, side: Side): SlowKeys {
  pair[side].removeAllListeners('pskRequired');
  const keys = new SlowKeys();
  pair[side].on('pskRequired', keys.listener);
  pair.clientSocket.takeAll();
  pair.serverSocket.takeAll();
  pair.run();
  expect(keys.asked).toHaveLength(1);
  return keys;
}

describe('an association that nobody holds while it waits', () => {
  /** A server that is reachable through its promise alone, and what it sends. */
  function drop(keys: SlowKeys): { pair: Pair; reference: WeakRef<QDtls>; states: HandshakeState[] } {
    const pair = new Pair({ psk: false, client: pskConfiguration() });
    pair.client.on('pskRequired', answerPsk);
    const states: HandshakeState[] = [];
    const server = new QDtls(SslMode.SslServerMode);
    server.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
    server.setDtlsConfiguration(pskConfiguration());
    server.on('handshakeStateChanged', (state) => states.push(state));
    server.on('pskRequired', keys.listener);
    pair.client.setPeer(SERVER_ADDRESS, SERVER_PORT);
    pair.start();
    server.doHandshake(pair.serverSocket, pair.clientSocket.take());
    for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
    for (const datagram of pair.clientSocket.takeAll()) server.doHandshake(pair.serverSocket, datagram);
    return { pair, reference: new WeakRef(server), states };
  }

  it('goes on when the key is there, and is collected afterwards', async () => {
    const keys = new SlowKeys();
    const { pair, reference, states } = drop(keys);
    expect(keys.asked).toHaveLength(1);
    keys.answer();
    await settled();
    for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
    expect(statusOf(pair.client)).toEqual(COMPLETE);
    expect(states).toEqual([HandshakeState.HandshakeInProgress, HandshakeState.HandshakeComplete]);
    await collected([reference]);
  });

  it('is collected when it was aborted and its promise is forgotten without having settled', async () => {
    const keys = new SlowKeys();
    const { reference, states } = drop(keys);
    reference.deref()?.abortHandshake({ send: () => undefined });
    expect(states).toEqual([HandshakeState.HandshakeInProgress, HandshakeState.HandshakeNotStarted]);
    keys.forget();
    await collected([reference]);
  });
});

it('a listener that ends the association when it is complete may do so', async () => {
  const pair = new LivePair({ psk: false });
  const keys = new SlowKeys();
  pair.client.on('pskRequired', answerPsk);
  pair.server.on('pskRequired', keys.listener);
  pair.server.on('handshakeStateChanged', (state) => {
    if (state === HandshakeState.HandshakeComplete) pair.server.shutdown(pair.serverSocket);
  });
  pair.start();
  await pair.until(() => keys.asked.length === 1);
  keys.answer();
  await pair.over('client');
  await pair.until(() => pair.client.handshakeState() === HandshakeState.HandshakeNotStarted);
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' });
  expect(pair.thrown).toEqual([]);
});

import {
  HandshakeState,
  QCryptographicHash,
  QDtls,
  QDtlsClientVerifier,
  QDtlsError,
  QSslConfiguration,
  SslMode,
  type QSslPreSharedKeyAuthenticator,
} from '../../lib';
import {
  answerPsk,
  CLIENT_ADDRESS,
  CLIENT_PORT,
  Pair,
  pskConfiguration,
  SERVER_ADDRESS,
  SERVER_PORT,
} from '../support/pair';
import { statusOf } from '../support/stages';

/** Runs a handshake and calls this where one side asks for the key, with that side and its socket. */
function insidePskRequired(
  side: 'client' | 'server',
  action: (dtls: QDtls, pair: Pair, authenticator: QSslPreSharedKeyAuthenticator) => void,
): Pair {
  const pair = new Pair();
  const dtls = pair[side];
  dtls.on('pskRequired', (authenticator) => action(dtls, pair, authenticator));
  return pair.run();
}

const socketOf = (dtls: QDtls, pair: Pair): Pair['clientSocket'] =>
  dtls === pair.client ? pair.clientSocket : pair.serverSocket;
const junk = Buffer.from('junk');

type Call = (dtls: QDtls, pair: Pair) => unknown;

const refused: [string, Call, unknown][] = [
  ['resumeHandshake', (dtls, pair) => dtls.resumeHandshake(socketOf(dtls, pair)), false],
  ['shutdown', (dtls, pair) => dtls.shutdown(socketOf(dtls, pair)), false],
  ['writeDatagramEncrypted', (dtls, pair) => dtls.writeDatagramEncrypted(socketOf(dtls, pair), 'early'), -1],
  ['decryptDatagram', (dtls, pair) => dtls.decryptDatagram(socketOf(dtls, pair), junk), Buffer.alloc(0)],
  ['setPeer', (dtls) => dtls.setPeer('192.0.2.1', 1), false],
  ['setPeerVerificationName', (dtls) => dtls.setPeerVerificationName('other'), false],
  ['setDtlsConfiguration', (dtls) => dtls.setDtlsConfiguration(new QSslConfiguration()), false],
  ['setCookieGeneratorParameters', (dtls) => dtls.setCookieGeneratorParameters({ hash: QCryptographicHash.Sha256, secret: 's' }), false],
];

const allowed: [string, Call][] = [
  ['doHandshake with junk', (dtls, pair) => dtls.doHandshake(socketOf(dtls, pair), junk)],
  ['handleTimeout before its time', (dtls, pair) => dtls.handleTimeout(socketOf(dtls, pair))],
];

/** Both sides are encrypted, and a message arrives. */
function expectConversation(pair: Pair): void {
  expect([statusOf(pair.client).state, statusOf(pair.server).state]).toEqual(Array(2).fill('HandshakeComplete'));
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'works');
  pair.settle();
  expect(pair.received.server).toEqual(['works']);
}

/** Brings a pair to the datagram that makes this side ask; returns what doHandshake does with it. */
function untilAsked(pair: Pair, side: 'client' | 'server'): () => boolean {
  pair.start();
  if (side === 'client') {
    pair.deliverToServer(pair.clientSocket.take());
    const flight = pair.serverSocket.takeAll();
    flight.slice(0, -1).forEach((datagram) => pair.deliverToClient(datagram));
    return () => pair.client.doHandshake(pair.clientSocket, flight.at(-1) ?? junk);
  }
  while (pair.client.statistics().datagramsSent < 3) pair.step();
  return () => pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take());
}

describe.each(['client', 'server'] as const)('inside pskRequired of a %s', (side) => {
  it.each(refused)('%s is refused with InvalidOperation and changes nothing', (_, call, failure) => {
    const inside: unknown[] = [];
    const pair = insidePskRequired(side, (dtls, both) => {
      inside.push(call(dtls, both), dtls.dtlsError(), dtls.handshakeState());
    });
    expect(inside).toEqual([failure, QDtlsError.InvalidOperation, HandshakeState.HandshakeInProgress]);
    expectConversation(pair);
  });

  it.each(allowed)('%s sends nothing and changes nothing', (_, call) => {
    const inside: unknown[] = [];
    const pair = insidePskRequired(side, (dtls, both) => {
      inside.push(call(dtls, both), dtls.dtlsError(), dtls.handshakeState(), socketOf(dtls, both).sent.length);
    });
    expect(inside).toEqual([true, QDtlsError.NoError, HandshakeState.HandshakeInProgress, 0]);
    expectConversation(pair);
  });

  it('doHandshake keeps the rest of the flight, and reads it when the key is there', () => {
    const settings = pskConfiguration((own) => own.setCiphers('DHE-PSK-AES128-GCM-SHA256'));
    const pair = new Pair({ client: settings, server: settings });
    for (const dtls of [pair.client, pair.server]) dtls.setMtuHint(256);
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    const dtls = pair[side];
    const socket = socketOf(dtls, pair);
    if (side === 'server') while (pair.serverSocket.sent.length > 0) pair.deliverToClient(pair.serverSocket.take());
    const flight = (side === 'client' ? pair.serverSocket : pair.clientSocket).takeAll();
    // A client asks as soon as it knows hint and end of the flight: the end comes first here.
    if (side === 'client') flight.unshift(...flight.splice(-1));

    const inside: unknown[] = [];
    dtls.on('pskRequired', () => {
      const rest = flight.splice(0);
      expect(rest.length).toBeGreaterThan(0);
      for (const datagram of [...rest, ...rest]) inside.push([dtls.doHandshake(socket, datagram), statusOf(dtls)]);
      expect(socket.sent).toEqual([]);
    });
    for (let datagram = flight.shift(); datagram !== undefined; datagram = flight.shift()) {
      expect(dtls.doHandshake(socket, datagram)).toBe(true);
    }
    for (const each of inside) expect(each).toEqual([true, { state: 'HandshakeInProgress', error: 'NoError' }]);
    pair.settle();
    expectConversation(pair);
    expect(dtls.statistics().recordsDropped).toMatchObject({ malformed: 0, overLimit: 0, futureEpoch: 0 });
  });

  it('abortHandshake ends it: nothing is sent, and doHandshake says that it was ended', () => {
    const pair = new Pair();
    const dtls = pair[side];
    const states: HandshakeState[] = [];
    const inside: unknown[] = [];
    const ask = untilAsked(pair, side);
    dtls.on('handshakeStateChanged', (state) => states.push(state));
    dtls.once('pskRequired', () => {
      inside.push(dtls.abortHandshake(socketOf(dtls, pair)), statusOf(dtls));
    });
    expect(ask()).toBe(false);
    expect(inside).toEqual([true, { state: 'HandshakeNotStarted', error: 'NoError' }]);
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'InvalidOperation' });
    expect(dtls.dtlsErrorString()).toContain('ended');
    expect(states).toEqual([HandshakeState.HandshakeNotStarted]);
    expect(socketOf(dtls, pair).sent).toEqual([]);

    // Nobody told the other side. Both can start again.
    const other = pair[side === 'client' ? 'server' : 'client'];
    expect(other.abortHandshake(socketOf(other, pair))).toBe(true);
    pair.clientSocket.takeAll();
    pair.run();
    expectConversation(pair);
  });

  it('another handshake can be started, and the answer to the old question does not disturb it', () => {
    const pair = new Pair();
    const dtls = pair[side];
    const socket = socketOf(dtls, pair);
    const ask = untilAsked(pair, side);
    const fresh = new Pair();
    fresh.start();
    const start = side === 'client' ? [] : [fresh.clientSocket.take()];
    dtls.prependOnceListener('pskRequired', () => {
      dtls.abortHandshake(socket);
      expect(dtls.doHandshake(socket, ...start)).toBe(true);
    });
    expect(ask()).toBe(false);
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeInProgress', error: 'InvalidOperation' });

    // The new handshake goes on with whoever is at the other end of it.
    if (side === 'client') {
      pair.server.abortHandshake(pair.serverSocket);
      pair.verifier.verifyClient(pair.serverSocket, socket.take(), CLIENT_ADDRESS, CLIENT_PORT);
      pair.deliverToClient(pair.serverSocket.take());
      pair.settle();
      expectConversation(pair);
    } else {
      for (const datagram of socket.takeAll()) fresh.client.doHandshake(fresh.clientSocket, datagram);
      for (const datagram of fresh.clientSocket.takeAll()) dtls.doHandshake(socket, datagram);
      expect(statusOf(dtls)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
    }
  });

  it('a refused call leaves no error behind when doHandshake itself succeeds', () => {
    const pair = new Pair();
    pair.start();
    pair[side].on('pskRequired', () => pair[side].shutdown(pair.clientSocket));
    const outcomes: unknown[] = [];
    for (let i = 0; i < 20; i += 1) {
      pair.step();
      outcomes.push(pair[side].dtlsError());
    }
    expect(new Set(outcomes)).toEqual(new Set([QDtlsError.NoError]));
  });

  it('getters tell the truth', () => {
    const seen: unknown[] = [];
    insidePskRequired(side, (dtls) => {
      seen.push(dtls.isConnectionEncrypted(), dtls.maxPayload(), dtls.hasPendingDatagrams(), dtls.sessionCipher().isNull());
      seen.push(dtls.peerVerificationErrors(), dtls.dtlsConfiguration().peerCertificateChain());
      seen.push(dtls.statistics().datagramsReceived > 0);
    });
    expect(seen).toEqual([false, 0, false, true, [], [], true]);
  });

  it('settings that are allowed at any time are taken', () => {
    const pair = insidePskRequired(side, (dtls) => {
      dtls.setMtuHint(1400);
      dtls.ignoreVerificationErrors([]);
      dtls.setHandshakeDeadline(1000);
      dtls.setRetransmissionTimeouts({ initial: 100, maximum: 200 });
      dtls.setHandshakeLimits({ maximumBytes: 32_768, maximumRetransmissions: 1 });
      dtls.setObeyUnauthenticatedAlerts(true);
    });
    expect(pair[side].mtuHint()).toBe(1400);
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  });

  it('other associations and a verifier can be used', () => {
    let inner: Pair | undefined;
    const pair = insidePskRequired(side, () => {
      inner ??= new Pair().run();
      inner.client.writeDatagramEncrypted(inner.clientSocket, 'from within');
      inner.settle();
      const client = new QDtls(SslMode.SslClientMode);
      client.setPeer(SERVER_ADDRESS, SERVER_PORT);
      client.doHandshake(inner.clientSocket);
      const verifier = new QDtlsClientVerifier();
      verifier.verifyClient(inner.serverSocket, inner.clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
      expect(inner.serverSocket.sent).toHaveLength(1);
    });
    expect(inner?.received.server).toEqual(['from within']);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  });

  it('the datagram that is being read may be overwritten', () => {
    const pair = new Pair();
    let current: Buffer = Buffer.alloc(0);
    pair[side].on('pskRequired', () => current.fill(0xff));
    const [deliverClient, deliverServer] = [pair.deliverToClient.bind(pair), pair.deliverToServer.bind(pair)];
    pair.deliverToClient = (datagram) => deliverClient((current = datagram));
    pair.deliverToServer = (datagram) => deliverServer((current = datagram));
    pair.run();
    expect(statusOf(pair.client).state).toBe('HandshakeComplete');
    expect(statusOf(pair.server).state).toBe('HandshakeComplete');
  });

  it('a second listener finds what the first one set, and the last word counts', () => {
    const pair = new Pair({ psk: false });
    const other = side === 'client' ? 'server' : 'client';
    pair[other].on('pskRequired', answerPsk);
    pair[side].on('pskRequired', (authenticator) => authenticator.setPreSharedKey('wrong'));
    pair[side].on('pskRequired', (authenticator) => {
      expect(authenticator.preSharedKey().toString()).toBe('wrong');
      answerPsk(authenticator);
    });
    pair.run();
    expect(statusOf(pair[side]).state).toBe('HandshakeComplete');
  });
});

describe('an authenticator that is kept', () => {
  it('changes nothing when it is used later', () => {
    const kept: QSslPreSharedKeyAuthenticator[] = [];
    const pair = insidePskRequired('client', (_, __, authenticator) => void kept.push(authenticator));
    expect(() => kept[0]?.setPreSharedKey('too late')).not.toThrow();
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'still the first key');
    pair.settle();
    expect(pair.received.server).toEqual(['still the first key']);
  });
});

describe.each(['client', 'server'] as const)('the key that a listener of the %s has set', (side) => {
  it('is gone once the association was ended while it was asked for', () => {
    let kept: QSslPreSharedKeyAuthenticator | undefined;
    insidePskRequired(side, (dtls, pair, authenticator) => {
      kept = authenticator;
      expect(authenticator.preSharedKey()).not.toHaveLength(0);
      dtls.abortHandshake(socketOf(dtls, pair));
    });
    expect(kept?.preSharedKey()).toHaveLength(0);
  });

  it('is gone after the handshake, whatever the listener did to its setter', () => {
    let kept: QSslPreSharedKeyAuthenticator | undefined;
    const pair = insidePskRequired(side, (_dtls, _pair, authenticator) => {
      kept = authenticator;
      authenticator.setPreSharedKey = () => {
        throw new Error('never called');
      };
    });
    expectConversation(pair);
    expect(kept?.preSharedKey()).toHaveLength(0);
  });
});

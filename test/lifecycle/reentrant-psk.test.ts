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
import { answerPsk, CLIENT_ADDRESS, CLIENT_PORT, Pair, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
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

const refused: [string, (dtls: QDtls, pair: Pair) => unknown, unknown][] = [
  ['doHandshake', (dtls, pair) => dtls.doHandshake(socketOf(dtls, pair), junk), false],
  ['handleTimeout', (dtls, pair) => dtls.handleTimeout(socketOf(dtls, pair)), false],
  ['abortHandshake', (dtls, pair) => dtls.abortHandshake(socketOf(dtls, pair)), false],
  ['resumeHandshake', (dtls, pair) => dtls.resumeHandshake(socketOf(dtls, pair)), false],
  ['shutdown', (dtls, pair) => dtls.shutdown(socketOf(dtls, pair)), false],
  ['writeDatagramEncrypted', (dtls, pair) => dtls.writeDatagramEncrypted(socketOf(dtls, pair), 'early'), -1],
  ['decryptDatagram', (dtls, pair) => dtls.decryptDatagram(socketOf(dtls, pair), junk), Buffer.alloc(0)],
  ['setPeer', (dtls) => dtls.setPeer('192.0.2.1', 1), false],
  ['setPeerVerificationName', (dtls) => dtls.setPeerVerificationName('other'), false],
  ['setDtlsConfiguration', (dtls) => dtls.setDtlsConfiguration(new QSslConfiguration()), false],
  ['setCookieGeneratorParameters', (dtls) => dtls.setCookieGeneratorParameters({ hash: QCryptographicHash.Sha256, secret: 's' }), false],
];

describe.each(['client', 'server'] as const)('inside pskRequired of a %s', (side) => {
  it.each(refused)('%s is refused with InvalidOperation and changes nothing', (_, call, failure) => {
    const inside: unknown[] = [];
    const pair = insidePskRequired(side, (dtls, both) => {
      inside.push(call(dtls, both), dtls.dtlsError(), dtls.handshakeState());
    });
    expect(inside).toEqual([failure, QDtlsError.InvalidOperation, HandshakeState.HandshakeInProgress]);
    expect([statusOf(pair.client).state, statusOf(pair.server).state]).toEqual(Array(2).fill('HandshakeComplete'));
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'works');
    pair.settle();
    expect(pair.received.server).toEqual(['works']);
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
    });
    expect(seen).toEqual([false, 0, false, true, [], []]);
  });

  it('settings that are allowed at any time are taken', () => {
    const pair = insidePskRequired(side, (dtls) => {
      dtls.setMtuHint(1400);
      dtls.ignoreVerificationErrors([]);
      dtls.setHandshakeDeadline(1000);
      dtls.setRetransmissionTimeouts({ initial: 100, maximum: 200 });
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

import { HandshakeState, QSslError, SslError, SslProtocol, type QDtls } from '../../lib';
import { ContentType, onlyRecordOf } from '../support/dtls-records';
import type { MemorySocket } from '../support/memory-socket';
import { configuration, type Pair } from '../support/pair';
import { certificatePair, disbelieved, errorNames, verdictOf } from '../support/peer-checks';
import { certificateOf, selfSigned, showing, statusOf } from '../support/stages';

// A client with the default configuration and no name meets a self-signed server that it does not trust.

const { HostNameMismatch, SelfSignedCertificate, CertificateExpired } = SslError;
const certificate = selfSigned();
const leaf = certificateOf(certificate);
const another = certificateOf(selfSigned());
const bothErrors = [new QSslError(HostNameMismatch, leaf), new QSslError(SelfSignedCertificate, leaf)];
const failed = disbelieved('HostNameMismatch', 'SelfSignedCertificate');

function untrusted(change: (client: QDtls) => void = () => undefined): Pair {
  const pair = certificatePair({ client: configuration(), server: showing(certificate) });
  change(pair.client);
  return pair.run();
}

function expectDataBothWays(pair: Pair): void {
  expect(pair.client.writeDatagramEncrypted(pair.clientSocket, 'question')).toBe(8);
  expect(pair.server.writeDatagramEncrypted(pair.serverSocket, 'answer')).toBe(6);
  pair.settle();
  expect(pair.received).toEqual({ client: ['answer'], server: ['question'] });
}

function sentBy(socket: MemorySocket): Buffer {
  expect(socket.sent).toHaveLength(1);
  return socket.take();
}

it('54. an untrusted self-signed server fails verification, and is itself complete', () => {
  const pair = certificatePair({ client: configuration(), server: showing(certificate) });
  const doHandshake = jest.spyOn(pair.client, 'doHandshake');
  const states: HandshakeState[] = [];
  pair.client.on('handshakeStateChanged', (state) => states.push(state));
  pair.run();

  expect(doHandshake).toHaveLastReturnedWith(false);
  expect(statusOf(pair.client)).toEqual({ state: 'PeerVerificationFailed', error: 'PeerVerificationError' });
  expect(pair.client.dtlsErrorString()).not.toBe('');
  expect(pair.client.isConnectionEncrypted()).toBe(false);
  expect(verdictOf(pair.client)).toEqual(failed);
  for (const [index, error] of pair.client.peerVerificationErrors().entries()) {
    expect(error.equals(bothErrors[index] ?? new QSslError())).toBe(true);
  }
  const seen = pair.client.dtlsConfiguration();
  expect(seen.peerCertificate().equals(leaf)).toBe(true);
  expect(seen.peerCertificateChain()).toHaveLength(1);
  expect(pair.client.sessionCipher().isNull()).toBe(false);
  expect(pair.client.sessionProtocol()).toBe(SslProtocol.DtlsV1_2);
  expect(states).toEqual([HandshakeState.HandshakeInProgress, HandshakeState.PeerVerificationFailed]);
  expect(statusOf(pair.server)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
});

it('55. abortHandshake refuses such a server: it needs a socket, forgets everything and says goodbye', () => {
  const pair = untrusted();
  expect(pair.client.abortHandshake(null)).toBe(false);
  expect(statusOf(pair.client)).toEqual({ state: 'PeerVerificationFailed', error: 'InvalidInputParameters' });

  expect(pair.client.abortHandshake(pair.clientSocket)).toBe(true);
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'NoError' });
  expect(pair.client.sessionCipher().isNull()).toBe(true);
  expect(pair.client.sessionProtocol()).toBe(SslProtocol.UnknownProtocol);
  expect(pair.client.peerVerificationErrors()).toEqual([]);
  expect(pair.client.dtlsConfiguration().peerCertificate().isNull()).toBe(true);
  expect(pair.client.dtlsConfiguration().peerCertificateChain()).toEqual([]);

  // Ours: the server, which believes to be connected, is told.
  const goodbye = sentBy(pair.clientSocket);
  expect(onlyRecordOf(goodbye)).toMatchObject({ type: ContentType.Alert, epoch: 1 });
  pair.deliverToServer(goodbye);
  const closed = { state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' };
  expect(statusOf(pair.server)).toEqual(closed);
});

it('56. resumeHandshake refuses to go on while nothing is ignored', () => {
  const { client, clientSocket } = untrusted();
  expect(client.resumeHandshake(clientSocket)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'PeerVerificationFailed', error: 'NoError' });
  expect(client.dtlsErrorString()).toBe('');
  expect(verdictOf(client)).toEqual(failed);
  expect(clientSocket.sent).toEqual([]);
});

it.each([
  ['one of two errors', [new QSslError(HostNameMismatch, leaf)]],
  ['the other one', [new QSslError(SelfSignedCertificate, leaf)]],
  ['the errors of no certificate', [new QSslError(HostNameMismatch), new QSslError(SelfSignedCertificate)]],
  ['the errors of another certificate', bothErrors.map((error) => new QSslError(error.error(), another))],
  ['other errors of this certificate', [new QSslError(CertificateExpired, leaf)]],
  ['nothing any more', []],
])('57. resumeHandshake refuses to go on ignoring %s', (_name, ignored) => {
  const { client, clientSocket } = untrusted();
  client.ignoreVerificationErrors(bothErrors);
  client.ignoreVerificationErrors(ignored);
  expect(client.resumeHandshake(clientSocket)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'PeerVerificationFailed', error: 'NoError' });
  expect(verdictOf(client)).toEqual(failed);
});

it('58. resumeHandshake needs a socket, and goes on ignoring all errors', () => {
  const pair = untrusted();
  const { client, clientSocket } = pair;
  client.ignoreVerificationErrors(client.peerVerificationErrors());
  expect(client.resumeHandshake(null)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'PeerVerificationFailed', error: 'InvalidInputParameters' });

  expect(client.resumeHandshake(clientSocket)).toBe(true);
  expect(statusOf(client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  expect(client.isConnectionEncrypted()).toBe(true);
  expect(client.peerVerificationErrors()).toEqual([]);
  expect(clientSocket.sent).toEqual([]);
  expectDataBothWays(pair);
});

it('59. errors that were all ignored before do not stop the handshake, and are listed', () => {
  const pair = untrusted((client) => client.ignoreVerificationErrors(bothErrors));
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  expect(errorNames(pair.client.peerVerificationErrors())).toEqual(failed.errors);
  expectDataBothWays(pair);
});

it('59. one error that was not ignored before stops the handshake', () => {
  const { client } = untrusted((dtls) => dtls.ignoreVerificationErrors(bothErrors.slice(0, 1)));
  expect(verdictOf(client)).toEqual(failed);
});

it('60. more errors may be ignored before than there are', () => {
  const others = [new QSslError(CertificateExpired, leaf), new QSslError(SslError.NoPeerCertificate)];
  const more = [...others, ...bothErrors];
  const pair = untrusted((client) => client.ignoreVerificationErrors(more));
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  expectDataBothWays(pair);
});

it('61. in PeerVerificationFailed nothing can be written, decrypted or shut down', () => {
  const pair = untrusted();
  const { client, clientSocket, server, serverSocket } = pair;
  const invalid = { state: 'PeerVerificationFailed', error: 'InvalidOperation' };
  server.writeDatagramEncrypted(serverSocket, 'answer');

  expect(client.writeDatagramEncrypted(clientSocket, 'question')).toBe(-1);
  expect(statusOf(client)).toEqual(invalid);
  client.resumeHandshake(clientSocket); // empties the error slot
  expect(client.shutdown(clientSocket)).toBe(false);
  expect(statusOf(client)).toEqual(invalid);
  client.resumeHandshake(clientSocket);
  expect(client.decryptDatagram(clientSocket, serverSocket.take())).toHaveLength(0);
  expect(statusOf(client)).toEqual(invalid);
  expect(clientSocket.sent).toEqual([]);
});

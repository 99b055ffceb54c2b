import { QSslError, SslError, SslProtocol, type QDtls } from '../../lib';
import { ContentType, onlyRecordOf } from '../support/dtls-records';
import type { MemorySocket } from '../support/memory-socket';
import { configuration, Pair, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { certificatePair, disbelieved, verdictOf } from '../support/peer-checks';
import { certificateOf, selfSigned, SERVER_NAME, showing, stages, statusOf } from '../support/stages';
import { collected, timersHaveRun } from '../support/timers';

const roles = ['client', 'server'] as const;
const idle = { state: 'HandshakeNotStarted', error: 'NoError' };
const complete = { state: 'HandshakeComplete', error: 'NoError' };
const closed = { state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' };

/** The encrypted alert that a side just sent, alone. */
function takeAlert(socket: MemorySocket): Buffer {
  expect(socket.sent).toHaveLength(1);
  const datagram = socket.take();
  expect(onlyRecordOf(datagram)).toMatchObject({ type: ContentType.Alert, epoch: 1 });
  return datagram;
}

/** An association whose client said goodbye, and whose server heard it. */
function closedByClient(pair = new Pair()): Pair {
  pair.run();
  expect(pair.client.shutdown(pair.clientSocket)).toBe(true);
  pair.deliverToServer(takeAlert(pair.clientSocket));
  return pair;
}

function expectNothingLeft(dtls: QDtls): void {
  expect(dtls.isConnectionEncrypted()).toBe(false);
  expect(dtls.sessionCipher().isNull()).toBe(true);
  expect(dtls.sessionProtocol()).toBe(SslProtocol.UnknownProtocol);
  expect(dtls.peerVerificationErrors()).toEqual([]);
  expect(dtls.dtlsConfiguration().peerCertificateChain()).toEqual([]);
}

it('87. shutdown needs a socket, sends one alert and forgets everything but the settings', () => {
  const { client, clientSocket } = new Pair({ name: 'bob' }).run();
  client.setMtuHint(1200);
  expect(client.shutdown(null)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'HandshakeComplete', error: 'InvalidInputParameters' });

  expect(client.shutdown(clientSocket)).toBe(true);
  expect(statusOf(client)).toEqual(idle);
  expectNothingLeft(client);
  takeAlert(clientSocket);
  expect(clientSocket.lastDestination).toEqual([SERVER_PORT, SERVER_ADDRESS]);
  expect([client.peerAddress(), client.peerPort(), client.peerVerificationName(), client.mtuHint()]).toEqual([
    SERVER_ADDRESS,
    SERVER_PORT,
    'bob',
    1200,
  ]);
});

it.each(roles)("88. the peer's close_notify ends the association of a %s in silence", (role) => {
  const pair = new Pair().run();
  const [dtls, socket, peer, peerSocket] =
    role === 'client'
      ? [pair.client, pair.clientSocket, pair.server, pair.serverSocket]
      : [pair.server, pair.serverSocket, pair.client, pair.clientSocket];
  peer.shutdown(peerSocket);
  expect(dtls.decryptDatagram(socket, takeAlert(peerSocket))).toHaveLength(0);
  expect(statusOf(dtls)).toEqual(closed);
  expectNothingLeft(dtls);
  expect(socket.sent).toEqual([]);
});

it('89. after that nothing can be decrypted, written or shut down', () => {
  const { server, serverSocket } = closedByClient();
  const invalid = { state: 'HandshakeNotStarted', error: 'InvalidOperation' };
  expect(server.decryptDatagram(serverSocket, 'datagram')).toHaveLength(0);
  expect(statusOf(server)).toEqual(invalid);
  server.handleTimeout(null); // another error
  expect(server.writeDatagramEncrypted(serverSocket, 'message')).toBe(-1);
  expect(statusOf(server)).toEqual(invalid);
  server.handleTimeout(null);
  expect(server.shutdown(serverSocket)).toBe(false);
  expect(statusOf(server)).toEqual(invalid);
  expect(serverSocket.sent).toEqual([]);
});

it('90. the same objects make a second association, and the side that was left can say goodbye in it', () => {
  const pair = closedByClient().run();
  expect(statusOf(pair.client)).toEqual(complete);
  expect(statusOf(pair.server)).toEqual(complete);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'again');
  pair.settle();
  expect(pair.received.server).toEqual(['again']);

  expect(pair.server.shutdown(pair.serverSocket)).toBe(true);
  pair.deliverToClient(takeAlert(pair.serverSocket));
  expect(statusOf(pair.client)).toEqual(closed);
});

const first = selfSigned();
const second = selfSigned();

/** A client that was left by the first server, whose one error it had ignored from the start. */
function leftByFirst(): Pair {
  const pair = certificatePair({ client: configuration(), server: showing(first), name: SERVER_NAME });
  pair.client.ignoreVerificationErrors([new QSslError(SslError.SelfSignedCertificate, certificateOf(first))]);
  pair.run();
  expect(statusOf(pair.client)).toEqual(complete);
  expect(pair.client.dtlsConfiguration().peerCertificate().equals(certificateOf(first))).toBe(true);
  pair.server.shutdown(pair.serverSocket);
  pair.deliverToClient(takeAlert(pair.serverSocket));
  expectNothingLeft(pair.client);
  return pair;
}

it.each([
  ['another', second],
  ['the same', first],
])('91. after a remote close, %s certificate is judged anew, ignored before or not', (_name, certificate) => {
  const pair = leftByFirst();
  pair.server.setDtlsConfiguration(showing(certificate));
  const { client, clientSocket } = pair.run();
  expect(verdictOf(client)).toEqual(disbelieved('SelfSignedCertificate'));
  expect(client.peerVerificationErrors()[0]?.certificate().equals(certificateOf(certificate))).toBe(true);
  const chain = client.dtlsConfiguration().peerCertificateChain();
  expect(chain.map((each) => each.equals(certificateOf(certificate)))).toEqual([true]);
  expect(client.resumeHandshake(clientSocket)).toBe(false);
});

it.each(roles)('92. abortHandshake stops a %s in progress in silence, and its timer', async (role) => {
  const pair = new Pair();
  let timeouts = 0;
  pair[role].on('handshakeTimeout', () => (timeouts += 1));
  pair[role].setRetransmissionTimeouts({ initial: 20, maximum: 20 });
  pair.start();
  if (role === 'server') pair.deliverToServer(pair.clientSocket.take());
  const socket = role === 'client' ? pair.clientSocket : pair.serverSocket;
  socket.takeAll();

  expect(pair[role].abortHandshake(socket)).toBe(true);
  expect(statusOf(pair[role])).toEqual(idle);
  expectNothingLeft(pair[role]);
  expect(socket.sent).toEqual([]);
  await timersHaveRun();
  expect(timeouts).toBe(0);
  expect(socket.sent).toEqual([]);
});

const ended = ['HandshakeNotStarted', 'HandshakeComplete'] as const;

it.each(ended)('93. abortHandshake is refused in %s', (state) => {
  const { client, clientSocket } = stages[state]();
  expect(client.abortHandshake(clientSocket)).toBe(false);
  expect(statusOf(client)).toEqual({ state, error: 'InvalidOperation' });
  expect(clientSocket.sent).toEqual([]);
});

it.each(['HandshakeNotStarted', 'HandshakeInProgress', 'HandshakeComplete'] as const)(
  '94. resumeHandshake is refused in %s',
  (state) => {
    const { client, clientSocket } = stages[state]();
    clientSocket.takeAll();
    expect(client.resumeHandshake(null)).toBe(false);
    expect(statusOf(client)).toEqual({ state, error: 'InvalidInputParameters' });
    expect(client.resumeHandshake(clientSocket)).toBe(false);
    expect(statusOf(client)).toEqual({ state, error: 'InvalidOperation' });
    expect(clientSocket.sent).toEqual([]);
  },
);

const states = [...ended, 'HandshakeInProgress', 'PeerVerificationFailed'] as const;

it.each(states)('95. an object that is dropped and collected in %s says nothing', async (state) => {
  const { sockets, objects } = droppedIn(state);
  await collected(objects);
  expect(sockets.flatMap((socket) => socket.sent)).toEqual([]);
});

/** The sockets of a pair that nobody holds any more. */
function droppedIn(state: keyof typeof stages): { sockets: MemorySocket[]; objects: WeakRef<QDtls>[] } {
  // The timers of a handshake hold their object, until it was signalled in vain or its time is over.
  const pair = state === 'HandshakeInProgress' ? withShortTimers(new Pair()) : stages[state]();
  expect(statusOf(pair.client).state).toBe(state);
  const sockets = [pair.clientSocket, pair.serverSocket];
  sockets.forEach((socket) => socket.takeAll());
  return { sockets, objects: [new WeakRef(pair.client), new WeakRef(pair.server)] };
}

function withShortTimers(pair: Pair): Pair {
  for (const dtls of [pair.client, pair.server]) {
    dtls.setRetransmissionTimeouts({ initial: 20, maximum: 20 });
    dtls.setHandshakeDeadline(0);
  }
  pair.start();
  pair.clientSocket.takeAll().forEach((datagram) => pair.deliverToServer(datagram));
  return pair;
}

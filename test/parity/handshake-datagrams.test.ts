import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { types } from 'node:util';
import { QDtls, SslMode } from '../../lib';
import {
  AlertDescription,
  AlertLevel,
  ContentType,
  handshakeOf,
  HandshakeType,
  makePlaintextAlert,
  makeRecord,
  onlyRecordOf,
  recordsOf,
} from '../support/dtls-records';
import { LoopbackServer, openClient } from '../support/loopback';
import { isOpenSsl30 } from '../support/openssl-version';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, pskConfiguration } from '../support/pair';
import { stages, statusOf, withoutCookies, type Status } from '../support/stages';
import { expectIgnoredAlert, obeyingAlerts, onOwnClock, withDeadline } from '../support/unauthenticated-alerts';

const COMPLETE: Status = { state: 'HandshakeComplete', error: 'NoError' };
const IN_PROGRESS: Status = { state: 'HandshakeInProgress', error: 'NoError' };
const FATAL: Status = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };

/** Both sides are encrypted, and a message arrives each way. */
function expectWorking(pair: Pair): void {
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
  pair.server.writeDatagramEncrypted(pair.serverSocket, 'pong');
  pair.settle();
  expect(pair.received).toEqual({ client: ['pong'], server: ['ping'] });
}

/** The same records with another epoch in their headers. */
function inEpoch(datagram: Buffer, epoch: number): Buffer {
  const records = recordsOf(datagram).map((old) => makeRecord(old.type, old.fragment, epoch, old.sequence));
  return Buffer.concat(records);
}

const ignored: [name: string, make: (genuine: Buffer) => Buffer][] = [
  ['text', () => Buffer.from('this is no DTLS record')],
  ['zeros', () => Buffer.alloc(100)],
  ['an unknown content type', (genuine) => makeRecord(99, genuine)],
  ['a truncated header', (genuine) => genuine.subarray(0, 12)],
  ['the first half of the answer', (genuine) => genuine.subarray(0, genuine.length >> 1)],
  ['the answer without its last byte', (genuine) => genuine.subarray(0, -1)],
  ['the answer in epoch 1', (genuine) => inEpoch(genuine, 1)],
  ['the answer in epoch 2', (genuine) => inEpoch(genuine, 2)],
  ['application data of epoch 1', () => makeRecord(ContentType.ApplicationData, Buffer.alloc(40), 1, 1)],
];

it.each(ignored)('42. a client in progress ignores %s', (_name, make) => {
  const pair = stages.HandshakeInProgress();
  pair.deliverToServer(pair.clientSocket.take());
  const [genuine] = pair.serverSocket.sent;
  if (genuine === undefined) throw new Error('the server did not answer');

  // Half a flight may hold a whole message, which is not ignored: cut within the first record.
  const [first] = recordsOf(genuine);
  const answer = genuine.subarray(0, 13 + (first?.fragment.length ?? 0));
  expect(pair.client.doHandshake(pair.clientSocket, make(answer))).toBe(true);
  expect(statusOf(pair.client)).toEqual(IN_PROGRESS);
  expect(pair.clientSocket.sent).toEqual([]);

  pair.settle();
  expectWorking(pair);
});

const alerts = [
  ['a fatal alert', AlertLevel.Fatal, AlertDescription.HandshakeFailure, 'handshake failure'],
  ['a close_notify', AlertLevel.Warning, AlertDescription.CloseNotify, 'close notify'],
  ['any other warning', AlertLevel.Warning, AlertDescription.UserCanceled, 'user canceled'],
] as const;

it.each(alerts)('43. %s in the clear ends a handshake that obeys it, as in Qt', (name, level, description) => {
  const { client, clientSocket } = obeyingAlerts(new Pair());
  client.doHandshake(clientSocket);
  clientSocket.take();
  // A warning that is no close_notify means nothing to later versions of OpenSSL.
  const goesOn = name === 'any other warning' && !isOpenSsl30;
  expect(client.doHandshake(clientSocket, makePlaintextAlert(level, description))).toBe(goesOn);
  expect(statusOf(client)).toEqual(goesOn ? IN_PROGRESS : FATAL);
  expect(client.dtlsErrorString() === '').toBe(goesOn);
});

it.each(alerts)('43. %s in the clear is ignored by default, and the handshake completes', (_name, level, description, text) => {
  const pair = stages.HandshakeInProgress();
  expect(pair.client.doHandshake(pair.clientSocket, makePlaintextAlert(level, description))).toBe(true);
  expect(statusOf(pair.client)).toEqual(IN_PROGRESS);
  pair.deliverToServer(pair.clientSocket.take());
  expect(pair.server.doHandshake(pair.serverSocket, makePlaintextAlert(level, description))).toBe(true);
  expect(statusOf(pair.server)).toEqual(IN_PROGRESS);

  pair.settle();
  expectWorking(pair);
  for (const dtls of [pair.client, pair.server]) {
    expect(dtls.statistics().alertsReceived).toEqual({ [text]: 1 });
    expect(dtls.statistics().recordsDropped).toMatchObject({ unauthenticatedAlert: 1, malformed: 0 });
  }
});

it.each(alerts)('43. %s in the clear is named by the deadline, by default', (_name, level, description, text) =>
  onOwnClock(() => {
    const { client, clientSocket } = withDeadline(new Pair());
    client.doHandshake(clientSocket);
    clientSocket.take();
    expect(client.doHandshake(clientSocket, makePlaintextAlert(level, description))).toBe(true);
    expectIgnoredAlert(client, clientSocket.sent, text);
  }),
);

it('44. a server without cookie verification that starts with garbage waits for a hello', () => {
  const pair = new Pair({ server: withoutCookies(pskConfiguration()) });
  expect(pair.server.doHandshake(pair.serverSocket, Buffer.from('garbage'))).toBe(true);
  expect(statusOf(pair.server)).toEqual(IN_PROGRESS);
  expect(pair.serverSocket.sent).toEqual([]);

  pair.run();
  expectWorking(pair);
});

it('45. a server without cookie verification refuses a hello with a cookie, where Qt waits for ever', () => {
  const { client, clientSocket, server, serverSocket, verifier } = new Pair();
  client.doHandshake(clientSocket);
  verifier.verifyClient(serverSocket, clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
  client.doHandshake(clientSocket, serverSocket.take());
  const hello = clientSocket.take();
  const message = handshakeOf(onlyRecordOf(hello));
  expect(message).toMatchObject({ type: HandshakeType.ClientHello, messageSequence: 1 });

  server.setDtlsConfiguration(withoutCookies(pskConfiguration()));
  expect(server.doHandshake(serverSocket, hello)).toBe(false);
  expect(statusOf(server)).toEqual(FATAL);
  expect(server.dtlsErrorString()).toContain('cookie');
  expect(serverSocket.sent).toEqual([]);
});

/** A pair whose server has finished, and the server's last flight, which the client still misses. */
function beforeLastFlight(): { pair: Pair; lastFlight: Buffer[] } {
  const pair = stages.HandshakeInProgress();
  while (!pair.server.isConnectionEncrypted()) {
    pair.serverSocket.takeAll().forEach((datagram) => pair.deliverToClient(datagram));
    pair.clientSocket.takeAll().forEach((datagram) => pair.deliverToServer(datagram));
  }
  return { pair, lastFlight: pair.serverSocket.takeAll() };
}

it('46. application data that comes before the Finished waits, and later datagrams are not lost', () => {
  const { pair, lastFlight } = beforeLastFlight();
  const { client, clientSocket, server, serverSocket } = pair;
  for (const text of ['early 1', 'early 2', 'late']) server.writeDatagramEncrypted(serverSocket, text);
  const [early1, early2, late] = [serverSocket.take(), serverSocket.take(), serverSocket.take()];

  for (const early of [early1, early2]) {
    expect(client.doHandshake(clientSocket, early)).toBe(true);
    expect(statusOf(client)).toEqual(IN_PROGRESS);
  }
  for (const datagram of lastFlight) expect(client.doHandshake(clientSocket, datagram)).toBe(true);
  expect(statusOf(client)).toEqual(COMPLETE);

  expect(client.hasPendingDatagrams()).toBe(true);
  expect(client.nextPendingDatagram().toString()).toBe('early 1');
  // What was not fetched comes out first, and the datagram behind it.
  expect(client.decryptDatagram(clientSocket, late).toString()).toBe('early 2');
  expect(client.nextPendingDatagram().toString()).toBe('late');
  expect(client.hasPendingDatagrams()).toBe(false);
});

it('47. a socket that throws is an UnderlyingSocketError, and the handshake goes on afterwards', async () => {
  const pair = new Pair();
  const { client, clientSocket } = pair;
  const errors: unknown[] = [];
  client.on('socketError', (error) => errors.push(error));
  client.setRetransmissionTimeouts({ initial: 30, maximum: 60 });
  clientSocket.failure = new Error('no route');

  expect(client.doHandshake(clientSocket)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'UnderlyingSocketError' });
  expect(client.dtlsErrorString()).toContain('no route');
  expect(errors).toEqual([clientSocket.failure]);

  clientSocket.failure = undefined;
  await once(client, 'handshakeTimeout');
  expect(client.handleTimeout(clientSocket)).toBe(true);
  pair.verifier.verifyClient(pair.serverSocket, clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
  pair.deliverToClient(pair.serverSocket.take());
  pair.settle();
  expectWorking(pair);
});

it('47. an IPv4 socket that fails later, with an IPv6 peer, is an UnderlyingSocketError', async () => {
  const socket = createSocket('udp4');
  const client = new QDtls(SslMode.SslClientMode);
  client.setPeer('::1', 22334);
  const failed = once(client, 'socketError', { signal: AbortSignal.timeout(5000) });
  client.doHandshake(socket);
  try {
    const raised: unknown[] = await failed;
    expect(raised.map((error) => types.isNativeError(error))).toEqual([true]);
  } finally {
    socket.close();
  }
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'UnderlyingSocketError' });
  expect(client.dtlsErrorString()).not.toBe('');
});

it('48. peers with IPv6 addresses shake hands, cookie included', () => {
  const pair = new Pair();
  pair.client.setPeer('::1', 22334);
  pair.server.setPeer('::1', CLIENT_PORT);
  const { client, clientSocket, serverSocket, verifier } = pair;
  client.doHandshake(clientSocket);
  expect(verifier.verifyClient(serverSocket, clientSocket.take(), '::1', CLIENT_PORT)).toBe(false);
  pair.deliverToClient(serverSocket.take());
  expect(verifier.verifyClient(serverSocket, clientSocket.sent[0] ?? '', '::1', CLIENT_PORT)).toBe(true);
  pair.settle();
  expect(clientSocket.lastDestination).toEqual([22334, '::1']);
  expectWorking(pair);
});

const interfaces = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
const addresses = ['127.0.0.1', '::1'].filter((address) => interfaces.some((known) => known.address === address));

it.each(addresses)('48. both sides are encrypted over real sockets of %s', async (address) => {
  const server = await LoopbackServer.open(pskConfiguration(), { address });
  const client = await openClient(server.port, pskConfiguration(), { address });
  try {
    client.start();
    await client.encrypted();
    const peer = await server.client();
    await peer.encrypted();
    client.say('ping');
    await peer.heard('ping');
    expect([statusOf(client.dtls), statusOf(peer.dtls)]).toEqual([COMPLETE, COMPLETE]);
  } finally {
    client.socket.close();
    server.socket.close();
  }
});

import { KeyAlgorithm, QDtls, QDtlsError, QSslEllipticCurve, QSslKey, SslMode, SslProtocol } from '../../lib';
import type { QSslConfiguration } from '../../lib';
import { issueCertificate } from '../support/certificates';
import { ContentType, handshakeOf, HandshakeType, onlyRecordOf } from '../support/dtls-records';
import { MemorySocket } from '../support/memory-socket';
import { configuration, Pair, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { selfSigned, showing, stages, statusOf, trusting, withoutCookies } from '../support/stages';
import type { Status } from '../support/stages';

const DATA = Buffer.from('data');

function refused(error: Status['error']): Status {
  return { state: 'HandshakeNotStarted', error };
}

const roles: [name: string, mode: SslMode][] = [
  ['client', SslMode.SslClientMode],
  ['server', SslMode.SslServerMode],
];

function withPeer(mode: SslMode): QDtls {
  const dtls = new QDtls(mode);
  dtls.setPeer(SERVER_ADDRESS, SERVER_PORT);
  return dtls;
}

/** A pair without cookies, after the server was given the client's first hello. */
function pairAfterHello(server: QSslConfiguration): Pair {
  const pair = new Pair({ server: withoutCookies(server) });
  pair.start();
  expect(pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take())).toBe(false);
  return pair;
}

it('20. a client without a peer cannot start', () => {
  const client = new QDtls(SslMode.SslClientMode);
  const socket = new MemorySocket();
  expect(client.doHandshake(socket)).toBe(false);
  expect(statusOf(client)).toEqual(refused('InvalidOperation'));
  expect(socket.sent).toEqual([]);
});

it.each(roles)('21. a null socket is found before a missing peer (%s)', (_name, mode) => {
  const dtls = new QDtls(mode);
  expect(dtls.doHandshake(null)).toBe(false);
  expect(statusOf(dtls)).toEqual(refused('InvalidInputParameters'));
});

it('22. a server finds a missing peer before a missing datagram', () => {
  const server = new QDtls(SslMode.SslServerMode);
  expect(server.doHandshake(new MemorySocket(), Buffer.alloc(0))).toBe(false);
  expect(statusOf(server)).toEqual(refused('InvalidOperation'));
});

it('23. a server cannot start without a datagram', () => {
  const server = withPeer(SslMode.SslServerMode);
  const socket = new MemorySocket();
  expect(server.doHandshake(socket, Buffer.alloc(0))).toBe(false);
  expect(statusOf(server)).toEqual(refused('InvalidInputParameters'));
  expect(socket.sent).toEqual([]);
});

it.each(['client', 'server'] as const)('24. a %s in progress needs a socket and a datagram', (role) => {
  const pair = new Pair();
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  const dtls = pair[role];
  const expected: Status = { state: 'HandshakeInProgress', error: 'InvalidInputParameters' };

  expect(dtls.doHandshake(new MemorySocket(), Buffer.alloc(0))).toBe(false);
  expect(statusOf(dtls)).toEqual(expected);
  dtls.shutdown(new MemorySocket());
  expect(dtls.dtlsError()).toBe(QDtlsError.InvalidOperation);
  expect(dtls.doHandshake(null, DATA)).toBe(false);
  expect(statusOf(dtls)).toEqual(expected);

  pair.settle();
  expect(pair.client.isConnectionEncrypted() && pair.server.isConnectionEncrypted()).toBe(true);
});

const ended = ['PeerVerificationFailed', 'HandshakeComplete'] as const;

it.each(ended)('25. nothing starts a handshake in %s', (state) => {
  const { client, clientSocket } = stages[state]();
  const attempts = [
    () => client.doHandshake(clientSocket, DATA),
    () => client.doHandshake(clientSocket),
    () => client.doHandshake(null, DATA),
    () => client.doHandshake(null),
  ];
  for (const attempt of attempts) {
    client.shutdown(null);
    expect(client.dtlsError()).toBe(QDtlsError.InvalidInputParameters);
    expect(attempt()).toBe(false);
    expect(statusOf(client)).toEqual({ state, error: 'InvalidOperation' });
  }
  expect(clientSocket.sent).toEqual([]);
});

/** Expects one ClientHello without a cookie, whole, in one datagram to the peer. */
function expectFirstClientHello(socket: MemorySocket): void {
  expect(socket.sent.length).toBe(1);
  expect(socket.lastDestination).toEqual([SERVER_PORT, SERVER_ADDRESS]);
  const record = onlyRecordOf(socket.take());
  expect(record).toMatchObject({ type: ContentType.Handshake, version: 0xfeff, epoch: 0, sequence: 0 });
  const hello = handshakeOf(record);
  expect(hello).toMatchObject({ type: HandshakeType.ClientHello, messageSequence: 0, fragmentOffset: 0 });
  expect(hello.body.length).toBe(hello.length);
}

it('26. a client sends exactly one ClientHello', () => {
  const client = withPeer(SslMode.SslClientMode);
  const socket = new MemorySocket();
  expect(client.doHandshake(socket)).toBe(true);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  expectFirstClientHello(socket);
});

it('27. a client that starts with a junk datagram sends its ClientHello all the same', () => {
  const client = withPeer(SslMode.SslClientMode);
  const socket = new MemorySocket();
  expect(client.doHandshake(socket, Buffer.from('this is no DTLS record'))).toBe(true);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  expectFirstClientHello(socket);
});

const notForDtls = Object.values(SslProtocol)
  .filter((value) => typeof value === 'number')
  .filter((value) => value < SslProtocol.DtlsV1_0 || value > SslProtocol.DtlsV1_2OrLater)
  .map((value): [string, SslProtocol] => [SslProtocol[value], value]);

it.each(notForDtls)('28. protocol %s cannot start a handshake, a corrected one can', (_name, protocol) => {
  const client = withPeer(SslMode.SslClientMode);
  const socket = new MemorySocket();
  expect(client.setDtlsConfiguration(configuration((settings) => settings.setProtocol(protocol)))).toBe(true);
  expect(client.doHandshake(socket)).toBe(false);
  expect(statusOf(client)).toEqual(refused('TlsInitializationError'));
  expect(socket.sent).toEqual([]);

  expect(client.setDtlsConfiguration(configuration())).toBe(true);
  expect(client.doHandshake(socket)).toBe(true);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  expectFirstClientHello(socket);
});

it('29. UnencryptedMode cannot start a handshake', () => {
  const dtls = withPeer(SslMode.UnencryptedMode);
  const socket = new MemorySocket();
  expect(dtls.doHandshake(socket)).toBe(false);
  expect(statusOf(dtls)).toEqual(refused('TlsInitializationError'));
  expect(dtls.doHandshake(socket, DATA)).toBe(false);
  expect(statusOf(dtls)).toEqual(refused('TlsInitializationError'));
  expect(socket.sent).toEqual([]);
});

it('30. a server whose certificate has no key cannot start, and its client waits', () => {
  const withoutKey = showing(selfSigned());
  withoutKey.setPrivateKey(new QSslKey());
  const { client, server, serverSocket } = pairAfterHello(withoutKey);
  expect(statusOf(server)).toEqual(refused('TlsInitializationError'));
  expect(serverSocket.sent).toEqual([]);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
});

function curve(name: string): QSslEllipticCurve[] {
  return [QSslEllipticCurve.fromShortName(name)];
}

const causes: [cause: string, change: (settings: QSslConfiguration) => void, text: RegExp][] = [
  ['a key of another certificate', (s) => s.setPrivateKey(showing(selfSigned()).privateKey()), /key/],
  [
    'a key of another kind',
    (s) => s.setPrivateKey(new QSslKey(issueCertificate({ key: 'rsa-2048' }).keyPem, KeyAlgorithm.Rsa)),
    /key/,
  ],
  ['an unknown backend option', (s) => s.setBackendConfigurationOption('Nonsense', 'on'), /Nonsense/],
  ['a bad option value', (s) => s.setBackendConfigurationOption('MinProtocol', 'no'), /MinProtocol.*no/],
  ['an unknown curve', (s) => s.setEllipticCurves(curve('nonsense')), /curve/],
  ['a curve that TLS has no number for', (s) => s.setEllipticCurves(curve('secp112r1')), /secp112r1/],
];

it.each(causes)('31. %s is named when it prevents the start', (_cause, change, text) => {
  const settings = showing(selfSigned());
  change(settings);
  const { server, serverSocket } = pairAfterHello(settings);
  expect(statusOf(server)).toEqual(refused('TlsInitializationError'));
  expect(server.dtlsErrorString()).toMatch(text);
  expect(serverSocket.sent).toEqual([]);
});

it.each([1, 100, 200, 255])('32. an MTU hint of %i is refused at once without effect, 256 works', (hint) => {
  const pair = new Pair({ client: trusting(), server: withoutCookies(showing(selfSigned())) });
  for (const dtls of [pair.client, pair.server]) {
    dtls.setMtuHint(hint);
    expect(statusOf(dtls)).toEqual(refused('InvalidInputParameters'));
    expect(dtls.dtlsErrorString()).toContain('256');
    expect(dtls.mtuHint()).toBe(0);
    dtls.setMtuHint(256);
    expect(dtls.mtuHint()).toBe(256);
  }
  expect([...pair.clientSocket.sent, ...pair.serverSocket.sent]).toEqual([]);

  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  const sizes = pair.serverSocket.sent.map((datagram) => datagram.length);
  expect(sizes.length).toBeGreaterThan(2);
  expect(Math.max(...sizes)).toBe(256);
  pair.settle();
  expect(statusOf(pair.server)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
});

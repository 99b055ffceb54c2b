import { QSslCipher, QSslConfiguration, SslOption, SslProtocol, type QDtls } from '../../lib';
import { AlertDescription, AlertLevel, ContentType, onlyRecordOf } from '../support/dtls-records';
import type { MemorySocket } from '../support/memory-socket';
import { isOpenSsl30 } from '../support/openssl-version';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, pskConfiguration, type PairOptions } from '../support/pair';
import {
  certificateOf,
  selfSigned,
  SERVER_NAME,
  showing,
  statusOf,
  trusting,
  withoutCookies,
  type Status,
} from '../support/stages';
import { expectIgnoredAlert, obeyingAlerts, onOwnClock, withDeadline } from '../support/unauthenticated-alerts';

const COMPLETE: Status = { state: 'HandshakeComplete', error: 'NoError' };
const IN_PROGRESS: Status = { state: 'HandshakeInProgress', error: 'NoError' };
const FATAL: Status = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };

function withProtocol(protocol: SslProtocol): QSslConfiguration {
  return pskConfiguration((settings) => settings.setProtocol(protocol));
}

function withCiphers(...names: string[]): QSslConfiguration {
  return pskConfiguration((settings) => settings.setCiphers(names.map((name) => new QSslCipher(name))));
}

/** Expects one fatal alert in the clear, 15 bytes, and returns it. */
function expectFatalAlert(datagrams: readonly Buffer[], description: AlertDescription): Buffer {
  const [alert, ...more] = datagrams;
  if (alert === undefined) throw new Error('no alert was sent');
  expect(more).toEqual([]);
  expect(alert.length).toBe(15);
  expect(onlyRecordOf(alert)).toMatchObject({
    type: ContentType.Alert,
    epoch: 0,
    fragment: Buffer.from([AlertLevel.Fatal, description]),
  });
  return alert;
}

it('33. a pre-shared key is enough for both sides', () => {
  const { client, server } = new Pair().run();
  for (const dtls of [client, server]) {
    expect(statusOf(dtls)).toEqual(COMPLETE);
    expect(dtls.isConnectionEncrypted()).toBe(true);
    expect(dtls.dtlsConfiguration().peerCertificate().isNull()).toBe(true);
    expect(dtls.sessionCipher().authenticationMethod()).toBe('PSK');
    expect(dtls.sessionCipher().name()).toContain('PSK');
  }
});

it('34. a self-signed certificate that the client believes passes without errors', () => {
  const issued = selfSigned();
  const options = { client: trusting(issued), server: showing(issued), name: SERVER_NAME };
  const { client, server } = new Pair(options).run();
  expect(statusOf(client)).toEqual(COMPLETE);
  expect(statusOf(server)).toEqual(COMPLETE);
  expect(client.peerVerificationErrors()).toEqual([]);
  expect(client.dtlsConfiguration().peerCertificate().equals(certificateOf(issued))).toBe(true);
});

/** Carries all but the first datagram of each side, answering every handshakeTimeout, until both are done. */
async function runWithLoss(pair: Pair): Promise<{ elapsed: number; signals: number }> {
  const started = Date.now();
  const { client, server, clientSocket, serverSocket } = pair;
  const sent = { client: 0, server: 0 };
  let signals = 0;
  const carry = (): void => {
    for (let quiet = false; !quiet; ) {
      const [toServer, toClient] = [clientSocket.sent.shift(), serverSocket.sent.shift()];
      quiet = toServer === undefined && toClient === undefined;
      const arrives = toServer !== undefined && (sent.client += 1) > 1;
      if (arrives && isForServer(pair, toServer)) pair.deliverToServer(toServer);
      if (toClient !== undefined && (sent.server += 1) > 1) pair.deliverToClient(toClient);
    }
  };
  await new Promise<void>((resolve) => {
    const answer = (dtls: QDtls, socket: MemorySocket): void => {
      signals += 1;
      dtls.handleTimeout(socket);
      carry();
      if (client.isConnectionEncrypted() && server.isConnectionEncrypted()) resolve();
    };
    client.on('handshakeTimeout', () => answer(client, clientSocket));
    server.on('handshakeTimeout', () => answer(server, serverSocket));
    client.doHandshake(clientSocket);
    carry();
  });
  return { elapsed: Date.now() - started, signals };
}

/** Whether the server may have the datagram; the verifier answers the others. */
function isForServer({ server, serverSocket, verifier }: Pair, datagram: Buffer): boolean {
  if (statusOf(server).state !== 'HandshakeNotStarted') return true;
  if (!server.dtlsConfiguration().dtlsCookieVerificationEnabled()) return true;
  return verifier.verifyClient(serverSocket, datagram, CLIENT_ADDRESS, CLIENT_PORT);
}

it('35. the loss of the first datagram of each side is made up for, with the default timers', async () => {
  const pair = new Pair();
  const { elapsed, signals } = await runWithLoss(pair);
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  expect(signals).toBe(2);
  expect(elapsed).toBeGreaterThan(2500);
  expect(elapsed).toBeLessThan(5500);
});

it('35. the loss of the first datagrams is made up for without cookies too, with short timers', async () => {
  const pair = new Pair({ server: withoutCookies(pskConfiguration()) });
  const timeouts = { initial: 50, maximum: 200 };
  for (const dtls of [pair.client, pair.server]) dtls.setRetransmissionTimeouts(timeouts);
  const { elapsed } = await runWithLoss(pair);
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  expect(elapsed).toBeLessThan(2500);
  for (const dtls of [pair.client, pair.server]) expect(dtls.statistics().retransmissions).toBeGreaterThan(0);
});

const credentials: [name: string, options: () => PairOptions][] = [
  ['a pre-shared key', () => ({})],
  [
    'a certificate',
    () => {
      const issued = selfSigned();
      return { client: trusting(issued), server: showing(issued), name: SERVER_NAME };
    },
  ],
];

it.each(credentials)('36. with %s both sides have the same default cipher', (_name, options) => {
  const { client, server } = new Pair(options()).run();
  const cipher = client.sessionCipher();
  expect(cipher.isNull()).toBe(false);
  expect(server.sessionCipher().equals(cipher)).toBe(true);
  const defaults = QSslConfiguration.defaultDtlsConfiguration().ciphers();
  expect(defaults.map((known) => known.name())).toContain(cipher.name());
  expect([client.sessionProtocol(), server.sessionProtocol()]).toEqual([10, 10]);
});

const A = 'PSK-AES128-GCM-SHA256';
const B = 'PSK-CHACHA20-POLY1305';

it.each<[preference: string, disabled: boolean, cipher: string]>([
  ['the order of the server', false, A],
  ['the order of the client, if the server says so,', true, B],
])('37. %s decides about the cipher', (_preference, disabled, cipher) => {
  const server = withCiphers(A, B);
  server.setSslOption(SslOption.SslOptionDisableServerCipherPreference, disabled);
  const pair = new Pair({ client: withCiphers(B, A), server }).run();
  expect(pair.client.sessionCipher().name()).toBe(cipher);
  expect(pair.server.sessionCipher().name()).toBe(cipher);
});

const { DtlsV1_2, DtlsV1_2OrLater } = SslProtocol;

it.each([
  [DtlsV1_2, DtlsV1_2],
  [DtlsV1_2OrLater, DtlsV1_2],
  [DtlsV1_2, DtlsV1_2OrLater],
  [DtlsV1_2OrLater, DtlsV1_2OrLater],
])('38. a server of protocol %i and a client of %i agree on DTLS 1.2', (serverProtocol, clientProtocol) => {
  const options = { client: withProtocol(clientProtocol), server: withProtocol(serverProtocol) };
  const { client, server } = new Pair(options).run();
  for (const dtls of [client, server]) {
    expect(statusOf(dtls)).toEqual(COMPLETE);
    expect(dtls.sessionProtocol()).toBe(DtlsV1_2);
  }
});

/** From OpenSSL 3.1.1 on DTLS 1.0 needs security level 0. */
function allowDtls10(settings: QSslConfiguration): void {
  settings.setBackendConfigurationOption('CipherString', 'PSK-AES128-CBC-SHA:@SECLEVEL=0');
}

/** A client of DTLS 1.0 and a server that does not speak it. */
function oldAndNew(protocol: SslProtocol): Pair {
  const old = withCiphers('PSK-AES128-CBC-SHA');
  old.setProtocol(SslProtocol.DtlsV1_0);
  if (!isOpenSsl30) allowDtls10(old);
  return new Pair({ client: old, server: withProtocol(protocol) });
}

/** Lets the server refuse the client's hello, and returns the alert that says so. */
function refuseHello(pair: Pair, description: AlertDescription): Buffer {
  expect(pair.start()).toBe(true);
  expect(pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take())).toBe(false);
  expect(statusOf(pair.server)).toEqual(FATAL);
  return expectFatalAlert(pair.serverSocket.takeAll(), description);
}

it.each([DtlsV1_2, DtlsV1_2OrLater])('39. a server of protocol %i refuses DTLS 1.0', (protocol) => {
  const pair = obeyingAlerts(oldAndNew(protocol));
  pair.deliverToClient(refuseHello(pair, AlertDescription.ProtocolVersion));
  expect(statusOf(pair.client)).toEqual(FATAL);
});

it.each([DtlsV1_2, DtlsV1_2OrLater])(
  '39. a client of DTLS 1.0 that a server of protocol %i refuses waits for its deadline, by default',
  (protocol) =>
    onOwnClock(() => {
      const pair = withDeadline(oldAndNew(protocol));
      pair.deliverToClient(refuseHello(pair, AlertDescription.ProtocolVersion));
      expectIgnoredAlert(pair.client, pair.clientSocket.sent, 'protocol version');
    }),
);

/** Both sides speak DTLS 1.0 only, by certificate. */
function oldPair(): Pair {
  const issued = selfSigned();
  const options = { client: trusting(issued), server: showing(issued), name: SERVER_NAME };
  for (const settings of [options.client, options.server]) {
    settings.setProtocol(SslProtocol.DtlsV1_0);
    settings.setCiphers([new QSslCipher('ECDHE-ECDSA-AES128-SHA')]);
  }
  return new Pair(options);
}

if (isOpenSsl30) {
  it('39. DTLS 1.0 fails with itself at security level 2, which has no signature algorithm for it', () => {
    const pair = obeyingAlerts(oldPair());
    expect(pair.start()).toBe(true);
    pair.deliverToServer(pair.clientSocket.take());
    pair.deliverToClient(pair.serverSocket.take());
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([FATAL, FATAL]);
    expect(pair.server.dtlsErrorString()).toContain('signature algorithm');
  });

  it('39. a client of DTLS 1.0 whose server has no signature algorithm waits for its deadline, by default', () =>
    onOwnClock(() => {
      const pair = withDeadline(oldPair());
      expect(pair.start()).toBe(true);
      pair.deliverToServer(pair.clientSocket.take());
      pair.deliverToClient(pair.serverSocket.take());
      expect(statusOf(pair.server)).toEqual(FATAL);
      expect(pair.server.dtlsErrorString()).toContain('signature algorithm');
      const [name = ''] = Object.keys(pair.server.statistics().alertsSent);
      expectIgnoredAlert(pair.client, pair.clientSocket.sent, name);
    }));
} else {
  it('39. DTLS 1.0 cannot even be begun at security level 2', () => {
    const pair = oldPair();
    expect(pair.client.doHandshake(pair.clientSocket)).toBe(false);
    expect(statusOf(pair.client)).toEqual(FATAL);
    expect(pair.client.dtlsErrorString()).toContain('no protocols available');
  });
}

function withoutCommonCipher(): Pair {
  return new Pair({ client: withCiphers(A), server: withCiphers(B) });
}

it('40. without a common cipher the server sends one fatal alert, and both sides fail', () => {
  const pair = obeyingAlerts(withoutCommonCipher());
  const alert = refuseHello(pair, AlertDescription.HandshakeFailure);
  expect(pair.client.doHandshake(pair.clientSocket, alert)).toBe(false);
  expect(statusOf(pair.client)).toEqual(FATAL);
  expect(pair.client.dtlsErrorString()).toContain('handshake failure');
  expect(pair.clientSocket.sent).toEqual([]);
});

it('40. without a common cipher the client ignores the alert and waits for its deadline, by default', () =>
  onOwnClock(() => {
    const pair = withDeadline(withoutCommonCipher());
    const alert = refuseHello(pair, AlertDescription.HandshakeFailure);
    expect(pair.client.doHandshake(pair.clientSocket, alert)).toBe(true);
    expectIgnoredAlert(pair.client, pair.clientSocket.sent, 'handshake failure');
  }));

it('41. after a fatal error both objects can be used for another handshake', () => {
  const pair = obeyingAlerts(withoutCommonCipher());
  pair.deliverToClient(refuseHello(pair, AlertDescription.HandshakeFailure));
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([FATAL, FATAL]);
  expectAnotherHandshake(pair);
});

it('41. after an alert that was ignored and the deadline both objects can be used for another handshake', () => {
  const pair = withDeadline(withoutCommonCipher());
  onOwnClock(() => {
    pair.deliverToClient(refuseHello(pair, AlertDescription.HandshakeFailure));
    expectIgnoredAlert(pair.client, pair.clientSocket.sent, 'handshake failure');
  });
  expectAnotherHandshake(pair);
  expect(pair.client.statistics().alertsReceived).toEqual({});
});

function expectAnotherHandshake(pair: Pair): void {
  expect(pair.server.setDtlsConfiguration(pskConfiguration())).toBe(true);
  expect(pair.start()).toBe(true);
  expect(statusOf(pair.client)).toEqual(IN_PROGRESS);
  pair.settle();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
}

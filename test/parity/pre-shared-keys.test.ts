import { once } from 'node:events';
import { HandshakeState, QDtlsError, SslError } from '../../lib';
import type { QDtls, QSslPreSharedKeyAuthenticator } from '../../lib';
import { AlertDescription, AlertLevel, ContentType, onlyRecordOf } from '../support/dtls-records';
import type { MemorySocket } from '../support/memory-socket';
import { answerPsk, configuration, Pair, PSK, pskConfiguration } from '../support/pair';
import { statusOf, type Status } from '../support/stages';
import { expectIgnoredAlert, obeyingAlerts, onOwnClock, withDeadline } from '../support/unauthenticated-alerts';

const COMPLETE: Status = { state: 'HandshakeComplete', error: 'NoError' };
const IN_PROGRESS: Status = { state: 'HandshakeInProgress', error: 'NoError' };
const FATAL: Status = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };

/** What the listeners of both sides saw, read while it was valid. */
interface Seen {
  readonly identityHint: string;
  readonly identity: string;
  readonly maximumIdentityLength: number;
  readonly maximumPreSharedKeyLength: number;
}

type Listener = (asked: QSslPreSharedKeyAuthenticator) => void;

/** Answers with identity and key, and keeps what was asked. */
function answering(seen: Seen[], identity: string, key: Buffer): Listener {
  return (asked) => {
    seen.push({
      identityHint: asked.identityHint().toString(),
      identity: asked.identity().toString(),
      maximumIdentityLength: asked.maximumIdentityLength(),
      maximumPreSharedKeyLength: asked.maximumPreSharedKeyLength(),
    });
    asked.setIdentity(identity);
    asked.setPreSharedKey(key);
  };
}

function waits(dtls: QDtls): boolean {
  return dtls.handshakeState() === HandshakeState.HandshakeInProgress;
}

/** Carries what was sent to those who still wait for it, until both are silent. */
function exchange({ client, clientSocket, server, serverSocket }: Pair): void {
  for (let count = 1; count > 0; ) {
    const [toServer, toClient] = [clientSocket.takeAll(), serverSocket.takeAll()];
    count = toServer.length + toClient.length;
    if (waits(server)) toServer.forEach((datagram) => server.doHandshake(serverSocket, datagram));
    if (waits(client)) toClient.forEach((datagram) => client.doHandshake(clientSocket, datagram));
  }
}

/** Repeats flights as they are due, until no side waits. Returns how often, and the errors on the way. */
async function repeatUntilEnded(pair: Pair): Promise<{ repetitions: number; errors: QDtlsError[] }> {
  const errors: QDtlsError[] = [];
  let repetitions = 0;
  const ended = [pair.client, pair.server].map(async (dtls) => {
    const socket = dtls === pair.client ? pair.clientSocket : pair.serverSocket;
    dtls.on('handshakeTimeout', () => {
      repetitions += 1;
      dtls.handleTimeout(socket);
      exchange(pair);
      errors.push(dtls.dtlsError());
    });
    while (waits(dtls)) await once(dtls, 'handshakeStateChanged');
  });
  await Promise.all(ended);
  return { repetitions, errors };
}

it('49. with different keys nobody is encrypted and nothing fails until the deadline', async () => {
  const pair = new Pair({ psk: false });
  pair.client.on('pskRequired', answering([], 'alice', PSK));
  pair.server.on('pskRequired', answering([], '', Buffer.from('another key')));
  const states: HandshakeState[] = [];
  for (const dtls of [pair.client, pair.server]) {
    dtls.setRetransmissionTimeouts({ initial: 300, maximum: 300 });
    dtls.setHandshakeDeadline(2000);
    dtls.on('handshakeStateChanged', (state) => states.push(state));
  }
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  exchange(pair);
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([IN_PROGRESS, IN_PROGRESS]);

  const { repetitions, errors } = await repeatUntilEnded(pair);
  expect(repetitions).toBeGreaterThan(2);
  expect(new Set(errors)).toEqual(new Set([QDtlsError.NoError]));
  expect(states).not.toContain(HandshakeState.HandshakeComplete);
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([FATAL, FATAL]);
});

/** Runs the handshake to its first failure, and returns the fatal alert that the socket was given. */
function runToAlert(pair: Pair, socket: MemorySocket): Buffer {
  pair.start();
  while (pair.client.dtlsError() === QDtlsError.NoError && pair.server.dtlsError() === QDtlsError.NoError) {
    const toServer = pair.clientSocket.sent.shift();
    if (toServer === undefined) pair.deliverToClient(pair.serverSocket.take());
    else pair.deliverToServer(toServer);
  }
  const [alert, ...more] = socket.takeAll().filter((datagram) => datagram[0] === ContentType.Alert);
  if (alert === undefined || more.length > 0) throw new Error('one alert was expected');
  return alert;
}

function fatal(description: AlertDescription): { epoch: number; fragment: Buffer } {
  return { epoch: 0, fragment: Buffer.from([AlertLevel.Fatal, description]) };
}

/** A pair whose client, or server, has nobody to ask for the key. */
function withoutListener(side: 'client' | 'server'): Pair {
  const pair = new Pair({ psk: false });
  pair[side === 'client' ? 'server' : 'client'].on('pskRequired', answerPsk);
  return pair;
}

it('50. without a pskRequired listener on the client both sides fail, with alert 40 on the wire', () => {
  const pair = obeyingAlerts(withoutListener('client'));
  const alert = runToAlert(pair, pair.clientSocket);
  expect(statusOf(pair.client)).toEqual(FATAL);
  expect(onlyRecordOf(alert)).toMatchObject(fatal(AlertDescription.HandshakeFailure));
  expect(pair.server.doHandshake(pair.serverSocket, alert)).toBe(false);
  expect(statusOf(pair.server)).toEqual(FATAL);
});

it('50. without a pskRequired listener on the server both sides fail, with alert 115 on the wire', () => {
  const pair = obeyingAlerts(withoutListener('server'));
  const alert = runToAlert(pair, pair.serverSocket);
  expect(statusOf(pair.server)).toEqual(FATAL);
  expect(onlyRecordOf(alert)).toMatchObject(fatal(AlertDescription.UnknownPskIdentity));
  expect(pair.client.doHandshake(pair.clientSocket, alert)).toBe(false);
  expect(statusOf(pair.client)).toEqual(FATAL);
});

it('50. a server whose client has no pskRequired listener waits for its deadline, by default', () =>
  onOwnClock(() => {
    const pair = withDeadline(withoutListener('client'));
    const alert = runToAlert(pair, pair.clientSocket);
    expect(statusOf(pair.client)).toEqual(FATAL);
    expect(pair.client.dtlsErrorString()).toContain('psk identity not found');
    expect(pair.server.doHandshake(pair.serverSocket, alert)).toBe(true);
    expectIgnoredAlert(pair.server, pair.serverSocket.sent, 'handshake failure');
  }));

it('50. a client whose server has no pskRequired listener waits for its deadline, by default', () =>
  onOwnClock(() => {
    const pair = withDeadline(withoutListener('server'));
    const alert = runToAlert(pair, pair.serverSocket);
    expect(statusOf(pair.server)).toEqual(FATAL);
    expect(pair.server.dtlsErrorString()).toContain('psk identity not found');
    expect(pair.client.doHandshake(pair.clientSocket, alert)).toBe(true);
    expectIgnoredAlert(pair.client, pair.clientSocket.sent, 'unknown PSK identity');
  }));

it('51. an identity of 300 and keys of 600 bytes are cut to 255 and 512', () => {
  const pair = new Pair({ psk: false });
  const seen: Seen[] = [];
  const key = Buffer.from(Array.from({ length: 600 }, (_, index) => index & 0xff));
  const otherEnd = Buffer.concat([key.subarray(0, 512), Buffer.alloc(88)]);
  pair.client.on('pskRequired', answering([], 'i'.repeat(300), key));
  pair.server.on('pskRequired', answering(seen, '', otherEnd));
  pair.run();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  expect(seen.map(({ identity }) => identity)).toEqual(['i'.repeat(255)]);
});

it('52. each side is asked once, with hint, identity and limits', () => {
  const server = pskConfiguration((settings) => settings.setPreSharedKeyIdentityHint('the hint'));
  const pair = new Pair({ psk: false, server });
  const seenByClient: Seen[] = [];
  const seenByServer: Seen[] = [];
  pair.client.on('pskRequired', answering(seenByClient, 'alice', PSK));
  pair.server.on('pskRequired', answering(seenByServer, '', PSK));
  pair.run();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  const common = { identityHint: 'the hint', maximumPreSharedKeyLength: 512 };
  expect(seenByClient).toEqual([{ ...common, identity: '', maximumIdentityLength: 255 }]);
  expect(seenByServer).toEqual([{ ...common, identity: 'alice', maximumIdentityLength: 0 }]);
});

it('53. a client that verifies finds NoPeerCertificate after a pre-shared key', () => {
  const pair = new Pair({ client: configuration() }).run();
  expect(statusOf(pair.client)).toEqual({ state: 'PeerVerificationFailed', error: 'PeerVerificationError' });
  expect(pair.client.isConnectionEncrypted()).toBe(false);
  const errors = pair.client.peerVerificationErrors();
  expect(errors.map((error) => error.error())).toEqual([SslError.NoPeerCertificate]);
  expect(errors.map((error) => error.certificate().isNull())).toEqual([true]);
  expect(statusOf(pair.server)).toEqual(COMPLETE);
});

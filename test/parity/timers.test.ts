import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import type { QDtls } from '../../lib';
import { onlyRecordOf, handshakeOf, HandshakeType } from '../support/dtls-records';
import type { MemorySocket } from '../support/memory-socket';
import { Pair } from '../support/pair';
import { certificatePair } from '../support/peer-checks';
import { selfSigned, showing, stages, statusOf, trusting } from '../support/stages';
import { timersHaveRun } from '../support/timers';

/** OpenSSL takes a timer with less than this left for expired: a signal may come so much early. */
const EARLY = 16;
/** What both clocks round, in milliseconds. */
const LEEWAY = 10;
const SHORTEST = { initial: 20, maximum: 20 };

interface Started {
  readonly client: QDtls;
  readonly socket: MemorySocket;
  readonly hello: Buffer;
  /** When, in milliseconds, it can have sent it at the earliest. */
  readonly since: number;
}

/** A client that has sent its hello to nobody. */
function startClient(timeouts?: { initial: number; maximum: number }): Started {
  const { client, clientSocket: socket } = new Pair();
  if (timeouts !== undefined) client.setRetransmissionTimeouts(timeouts);
  client.setHandshakeDeadline(0);
  const since = performance.now();
  expect(client.doHandshake(socket)).toBe(true);
  return { client, socket, hello: socket.take(), since };
}

/**
 * Expects the signals at these intervals, in milliseconds, and answers them. Not much later: a timer of the same event loop, which
 * expires half an interval after it, must not come first, however late both are.
 */
async function expectSignals({ client, socket, hello, since }: Started, intervals: readonly number[]): Promise<void> {
  let last = since;
  for (const [index, interval] of intervals.entries()) {
    let isLate = false;
    const witness = setTimeout(() => (isLate = true), 1.5 * interval + LEEWAY);
    await once(client, 'handshakeTimeout');
    clearTimeout(witness);
    expect(isLate).toBe(false);
    const now = performance.now();
    expect(now - last).toBeGreaterThan(interval - EARLY);
    last = now;
    expect(client.handleTimeout(socket)).toBe(true);
    expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    expectRepetition(hello, socket.takeAll(), index + 1);
  }
  client.abortHandshake(socket);
}

/** The same message in a new record; from the fourth repetition on it is sent twice, as docs/qt-parity.md says. */
function expectRepetition(hello: Buffer, datagrams: readonly Buffer[], repetition: number): void {
  expect(datagrams).toHaveLength(repetition <= 3 ? 1 : 2);
  expect(datagrams.every((datagram) => datagram.equals(datagrams[0] ?? hello))).toBe(true);
  const [before, again] = [hello, ...datagrams].map(onlyRecordOf);
  if (before === undefined || again === undefined) throw new Error('unreachable');
  expect(handshakeOf(again)).toEqual(handshakeOf(before));
  expect(handshakeOf(again)).toMatchObject({ type: HandshakeType.ClientHello, messageSequence: 0 });
  expect(again.sequence).toBeGreaterThan(before.sequence);
}

it('96. a flight that is not answered is repeated after 1 second, and again 2 seconds later', async () => {
  await expectSignals(startClient(), [1000, 2000]);
});

// The schedule of the defaults (1, 2, 4 ... 32, then 60 seconds) at a 50th of its length.
it('96. each repetition takes twice as long as the one before, up to a limit', async () => {
  await expectSignals(startClient({ initial: 20, maximum: 1200 }), [20, 40, 80, 160, 320, 640, 1200, 1200]);
});

it('96. the limit is kept from then on', async () => {
  await expectSignals(startClient({ initial: 20, maximum: 40 }), [20, 40, 40, 40, 40, 40, 40, 40]);
});

it('97. a signal that is not answered is neither followed by another nor by a repetition', async () => {
  const { client, socket } = startClient(SHORTEST);
  let signals = 0;
  client.on('handshakeTimeout', () => (signals += 1));
  await once(client, 'handshakeTimeout');
  await timersHaveRun();
  expect(signals).toBe(1);
  expect(socket.sent).toEqual([]);

  expect(client.handleTimeout(socket)).toBe(true);
  expect(socket.sent).toHaveLength(1);
  await once(client, 'handshakeTimeout');
  expect(signals).toBe(2);
});

const idle = ['HandshakeNotStarted', 'PeerVerificationFailed', 'HandshakeComplete'] as const;

it.each([...idle, 'HandshakeInProgress' as const])('98. handleTimeout needs a socket in %s', (state) => {
  const { client } = stages[state]();
  expect(client.handleTimeout(null)).toBe(false);
  expect(statusOf(client)).toEqual({ state, error: 'InvalidInputParameters' });
});

it.each(idle)('98. handleTimeout is refused in %s', async (state) => {
  const { client, clientSocket } = stages[state]();
  clientSocket.takeAll();
  let signals = 0;
  client.on('handshakeTimeout', () => (signals += 1));
  expect(client.handleTimeout(clientSocket)).toBe(false);
  expect(statusOf(client)).toEqual({ state, error: 'InvalidOperation' });
  await timersHaveRun();
  expect(signals).toBe(0);
  expect(clientSocket.sent).toEqual([]);
});

it('98. handleTimeout is refused after abort, shutdown and a remote close', () => {
  const aborted = startClient();
  aborted.client.abortHandshake(aborted.socket);
  const pair = new Pair().run();
  pair.client.shutdown(pair.clientSocket);
  pair.settle();
  for (const dtls of [aborted.client, pair.client, pair.server]) {
    expect(dtls.handleTimeout(pair.clientSocket)).toBe(false);
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'InvalidOperation' });
  }
  expect(pair.clientSocket.sent).toEqual([]);
});

it('99. before its time handleTimeout sends nothing and changes nothing', async () => {
  const started = startClient({ initial: 100, maximum: 1000 });
  const { client, socket } = started;
  for (let count = 0; count < 20; count += 1) expect(client.handleTimeout(socket)).toBe(true);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  expect(socket.sent).toEqual([]);
  await expectSignals(started, [100, 200]);
});

it('100. after 12 repetitions in vain the handshake has failed', async () => {
  const { client, socket } = startClient(SHORTEST);
  for (let count = 0; count < 12; count += 1) {
    await once(client, 'handshakeTimeout');
    expect(client.handleTimeout(socket)).toBe(true);
  }
  expect(socket.takeAll()).toHaveLength(3 + 2 * 9); // from the fourth on twice

  await once(client, 'handshakeTimeout');
  let signals = 0;
  client.on('handshakeTimeout', () => (signals += 1));
  expect(client.handleTimeout(socket)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
  expect(client.dtlsErrorString()).toMatch(/time/i);
  await timersHaveRun();
  expect(signals).toBe(0);
  expect(socket.sent).toEqual([]);
});

it('101. nobody is signalled after completion', async () => {
  const pair = new Pair();
  const signalled = listenWithShortTimers(pair);
  pair.run();
  expect(pair.client.isConnectionEncrypted() && pair.server.isConnectionEncrypted()).toBe(true);
  await timersHaveRun();
  expect(signalled).toEqual([]);
});

it('101. nobody is signalled after a peer failed verification', async () => {
  const pair = certificatePair({ client: trusting(), server: showing(selfSigned()) });
  const signalled = listenWithShortTimers(pair);
  pair.run();
  expect(statusOf(pair.client).state).toBe('PeerVerificationFailed');
  await timersHaveRun();
  expect(signalled).toEqual([]);
});

it('101. a server in progress is signalled too, and repeats its flight', async () => {
  const pair = new Pair();
  pair.server.setRetransmissionTimeouts(SHORTEST);
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  const lost = pair.serverSocket.takeAll();
  expect(lost).not.toEqual([]);

  await once(pair.server, 'handshakeTimeout');
  expect(pair.server.handleTimeout(pair.serverSocket)).toBe(true);
  expect(pair.serverSocket.sent).not.toEqual([]);
  pair.settle();
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  expect(statusOf(pair.server)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
});

/** Gives both sides the shortest timeouts, and lists whom they signal. */
function listenWithShortTimers(pair: Pair): string[] {
  const signalled: string[] = [];
  for (const side of ['client', 'server'] as const) {
    pair[side].setRetransmissionTimeouts(SHORTEST);
    pair[side].on('handshakeTimeout', () => signalled.push(side));
  }
  return signalled;
}

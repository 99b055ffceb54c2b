import { HandshakeState, QDtls, QDtlsClientVerifier, SslMode } from '../../lib';
import { FaultySocket, thrownBy, throws } from '../support/faulty-socket';
import { answerPsk, CLIENT_ADDRESS, CLIENT_PORT, Pair } from '../support/pair';
import { showing, selfSigned, stages, statusOf, trusting } from '../support/stages';
import { obeyingAlerts } from '../support/unauthenticated-alerts';

const values: [string, unknown][] = [
  ['an Error', new Error('by a listener')],
  ['null', null],
  ['undefined', undefined],
  ['a string', 'text'],
];

/** A pair whose sockets can fail. */
class FaultyPair extends Pair {
  override readonly clientSocket = new FaultySocket();
  override readonly serverSocket = new FaultySocket();
}

/** Lets the listeners of an event throw this until the returned function is called. */
function sabotage(dtls: QDtls, event: 'pskRequired' | 'handshakeStateChanged' | 'handshakeTimeout', value: unknown): () => void {
  const listener = throws(value);
  dtls.on(event, listener);
  return () => void dtls.off(event, listener);
}

/** Both sides can talk. */
function expectConversation(pair: Pair): void {
  expect([statusOf(pair.client).state, statusOf(pair.server).state]).toEqual(['HandshakeComplete', 'HandshakeComplete']);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'to the server');
  pair.server.writeDatagramEncrypted(pair.serverSocket, 'to the client');
  pair.settle();
  expect(pair.received.server).toContain('to the server');
  expect(pair.received.client).toContain('to the client');
}

/** What the sockets in memory owe a callback is not a timer of ours. */
const onlyTimers = { doNotFake: ['nextTick'] } satisfies Parameters<typeof jest.useFakeTimers>[0];

afterEach(() => {
  jest.useRealTimers();
});

describe('a pskRequired listener that throws', () => {
  it.each(values)('%s on the client: doHandshake throws it after the handshake has failed', (_, value) => {
    const pair = obeyingAlerts(new Pair());
    const states: HandshakeState[] = [];
    const stop = sabotage(pair.client, 'pskRequired', value);
    pair.client.on('handshakeStateChanged', (state) => states.push(state));
    pair.start();
    pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take());
    const flight = pair.serverSocket.takeAll();
    const thrown = flight.map((datagram) => thrownBy(() => pair.client.doHandshake(pair.clientSocket, datagram)));
    expect(thrown.at(-1)).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(states).toEqual([HandshakeState.HandshakeInProgress, HandshakeState.HandshakeNotStarted]);

    // The server, which obeys alerts, hears of it, and both objects can start again.
    pair.settle();
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    stop();
    pair.run();
    expectConversation(pair);
  });

  it.each(values)('%s on the server: doHandshake throws it after the handshake has failed', (_, value) => {
    const pair = obeyingAlerts(new Pair());
    const stop = sabotage(pair.server, 'pskRequired', value);
    pair.start();
    const thrown = thrownBy(() => pair.settle());
    expect(thrown).toEqual({ value });
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    pair.settle();
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    stop();
    pair.run();
    expectConversation(pair);
  });

  it.each([
    ['client', 'server', 'handshake failure'],
    ['server', 'client', 'unknown PSK identity'],
  ] as const)('on the %s leaves the %s waiting for its deadline, which counts the alert', (side, other, alert) => {
    const pair = new Pair();
    const stop = sabotage(pair[side], 'pskRequired', null);
    expect(thrownBy(() => pair.run())).toEqual({ value: null });
    pair.settle();
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(statusOf(pair[other])).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    expect(pair[other].statistics().alertsReceived).toEqual({ [alert]: 1 });
    stop();
    pair[other].abortHandshake(other === 'client' ? pair.clientSocket : pair.serverSocket);
    pair.run();
    expectConversation(pair);
  });

  it.each(['client', 'server'] as const)('on the %s fails the handshake although the key was set before', (side) => {
    const pair = new Pair();
    pair[side].on('pskRequired', throws('no'));
    expect(thrownBy(() => pair.run())).toEqual({ value: 'no' });
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(pair[side].dtlsErrorString()).toContain('psk identity not found');
  });

  it.each(['client', 'server'] as const)('on the %s throws what it threw also after it ended the handshake', (side) => {
    const pair = new Pair();
    const dtls = pair[side];
    dtls.on('pskRequired', () => {
      dtls.abortHandshake(side === 'client' ? pair.clientSocket : pair.serverSocket);
      throw null;
    });
    expect(thrownBy(() => pair.run())).toEqual({ value: null });
    expect(statusOf(dtls).state).toBe('HandshakeNotStarted');
  });

  it('asks the listeners before it, and none after', () => {
    const pair = new Pair({ psk: false });
    const asked: string[] = [];
    pair.server.on('pskRequired', answerPsk);
    pair.client.on('pskRequired', () => asked.push('first'));
    pair.client.on('pskRequired', throws(null));
    pair.client.on('pskRequired', () => asked.push('third'));
    expect(thrownBy(() => pair.run())).toEqual({ value: null });
    expect(asked).toEqual(['first']);
  });

  const both = values.flatMap(([name, value]) => (['client', 'server'] as const).map((side) => [name, side, value] as const));

  it.each(both)('%s on the %s: it counts when a handshakeStateChanged listener throws as well', (_, side, value) => {
    const pair = new Pair();
    const dtls = pair[side];
    const stop = sabotage(dtls, 'pskRequired', value);
    let changes = 0;
    const failed = (state: HandshakeState): void => {
      if (state !== HandshakeState.HandshakeNotStarted) return;
      changes += 1;
      throw new Error('by handshakeStateChanged');
    };
    dtls.on('handshakeStateChanged', failed);
    expect(thrownBy(() => pair.run())).toEqual({ value });
    expect(changes).toBe(1);
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });

    // The next handshake is not spoilt.
    stop();
    dtls.off('handshakeStateChanged', failed);
    pair.settle();
    if (side === 'client') pair.server.abortHandshake(pair.serverSocket);
    else pair.client.abortHandshake(pair.clientSocket);
    expect(thrownBy(() => pair.run())).toBeUndefined();
    expectConversation(pair);
  });
});

describe('a handshakeStateChanged listener that throws', () => {
  it.each(values)('%s: doHandshake throws it, and the handshake goes on all the same', (_, value) => {
    const pair = new Pair();
    const stop = [sabotage(pair.client, 'handshakeStateChanged', value), sabotage(pair.server, 'handshakeStateChanged', value)];
    expect(thrownBy(() => pair.client.doHandshake(pair.clientSocket))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    pair.verifier.verifyClient(pair.serverSocket, pair.clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
    pair.client.doHandshake(pair.clientSocket, pair.serverSocket.take());

    const thrown: unknown[] = [];
    for (let i = 0; i < 20; i += 1) thrown.push(thrownBy(() => pair.step()));
    expect(thrown.filter((found) => found !== undefined)).toEqual([{ value }, { value }, { value }]);
    for (const restore of stop) restore();
    expectConversation(pair);
  });

  it.each(values)('%s: shutdown throws it after the goodbye was sent', (_, value) => {
    const pair = new Pair().run();
    const stop = sabotage(pair.client, 'handshakeStateChanged', value);
    expect(thrownBy(() => pair.client.shutdown(pair.clientSocket))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'NoError' });
    stop();
    pair.settle();
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' });
    pair.run();
    expectConversation(pair);
  });

  it.each(values)('%s: decryptDatagram throws it when the peer said goodbye', (_, value) => {
    const pair = new Pair().run();
    pair.server.shutdown(pair.serverSocket);
    const stop = sabotage(pair.client, 'handshakeStateChanged', value);
    const goodbye = pair.serverSocket.take();
    expect(thrownBy(() => pair.client.decryptDatagram(pair.clientSocket, goodbye))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' });
    stop();
    pair.run();
    expectConversation(pair);
  });

  it.each(values)('%s: a peer that failed verification can be resumed all the same', (_, value) => {
    const pair = new Pair({ client: trusting(), server: showing(selfSigned()), psk: false });
    pair.start();
    const stop = sabotage(pair.client, 'handshakeStateChanged', value);
    expect(thrownBy(() => pair.settle())).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'PeerVerificationFailed', error: 'PeerVerificationError' });
    pair.client.ignoreVerificationErrors(pair.client.peerVerificationErrors());
    expect(thrownBy(() => pair.client.resumeHandshake(pair.clientSocket))).toEqual({ value });
    stop();
    expectConversation(pair);
  });

  it.each(values)('%s: abortHandshake throws it after the handshake has ended', (_, value) => {
    const pair = stages.HandshakeInProgress();
    const stop = sabotage(pair.client, 'handshakeStateChanged', value);
    expect(thrownBy(() => pair.client.abortHandshake(pair.clientSocket))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'NoError' });
    stop();
    const another = new Pair();
    another.client.abortHandshake(another.clientSocket);
    expect(pair.client.doHandshake(pair.clientSocket)).toBe(true);
  });

  it.each(values)('%s: the timer of the deadline throws it after the handshake has ended', (_, value) => {
    jest.useFakeTimers(onlyTimers);
    const pair = new Pair();
    pair.client.setHandshakeDeadline(5000);
    pair.client.doHandshake(pair.clientSocket);
    sabotage(pair.client, 'handshakeStateChanged', value);
    jest.advanceTimersByTime(4999);
    // What a timer throws is an uncaught exception; the fake clock hands it to whoever moved it.
    const thrown = thrownBy(() => jest.advanceTimersByTime(1));
    expect(thrown ?? { value }).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('a handshakeTimeout listener that throws', () => {
  it.each(values)('%s: the handshake waits on, and handleTimeout works', (_, value) => {
    jest.useFakeTimers(onlyTimers);
    const pair = new Pair();
    pair.start();
    const stop = sabotage(pair.client, 'handshakeTimeout', value);
    thrownBy(() => jest.advanceTimersByTime(1000));
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    stop();
    expect(pair.client.handleTimeout(pair.clientSocket)).toBe(true);
    pair.settle();
    expectConversation(pair);
  });
});

describe('a socketError listener that throws', () => {
  it.each(values)('%s: doHandshake throws it, and the flight is repeated when its time comes', (_, value) => {
    jest.useFakeTimers(onlyTimers);
    const pair = new FaultyPair();
    let timeouts = 0;
    pair.client.on('handshakeTimeout', () => (timeouts += 1));
    pair.client.on('socketError', throws(value));
    pair.clientSocket.fault = throws(new Error('no route'));
    expect(thrownBy(() => pair.client.doHandshake(pair.clientSocket))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeInProgress', error: 'UnderlyingSocketError' });
    jest.advanceTimersByTime(1000);
    expect(timeouts).toBe(1);
  });

  it.each(values)('%s: the step that completes a handshake is not lost', (_, value) => {
    const pair = new FaultyPair();
    pair.start();
    pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take());
    for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
    pair.server.on('socketError', throws(value));
    pair.serverSocket.fault = throws(new Error('no route'));
    const thrown = pair.clientSocket.takeAll().map((datagram) => thrownBy(() => pair.deliverToServer(datagram)));
    expect(thrown.at(-1)).toEqual({ value });
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
    expect(pair.server.sessionCipher().isNull()).toBe(false);
  });

  it.each(values)('%s: writeDatagramEncrypted throws it, and the association lives', (_, value) => {
    const pair = new FaultyPair();
    pair.run();
    const listener = throws(value);
    pair.client.on('socketError', listener);
    pair.clientSocket.fault = throws(new Error('no route'));
    expect(thrownBy(() => pair.client.writeDatagramEncrypted(pair.clientSocket, 'lost'))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
    pair.clientSocket.fault = undefined;
    expectConversation(pair);
  });

  it.each(values)('%s: shutdown throws it after the association has ended', (_, value) => {
    const pair = new FaultyPair();
    pair.run();
    pair.client.on('socketError', throws(value));
    pair.clientSocket.fault = throws(new Error('no route'));
    expect(thrownBy(() => pair.client.shutdown(pair.clientSocket))).toEqual({ value });
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'UnderlyingSocketError' });
  });

  it.each(values)('%s: verifyClient throws it, and the verifier serves the next client', (_, value) => {
    const client = new QDtls(SslMode.SslClientMode);
    const socket = new FaultySocket();
    client.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
    client.doHandshake(socket);
    const hello = socket.take();
    const verifier = new QDtlsClientVerifier();
    const listener = throws(value);
    verifier.on('socketError', listener);
    socket.fault = throws(new Error('no route'));
    const verify = (): boolean => verifier.verifyClient(socket, hello, CLIENT_ADDRESS, CLIENT_PORT);
    expect(thrownBy(verify)).toEqual({ value });
    socket.fault = undefined;
    expect(verify()).toBe(false);
    expect(verifier.dtlsErrorString()).toBe('');
    client.doHandshake(socket, socket.take());
    expect(verifier.verifyClient(socket, socket.take(), CLIENT_ADDRESS, CLIENT_PORT)).toBe(true);
  });
});

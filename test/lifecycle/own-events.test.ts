import { once } from 'node:events';
import { HandshakeState, QDtls, SslMode } from '../../lib';
import { FaultySocket, throws } from '../support/faulty-socket';
import { answerPsk, Pair, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { selfSigned, showing, statusOf, trusting } from '../support/stages';
import { collected } from '../support/timers';

const { HandshakeNotStarted, HandshakeInProgress, PeerVerificationFailed, HandshakeComplete } = HandshakeState;

/** A pair whose sockets can fail. */
class FaultyPair extends Pair {
  override readonly clientSocket = new FaultySocket();
  override readonly serverSocket = new FaultySocket();
}

/** Does something the first time that the state becomes this one. */
function when(dtls: QDtls, state: HandshakeState, action: () => void): void {
  const listener = (now: HandshakeState): void => {
    if (now !== state) return;
    dtls.off('handshakeStateChanged', listener);
    action();
  };
  dtls.on('handshakeStateChanged', listener);
}

/** Both are idle, hold no timer, and can be used again. */
function expectFreshStart(pair: Pair): void {
  expect(statusOf(pair.client).state).toBe('HandshakeNotStarted');
  expect(pair.client.isConnectionEncrypted()).toBe(false);
  expect(pair.client.sessionCipher().isNull()).toBe(true);
  pair.client.removeAllListeners('handshakeStateChanged');
  pair.clientSocket.takeAll();
  pair.serverSocket.takeAll();
  if (pair.server.isConnectionEncrypted()) pair.server.shutdown(pair.serverSocket);
  else if (pair.server.handshakeState() !== HandshakeNotStarted) pair.server.abortHandshake(pair.serverSocket);
  pair.serverSocket.takeAll();
  pair.run();
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'as new');
  pair.settle();
  expect(pair.received.server).toEqual(['as new']);
}

/** What the sockets in memory owe a callback is not a timer of ours. */
const onlyTimers = { doNotFake: ['nextTick'] } satisfies Parameters<typeof jest.useFakeTimers>[0];

afterEach(() => {
  jest.useRealTimers();
});

describe('an association that ends in handshakeStateChanged', () => {
  it('can be aborted as soon as it has begun', () => {
    jest.useFakeTimers(onlyTimers);
    const pair = new Pair();
    when(pair.client, HandshakeInProgress, () => {
      expect(pair.client.abortHandshake(pair.clientSocket)).toBe(true);
    });
    pair.client.doHandshake(pair.clientSocket);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    expectFreshStart(pair);
  });

  it('can be shut down as soon as it is complete, and the peer is told in the right order', () => {
    const pair = new Pair();
    const states: HandshakeState[] = [];
    pair.client.on('handshakeStateChanged', (state) => states.push(state));
    when(pair.server, HandshakeComplete, () => {
      expect(pair.server.shutdown(pair.serverSocket)).toBe(true);
    });
    pair.run();
    expect(statusOf(pair.server).state).toBe('HandshakeNotStarted');
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' });
    expect(states).toEqual([HandshakeInProgress, HandshakeComplete, HandshakeNotStarted]);
    expectFreshStart(pair);
  });

  it('can speak before it is shut down', () => {
    const pair = new Pair();
    when(pair.client, HandshakeComplete, () => {
      pair.client.writeDatagramEncrypted(pair.clientSocket, 'hello and goodbye');
      pair.client.shutdown(pair.clientSocket);
    });
    pair.run();
    expect(pair.received.server).toEqual(['hello and goodbye']);
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' });
  });

  it('can be aborted when its peer fails verification', () => {
    const pair = new Pair({ client: trusting(), server: showing(selfSigned()), psk: false });
    when(pair.client, PeerVerificationFailed, () => {
      expect(pair.client.abortHandshake(pair.clientSocket)).toBe(true);
    });
    pair.run();
    expect(statusOf(pair.client).state).toBe('HandshakeNotStarted');
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' });
  });

  it('can be resumed when its peer fails verification', () => {
    const pair = new Pair({ client: trusting(), server: showing(selfSigned()), psk: false });
    const states: HandshakeState[] = [];
    when(pair.client, PeerVerificationFailed, () => {
      pair.client.ignoreVerificationErrors(pair.client.peerVerificationErrors());
      expect(pair.client.resumeHandshake(pair.clientSocket)).toBe(true);
    });
    pair.client.on('handshakeStateChanged', (state) => states.push(state));
    pair.run();
    expect(pair.client.isConnectionEncrypted()).toBe(true);
    expect(pair.client.writeDatagramEncrypted(pair.clientSocket, 'all the same')).toBe(12);
    pair.settle();
    expect(pair.received.server).toEqual(['all the same']);
    expect(states).toContain(HandshakeComplete);
  });

  it('can start again when the peer says goodbye', () => {
    const pair = new Pair().run();
    when(pair.client, HandshakeNotStarted, () => {
      expect(pair.client.doHandshake(pair.clientSocket)).toBe(true);
    });
    pair.server.shutdown(pair.serverSocket);
    pair.deliverToClient(pair.serverSocket.take());
    expect(statusOf(pair.client).state).toBe('HandshakeInProgress');
    const hello = pair.clientSocket.take();
    expect(hello[13]).toBe(1);
  });

  it('can start again when the deadline is over', () => {
    jest.useFakeTimers(onlyTimers);
    const pair = new Pair();
    pair.client.setHandshakeDeadline(2000);
    pair.client.doHandshake(pair.clientSocket);
    when(pair.client, HandshakeNotStarted, () => {
      expect(pair.client.dtlsErrorString()).toMatch(/2000 ms/);
      expect(pair.client.doHandshake(pair.clientSocket)).toBe(true);
    });
    jest.advanceTimersByTime(2000);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    expect(jest.getTimerCount()).toBe(1); // for the repetition, and then for the deadline
    jest.advanceTimersByTime(2000);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('an association that ends in handshakeTimeout', () => {
  it('can be aborted, and its timers are gone', () => {
    jest.useFakeTimers(onlyTimers);
    const pair = new Pair();
    pair.client.once('handshakeTimeout', () => {
      expect(pair.client.abortHandshake(pair.clientSocket)).toBe(true);
    });
    pair.client.doHandshake(pair.clientSocket);
    jest.advanceTimersByTime(1000);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    expectFreshStart(pair);
  });

  it('can go on with a datagram instead', () => {
    jest.useFakeTimers(onlyTimers);
    const pair = new Pair();
    pair.start();
    pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take());
    pair.client.once('handshakeTimeout', () => pair.settle());
    jest.advanceTimersByTime(1000);
    expect(pair.client.isConnectionEncrypted()).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('an association that ends in socketError', () => {
  const noRoute = new Error('no route');

  it('can be aborted when its first flight is refused', () => {
    jest.useFakeTimers(onlyTimers);
    const pair = new FaultyPair();
    pair.client.once('socketError', () => {
      expect(pair.client.abortHandshake(pair.clientSocket)).toBe(true);
    });
    pair.clientSocket.fault = throws(noRoute);
    expect(pair.client.doHandshake(pair.clientSocket)).toBe(false);
    pair.clientSocket.fault = undefined;
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    expectFreshStart(pair);
  });

  it('can be ended when its last flight is refused', () => {
    const pair = new FaultyPair();
    pair.start();
    pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take());
    for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
    pair.server.once('socketError', () => {
      pair.serverSocket.fault = undefined;
      if (pair.server.isConnectionEncrypted()) pair.server.shutdown(pair.serverSocket);
      else pair.server.abortHandshake(pair.serverSocket);
    });
    pair.serverSocket.fault = throws(noRoute);
    for (const datagram of pair.clientSocket.takeAll()) pair.deliverToServer(datagram);
    expect(statusOf(pair.server).state).toBe('HandshakeNotStarted');
    expect(pair.server.isConnectionEncrypted()).toBe(false);
    expect(pair.server.sessionCipher().isNull()).toBe(true);
  });

  it('can be shut down when a message is refused, over a socket that refuses the goodbye too', () => {
    const pair = new FaultyPair();
    pair.run();
    let errors = 0;
    pair.client.on('socketError', () => {
      errors += 1;
      pair.client.shutdown(pair.clientSocket);
    });
    pair.clientSocket.fault = throws(noRoute);
    expect(pair.client.writeDatagramEncrypted(pair.clientSocket, 'lost')).toBe(-1);
    expect(errors).toBe(2);
    pair.clientSocket.fault = undefined;
    expectFreshStart(pair);
  });

  it('can start again in the step that would ask for the key, and only the new handshake asks', async () => {
    const pair = new FaultyPair();
    const { client, clientSocket: socket, server, serverSocket } = pair;
    let asked = 0;
    client.on('pskRequired', () => (asked += 1));
    client.setRetransmissionTimeouts({ initial: 100, maximum: 60_000 });
    server.setMtuHint(1400); // its flight is one datagram
    pair.start();
    server.doHandshake(serverSocket, socket.take());
    await once(client, 'handshakeTimeout'); // OpenSSL repeats the hello in its next step
    client.once('socketError', () => {
      socket.fault = undefined;
      client.abortHandshake(socket);
      expect(client.doHandshake(socket)).toBe(true);
    });
    socket.fault = throws(noRoute);
    expect(client.doHandshake(socket, serverSocket.take())).toBe(false);
    expect(statusOf(client).state).toBe('HandshakeInProgress');
    expect(asked).toBe(0);

    server.abortHandshake(serverSocket);
    pair.verifier.verifyClient(serverSocket, socket.take(), '127.0.0.1', 40001);
    pair.deliverToClient(serverSocket.take());
    pair.settle();
    expect(asked).toBe(1);
    expect([statusOf(client).state, statusOf(server).state]).toEqual(Array(2).fill('HandshakeComplete'));
  });

  it('can be aborted by a socket that reports its failure at once in the callback', () => {
    jest.useFakeTimers(onlyTimers);
    const pair = new FaultyPair();
    pair.client.once('socketError', () => pair.client.abortHandshake(pair.clientSocket));
    pair.clientSocket.fault = (callback) => callback(noRoute);
    pair.client.doHandshake(pair.clientSocket);
    pair.clientSocket.fault = undefined;
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    expectFreshStart(pair);
  });
});

describe('an association that nobody holds any more', () => {
  it('survives its own pskRequired', async () => {
    // Everything that holds the client is in this function, and gone when the listener runs.
    const held: { client?: QDtls } = {};
    const pair = new Pair();
    const states: HandshakeState[] = [];
    const socket = pair.clientSocket;
    const makeClient = (): WeakRef<QDtls> => {
      const client = new QDtls(SslMode.SslClientMode);
      client.setPeer(SERVER_ADDRESS, SERVER_PORT);
      client.setDtlsConfiguration(pair.client.dtlsConfiguration());
      client.on('handshakeStateChanged', (state) => states.push(state));
      client.on('pskRequired', (authenticator) => {
        delete held.client;
        answerPsk(authenticator);
      });
      held.client = client;
      return new WeakRef(client);
    };
    const reference = makeClient();
    held.client?.doHandshake(socket);
    pair.verifier.verifyClient(pair.serverSocket, socket.take(), '127.0.0.1', 40001);
    held.client?.doHandshake(socket, pair.serverSocket.take());
    pair.server.doHandshake(pair.serverSocket, socket.take());
    for (const datagram of pair.serverSocket.takeAll()) held.client?.doHandshake(socket, datagram);
    expect(held.client).toBeUndefined();
    expect(socket.sent.length).toBeGreaterThan(0); // its last flight went out after it was dropped
    for (const datagram of socket.takeAll()) pair.deliverToServer(datagram);
    expect(pair.server.isConnectionEncrypted()).toBe(true);
    expect(states).toEqual([HandshakeInProgress]);
    reference.deref()?.abortHandshake(socket); // or its timers hold it until the deadline
    await collected([reference]);
  });
});

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { tapSend } from '../support/dgram-tap';
import { QDtls, QDtlsClientVerifier, QDtlsError, SslMode, type SendCallback } from '../../lib';
import { FaultySocket, throws } from '../support/faulty-socket';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';
import { selfSigned, showing, statusOf, trusting } from '../support/stages';

/** A pair whose sockets can fail. */
class FaultyPair extends Pair {
  override readonly clientSocket = new FaultySocket();
  override readonly serverSocket = new FaultySocket();
}

const noRoute = new Error('no route');

interface Fault {
  readonly name: string;
  readonly fault: (callback: SendCallback) => void;
  /** Whether the method that sends learns of it before it returns. */
  readonly timing: 'at once' | 'later';
  readonly text: RegExp;
}

/** Calls back with something that the types forbid. */
function report(callback: SendCallback, value: unknown): void {
  Reflect.apply(callback, undefined, [value]);
}

const faults: readonly Fault[] = [
  { name: 'throws an Error', fault: throws(noRoute), timing: 'at once', text: /^no route$/ },
  { name: 'throws null', fault: throws(null), timing: 'at once', text: /threw null/ },
  { name: 'throws a string', fault: throws('no'), timing: 'at once', text: /no/ },
  { name: 'calls back with an Error at once', fault: (callback) => callback(noRoute), timing: 'at once', text: /^no route$/ },
  {
    name: 'calls back with an Error later',
    fault: (callback) => void setImmediate(callback, noRoute),
    timing: 'later',
    text: /^no route$/,
  },
  {
    name: 'calls back with a string later',
    fault: (callback) => void setImmediate(report, callback, 'no'),
    timing: 'later',
    text: /no/,
  },
];

/** Something that sends a datagram through the client's socket, and where it leaves the association. */
interface Sender {
  readonly name: string;
  readonly prepare: () => FaultyPair;
  readonly send: (pair: FaultyPair) => unknown;
  /** What it returns when all goes well, and when the socket refuses at once. */
  readonly returns: readonly [unknown, unknown];
  readonly state: string;
}

const senders: readonly Sender[] = [
  {
    name: 'doHandshake that starts',
    prepare: () => new FaultyPair(),
    send: ({ client, clientSocket }) => client.doHandshake(clientSocket),
    returns: [true, false],
    state: 'HandshakeInProgress',
  },
  {
    name: 'doHandshake that continues',
    prepare: () => {
      const pair = new FaultyPair();
      pair.client.doHandshake(pair.clientSocket);
      pair.verifier.verifyClient(pair.serverSocket, pair.clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
      return pair;
    },
    send: ({ client, clientSocket, serverSocket }) => client.doHandshake(clientSocket, serverSocket.take()),
    returns: [true, false],
    state: 'HandshakeInProgress',
  },
  {
    name: 'writeDatagramEncrypted',
    prepare: () => new FaultyPair().run(),
    send: ({ client, clientSocket }) => client.writeDatagramEncrypted(clientSocket, 'message'),
    returns: [7, -1],
    state: 'HandshakeComplete',
  },
  {
    name: 'shutdown',
    prepare: () => new FaultyPair().run(),
    send: ({ client, clientSocket }) => client.shutdown(clientSocket),
    returns: [true, false],
    state: 'HandshakeNotStarted',
  },
  {
    name: 'abortHandshake of a peer that failed verification',
    prepare: () => new FaultyPair({ client: trusting(), server: showing(selfSigned()), psk: false }).run(),
    send: ({ client, clientSocket }) => client.abortHandshake(clientSocket),
    returns: [true, false],
    state: 'HandshakeNotStarted',
  },
];

describe.each(senders)('$name', ({ prepare, send, returns, state }) => {
  it.each(faults)('over a socket that $name: UnderlyingSocketError and one socketError', async ({ fault, timing, text }) => {
    const pair = prepare();
    const errors: Error[] = [];
    pair.client.on('socketError', (error) => errors.push(error));
    pair.clientSocket.fault = fault;
    const [sent, refused] = returns;
    expect(send(pair)).toBe(timing === 'at once' ? refused : sent);
    if (timing === 'later') {
      expect(errors).toEqual([]);
      await new Promise(setImmediate);
    }
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(Error);
    expect(errors[0]?.message).toMatch(text);
    expect(statusOf(pair.client)).toEqual({ state, error: 'UnderlyingSocketError' });
    expect(pair.client.dtlsErrorString()).toMatch(text);
  });
});

describe.each(faults)('a socket that $name', ({ fault, timing, text }) => {
  it('does not hurt a verifier', async () => {
    const client = new QDtls(SslMode.SslClientMode);
    const socket = new FaultySocket();
    client.setPeer(SERVER_ADDRESS, SERVER_PORT);
    client.doHandshake(socket);
    const hello = socket.take();
    const verifier = new QDtlsClientVerifier();
    const errors: Error[] = [];
    verifier.on('socketError', (error) => errors.push(error));
    socket.fault = fault;
    expect(verifier.verifyClient(socket, hello, CLIENT_ADDRESS, CLIENT_PORT)).toBe(false);
    if (timing === 'later') await new Promise(setImmediate);
    expect(errors).toHaveLength(1);
    expect(verifier.dtlsError()).toBe(QDtlsError.UnderlyingSocketError);
    expect(verifier.dtlsErrorString()).toMatch(text);
  });

  it('delays a handshake until it works again, and no longer', async () => {
    const pair = new FaultyPair();
    for (const dtls of [pair.client, pair.server]) dtls.setRetransmissionTimeouts({ initial: 50, maximum: 50 });
    const timedOut = once(pair.client, 'handshakeTimeout');
    pair.clientSocket.fault = fault;
    pair.client.doHandshake(pair.clientSocket);
    await timedOut;
    pair.clientSocket.fault = undefined;
    expect(pair.client.handleTimeout(pair.clientSocket)).toBe(true);
    pair.verifier.verifyClient(pair.serverSocket, pair.clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
    pair.client.doHandshake(pair.clientSocket, pair.serverSocket.take());
    pair.settle();
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  });
});

describe('a connected dgram.Socket', () => {
  const every16th = [true, ...new Array<boolean>(15).fill(false)];
  let asked: boolean[] = [];
  let refusal: Error | null = null;

  async function connectedSocket(): Promise<Socket> {
    const socket = createSocket('udp4');
    socket.connect(9, '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }

  function write(client: QDtls, socket: Socket, count: number): boolean[] {
    asked = [];
    for (let i = 0; i < count; i += 1) client.writeDatagramEncrypted(socket, 'message');
    return asked;
  }

  beforeEach(() => {
    refusal = null;
    tapSend((...values) => {
      const callback = values.at(-1);
      asked.push(typeof callback === 'function');
      if (typeof callback === 'function') Reflect.apply(callback, undefined, [refusal]);
    });
  });

  afterEach(() => {
    jest.useRealTimers();
    tapSend(null);
  });

  it('is asked about every 16th message, about one after a silence, and about each one after a refusal', async () => {
    const { client } = new FaultyPair().run();
    const socket = await connectedSocket();
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    expect(write(client, socket, 40)).toEqual([...every16th, ...every16th, ...every16th.slice(0, 8)]);
    jest.advanceTimersByTime(100);
    expect(write(client, socket, 17)).toEqual([...every16th, true]);
    jest.advanceTimersByTime(100);
    refusal = noRoute;
    expect(write(client, socket, 4)).toEqual([true, true, true, true]);
    expect(statusOf(client)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
    refusal = null;
    expect(write(client, socket, 3)).toEqual([true, false, false]);
    expect(statusOf(client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
    socket.close();
  });

  it('is asked about each message when it has a send() of its own, or is not connected', async () => {
    const { client } = new FaultyPair().run();
    const socket = await connectedSocket();
    socket.send = (...values: unknown[]): void => {
      asked.push(typeof values.at(-1) === 'function');
    };
    expect(write(client, socket, 3)).toEqual([true, true, true]);
    const unconnected = createSocket('udp4');
    expect(write(client, unconnected, 3)).toEqual([true, true, true]);
    for (const each of [socket, unconnected]) each.close();
  });
});

describe('without a socketError listener', () => {
  it.each(faults)('a socket that $name makes no noise', async ({ fault, timing }) => {
    const pair = new FaultyPair();
    pair.run();
    pair.clientSocket.fault = fault;
    expect(pair.client.writeDatagramEncrypted(pair.clientSocket, 'message')).toBe(timing === 'at once' ? -1 : 7);
    await new Promise(setImmediate);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
  });
});

describe('a failure that is reported late', () => {
  it('does not disturb the next handshake of the object', async () => {
    const pair = new FaultyPair();
    pair.run();
    pair.server.shutdown(pair.serverSocket);
    pair.serverSocket.takeAll();
    pair.clientSocket.fault = (callback) => void setImmediate(callback, noRoute);
    pair.client.shutdown(pair.clientSocket);
    pair.clientSocket.fault = undefined;
    pair.start();
    await new Promise(setImmediate);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeInProgress', error: 'UnderlyingSocketError' });
    pair.settle();
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  });
});

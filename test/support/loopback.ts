import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import {
  HandshakeState,
  QDtls,
  QDtlsClientVerifier,
  QDtlsError,
  SslMode,
  type DatagramSocket,
  type QSslConfiguration,
  type QSslPreSharedKeyAuthenticator,
  type SendCallback,
} from '../../lib';
import { answerPsk } from './pair';
import { Watch } from './watch';

export const LOOPBACK = '127.0.0.1';

/** A real socket on a free port of loopback that keeps what goes through it, and loses what it is told to lose. */
export class LoopbackSocket implements DatagramSocket {
  /** Everything given to send(), lost or not. */
  readonly sent: Buffer[] = [];
  readonly received: Buffer[] = [];
  readonly address: string;
  /** Whether a datagram, the index-th one sent, is lost on its way. */
  loses: (datagram: Buffer, index: number) => boolean = () => false;
  readonly #socket: Socket;

  private constructor(socket: Socket, address: string) {
    this.#socket = socket;
    this.address = address;
    socket.on('message', (datagram) => this.received.push(datagram));
    socket.on('error', () => undefined); // an ICMP answer to a closed port
  }

  static async open(address = LOOPBACK, port = 0): Promise<LoopbackSocket> {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.bind(port, address);
    await once(socket, 'listening');
    return new LoopbackSocket(socket, address);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  onMessage(listener: (datagram: Buffer, from: RemoteInfo) => void): void {
    this.#socket.on('message', listener);
  }

  async connect(port: number): Promise<void> {
    this.#socket.connect(port, this.address);
    await once(this.#socket, 'connect');
  }

  disconnect(): void {
    this.#socket.disconnect();
  }

  remoteAddress(): unknown {
    return this.#socket.remoteAddress();
  }

  send(datagram: Uint8Array, ...rest: readonly [SendCallback] | readonly [number, string, SendCallback]): void {
    const copy = Buffer.from(datagram);
    this.sent.push(copy);
    if (this.loses(copy, this.sent.length - 1)) {
      process.nextTick(rest.length === 1 ? rest[0] : rest[2], null);
    } else if (rest.length === 1) {
      this.#socket.send(datagram, rest[0]);
    } else {
      this.#socket.send(datagram, ...rest);
    }
  }

  close(): void {
    this.#socket.close();
  }

  /** Closes it, and resolves when it is closed. */
  async closed(): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }
}

type AnswerPsk = (authenticator: QSslPreSharedKeyAuthenticator) => void;

/** A QDtls that is served as an application serves it: its datagrams, its timer, its key and its messages. */
export class LiveAssociation {
  readonly dtls: QDtls;
  readonly socket: LoopbackSocket;
  readonly messages: string[] = [];
  /** What went wrong, each as `ErrorName: text`. */
  readonly failures: string[] = [];
  readonly watch = new Watch();

  constructor(dtls: QDtls, socket: LoopbackSocket, answer: AnswerPsk = answerPsk) {
    this.dtls = dtls;
    this.socket = socket;
    dtls.on('pskRequired', answer);
    dtls.on('handshakeStateChanged', () => this.watch.notify());
    dtls.on('handshakeTimeout', () => {
      if (!dtls.handleTimeout(socket)) this.#failed();
    });
  }

  start(hello?: Buffer): void {
    if (!this.dtls.doHandshake(this.socket, hello)) this.#failed();
  }

  take(datagram: Buffer): void {
    if (this.dtls.isConnectionEncrypted()) {
      const message = this.dtls.decryptDatagram(this.socket, datagram);
      if (message.length > 0) this.messages.push(message.toString());
    } else if (this.dtls.handshakeState() !== HandshakeState.HandshakeNotStarted) {
      this.dtls.doHandshake(this.socket, datagram);
    }
    if (this.dtls.dtlsError() !== QDtlsError.NoError) this.#failed();
    while (this.dtls.hasPendingDatagrams()) this.messages.push(this.dtls.nextPendingDatagram().toString());
    this.watch.notify();
  }

  say(message: string): void {
    this.dtls.writeDatagramEncrypted(this.socket, message);
  }

  /** Resolves when the handshake is complete; rejects as soon as it has failed. */
  async encrypted(): Promise<void> {
    await this.until(() => this.dtls.isConnectionEncrypted() || this.failures.length > 0, 'encrypted');
    if (!this.dtls.isConnectionEncrypted()) throw new Error(this.failures.join('; '));
  }

  /** Resolves when a message with this text in it has come. */
  heard(text: string): Promise<void> {
    return this.until(() => this.messages.some((message) => message.includes(text)), `heard ${text}`);
  }

  /** Resolves to the failures as soon as there is one. */
  async failed(): Promise<string> {
    await this.until(() => this.failures.length > 0, 'a failure');
    return this.failures.join('; ');
  }

  until(condition: () => boolean, what: string): Promise<void> {
    const state = (): string => HandshakeState[this.dtls.handshakeState()];
    return this.watch.until(condition, () => `${what}; ${state()} ${this.failures.join('; ')}`);
  }

  #failed(): void {
    const error = QDtlsError[this.dtls.dtlsError()];
    this.failures.push(`${error}: ${this.dtls.dtlsErrorString()}`);
    this.watch.notify();
  }
}

/** What an application does with a new QDtls before its handshake. */
export type SetUp = (dtls: QDtls) => void;

export interface ServerOptions {
  /** Of the server; a client's own socket has the same. */
  readonly address?: string;
  readonly setUp?: SetUp;
  /** Who answers pskRequired; by default with the key of the tests. */
  readonly answer?: AnswerPsk;
}

export interface ClientOptions extends ServerOptions {
  readonly localPort?: number;
  /** The name the client verifies. */
  readonly name?: string;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const socket = await LoopbackSocket.open();
  const { port } = socket;
  await socket.closed();
  return port;
}

/** A client that does nothing before start(). */
export async function openClient(
  port: number,
  configuration: QSslConfiguration,
  { address = LOOPBACK, localPort = 0, name = 'localhost', setUp, answer }: ClientOptions = {},
): Promise<LiveAssociation> {
  const socket = await LoopbackSocket.open(address, localPort);
  const dtls = new QDtls(SslMode.SslClientMode);
  dtls.setDtlsConfiguration(configuration);
  dtls.setPeer(address, port, name);
  setUp?.(dtls);
  const client = new LiveAssociation(dtls, socket, answer);
  socket.onMessage((datagram) => client.take(datagram));
  return client;
}

/** A server on one socket, with an association for each client whose cookie was right. */
export class LoopbackServer {
  readonly socket: LoopbackSocket;
  readonly associations: LiveAssociation[] = [];
  readonly #configuration: QSslConfiguration;
  readonly #options: ServerOptions;
  readonly #verifier = new QDtlsClientVerifier();
  readonly #known = new Map<string, LiveAssociation>();
  readonly #watch = new Watch();

  private constructor(socket: LoopbackSocket, configuration: QSslConfiguration, options: ServerOptions) {
    this.socket = socket;
    this.#configuration = configuration;
    this.#options = options;
    socket.onMessage((datagram, from) => this.#take(datagram, from));
  }

  static async open(configuration: QSslConfiguration, options: ServerOptions = {}): Promise<LoopbackServer> {
    return new LoopbackServer(await LoopbackSocket.open(options.address), configuration, options);
  }

  get port(): number {
    return this.socket.port;
  }

  /** Resolves to the association with the index-th client. */
  async client(index = 0): Promise<LiveAssociation> {
    await this.#watch.until(
      () => this.associations.length > index,
      () => `client ${index} of ${this.associations.length}`,
    );
    const found = this.associations[index];
    if (found === undefined) throw new Error('there is no such client');
    return found;
  }

  #take(datagram: Buffer, from: RemoteInfo): void {
    const key = `${from.address} ${from.port}`;
    const known = this.#known.get(key);
    const isServed = known !== undefined && known.dtls.handshakeState() !== HandshakeState.HandshakeNotStarted;
    if (isServed) known.take(datagram);
    else if (this.#admits(datagram, from)) this.#begin(key, datagram, from);
  }

  #admits(datagram: Buffer, from: RemoteInfo): boolean {
    if (!this.#configuration.dtlsCookieVerificationEnabled()) return true;
    return this.#verifier.verifyClient(this.socket, datagram, from.address, from.port);
  }

  #begin(key: string, hello: Buffer, from: RemoteInfo): void {
    const dtls = new QDtls(SslMode.SslServerMode);
    dtls.setDtlsConfiguration(this.#configuration);
    dtls.setPeer(from.address, from.port);
    this.#options.setUp?.(dtls);
    const association = new LiveAssociation(dtls, this.socket, this.#options.answer);
    this.#known.set(key, association);
    this.associations.push(association);
    association.start(hello);
    this.#watch.notify();
  }
}

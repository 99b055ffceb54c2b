import { once } from 'node:events';
import { PeerVerifyMode, QDtls, QDtlsClientVerifier, QSslConfiguration, SslMode, type QSslPreSharedKeyAuthenticator } from '../../lib';
import { MemorySocket } from './memory-socket';

export const PSK = Buffer.from('1a2b3c4d5e6f', 'hex');
export const CLIENT_ADDRESS = '127.0.0.1';
export const CLIENT_PORT = 40001;
export const SERVER_ADDRESS = '127.0.0.1';
export const SERVER_PORT = 22334;

/** The default DTLS configuration, changed. */
export function configuration(change: (configuration: QSslConfiguration) => void = () => undefined): QSslConfiguration {
  const result = QSslConfiguration.defaultDtlsConfiguration();
  change(result);
  return result;
}

/** A configuration for pre-shared keys: no certificate is expected. */
export function pskConfiguration(change: (configuration: QSslConfiguration) => void = () => undefined): QSslConfiguration {
  return configuration((result) => {
    result.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
    change(result);
  });
}

/** Gives `authenticator` the key of the tests. */
export function answerPsk(authenticator: QSslPreSharedKeyAuthenticator): void {
  authenticator.setIdentity('alice');
  authenticator.setPreSharedKey(PSK);
}

export interface PairOptions {
  readonly client?: QSslConfiguration;
  readonly server?: QSslConfiguration;
  /** The name the client verifies. */
  readonly name?: string;
  /** Whether both sides answer pskRequired with the key of the tests; default true. */
  readonly psk?: boolean;
}

/** A client and a server joined by two sockets in memory: nothing moves unless a test moves it. */
export class Pair {
  readonly client = new QDtls(SslMode.SslClientMode);
  readonly server = new QDtls(SslMode.SslServerMode);
  readonly verifier = new QDtlsClientVerifier();
  /** What the client sends through. */
  readonly clientSocket = new MemorySocket();
  /** What the server and the verifier send through. */
  readonly serverSocket = new MemorySocket();
  /** Messages received by each side. */
  readonly received: Readonly<Record<'client' | 'server', string[]>> = { client: [], server: [] };

  constructor(options: PairOptions = {}) {
    this.client.setPeer(SERVER_ADDRESS, SERVER_PORT, options.name ?? '');
    this.server.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
    this.client.setDtlsConfiguration(options.client ?? pskConfiguration());
    this.server.setDtlsConfiguration(options.server ?? pskConfiguration());
    if (options.psk === false) return;
    this.client.on('pskRequired', answerPsk);
    this.server.on('pskRequired', answerPsk);
  }

  /** Starts the client and answers its cookie exchange (if the server asks for one), up to the server's start. */
  start(): boolean {
    const started = this.client.doHandshake(this.clientSocket);
    if (!started || !this.server.dtlsConfiguration().dtlsCookieVerificationEnabled()) return started;
    this.verifier.verifyClient(this.serverSocket, this.clientSocket.take(), CLIENT_ADDRESS, CLIENT_PORT);
    return this.client.doHandshake(this.clientSocket, this.serverSocket.take());
  }

  /** Carries one datagram in each direction; false when there was none. */
  step(): boolean {
    const toServer = this.clientSocket.sent.shift();
    if (toServer !== undefined) this.deliverToServer(toServer);
    const toClient = this.serverSocket.sent.shift();
    if (toClient !== undefined) this.deliverToClient(toClient);
    return toServer !== undefined || toClient !== undefined;
  }

  /** Carries datagrams until both sides are quiet. */
  settle(): void {
    for (let steps = 0; this.step(); steps += 1) {
      if (steps > 1000) throw new Error('the two sides never come to rest');
    }
  }

  /** A whole handshake. */
  run(): this {
    this.start();
    this.settle();
    return this;
  }

  deliverToServer(datagram: Buffer): void {
    if (this.server.isConnectionEncrypted()) {
      collect(this.received.server, this.server, this.server.decryptDatagram(this.serverSocket, datagram));
    } else {
      this.server.doHandshake(this.serverSocket, datagram);
    }
  }

  deliverToClient(datagram: Buffer): void {
    if (this.client.isConnectionEncrypted()) {
      collect(this.received.client, this.client, this.client.decryptDatagram(this.clientSocket, datagram));
    } else {
      this.client.doHandshake(this.clientSocket, datagram);
    }
  }
}

function collect(received: string[], dtls: QDtls, first: Buffer): void {
  if (first.length > 0) received.push(first.toString());
  while (dtls.hasPendingDatagrams()) received.push(dtls.nextPendingDatagram().toString());
}

/** Sends a message to the server of an established pair; what it makes of it. */
export function exchange({ client, server }: Pair, text: string): string {
  return server.decryptDatagram(new MemorySocket(), client.encryptDatagram(text)).toString();
}

/** What one side repeats when its time has come. On a busy machine OpenSSL's clock and ours may need a second look. */
export async function repeatedFlight(dtls: QDtls, socket: MemorySocket): Promise<Buffer[]> {
  while (socket.sent.length === 0) {
    await once(dtls, 'handshakeTimeout');
    dtls.handleTimeout(socket);
  }
  return socket.takeAll();
}

/** A server that is done, whose last flight was lost. The client repeats its own after a time that a busy machine keeps. */
export function pairWithLostFlight(): Pair {
  const pair = new Pair();
  pair.client.setRetransmissionTimeouts({ initial: 250, maximum: 250 });
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  for (const datagram of pair.serverSocket.takeAll()) pair.deliverToClient(datagram);
  for (const datagram of pair.clientSocket.takeAll()) pair.deliverToServer(datagram);
  if (!pair.server.isConnectionEncrypted()) throw new Error('the server is not done');
  pair.serverSocket.takeAll();
  return pair;
}

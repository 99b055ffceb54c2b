import {
  HandshakeState,
  QDtls,
  QDtlsClientVerifier,
  QDtlsError,
  SslMode,
  type QDtlsServerNameRequest,
  type QSslConfiguration,
  type QSslPreSharedKeyAuthenticator,
} from '../../lib';
import { nameOf, type Endpoint, type LossyNetwork, type NetworkSocket } from './lossy-link';
import { answerPsk } from './pair';

/** How the peers of a test behave. */
export interface PeerSettings {
  readonly client: QSslConfiguration;
  readonly server: QSslConfiguration;
  /** The name that the client verifies; default `localhost`. */
  readonly name?: string;
  readonly timeouts?: { readonly initial: number; readonly maximum: number };
  /** Milliseconds; default 60000, as of any QDtls. */
  readonly deadline?: number;
  /** Asked for by the client, and how the server answers serverNameRequired. */
  readonly serverName?: string;
  readonly answerName?: (request: QDtlsServerNameRequest) => void;
  readonly answerPsk?: (authenticator: QSslPreSharedKeyAuthenticator) => void;
}

/** One end of an association, served as an application serves it: its datagrams, its timer, its key, its messages. */
export class NetworkPeer {
  readonly dtls: QDtls;
  readonly messages: string[] = [];
  /** Why the association has ended, as `ErrorName: text`; '' while it has not. */
  failure = '';
  /** Resolves when the handshake is over, well or not. */
  readonly handshake: Promise<void>;
  readonly #socket: NetworkSocket;
  #handshakeIsOver: () => void = () => undefined;

  constructor(mode: SslMode, socket: NetworkSocket, peer: Endpoint, settings: PeerSettings) {
    const isClient = mode === SslMode.SslClientMode;
    this.#socket = socket;
    this.dtls = new QDtls(mode);
    this.dtls.setPeer(peer.address, peer.port, isClient ? (settings.name ?? 'localhost') : '');
    this.dtls.setDtlsConfiguration(isClient ? settings.client : settings.server);
    if (settings.timeouts !== undefined) this.dtls.setRetransmissionTimeouts(settings.timeouts);
    if (settings.deadline !== undefined) this.dtls.setHandshakeDeadline(settings.deadline);
    if (isClient) this.dtls.setServerName(settings.serverName ?? '');
    else if (settings.answerName !== undefined) this.dtls.on('serverNameRequired', settings.answerName);
    this.dtls.on('pskRequired', settings.answerPsk ?? answerPsk);
    this.dtls.on('handshakeTimeout', () => this.dtls.handleTimeout(socket));
    this.dtls.on('handshakeStateChanged', () => this.#look());
    this.handshake = new Promise((resolve) => (this.#handshakeIsOver = resolve));
  }

  get isEncrypted(): boolean {
    return this.dtls.isConnectionEncrypted();
  }

  /** A client starts without a hello. */
  start(hello?: Buffer): void {
    this.dtls.doHandshake(this.#socket, hello);
    this.#look(); // no change of state is told when it fails at once
    this.#collect();
  }

  take(datagram: Buffer): void {
    if (this.isEncrypted) {
      const message = this.dtls.decryptDatagram(this.#socket, datagram);
      if (message.length > 0) this.messages.push(message.toString());
    } else if (this.dtls.handshakeState() === HandshakeState.HandshakeInProgress) {
      this.dtls.doHandshake(this.#socket, datagram);
    }
    this.#collect();
  }

  say(message: string): void {
    if (this.dtls.writeDatagramEncrypted(this.#socket, message) < 0) throw new Error(errorOf(this.dtls));
  }

  /** Gives up, telling nobody: frees what a half-open association holds. */
  abandon(): void {
    if (this.dtls.handshakeState() === HandshakeState.HandshakeInProgress) this.dtls.abortHandshake(this.#socket);
    else if (this.isEncrypted) this.dtls.shutdown(this.#socket);
  }

  #look(): void {
    const state = this.dtls.handshakeState();
    if (state === HandshakeState.HandshakeInProgress) return;
    if (state !== HandshakeState.HandshakeComplete) this.failure ||= errorOf(this.dtls);
    this.#handshakeIsOver();
  }

  #collect(): void {
    while (this.dtls.hasPendingDatagrams()) this.messages.push(this.dtls.nextPendingDatagram().toString());
  }
}

/** The error of an association, by name and with its text. */
function errorOf(dtls: QDtls): string {
  return `${QDtlsError[dtls.dtlsError()]}: ${dtls.dtlsErrorString()}`;
}

/** A server at one endpoint, with an association for each client whose cookie was right. */
export class NetworkServer {
  readonly endpoint: Endpoint;
  readonly verifier = new QDtlsClientVerifier();
  readonly #socket: NetworkSocket;
  readonly #settings: PeerSettings;
  readonly #peers = new Map<string, NetworkPeer>();

  constructor(network: LossyNetwork, endpoint: Endpoint, settings: PeerSettings) {
    this.endpoint = endpoint;
    this.#settings = settings;
    this.#socket = network.open(endpoint, (datagram, from) => this.#receive(datagram, from));
  }

  /** The association with the client at this endpoint, if there was one. */
  peer(client: Endpoint): NetworkPeer | undefined {
    return this.#peers.get(nameOf(client));
  }

  abandonAll(): void {
    for (const peer of this.#peers.values()) peer.abandon();
    this.#peers.clear();
  }

  #receive(datagram: Buffer, from: Endpoint): void {
    const known = this.#peers.get(nameOf(from));
    if (known !== undefined && known.failure === '') {
      known.take(datagram);
    } else if (datagram.length > 0 && this.verifier.verifyClient(this.#socket, datagram, from.address, from.port)) {
      const peer = new NetworkPeer(SslMode.SslServerMode, this.#socket, from, this.#settings);
      this.#peers.set(nameOf(from), peer);
      peer.start(datagram);
    }
  }
}

/** A client at an endpoint of its own; it does nothing before start(). */
export function openClient(
  network: LossyNetwork,
  endpoint: Endpoint,
  server: Endpoint,
  settings: PeerSettings,
): NetworkPeer {
  const socket = network.open(endpoint, (datagram) => client.take(datagram));
  const client = new NetworkPeer(SslMode.SslClientMode, socket, server, settings);
  return client;
}

/** Runs the task for 0 to count - 1, so many at a time. */
export async function inParallel(count: number, width: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await task(next - 1);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
}

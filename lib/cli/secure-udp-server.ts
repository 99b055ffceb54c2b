import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { QDtlsClientVerifier, type QSslConfiguration, SslMode } from '../index';
import { Association, type EndReason } from './association';
import type { AssociationStatus } from './association-status';
import { clientHelloRandom, looksEncrypted } from '../endpoint/client-hello';
import { describeRemote } from './describe';
import { HandshakeQueue } from '../endpoint/handshake-queue';
import { dataEntry, logEntry, type LogEvents, type LogLevel } from './log';
import type { HandshakeOptions } from './options';
import { answerAsServer, type PreSharedKey } from './psk';
import type { Remote } from './remote';
import { ServerPeer } from './server-peer';
import { bind, closeAfterSending, createUdpSocket } from './socket';

/** Handshake datagrams that may wait for their turn; more are dropped. */
const WAITING_HANDSHAKES = 1024;

export interface SecureUdpServerOptions extends HandshakeOptions {
  /** Certificates, ciphers, and whether clients are verified by a cookie first. */
  readonly configuration: QSslConfiguration;
  /** Null refuses clients without a certificate suite. */
  readonly psk: PreSharedKey | null;
}

/** One client as a console shows it. */
export interface ServedPeer {
  readonly name: string;
  /** Cipher and protocol, '' while the handshake is under way. */
  readonly session: string;
  readonly status: AssociationStatus | null;
}

interface SecureUdpServerEvents extends LogEvents {
  /** A peer came, went, or became encrypted: {@link SecureUdpServer.peers} changed. */
  peers: [];
}

/**
 * Qt's secureudpserver example without its window: serves every client on one UDP socket and answers each
 * message with a text that ends in ACK. Unlike the example it retransmits, forgets what failed, and serves
 * a client that starts again on the same port.
 */
export class SecureUdpServer extends EventEmitter<SecureUdpServerEvents> {
  readonly #options: SecureUdpServerOptions;
  readonly #verifier = new QDtlsClientVerifier();
  readonly #queue = new HandshakeQueue(WAITING_HANDSHAKES);
  readonly #peers = new Map<string, ServerPeer>();
  #socket: Socket | null = null;
  #accepting = false;

  constructor(options: SecureUdpServerOptions) {
    super();
    this.#options = options;
  }

  /**
   * Binds the socket and serves. Resolves to the address and port in use, rejects when they cannot be
   * bound.
   */
  async listen(address: string, port: number): Promise<Remote> {
    await this.close();
    const socket = createUdpSocket(address);
    await bind(socket, port, address);
    socket.on('error', (error) => this.#log('error', '', `the socket reports: ${error.message}`));
    socket.on('message', (datagram, { address, port }) => this.#receive(socket, datagram, { address, port }));
    this.#socket = socket;
    this.#accepting = true;
    const bound = socket.address();
    this.#log('info', '', `listening on ${describeRemote(bound)}`);
    return bound;
  }

  /** Admits no new clients from now on; those that are known stay served. */
  stopAccepting(): void {
    this.#accepting = false;
    this.#log('info', '', 'no new clients are accepted');
  }

  /** Admits new clients again. Does nothing when the socket is closed. */
  resumeAccepting(): void {
    if (this.#socket === null) return;
    this.#accepting = true;
    this.#log('info', '', 'new clients are accepted again');
  }

  /** Sends close_notify to the client of this name; false when there is none. */
  closePeer(name: string): boolean {
    const peer = this.#peers.get(name);
    peer?.close();
    return peer !== undefined;
  }

  /** The clients of this moment. */
  peers(): ServedPeer[] {
    return [...this.#peers].map(([name, peer]) => ({ name, session: peer.session, status: peer.status() }));
  }

  /** Sends close_notify to every client and closes the socket. Does nothing when nothing is open. */
  async close(): Promise<void> {
    const socket = this.#socket;
    if (socket === null) return;
    this.#socket = null;
    this.#accepting = false;
    this.#queue.clear();
    for (const peer of [...this.#peers.values()]) peer.close();
    await closeAfterSending(socket);
    this.#log('info', '', 'the socket is closed');
  }

  /** Messages at once, everything else in turn: a handshake step is expensive. */
  #receive(socket: Socket, datagram: Buffer, remote: Remote): void {
    const name = describeRemote(remote);
    const peer = this.#peers.get(name);
    // With two associations it may be for the one that a waiting datagram completes, and must not overtake it.
    const mustWait = peer?.starting === true && this.#queue.has(name);
    if (peer?.takesAtOnce(datagram) === true && !mustWait) peer.receive(datagram);
    else if (!this.#queue.push(name, () => this.#handshakeStep(socket, datagram, remote))) this.#tellDropped(name);
  }

  /** A flood of datagrams must not become a flood of lines: tells the 1st, 10th, 100th ... */
  #tellDropped(name: string): void {
    const { dropped } = this.#queue;
    if (!/^10*$/.test(String(dropped))) return;
    this.#log('warning', name, `too many handshakes at once, a datagram was dropped (${dropped} so far)`);
  }

  #handshakeStep(socket: Socket, datagram: Buffer, remote: Remote): void {
    const name = describeRemote(remote);
    const peer = this.#peers.get(name);
    if (peer !== undefined && !peer.isNewAttempt(datagram)) peer.receive(datagram);
    else if (peer !== undefined || this.#accepting) this.#admit(socket, datagram, remote);
  }

  /**
   * Starts a handshake with a client that has shown by a cookie that it receives at the address it sends
   * from.
   */
  #admit(socket: Socket, datagram: Buffer, remote: Remote): void {
    const name = describeRemote(remote);
    if (looksEncrypted(datagram)) {
      this.#log('info', name, 'a datagram for no connection, or for one that is over, dropped');
    } else if (clientHelloRandom(datagram) === null) {
      this.#log('warning', name, 'not a ClientHello and not from a known client, dropped');
    } else if (this.#verify(socket, datagram, remote)) {
      const peer = this.#peers.get(name) ?? new ServerPeer();
      this.#peers.set(name, peer);
      peer.start(this.#createAssociation(socket, remote, peer), datagram);
      this.emit('peers');
    }
  }

  #verify(socket: Socket, datagram: Buffer, remote: Remote): boolean {
    const name = describeRemote(remote);
    if (!this.#options.configuration.dtlsCookieVerificationEnabled()) {
      this.#log('info', name, 'not verified (cookies are off), handshake starts');
      return true;
    }
    const verified = this.#verifier.verifyClient(socket, datagram, remote.address, remote.port);
    const reason = this.#verifier.dtlsErrorString();
    if (verified) this.#log('info', name, 'verified, handshake starts');
    else if (reason !== '') this.#log('error', name, `cannot verify: ${reason}`);
    else this.#log('info', name, 'not verified yet, cookie sent');
    return verified;
  }

  #createAssociation(socket: Socket, remote: Remote, peer: ServerPeer): Association {
    const { psk } = this.#options;
    const name = describeRemote(remote);
    const mode = SslMode.SslServerMode;
    const association = new Association({ ...this.#options, mode, socket, remote, verificationName: '' });
    association.on('log', (level, text) => this.#log(level, name, text));
    association.on('encrypted', () => this.#serve(name, peer));
    association.on('message', (message) => this.#acknowledge(name, association, message));
    association.on('ended', (reason) => this.#forget(name, peer, association, reason));
    if (psk !== null) {
      association.on('pskRequired', (authenticator) => {
        this.#log('info', name, answerAsServer(authenticator, psk));
      });
    }
    return association;
  }

  #serve(name: string, peer: ServerPeer): void {
    const replaced = peer.promote();
    if (replaced !== null) {
      this.#log('info', name, 'the client has started again, its earlier connection is dropped');
      replaced.abandon();
    }
    this.emit('peers');
  }

  #acknowledge(name: string, association: Association, message: Buffer): void {
    this.emit('data', dataEntry('received', name, message));
    const reply = Buffer.from(`${name}: ${message.length} bytes received, ACK`);
    if (association.encrypted && association.send(reply)) {
      this.emit('data', dataEntry('sent', name, reply));
    }
  }

  #forget(name: string, peer: ServerPeer, association: Association, reason: EndReason): void {
    peer.remove(association);
    if (peer.empty) this.#peers.delete(name);
    const failed = reason === 'failed' || reason === 'unverified';
    if (failed) this.#log('info', name, 'forgotten, it may try again');
    this.emit('peers');
  }

  #log(level: LogLevel, connection: string, text: string): void {
    this.emit('log', logEntry(level, connection, text));
  }
}

import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import {
  HandshakeState,
  QDtls,
  QDtlsError,
  type QSslConfiguration,
  type QSslPreSharedKeyAuthenticator,
  type SslMode,
} from '../index';
import { type Agreement, agreementOf, type AssociationStatus, NOTHING_AGREED, statusOf } from './association-status';
import { describeCertificate, describeSession } from './describe';
import type { LogLevel } from './log';
import type { HandshakeOptions } from './options';
import type { Remote } from './remote';

/**
 * Why an association is over: we closed it, the peer sent close_notify, the peer's certificate did not pass
 * the checks, the handshake or the encryption failed, or another association has taken its place.
 */
export type EndReason = 'closed' | 'remote' | 'unverified' | 'failed' | 'replaced';

export interface AssociationOptions extends HandshakeOptions {
  readonly mode: SslMode;
  readonly socket: Socket;
  readonly remote: Remote;
  readonly configuration: QSslConfiguration;
  /** The name a client expects in the server's certificate, or ''. */
  readonly verificationName: string;
}

interface AssociationEvents {
  log: [level: LogLevel, text: string];
  pskRequired: [authenticator: QSslPreSharedKeyAuthenticator];
  /** The handshake is complete. */
  encrypted: [];
  message: [plaintext: Buffer];
  /** Happens once and last. */
  ended: [reason: EndReason];
}

/** One QDtls, driven as Qt's example programs drive theirs, that tells in words what happens to it. */
export class Association extends EventEmitter<AssociationEvents> {
  readonly #dtls: QDtls;
  readonly #socket: Socket;
  #ended = false;
  #agreement: Agreement = NOTHING_AGREED;
  /** Whether a call of ours is running, which looks at the new state itself. */
  #stepping = false;
  /** Names of the ignored alerts that were told: a flood of them must not become a flood of lines. */
  readonly #toldAlerts = new Set<string>();

  constructor({ mode, socket, remote, configuration, verificationName, ...handshake }: AssociationOptions) {
    super();
    this.#socket = socket;
    this.#dtls = new QDtls(mode);
    this.#dtls.setDtlsConfiguration(configuration);
    this.#dtls.setPeer(remote.address, remote.port, verificationName);
    this.#dtls.setMtuHint(handshake.mtu);
    this.#dtls.setHandshakeDeadline(handshake.handshakeDeadline);
    this.#dtls.setObeyUnauthenticatedAlerts(handshake.obeyAlerts);
    this.#dtls.on('pskRequired', (authenticator) => this.emit('pskRequired', authenticator));
    this.#dtls.on('handshakeTimeout', () => this.#retransmit());
    this.#dtls.on('handshakeStateChanged', (state) => {
      // By itself only the handshake's deadline changes the state.
      if (!this.#stepping && state === HandshakeState.HandshakeNotStarted) this.#fail('handshake');
    });
    this.#dtls.on('socketError', ({ message }) => {
      this.emit('log', 'warning', `the socket refused a datagram: ${message}`);
    });
  }

  get encrypted(): boolean {
    return this.#dtls.isConnectionEncrypted();
  }

  /** Cipher and protocol of an encrypted association, '' otherwise. */
  get session(): string {
    return this.encrypted ? describeSession(this.#dtls) : '';
  }

  /** How it stands; also when it is over. */
  status(): AssociationStatus {
    return statusOf(this.#dtls, this.#agreement);
  }

  /** Starts the handshake; a server passes the ClientHello that it starts from. */
  start(hello: Buffer = Buffer.alloc(0)): void {
    this.#handshake(hello);
  }

  /** Takes one datagram from the peer, whatever the state. */
  receive(datagram: Buffer): void {
    if (this.#ended) return;
    if (datagram.length === 0) this.emit('log', 'warning', 'received an empty datagram, ignored');
    else if (this.encrypted) this.#decrypt(datagram);
    else this.#handshake(datagram);
  }

  /** Sends one message encrypted. Returns false, and logs why, when it could not be sent. */
  send(message: Buffer): boolean {
    const sent = this.#step(() => this.#dtls.writeDatagramEncrypted(this.#socket, message));
    if (sent > 0) return true;
    this.#fail('cannot send');
    return false;
  }

  /**
   * Ends the association from this side: with close_notify when encrypted. Does nothing when it is over
   * already.
   */
  close(): void {
    if (this.#ended) return;
    if (this.encrypted) {
      const sent = this.#step(() => this.#dtls.shutdown(this.#socket));
      if (sent) this.emit('log', 'info', 'close_notify sent, connection closed');
      else this.emit('log', 'error', `cannot send close_notify: ${this.#reason()}`);
    } else this.#step(() => this.#dtls.abortHandshake(this.#socket));
    this.#end('closed');
  }

  /** Ends the association without a word to the peer, whose place another association has taken. */
  abandon(): void {
    if (this.#ended) return;
    if (!this.encrypted) this.#step(() => this.#dtls.abortHandshake(this.#socket));
    this.#end('replaced');
  }

  #step<T>(call: () => T): T {
    this.#stepping = true;
    try {
      return call();
    } finally {
      this.#stepping = false;
    }
  }

  #handshake(datagram: Buffer): void {
    const succeeded = this.#step(() => this.#dtls.doHandshake(this.#socket, datagram));
    if (this.encrypted) {
      this.#agreement = agreementOf(this.#dtls);
      this.emit('log', 'info', `handshake complete, encrypted with ${this.session}`);
      const certificate = this.#dtls.dtlsConfiguration().peerCertificate();
      if (!certificate.isNull()) this.emit('log', 'info', describeCertificate(certificate));
      this.emit('encrypted');
      this.#drain();
    } else if (this.#dtls.handshakeState() === HandshakeState.PeerVerificationFailed) {
      this.#refuseCertificate();
    } else if (!succeeded) this.#fail('handshake');
    else {
      this.emit('log', 'info', 'handshake in progress');
      this.#tellIgnoredAlerts();
    }
  }

  /** An alert may say why the peer is silent from now on; but nobody has signed it, and the handshake goes on. */
  #tellIgnoredAlerts(): void {
    const { alertsReceived, recordsDropped } = this.#dtls.statistics();
    if (recordsDropped.unauthenticatedAlert === 0) return;
    for (const name of Object.keys(alertsReceived)) {
      if (this.#toldAlerts.has(name)) continue;
      this.#toldAlerts.add(name);
      const advice = 'it may be forged and is ignored (--obey-alerts believes it)';
      this.emit('log', 'warning', `an unauthenticated alert says "${name}": ${advice}`);
    }
  }

  #refuseCertificate(): void {
    for (const error of this.#dtls.peerVerificationErrors()) {
      this.emit('log', 'error', `the peer's certificate is not accepted: ${error.errorString()}`);
    }
    this.#step(() => this.#dtls.abortHandshake(this.#socket));
    this.#end('unverified');
  }

  #decrypt(datagram: Buffer): void {
    const plaintext = this.#step(() => this.#dtls.decryptDatagram(this.#socket, datagram));
    // Listeners of 'message' may write, which clears the error slot.
    const error = this.#dtls.dtlsError();
    const reason = this.#reason();
    if (plaintext.length > 0) this.emit('message', plaintext);
    const drained = this.#drain();
    if (this.#ended) return;
    if (!this.encrypted) this.#loseConnection(error, reason);
    else if (error !== QDtlsError.NoError) this.emit('log', 'error', `cannot decrypt: ${reason}`);
    else if (plaintext.length === 0 && drained === 0) {
      this.emit('log', 'warning', 'a datagram without a message (a retransmission, a replay, junk), ignored');
    }
  }

  /** Delivers the messages that came with others in one datagram, or before the handshake was complete. */
  #drain(): number {
    let count = 0;
    for (; this.#dtls.hasPendingDatagrams(); count += 1) {
      this.emit('message', this.#dtls.nextPendingDatagram());
    }
    return count;
  }

  #loseConnection(error: QDtlsError, reason: string): void {
    if (error === QDtlsError.RemoteClosedConnectionError) {
      this.emit('log', 'info', 'close_notify received, the peer closed the connection');
      this.#end('remote');
    } else {
      this.emit('log', 'error', `connection lost: ${reason}`);
      this.#end('failed');
    }
  }

  #retransmit(): void {
    if (this.#ended) return;
    const repeated = this.#step(() => this.#dtls.handleTimeout(this.#socket));
    if (repeated) this.emit('log', 'warning', 'no answer in time, the last flight was sent again');
    else this.#fail('handshake');
  }

  /** Logs why something failed; the association ends if that was fatal. */
  #fail(what: string): void {
    this.emit('log', 'error', `${what}: ${this.#reason()}`);
    if (this.#dtls.handshakeState() === HandshakeState.HandshakeNotStarted) this.#end('failed');
  }

  #reason(): string {
    const text = this.#dtls.dtlsErrorString();
    return text === '' ? QDtlsError[this.#dtls.dtlsError()] : text;
  }

  #end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.emit('ended', reason);
  }
}

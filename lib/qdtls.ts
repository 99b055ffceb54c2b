import { DtlsAssociation } from './dtls-association';
import { DtlsData } from './dtls-data';
import { HandshakeState } from './handshake-state';
import { checkArrayOf, checkBytes, checkEnum, checkInstance, checkObject, checkUint, type Bytes } from './internal/arguments';
import { checkSocket, type DatagramSocket } from './internal/datagram-socket';
import { outcomeOf } from './internal/outcome';
import { lendSlab, LONGEST_MESSAGE } from './internal/record-calls';
import { allIgnored } from './peer-verification';
import { QDtlsError } from './qdtlserror';
import type { SslProtocol } from './qssl';
import type { QSslCipher } from './qsslcipher';
import { QSslError } from './qsslerror';
import { SslMode } from './qsslsocket';
import { contextFor } from './tls-context';

const EMPTY = Buffer.alloc(0);
const { HandshakeNotStarted, HandshakeInProgress, PeerVerificationFailed, HandshakeComplete } = HandshakeState;

/** Whether the deadline ended the last handshake. For the endpoint: Qt has no error of its own for it. */
export let hasGivenUp: (dtls: QDtls) => boolean;

/**
 * One DTLS association with one peer, over a datagram socket of the caller's. It never reads the socket: pass it
 * each datagram that came from the peer. Messages are fragmented, repeated and checked by OpenSSL.
 *
 * A server first verifies the client with QDtlsClientVerifier, then hands the verified hello to doHandshake().
 * Methods fail by returning false, -1 or an empty Buffer and set dtlsError(); they throw for wrong types only.
 * Qt: QDtls
 */
export class QDtls extends DtlsData {
  static readonly HandshakeState = HandshakeState;
  static readonly HandshakeNotStarted = HandshakeNotStarted;
  static readonly HandshakeInProgress = HandshakeInProgress;
  static readonly PeerVerificationFailed = PeerVerificationFailed;
  static readonly HandshakeComplete = HandshakeComplete;

  /** The largest message that one record, and so one datagram, can hold: 16384 bytes. Extension. Source: RFC 6347 section 4.1 */
  static readonly MaximumMessageSize = LONGEST_MESSAGE;

  readonly #association: DtlsAssociation;

  /**
   * Makes an idle object with the default DTLS configuration of this moment and cookie parameters that all objects
   * of the process share.
   *
   * @param mode - SslClientMode or SslServerMode; UnencryptedMode fails when the handshake starts.
   * @throws TypeError, RangeError - unless it is an SslMode.
   * Qt: QDtls::QDtls
   */
  constructor(mode: SslMode) {
    const association = new DtlsAssociation(checkEnum(mode, SslMode, 'mode', 'QSslSocket.SslMode'));
    super(association);
    this.#association = association;
  }

  /** Where the handshake stands. Qt: QDtls::handshakeState */
  handshakeState(): HandshakeState {
    return this.#association.state;
  }

  /** Whether application data can be exchanged: true in HandshakeComplete only. Qt: QDtls::isConnectionEncrypted */
  isConnectionEncrypted(): boolean {
    return this.#association.state === HandshakeComplete;
  }

  /** The agreed cipher suite; a null one before the handshake has ended. Qt: QDtls::sessionCipher */
  sessionCipher(): QSslCipher {
    return this.#association.cipher;
  }

  /** The agreed version; UnknownProtocol before the handshake has ended. Qt: QDtls::sessionProtocol */
  sessionProtocol(): SslProtocol {
    return this.#association.version;
  }

  /** What was wrong with the peer's certificate, in Qt's order. Qt: QDtls::peerVerificationErrors */
  peerVerificationErrors(): QSslError[] {
    return [...this.#association.verificationErrors];
  }

  /**
   * Replaces the list of verification errors to ignore, before the handshake or in PeerVerificationFailed. An entry
   * counts for the same error with the same certificate only; the list is forgotten when the association ends.
   *
   * @throws TypeError - unless it is an array of QSslError.
   * Qt: QDtls::ignoreVerificationErrors
   */
  ignoreVerificationErrors(errorsToIgnore: readonly QSslError[]): void {
    const check = (value: unknown, name: string): QSslError => checkInstance(value, QSslError, name);
    this.#association.ignored = checkArrayOf(errorsToIgnore, check, 'errorsToIgnore');
  }

  /**
   * Finds out whether OpenSSL can work with the configuration, before anybody starts a handshake with it. What is made for
   * that is kept for the handshakes. Extension.
   *
   * Returns false with TlsInitializationError if not.
   */
  checkConfiguration(): boolean {
    const { slot, settings, mode } = this.#association;
    slot.clear();
    const made = contextFor(settings, mode);
    return 'context' in made || slot.fail(QDtlsError.TlsInitializationError, made.problem);
  }

  /**
   * Starts the handshake, or continues it with a datagram from the peer. A server starts with the hello that
   * QDtlsClientVerifier verified; a client starts without a datagram.
   *
   * Returns true while all goes well: look at handshakeState(). Returns false with InvalidInputParameters (no
   * socket, no datagram where one is needed), InvalidOperation (no peer, or in no state to do so),
   * TlsInitializationError (the configuration), TlsFatalError (the handshake failed: HandshakeNotStarted),
   * PeerVerificationError (PeerVerificationFailed) or UnderlyingSocketError (the socket threw; the handshake goes on
   * with the next handleTimeout()).
   * @throws TypeError - for a socket without `send` or a datagram that is not bytes; whatever a listener of pskRequired
   *   or serverNameRequired threw, after the handshake has failed.
   *
   * Differs from Qt: a socket that refuses the datagram is UnderlyingSocketError, a cookie-bearing hello without
   * cookie verification TlsFatalError.
   * Qt: QDtls::doHandshake
   */
  doHandshake(socket: DatagramSocket | null | undefined, dgram: Bytes | null = EMPTY): boolean {
    const target = checkSocket(socket);
    const datagram = checkBytes(dgram ?? EMPTY, 'dgram');
    switch (this.#association.state) {
      case HandshakeNotStarted:
        return this.#start(target, datagram);
      case HandshakeInProgress:
        return this.#continue(target, datagram);
      default:
        return this.#association.slot.fail(QDtlsError.InvalidOperation, 'the handshake has ended and cannot be started or continued');
    }
  }

  /**
   * Sends the last flight again if its time has come; call it when handshakeTimeout is emitted.
   *
   * Returns false with InvalidInputParameters (no socket), InvalidOperation (no handshake in progress) or
   * TlsFatalError (the peer never answered: HandshakeNotStarted).
   * @throws TypeError - for a socket without `send`.
   *
   * Differs from Qt: without a handshake it does not crash, and giving up after OpenSSL's 12 repetitions is an error.
   * Qt: QDtls::handleTimeout
   */
  handleTimeout(socket: DatagramSocket | null | undefined): boolean {
    const target = checkSocket(socket);
    if (target === null) return this.#association.refuseWithoutSocket();
    if (this.#association.connection === null || this.#association.state !== HandshakeInProgress) {
      return this.#association.slot.fail(QDtlsError.InvalidOperation, 'no handshake is waiting for an answer');
    }
    this.#association.slot.clear();
    lendSlab();
    return this.#association.advance(target, outcomeOf(this.#association.connection.handleTimeout()));
  }

  /**
   * Goes on in spite of verification errors, if ignoreVerificationErrors() covers them all.
   *
   * Returns false with InvalidInputParameters (no socket), InvalidOperation (not in PeerVerificationFailed), or
   * NoError (not all errors are ignored).
   * @throws TypeError - for a socket without `send`.
   * Qt: QDtls::resumeHandshake
   */
  resumeHandshake(socket: DatagramSocket | null | undefined): boolean {
    if (checkSocket(socket) === null) return this.#association.refuseWithoutSocket();
    if (this.#association.state !== PeerVerificationFailed) {
      return this.#association.slot.fail(QDtlsError.InvalidOperation, 'there are no verification errors to be resumed from');
    }
    this.#association.slot.clear();
    if (!allIgnored(this.#association.verificationErrors, this.#association.ignored)) return false;
    this.#association.verificationErrors = [];
    this.#association.ignored = [];
    this.#association.state = HandshakeComplete;
    this.#association.announce();
    return true;
  }

  /**
   * Ends a handshake that is in progress (silently) or whose peer failed verification (with close_notify).
   *
   * Returns false with InvalidInputParameters (no socket), InvalidOperation (nothing to abort) or
   * UnderlyingSocketError (the close_notify could not be sent; the association has ended all the same).
   * @throws TypeError - for a socket without `send`.
   *
   * Differs from Qt: in PeerVerificationFailed the peer, which believes to be connected, is told.
   * Qt: QDtls::abortHandshake
   */
  abortHandshake(socket: DatagramSocket | null | undefined): boolean {
    const target = checkSocket(socket);
    if (target === null) return this.#association.refuseWithoutSocket();
    if (this.#association.state !== PeerVerificationFailed && this.#association.state !== HandshakeInProgress) {
      return this.#association.slot.fail(QDtlsError.InvalidOperation, 'there is no handshake to abort');
    }
    return this.#association.close(target);
  }

  /**
   * Ends the association with a close_notify alert. The object can be used for another handshake.
   *
   * Returns false with InvalidInputParameters (no socket), InvalidOperation (not encrypted) or UnderlyingSocketError
   * (the alert could not be sent; the association has ended all the same).
   * @throws TypeError - for a socket without `send`.
   * Qt: QDtls::shutdown
   */
  shutdown(socket: DatagramSocket | null | undefined): boolean {
    const target = checkSocket(socket);
    if (target === null) return this.#association.refuseWithoutSocket();
    if (this.#association.state !== HandshakeComplete) return this.#association.refuseUnencrypted();
    return this.#association.close(target);
  }

  /**
   * Sets how long a handshake may take from its start, in milliseconds: 1 to 2147483647, or 0 for ever. Default 60000.
   * When it is over the handshake fails: TlsFatalError, HandshakeNotStarted, handshakeStateChanged. A peer with
   * another pre-shared key, which DTLS cannot tell from noise, ends this way. Applies to the next start. Extension.
   *
   * @throws TypeError, RangeError - unless it is such an integer.
   */
  setHandshakeDeadline(milliseconds: number): void {
    this.#association.timers.setDeadline(checkUint(milliseconds, 'milliseconds', { max: 0x7fff_ffff }));
  }

  /**
   * Sets when an unanswered flight is repeated, in milliseconds: first after `initial` (20 to 60000, default 1000),
   * then twice as late each time up to `maximum` (initial to 60000, default 60000). Applies to the next start.
   * Extension.
   *
   * @throws TypeError, RangeError - unless they are such integers.
   * Source: RFC 6347 section 4.2.4.1, DTLS_set_timer_cb
   */
  setRetransmissionTimeouts(timeouts: { readonly initial: number; readonly maximum: number }): void {
    const { initial, maximum } = checkObject(timeouts, 'timeouts', 'an object with initial and maximum');
    this.#association.timers.setRetransmission(initial, maximum);
  }

  #start(socket: DatagramSocket | null, datagram: Uint8Array): boolean {
    if (socket === null) return this.#association.refuseWithoutSocket();
    if (this.#association.peer.address === '') {
      return this.#association.slot.fail(QDtlsError.InvalidOperation, 'setPeer() must be called before the handshake');
    }
    if (this.#association.mode === SslMode.SslServerMode && datagram.length === 0) {
      return this.#association.slot.fail(QDtlsError.InvalidInputParameters, 'a server starts with the datagram of the client hello');
    }
    return this.#association.start(socket, datagram);
  }

  #continue(socket: DatagramSocket | null, datagram: Uint8Array): boolean {
    if (socket === null || datagram.length === 0 || this.#association.connection === null) {
      return this.#association.slot.fail(
        QDtlsError.InvalidInputParameters,
        'to continue the handshake a socket and a datagram that is not empty are needed',
      );
    }
    this.#association.slot.clear();
    this.#association.tellMtu(this.#association.connection);
    lendSlab();
    return this.#association.advance(socket, outcomeOf(this.#association.connection.handshake(datagram)));
  }

  static {
    hasGivenUp = (dtls) => dtls.#association.hasGivenUp;
  }
}

import type { EventEmitter } from 'node:events';
import { dataOf } from './configuration-data';
import { ErrorSlot } from './error-slot';
import { cookieCheck, sharedParameters, type GeneratorParameters } from './generatorparameters';
import { HandshakeState } from './handshake-state';
import { addressBytes } from './internal/address';
import { routeOf, toError, type DatagramSocket, type Destination, type Route, type SendCallback } from './internal/datagram-socket';
import { HandshakeTimers } from './internal/handshake-timers';
import { native } from './internal/native';
import type { Handle } from './internal/record-calls';
import { NativeStatus, type NativeConnection, type NativeContext, type NativeOutcome } from './internal/native-types';
import { outcomeOf, type Outcome } from './internal/outcome';
import { allIgnored, checksPeer, verifyPeer } from './peer-verification';
import { QDtlsError } from './qdtlserror';
import { SslProtocol } from './qssl';
import { QSslCertificate } from './qsslcertificate';
import { QSslCipher } from './qsslcipher';
import { QSslConfiguration } from './qsslconfiguration';
import type { QSslError } from './qsslerror';
import { QSslPreSharedKeyAuthenticator, collectPromises } from './qsslpresharedkeyauthenticator';
import { SslMode } from './qsslsocket';
import { namedStatistics, noStatistics, type QDtlsStatistics } from './statistics';
import { contextFor, protocolOf } from './tls-context';

const DEFAULT_MTU = 576;
const NOTHING = Buffer.alloc(0);

/** What a peer that has proved nothing but its address may cost. */
export interface HandshakeLimits {
  /** Bytes held for one unfinished handshake. */
  readonly maximumBytes: number;
  /** How often one flight is repeated before the handshake fails. */
  readonly maximumRetransmissions: number;
}

/** The events of a QDtls and what their listeners receive. */
export interface QDtlsEvents {
  /** The peer has not answered in time: call `handleTimeout()`. Qt: QDtls::handshakeTimeout */
  handshakeTimeout: [];
  /** A pre-shared key is needed, now. Qt: QDtls::pskRequired */
  pskRequired: [authenticator: QSslPreSharedKeyAuthenticator];
  /** `handshakeState()` has changed. Extension. */
  handshakeStateChanged: [state: HandshakeState];
  /** The socket refused a datagram, at once or later. Extension. */
  socketError: [error: Error];
}

/** Throws on what a listener threw, whatever it is. */
export function raise(thrown: unknown): never {
  throw thrown;
}

/**
 * What a QDtls is made of, between its methods and the native connection. In the order of a life:
 *
 *   start -> advance (once for each datagram or timeout) -> finish (verification) -> sendAll, conclude -> close | end
 *
 * Datagrams of a step are sent first, then the state changes, and events come last: a listener finds everything
 * consistent and may do whatever it likes, even end the association.
 */
export class DtlsAssociation {
  readonly mode: SslMode;
  readonly slot = new ErrorSlot();

  // What it is told.
  peer: Destination = { address: '', port: 0 };
  name = '';
  mtuHint = 0;
  configuration = QSslConfiguration.defaultDtlsConfiguration();
  /** null: those that all objects share. */
  cookies: GeneratorParameters | null = null;
  limits: HandshakeLimits = { maximumBytes: 65_536, maximumRetransmissions: 12 };
  obeysUnauthenticatedAlerts = false;

  // What it knows.
  state = HandshakeState.HandshakeNotStarted;
  /** Present in every state but HandshakeNotStarted. */
  connection: NativeConnection | null = null;
  /** Held so that the next association finds it: lib/tls-context.ts holds it weakly. */
  context: NativeContext | null = null;
  /** The name of the connection on the hot path. */
  handle: Handle = { slot: -1, generation: 0 };
  cipher = new QSslCipher();
  version = SslProtocol.UnknownProtocol;
  verificationErrors: readonly QSslError[] = [];
  ignored: readonly QSslError[] = [];
  /** Messages received and not yet fetched, oldest first. */
  pending: Buffer[] = [];
  readonly timers = new HandshakeTimers({
    retransmission: () => this.#emitter?.emit('handshakeTimeout'),
    deadline: (milliseconds) => {
      const reason = this.#withIgnoredAlert(`the handshake did not finish within ${milliseconds} ms`);
      this.end();
      this.slot.fail(QDtlsError.TlsFatalError, reason);
      this.announce();
    },
  });

  #emitter: EventEmitter<QDtlsEvents> | null = null;
  #announced = HandshakeState.HandshakeNotStarted;
  /** The last one, which still has its counters. */
  #ended: NativeConnection | null = null;
  #keyProblem = '';
  #socket: DatagramSocket | null = null;
  #route: Route | null = null;
  /** Of a peer with whom the handshake failed. */
  #refusedChain: readonly QSslCertificate[] = [];
  #isSending = false;
  #failedSend: Error | null = null;
  /** One callback for every datagram: a closure for each would cost as much as the send. */
  readonly #onSent: SendCallback = (error) => {
    if (error === null || error === undefined) return;
    this.#failedSend ??= toError(error);
    if (!this.#isSending) this.announce();
  };

  constructor(mode: SslMode) {
    this.mode = mode;
  }

  /** Who emits its events. */
  attach(emitter: EventEmitter<QDtlsEvents>): void {
    this.#emitter = emitter;
  }

  /** The preconditions hold: there is a socket, a peer and, for a server, a datagram. */
  start(socket: DatagramSocket, datagram: Uint8Array): boolean {
    this.slot.clear();
    const made = contextFor(dataOf(this.configuration), this.mode);
    if ('problem' in made) return this.slot.fail(QDtlsError.TlsInitializationError, made.problem);
    const connection = new native.Connection(made.context);
    if (connection.error !== '') return this.slot.fail(QDtlsError.TlsInitializationError, connection.error);

    connection.setMtu(this.mtu());
    const { maximumBytes, maximumRetransmissions } = this.limits;
    connection.setLimits(maximumBytes, maximumRetransmissions, this.obeysUnauthenticatedAlerts);
    this.timers.start(connection);
    const outcome = this.#firstStep(connection, datagram);
    this.#keyProblem = '';
    this.#refusedChain = [];
    this.verificationErrors = [];
    this.pending = [];
    this.connection = connection;
    this.context = made.context;
    this.handle = { slot: connection.slot, generation: connection.generation };
    this.state = HandshakeState.HandshakeInProgress;
    return this.advance(socket, outcome);
  }

  #firstStep(connection: NativeConnection, datagram: Uint8Array): NativeOutcome {
    if (this.mode === SslMode.SslClientMode) return connection.start();
    if (!this.configuration.dtlsCookieVerificationEnabled()) return connection.accept(datagram);
    const check = cookieCheck(this.cookies ?? sharedParameters());
    return connection.acceptVerified(datagram, check, addressBytes(this.peer.address) ?? NOTHING, this.peer.port);
  }

  /** Draws the consequences of a handshake step. */
  advance(socket: DatagramSocket, step: NativeOutcome): boolean {
    const { connection } = this;
    const outcome = outcomeOf(step);
    this.slot.clear();
    const sent = this.sendAll(socket, outcome);
    const going = this.#takeHandshakeOutcome(outcome);
    this.announce();
    if (outcome.status === NativeStatus.WantsPsk) return this.#askForKey(socket, connection) && sent;
    return going && sent;
  }

  /**
   * The native side holds back the message that needs the key, so listeners may do what they like; what they throw
   * is raised when the handshake has failed for want of a key.
   */
  #askForKey(socket: DatagramSocket, connection: NativeConnection | null): boolean {
    const ended = 'the handshake was ended while its key was asked for';
    if (connection === null || this.connection !== connection) return this.slot.fail(QDtlsError.InvalidOperation, ended);
    const isServer = this.mode === SslMode.SslServerMode;
    const subject = connection.pskSubject();
    const authenticator = new QSslPreSharedKeyAuthenticator({
      identityHint: isServer ? this.configuration.preSharedKeyIdentityHint() : subject,
      identity: isServer ? subject : '',
      maximumIdentityLength: isServer ? 0 : native.maximumPskIdentity,
      maximumPreSharedKeyLength: native.maximumPsk,
    });
    let waiting: Promise<unknown> | null;
    try {
      waiting = collectPromises(authenticator, () => this.#emitter?.emit('pskRequired', authenticator));
    } catch (error) {
      try {
        authenticator.setPreSharedKey(NOTHING);
        this.#provideKey(socket, connection, authenticator);
      } finally {
        raise(error);
      }
    }
    if (this.connection !== connection) {
      return this.slot.fail(QDtlsError.InvalidOperation, ended);
    }
    if (waiting === null) return this.#provideKey(socket, connection, authenticator);
    this.timers.pause();
    waiting
      .catch((error: unknown) => {
        authenticator.setPreSharedKey(NOTHING);
        if (this.connection === connection) this.#keyProblem = toError(error, 'it was rejected with').message;
      })
      .then(() => this.#provideKey(socket, connection, authenticator))
      // What a listener threw meanwhile is nobody's promise: let it be the uncaught exception it would be elsewhere.
      .catch((error: unknown) => queueMicrotask(() => raise(error)));
    return true;
  }

  #provideKey(
    socket: DatagramSocket,
    connection: NativeConnection,
    authenticator: QSslPreSharedKeyAuthenticator,
  ): boolean {
    const key = authenticator.preSharedKey();
    authenticator.setPreSharedKey(NOTHING); // wipes its copy
    // Ended meanwhile, and perhaps begun anew?
    const outcome = this.connection === connection ? connection.providePsk(authenticator.identity(), key) : undefined;
    key.fill(0);
    return outcome !== undefined && this.advance(socket, outcome);
  }

  #withIgnoredAlert(reason: string): string {
    const alert = this.connection?.ignoredAlert() ?? '';
    return alert === '' ? reason : `${reason}; an unauthenticated alert said "${alert}"`;
  }

  /** What went through the association since its handshake began; what is known of the last one when there is none. */
  statistics(): QDtlsStatistics {
    return namedStatistics((this.connection ?? this.#ended)?.statistics() ?? noStatistics);
  }

  #takeHandshakeOutcome(outcome: Outcome): boolean {
    switch (outcome.status) {
      case NativeStatus.WantsPsk:
        return true;
      case NativeStatus.InProgress:
        if (this.connection !== null) this.timers.arm(this.connection);
        return true;
      case NativeStatus.Established:
        return this.#finish(outcome);
      case NativeStatus.Closed: // said goodbye in the datagram that completed the handshake
        return this.#finish(outcome) && this.conclude(outcome);
      default:
        return this.#failHandshake(outcome.reason);
    }
  }

  #failHandshake(reason: string): false {
    this.#refusedChain = this.#sentChain();
    const cause = this.#keyProblem === '' ? reason : `the pre-shared key could not be fetched: ${this.#keyProblem}`;
    const text = this.#withIgnoredAlert(`the handshake failed: ${cause}`);
    this.end({ keepPeer: true });
    return this.slot.fail(QDtlsError.TlsFatalError, text);
  }

  /** The TLS part is over; now the certificate is judged. */
  #finish(outcome: Outcome): boolean {
    this.timers.stop();
    this.pending.push(...outcome.plaintexts);
    const { connection, mode, name } = this;
    if (connection === null) return false;
    this.cipher = QSslCipher.ofConnection(connection);
    this.version = protocolOf(connection.version());
    const checks = checksPeer(this.configuration.peerVerifyMode(), mode);
    this.verificationErrors = checks ? verifyPeer({ mode, name, connection }) : [];
    if (this.verificationErrors.length > 0 && !allIgnored(this.verificationErrors, this.ignored)) {
      this.state = HandshakeState.PeerVerificationFailed;
      return this.slot.fail(QDtlsError.PeerVerificationError, this.verificationErrors.map((error) => error.errorString()).join('; '));
    }
    this.state = HandshakeState.HandshakeComplete;
    return true;
  }

  /** What the peer sent, leaf first, once the handshake is over. Read when asked for: OpenSSL keeps it anyway. */
  peerChain(): readonly QSslCertificate[] {
    if (this.state === HandshakeState.HandshakeInProgress) return [];
    return this.connection === null ? this.#refusedChain : this.#sentChain();
  }

  #sentChain(): QSslCertificate[] {
    const sent = this.connection?.peerCertificates() ?? [];
    return sent.map((der) => QSslCertificate.fromDecoded(der));
  }

  /** Draws the consequences of a step with data; false if the association has ended. */
  conclude(outcome: Outcome): boolean {
    if (outcome.status === NativeStatus.Closed) {
      this.end();
      return this.slot.fail(QDtlsError.RemoteClosedConnectionError, 'the peer closed the association');
    }
    if (outcome.status !== NativeStatus.Failed) return true;
    this.end();
    return this.slot.fail(QDtlsError.TlsFatalError, `the association failed: ${outcome.reason}`);
  }

  /** Whether messages can be exchanged. */
  isEncrypted(): boolean {
    return this.connection !== null && this.state === HandshakeState.HandshakeComplete;
  }

  /** Takes what the hot path left to tell: its messages wait from now on. */
  takeRest(): Outcome | null {
    if (this.connection === null) return null;
    const outcome = outcomeOf(this.connection.takeRest());
    this.pending.push(...outcome.plaintexts);
    return outcome;
  }

  /** Draws the consequences of that. False if the association has ended, or the call was refused. */
  concludeRest(rest = this.takeRest()): boolean {
    if (rest === null || this.#socket === null) return true;
    if (rest.status === NativeStatus.Refused) return this.slot.fail(QDtlsError.InvalidInputParameters, rest.reason);
    this.sendAll(this.#socket, rest);
    return this.conclude(rest);
  }

  /** Where everything goes from now on, until a call has another socket. */
  useSocket(socket: DatagramSocket): Route {
    if (this.#route !== null && this.#socket === socket) return this.#route;
    this.#route = routeOf(socket);
    this.#socket = socket;
    return this.#route;
  }

  /** Sends what a step wrote. False if the socket failed at once, which announce() will tell. */
  sendAll(socket: DatagramSocket, { datagrams }: Outcome): boolean {
    const route = this.useSocket(socket);
    return datagrams.every((datagram) => this.#sendThrough(route, socket, datagram));
  }

  /** The same for one datagram. */
  send(socket: DatagramSocket, datagram: Uint8Array): boolean {
    return this.#sendThrough(this.useSocket(socket), socket, datagram);
  }

  #sendThrough(route: Route, socket: DatagramSocket, datagram: Uint8Array): boolean {
    this.#isSending = true;
    const error = route.send(socket, datagram, this.peer, this.#onSent);
    this.#isSending = false;
    if (error !== null) this.#failedSend ??= error;
    return this.#failedSend === null;
  }

  /** Says goodbye and ends the association. */
  close(socket: DatagramSocket): boolean {
    this.slot.clear();
    const sent = this.connection === null || this.sendAll(socket, outcomeOf(this.connection.shutdown()));
    this.pending = [];
    this.end();
    this.announce();
    return sent;
  }

  /** Gives everything back and returns to HandshakeNotStarted. Messages not yet fetched stay. */
  end(options: { readonly keepPeer?: boolean } = {}): void {
    this.timers.stop();
    this.connection?.dispose();
    this.#ended = this.connection ?? this.#ended;
    this.connection = null;
    this.context = null;
    this.#socket = null;
    this.#route = null;
    this.state = HandshakeState.HandshakeNotStarted;
    if (options.keepPeer === true) return;
    this.#refusedChain = [];
    this.verificationErrors = [];
    this.ignored = [];
    this.cipher = new QSslCipher();
    this.version = SslProtocol.UnknownProtocol;
  }

  /** Tells the listeners what is new: the state, and a socket that failed. Always last. */
  announce(): void {
    const failed = this.#failedSend;
    this.#failedSend = null;
    if (failed !== null && this.slot.error === QDtlsError.NoError) {
      this.slot.fail(QDtlsError.UnderlyingSocketError, failed.message);
    }
    const isNews = this.state !== this.#announced;
    this.#announced = this.state;
    try {
      if (isNews) this.#emitter?.emit('handshakeStateChanged', this.state);
    } finally {
      if (failed !== null) this.#emitter?.emit('socketError', failed);
    }
  }

  /** Bytes of the largest handshake datagram. */
  mtu(): number {
    return this.mtuHint === 0 ? DEFAULT_MTU : this.mtuHint;
  }
}

import { defaults, type ConfigurationData } from './configuration-data';
import { DtlsChannel } from './dtls-channel';
import { cookieCheck, sharedParameters, type GeneratorParameters } from './generatorparameters';
import { askForContext, askForKey } from './handshake-questions';
import { HandshakeState } from './handshake-state';
import { addressBytes } from './internal/address';
import type { DatagramSocket } from './internal/datagram-socket';
import { HandshakeTimers } from './internal/handshake-timers';
import { native } from './internal/native';
import { lendSlab, madeHandle, type Handle } from './internal/record-calls';
import { NativeStatus, type NativeConnection, type NativeOutcome } from './internal/native-types';
import { outcomeOf, type Outcome } from './internal/outcome';
import { allIgnored, checksPeer, verifyPeer } from './peer-verification';
import { QDtlsError } from './qdtlserror';
import { SslProtocol } from './qssl';
import { QSslCertificate } from './qsslcertificate';
import { QSslCipher } from './qsslcipher';
import type { QSslError } from './qsslerror';
import { SslMode } from './qsslsocket';
import { prepareHello } from './sessions';
import { namedStatistics, noStatistics, type QDtlsStatistics } from './statistics';
import { contextFor, protocolOf } from './tls-context';

const { HandshakeComplete } = HandshakeState;
const DEFAULT_MTU = 576;
const NOTHING = Buffer.alloc(0);

// What every new association begins with: each object made for one is another that is not in cache when it is needed.
const NO_HANDLE: Handle = { slot: -1, generation: 0 };
const NO_CIPHER = new QSslCipher();
const NO_ERRORS: readonly QSslError[] = [];
const NO_CERTIFICATES: readonly QSslCertificate[] = [];

/** What a peer that has proved nothing but its address may cost. Extension. */
export interface HandshakeLimits {
  /** Bytes held for one unfinished handshake. */
  readonly maximumBytes: number;
  /** How often one flight is repeated before the handshake fails. */
  readonly maximumRetransmissions: number;
}

const DEFAULT_LIMITS: HandshakeLimits = { maximumBytes: 65_536, maximumRetransmissions: 12 };

/**
 * What a QDtls is made of, between its methods and the native connection. In the order of a life:
 *
 *   start -> advance (once for each datagram or timeout) -> finish (verification) -> sendAll, conclude -> close | end
 *
 * Datagrams of a step are sent first, then the state changes, and events come last: a listener finds everything
 * consistent and may do whatever it likes, even end the association.
 */
export class DtlsAssociation extends DtlsChannel {
  readonly mode: SslMode;

  // What it is told.
  name = '';
  /** What a client asks for. */
  serverName = '';
  mtuHint = 0;
  settings: ConfigurationData = defaults.dtls;
  /** null: those that all objects share. */
  cookies: GeneratorParameters | null = null;
  limits = DEFAULT_LIMITS;
  obeysUnauthenticatedAlerts = false;

  // What it knows.
  /** Present in every state but HandshakeNotStarted, and until the goodbye is being sent. */
  connection: NativeConnection | null = null;
  /** The name of the connection on the hot path. */
  handle = NO_HANDLE;
  cipher = NO_CIPHER;
  version = SslProtocol.UnknownProtocol;
  verificationErrors: readonly QSslError[] = NO_ERRORS;
  ignored: readonly QSslError[] = NO_ERRORS;
  /** Messages received and not yet fetched, oldest first. */
  pending: Buffer[] = [];
  answerProblem = '';
  /** The last handshake was ended by its deadline. */
  hasGivenUp = false;
  readonly timers = new HandshakeTimers(this);

  /** The last one, which still has its counters. */
  #ended: NativeConnection | null = null;
  #ownSettings: ConfigurationData | null = null;
  /** What the connection goes by. */
  #toldMtu = 0;
  /** Of a peer with whom the handshake failed. */
  #refusedChain = NO_CERTIFICATES;

  constructor(mode: SslMode) {
    super();
    this.mode = mode;
  }

  /** It is time to repeat the flight. */
  retransmit(): void {
    this.emit('handshakeTimeout');
  }

  /** There has been enough of the handshake. */
  giveUp(milliseconds: number): void {
    const reason = this.#withIgnoredAlert(`the handshake did not finish within ${milliseconds} ms`);
    this.end();
    this.hasGivenUp = true;
    this.slot.fail(QDtlsError.TlsFatalError, reason);
    this.announce();
  }

  /** The preconditions hold: there is a socket, a peer and, for a server, a datagram. */
  start(socket: DatagramSocket, datagram: Uint8Array): boolean {
    this.slot.clear();
    this.hasGivenUp = false;
    const asksForName = this.mode === SslMode.SslServerMode && this.hasListener('serverNameRequired');
    const made = contextFor(this.settings, this.mode, asksForName);
    if ('problem' in made) return this.slot.fail(QDtlsError.TlsInitializationError, made.problem);
    const { maximumBytes, maximumRetransmissions } = this.limits;
    const { initial, maximum } = this.timers.retransmission;
    this.#toldMtu = this.#mtu();
    const connection = new native.Connection(
      made.context,
      this.#toldMtu,
      maximumBytes,
      maximumRetransmissions,
      this.obeysUnauthenticatedAlerts,
      initial,
      maximum,
    );
    const handle = madeHandle();
    if (handle === null) return this.slot.fail(QDtlsError.TlsInitializationError, connection.error);
    const problem = this.mode === SslMode.SslClientMode ? prepareHello(connection, this.settings, this.serverName) : '';
    if (problem !== '') {
      connection.dispose();
      return this.slot.fail(QDtlsError.TlsInitializationError, problem);
    }

    this.logKeysOf(connection);
    this.timers.start();
    const outcome = outcomeOf(this.#firstStep(connection, datagram));
    this.answerProblem = '';
    this.#refusedChain = NO_CERTIFICATES;
    this.verificationErrors = NO_ERRORS;
    this.pending = [];
    this.connection = connection;
    this.handle = handle;
    this.state = HandshakeState.HandshakeInProgress;
    return this.advance(socket, outcome);
  }

  #firstStep(connection: NativeConnection, datagram: Uint8Array): NativeOutcome | undefined {
    const checksCookie = this.mode === SslMode.SslServerMode && this.settings.dtlsCookieVerificationEnabled;
    if (checksCookie) {
      const check = cookieCheck(this.cookies ?? sharedParameters());
      const address = addressBytes(this.peer.address) ?? NOTHING;
      lendSlab();
      return connection.acceptVerified(datagram, check, address, this.peer.port);
    }
    lendSlab();
    return this.mode === SslMode.SslClientMode ? connection.start() : connection.accept(datagram);
  }

  /** Goes on with other settings until this association ends. */
  choose(settings: ConfigurationData): void {
    this.#ownSettings ??= this.settings;
    this.settings = settings;
  }

  /** Draws the consequences of a handshake step. */
  advance(socket: DatagramSocket, outcome: Outcome): boolean {
    const { connection } = this;
    this.slot.clear();
    this.takeKeyLogOf(connection);
    // Before sending: a socket may deliver at once, and what that leads to has the last word.
    if (outcome.status === NativeStatus.InProgress) this.timers.arm(outcome.standing.timeout);
    const sent = this.sendAll(socket, outcome);
    if (this.connection !== connection) {
      this.announce();
      return false;
    }
    const going = this.#takeHandshakeOutcome(outcome);
    this.announce();
    if (outcome.status === NativeStatus.WantsPsk) return askForKey(this, socket, connection) && sent;
    if (outcome.status === NativeStatus.WantsContext) return askForContext(this, socket, connection) && sent;
    return going && sent;
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
      case NativeStatus.WantsContext:
      case NativeStatus.InProgress:
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
    const text = this.#withIgnoredAlert(`the handshake failed: ${this.answerProblem === '' ? reason : this.answerProblem}`);
    this.end({ keepPeer: true });
    return this.slot.fail(QDtlsError.TlsFatalError, text);
  }

  /** The TLS part is over; now the certificate is judged. */
  #finish(outcome: Outcome): boolean {
    this.timers.stop();
    this.pending.push(...outcome.plaintexts);
    const { connection, mode, name } = this;
    if (connection === null) return false;
    const { standing } = outcome;
    this.cipher = QSslCipher.ofConnection(connection, standing.cipher);
    this.version = protocolOf(standing.version);
    const checks = checksPeer(this.settings.peerVerifyMode, mode);
    this.verificationErrors = checks ? verifyPeer({ mode, name, connection, standing }) : NO_ERRORS;
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
    return this.connection !== null && this.state === HandshakeComplete;
  }

  refuseUnencrypted(): false {
    return this.slot.fail(QDtlsError.InvalidOperation, 'the association is not encrypted');
  }

  refuseWithoutSocket(): false {
    return this.slot.fail(QDtlsError.InvalidInputParameters, 'the socket is null');
  }

  /** Takes what the hot path left to tell: its messages wait from now on. */
  takeRest(): Outcome | null {
    if (this.connection === null) return null;
    lendSlab();
    const outcome = outcomeOf(this.connection.takeRest());
    this.pending.push(...outcome.plaintexts);
    return outcome;
  }

  /** Draws the consequences of that. False if the association has ended, or the call was refused. */
  concludeRest(rest = this.takeRest()): boolean {
    if (rest === null || this.socket === null) return true;
    if (rest.status === NativeStatus.Refused) return this.slot.fail(QDtlsError.InvalidInputParameters, rest.reason);
    this.sendAll(this.socket, rest);
    return this.conclude(rest);
  }

  /** Says goodbye and ends the association. */
  close(socket: DatagramSocket): boolean {
    this.slot.clear();
    const { connection } = this;
    this.#ended = connection ?? this.#ended;
    this.connection = null;
    const sent = connection === null || this.sendAll(socket, this.#goodbyeOf(connection));
    this.pending = [];
    this.end();
    this.announce();
    return sent;
  }

  #goodbyeOf(connection: NativeConnection): Outcome {
    lendSlab();
    return outcomeOf(connection.shutdown());
  }

  /** Gives everything back and returns to HandshakeNotStarted. Messages not yet fetched stay. */
  end(options: { readonly keepPeer?: boolean } = {}): void {
    this.timers.stop();
    this.connection?.dispose();
    this.#ended = this.connection ?? this.#ended;
    this.connection = null;
    this.forgetSocket();
    this.state = HandshakeState.HandshakeNotStarted;
    this.settings = this.#ownSettings ?? this.settings;
    this.#ownSettings = null;
    if (options.keepPeer === true) return;
    this.#refusedChain = NO_CERTIFICATES;
    this.verificationErrors = NO_ERRORS;
    this.ignored = NO_ERRORS;
    this.cipher = NO_CIPHER;
    this.version = SslProtocol.UnknownProtocol;
  }

  /** Says how large a datagram of the handshake may be, if that is news. */
  tellMtu(connection: NativeConnection): void {
    const mtu = this.#mtu();
    if (mtu === this.#toldMtu) return;
    this.#toldMtu = mtu;
    connection.setMtu(mtu);
  }

  /** Bytes. */
  #mtu(): number {
    return this.mtuHint === 0 ? DEFAULT_MTU : this.mtuHint;
  }
}

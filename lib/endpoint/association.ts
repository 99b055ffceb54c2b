import type { X509Certificate } from 'node:crypto';
import { HandshakeState } from '../handshake-state';
import type { GeneratorParameters } from '../generatorparameters';
import type { DatagramSocket, SendCallback } from '../index';
import { outbox } from '../outbox';
import { hasGivenUp } from '../qdtls';
import { QDtlsError } from '../qdtlserror';
import type { QSslConfiguration } from '../qsslconfiguration';
import type { QSslError } from '../qsslerror';
import type { SslMode } from '../qsslsocket';
import { PeerVerifyMode } from '../qsslsocket';
import { authorizationCode } from './authorization';
import { isKeySuite } from './credentials';
import { coded, errorFrom } from './errors';
import { OwnedDtls, type DtlsOwner } from './owned-dtls';
import { leafOf } from './peer-certificate';
import type { AnswerPsk } from './pre-shared-keys';
import type { ChooseIdentity } from './server-names';
import { whenKnown } from './when-known';

/** Says whether a peer is accepted: `errors` is what is wrong with its certificate. Extension. */
export type VerifyPeer = (
  certificate: X509Certificate | undefined,
  errors: readonly QSslError[],
) => boolean | Promise<boolean>;

/** Where a session's peer is. Extension. */
export interface Remote {
  /** An IP literal. */
  readonly address: string;
  /** The UDP port. */
  readonly port: number;
}

/** How an association is set up. */
export interface AssociationOptions {
  readonly mode: SslMode.SslClientMode | SslMode.SslServerMode;
  readonly configuration: QSslConfiguration;
  /** Clients: the name the certificate must be good for, and the one to send ('' for none). */
  readonly verificationName: string;
  readonly servername: string;
  readonly cookies: GeneratorParameters | null;
  readonly policy: HandshakePolicy;
}

/** What all associations of an endpoint have in common. */
export interface HandshakePolicy {
  /** Bytes. */
  readonly mtu: number;
  /** Milliseconds; 0: for ever. */
  readonly handshakeTimeout: number;
  readonly retransmission: { readonly initial: number; readonly maximum: number } | null;
  readonly obeysAlerts: boolean;
  readonly rejectUnauthorized: boolean;
  readonly verifyPeer: VerifyPeer | null;
  readonly answerPsk: AnswerPsk | null;
  readonly chooseIdentity: ChooseIdentity | null;
}

/** Whom an association tells what happens to it. */
export interface AssociationOwner {
  /** Whether nobody keeps a datagram that is transmitted, except while hasSent is false. */
  readonly sendsAtOnce: boolean;
  /** Whether the system has taken all that was transmitted. */
  readonly hasSent: boolean;
  transmit(datagram: Uint8Array, callback: SendCallback | undefined): void;
  opened(): void;
  received(message: Buffer): void;
  retransmitted(): void;
  keyLogged(line: string): void;
  /** Once and last. Without an error: the peer has said goodbye. */
  ended(error: Error | null): void;
}

enum Stage {
  Idle,
  Handshaking,
  /** The TLS part is over, and the user is deciding about the peer. */
  Deciding,
  Open,
  Over,
}

const NO_ERRORS: readonly QSslError[] = [];

/** Bytes of datagrams that may wait for a decision about the peer; more are dropped. */
const MOST_HELD = 65_536;

/** One QDtls, driven by datagrams, its timer and the user's decisions, to the end of its life. It is the socket of its QDtls. */
export class Association implements DatagramSocket, DtlsOwner {
  readonly dtls: OwnedDtls;
  /** What was wrong with the peer's certificate, also when that was accepted. */
  peerErrors = NO_ERRORS;
  readonly #owner: AssociationOwner;
  readonly #policy: HandshakePolicy;
  #stage = Stage.Idle;
  #held: Buffer[] | null = null;
  #heldBytes = 0;
  #isReceiving = false;
  #began = 0;
  #patience: NodeJS.Timeout | undefined;
  /** What a function of the user's threw. */
  #userError: Error | null = null;
  /** Whether the peer is asked for a certificate. */
  readonly #asksPeer: boolean;

  constructor(owner: AssociationOwner, { mode, configuration, policy, ...rest }: AssociationOptions) {
    this.#owner = owner;
    this.#policy = policy;
    this.#asksPeer = configuration.peerVerifyMode() !== PeerVerifyMode.VerifyNone;
    const dtls = new OwnedDtls(mode, this);
    this.dtls = dtls;
    dtls.setDtlsConfiguration(configuration);
    dtls.setPeerVerificationName(rest.verificationName);
    if (rest.cookies !== null) dtls.setCookieGeneratorParameters(rest.cookies);
    if (rest.servername !== '') dtls.setServerName(rest.servername);
    dtls.setMtuHint(policy.mtu);
    dtls.setHandshakeDeadline(policy.handshakeTimeout);
    dtls.setObeyUnauthenticatedAlerts(policy.obeysAlerts);
    if (policy.retransmission !== null) dtls.setRetransmissionTimeouts(policy.retransmission);
    this.#listen();
  }

  /** The QDtls has a new state. */
  stateChanged(): void {
    if (!this.#isReceiving) this.#settle();
  }

  /** The peer has not answered in time. */
  timedOut(): void {
    this.#owner.retransmitted();
    this.#step(() => this.dtls.handleTimeout(this));
  }

  /** Whether messages can be exchanged. */
  get isOpen(): boolean {
    return this.#stage === Stage.Open;
  }

  /** From now on the owner hears the secrets of the handshake. To be called before start(). */
  logKeys(): void {
    this.dtls.on('keyLog', (line) => this.#owner.keyLogged(line));
  }

  /** Starts the handshake; a server with the hello that was verified. */
  start({ address, port }: Remote, hello: Buffer | null): void {
    this.#began = performance.now();
    if (!this.dtls.setPeer(address, port, this.dtls.peerVerificationName())) {
      this.#end(coded(this.dtls.dtlsErrorString(), 'ERR_INVALID_ARG_VALUE'));
      return;
    }
    this.#stage = Stage.Handshaking;
    this.#step(() => this.dtls.doHandshake(this, hello));
  }

  /** Takes a datagram of the peer. Its memory is overwritten if it may be. */
  receive(datagram: Buffer, mayOverwrite: boolean): void {
    if (this.#stage === Stage.Open) this.#open(datagram, mayOverwrite);
    else if (this.#stage === Stage.Handshaking) this.#step(() => this.dtls.doHandshake(this, datagram));
    else if (this.#stage === Stage.Deciding) this.#hold(datagram);
  }

  #hold(datagram: Buffer): void {
    if (this.#heldBytes + datagram.length > MOST_HELD) return;
    this.#heldBytes += datagram.length;
    this.#held ??= [];
    this.#held.push(Buffer.from(datagram));
  }

  /** Encrypts and sends one message. Returns what went wrong, or null. */
  write(message: string | NodeJS.ArrayBufferView, callback: SendCallback | undefined): Error | null {
    const isPassing = this.#owner.sendsAtOnce;
    const datagram = isPassing ? this.#sealToPass(message) : this.dtls.encryptDatagram(message);
    if (datagram.length > 0) {
      this.#owner.transmit(datagram, callback);
      if (isPassing && !this.#owner.hasSent) outbox.leave();
      return null;
    }
    return this.dtls.dtlsError() === QDtlsError.NoError ? null : coded(this.dtls.dtlsErrorString(), 'ERR_DTLS_SEND');
  }

  #sealToPass(message: string | NodeJS.ArrayBufferView): Buffer {
    return outbox.datagram(Math.max(0, this.dtls.encryptDatagramInto(message, outbox.memory)));
  }

  /** Sends what QDtls writes by itself. */
  send(datagram: Uint8Array, port: number | SendCallback, _address?: string, callback?: SendCallback): void {
    const done = typeof port === 'function' ? port : callback;
    this.#owner.transmit(datagram, done);
  }

  /** Says goodbye, if there is somebody who would understand it, and is over. */
  close(): void {
    const hasBegun = this.#stage !== Stage.Idle && this.#stage !== Stage.Over;
    this.#leave();
    if (!hasBegun) return;
    if (this.dtls.isConnectionEncrypted()) this.dtls.shutdown(this);
    else this.dtls.abortHandshake(this);
  }

  /** Is over without a word to the peer. */
  abandon(): void {
    this.#leave();
    // A goodbye would be the way of QDtls to give everything back at once: it goes nowhere.
    const nowhere: DatagramSocket = { send: () => undefined };
    if (this.dtls.isConnectionEncrypted()) this.dtls.shutdown(nowhere);
    else if (this.dtls.handshakeState() !== HandshakeState.HandshakeNotStarted) this.dtls.abortHandshake(nowhere);
  }

  #listen(): void {
    const { dtls } = this;
    const { answerPsk, chooseIdentity } = this.#policy;
    if (answerPsk !== null) {
      dtls.on('pskRequired', (authenticator) => {
        this.#ask(() => answerPsk(authenticator), (promise) => authenticator.waitUntil(promise));
      });
    }
    if (chooseIdentity === null) return;
    dtls.on('serverNameRequired', (request) => {
      const use = (configuration: QSslConfiguration | null): void => {
        if (configuration === null) request.refuse();
        else request.setConfiguration(configuration);
      };
      const ask = (): void | Promise<void> => chooseIdentity(request.serverName(), use);
      if (!this.#ask(ask, (promise) => request.waitUntil(promise))) request.refuse();
    });
  }

  /** Calls a function of the user's. What it throws, or its promise is rejected with, will be the reason of the failure. */
  #ask(call: () => void | Promise<void>, wait: (promise: Promise<void>) => void): boolean {
    try {
      const answer = call();
      if (answer === undefined) return true;
      wait(
        answer.catch((error: unknown) => {
          this.#userError = errorFrom(error);
          throw error;
        }),
      );
      return true;
    } catch (error) {
      this.#userError = errorFrom(error);
      return false;
    }
  }

  #step(call: () => boolean): void {
    call();
    this.#settle();
  }

  /** Draws the consequences of the state that the QDtls is in. */
  #settle(): void {
    switch (this.dtls.handshakeState()) {
      case HandshakeState.HandshakeNotStarted:
        if (this.#stage !== Stage.Idle && this.#stage !== Stage.Over) this.#end(this.#reason());
        break;
      case HandshakeState.PeerVerificationFailed:
      case HandshakeState.HandshakeComplete:
        if (this.#stage === Stage.Handshaking) this.#judge();
        break;
      default:
    }
  }

  #open(datagram: Buffer, mayOverwrite: boolean): void {
    const { dtls } = this;
    this.#isReceiving = true;
    const message = mayOverwrite ? dtls.decryptDatagramInPlace(datagram) : dtls.decryptDatagram(this, datagram);
    this.#isReceiving = false;
    const isOver = !dtls.isConnectionEncrypted();
    const reason = isOver ? this.#reason() : null; // now: a listener may send, which clears the error
    if (message.length > 0) this.#owner.received(message);
    if (dtls.hasPendingDatagrams()) this.#drain();
    if (isOver && this.#stage === Stage.Open) this.#end(reason);
  }

  #drain(): void {
    while (this.dtls.hasPendingDatagrams() && this.#stage === Stage.Open) {
      this.#owner.received(this.dtls.nextPendingDatagram());
    }
  }

  /** The TLS part is over: is the peer accepted? */
  #judge(): void {
    const { rejectUnauthorized, verifyPeer, handshakeTimeout } = this.#policy;
    const { dtls } = this;
    const isByKey = this.#policy.answerPsk !== null && isKeySuite(dtls.sessionCipher());
    const errors = dtls.peerVerificationErrors();
    if (errors.length > 0) this.peerErrors = errors;
    this.#stage = Stage.Deciding;
    if (isByKey || !this.#asksPeer || verifyPeer === null) {
      const isClean = this.peerErrors.length === 0 || isByKey;
      this.#decide(isClean || !rejectUnauthorized);
      return;
    }
    if (handshakeTimeout > 0) {
      const left = Math.max(1, handshakeTimeout - (performance.now() - this.#began));
      this.#patience = setTimeout(() => this.#refuse(this.#timedOut('verifyPeer did not decide')), left).unref();
    }
    const ask = (): void | Promise<void> =>
      whenKnown(verifyPeer(leafOf(dtls), errors), (verdict) => this.#decide(verdict === true));
    const refuse = (): void => this.#refuse(this.#userError ?? this.#notAccepted());
    if (!this.#ask(ask, (promise) => void promise.catch(refuse))) refuse();
  }

  #decide(isAccepted: boolean): void {
    if (this.#stage !== Stage.Deciding) return;
    if (!isAccepted) {
      this.#refuse(this.#notAccepted());
      return;
    }
    clearTimeout(this.#patience);
    if (this.dtls.handshakeState() === HandshakeState.PeerVerificationFailed) {
      this.dtls.ignoreVerificationErrors(this.peerErrors);
      this.dtls.resumeHandshake(this);
    }
    this.#stage = Stage.Open;
    this.#owner.opened();
    this.#drain();
    const held = this.#held ?? [];
    this.#held = null;
    for (const datagram of held) this.receive(datagram, true);
  }

  #refuse(error: Error): void {
    if (this.#stage !== Stage.Deciding) return;
    this.close();
    this.#owner.ended(error);
  }

  #notAccepted(): Error {
    const [first] = this.peerErrors;
    const texts = this.peerErrors.map((error) => error.errorString()).join('; ');
    const code = first === undefined ? 'CERT_REJECTED' : authorizationCode(first);
    return coded(`The peer is not accepted: ${texts === '' ? 'verifyPeer refused it' : texts}`, code);
  }

  /** Why the association is over; null after the peer's goodbye. */
  #reason(): Error | null {
    const error = this.dtls.dtlsError();
    const text = this.dtls.dtlsErrorString();
    if (error === QDtlsError.RemoteClosedConnectionError) return null;
    if (this.#userError !== null) return this.#userError;
    if (this.#stage === Stage.Open) return coded(`DTLS session lost: ${text}`, 'ERR_DTLS_SESSION_LOST');
    return hasGivenUp(this.dtls) ? this.#timedOut(text) : coded(`DTLS handshake failed: ${text}`, 'ERR_DTLS_HANDSHAKE_FAILED');
  }

  #timedOut(text: string): Error {
    return coded('DTLS handshake timeout', 'ERR_DTLS_HANDSHAKE_TIMEOUT', new Error(text));
  }

  #end(error: Error | null): void {
    this.#leave();
    this.#owner.ended(error);
  }

  #leave(): void {
    this.#stage = Stage.Over;
    this.#held = null;
    this.#heldBytes = 0;
    clearTimeout(this.#patience);
  }
}

import type { EventEmitter } from 'node:events';
import type { SendCallback } from '../index';
import { SslProtocol } from '../qssl';
import { QSslCipher } from '../qsslcipher';
import { SslMode } from '../qsslsocket';
import { SendInquiry } from '../send-inquiry';
import { Association, type AssociationOptions, type AssociationOwner, type Remote } from './association';
import { channels } from './diagnostics';
import type { DTLSEndpoint } from './endpoint';
import { invalidState, raiseLater } from './errors';
import type { DTLSSession } from './session';
import { Settlement } from './settlement';
import { SessionCounters } from './stats';

/** What a session needs of its endpoint. */
export interface SessionHost {
  readonly endpoint: DTLSEndpoint;
  /** Messages may replace their datagrams in memory: nobody else has it. */
  readonly mayOverwrite: boolean;
  /** Whether the system has taken all that was transmitted. */
  readonly hasSent: boolean;
  transmit(to: Remote, datagram: Uint8Array, callback: SendCallback | undefined): void;
  opened(core: SessionCore): void;
  /** It is over and told its listeners so. */
  over(core: SessionCore, error: Error | null): void;
  keyLogged(line: string): void;
  /** Throws ERR_INVALID_STATE if another session has that address. */
  rebind(core: SessionCore, remote: Remote): void;
}

/** The callback properties of a session. node:dtls: Callback properties */
export interface SessionCallbacks {
  onmessage: ((data: Buffer) => void) | undefined;
  onerror: ((error: Error) => void) | undefined;
  onhandshake: ((protocol: string) => void) | undefined;
  onkeylog: ((line: string) => void) | undefined;
}

const NO_CIPHER = new QSslCipher();
const NOWHERE: Remote = { address: '', port: 0 };

/** What a DTLSSession is made of, between its methods and the association. */
export class SessionCore implements AssociationOwner {
  readonly host: SessionHost;
  readonly session: DTLSSession;
  readonly association: Association;
  readonly isServer: boolean;
  readonly counters = new SessionCounters();
  readonly opening = new Settlement<{ protocol: string }>();
  readonly closing = new Settlement<void>();
  readonly callbacks: SessionCallbacks = {
    onmessage: undefined,
    onerror: undefined,
    onhandshake: undefined,
    onkeylog: undefined,
  };
  remote = NOWHERE;
  /** Whom the session's ticket is for: the name that the peer was verified by. */
  readonly identity: string;
  isOver = false;
  /** Sweeps since the peer's last message: see IdleWatch. */
  idleSweeps = 0;
  protocol = '';
  cipher = NO_CIPHER;
  #onSent: SendCallback | null = null;
  #inquiry: SendInquiry | null = null;

  constructor(host: SessionHost, makeSession: (core: SessionCore) => DTLSSession, options: AssociationOptions) {
    this.host = host;
    this.identity = options.verificationName;
    this.isServer = options.mode === SslMode.SslServerMode;
    this.association = new Association(this, options);
    this.session = makeSession(this);
  }

  get sendsAtOnce(): boolean {
    return this.host.mayOverwrite;
  }

  get hasSent(): boolean {
    return this.host.hasSent;
  }

  /** Starts the handshake; a server with the hello that was verified. */
  start(remote: Remote, hello: Buffer | null, logsKeys: boolean): void {
    this.remote = remote;
    const wantsKeys = this.callbacks.onkeylog !== undefined || this.session.listenerCount('keylog') > 0;
    if (logsKeys || wantsKeys) this.association.logKeys();
    this.#publish(channels.handshakeStart);
    if (this.isOver) return; // a subscriber has ended it
    this.association.start(remote, hello);
  }

  /** Sends a message; returns what went wrong. */
  write(message: string | NodeJS.ArrayBufferView, length: number, callback: SendCallback | undefined): Error | null {
    const error = this.association.write(message, callback ?? this.#sentListener());
    if (error !== null) return error;
    this.counters.messagesSent += 1;
    this.counters.bytesSent += length;
    return null;
  }

  /** Says goodbye and is over. */
  close(error: Error | null = null): void {
    if (this.isOver) return;
    this.counters.closingAt = process.hrtime.bigint();
    this.association.close();
    this.#finish(error);
  }

  /** Is over at once, without a goodbye. */
  destroy(error: Error | null): void {
    if (this.isOver) return;
    this.association.abandon();
    this.#finish(error);
  }

  transmit(datagram: Uint8Array, callback: SendCallback | undefined): void {
    this.host.transmit(this.remote, datagram, callback);
  }

  opened(): void {
    this.protocol = this.association.dtls.sessionProtocol() === SslProtocol.DtlsV1_0 ? 'DTLSv1' : 'DTLSv1.2';
    this.cipher = this.association.dtls.sessionCipher();
    this.counters.handshakeCompletedAt = process.hrtime.bigint();
    this.host.opened(this);
    if (this.isOver) return; // a listener of the session that this one replaces has ended it
    this.#publish(channels.handshakeEnd);
    this.opening.resolve({ protocol: this.protocol });
    this.tell(this.callbacks.onhandshake, 'handshake', this.protocol);
  }

  received(message: Buffer): void {
    this.idleSweeps = 0;
    this.counters.messagesReceived += 1;
    this.counters.bytesReceived += message.length;
    this.tell(this.callbacks.onmessage, 'message', message);
  }

  retransmitted(): void {
    this.counters.retransmitCount += 1;
    this.#publish(channels.retransmit);
  }

  keyLogged(line: string): void {
    this.host.keyLogged(line);
    this.tell(this.callbacks.onkeylog, 'keylog', line);
  }

  ended(error: Error | null): void {
    if (!this.isOver) this.#finish(error);
  }

  /** Calls the callback and the listeners; what they throw is raised later and keeps nobody from anything. */
  tell<T>(callback: ((value: T) => void) | undefined, event: string, value: T): void {
    try {
      callback?.call(this.session, value);
    } catch (error) {
      raiseLater(error);
    }
    // EventEmitter's own types cannot tell that the value goes with the event.
    const emitter: EventEmitter = this.session;
    if (emitter.listenerCount(event) === 0) return;
    try {
      emitter.emit(event, value);
    } catch (error) {
      raiseLater(error);
    }
  }

  /** The socket refused a datagram, or says that one did not arrive. */
  sendFailed(error: Error): void {
    this.counters.sendErrors += 1;
    this.tell(undefined, 'sendError', error);
  }

  /** Who hears what becomes of the next message; undefined: nobody. A socket of the user's may count on being asked. */
  #sentListener(): SendCallback | undefined {
    this.#inquiry ??= new SendInquiry();
    if (this.sendsAtOnce && !this.#inquiry.isDue()) return undefined;
    this.#onSent ??= (error) => {
      this.#inquiry?.heard(error);
      if (error !== null && error !== undefined) this.sendFailed(error);
    };
    return this.#onSent;
  }

  #finish(error: Error | null): void {
    const wasOpen = this.counters.handshakeCompletedAt !== 0n;
    this.isOver = true;
    this.counters.destroyedAt = process.hrtime.bigint();
    this.#publish(wasOpen ? channels.sessionEnd : channels.handshakeFailure, error);
    this.host.over(this, error);
    const early = 'The session was closed before its handshake was complete';
    this.opening.reject(error ?? invalidState(early));
    if (error === null) this.closing.resolve();
    else this.closing.reject(error);
    if (error !== null) this.tell(this.callbacks.onerror, 'error', error);
    this.tell(undefined, 'close', undefined);
  }

  #publish(channel: (typeof channels)[keyof typeof channels], error?: Error | null): void {
    if (!channel.hasSubscribers) return;
    const { endpoint } = this.host;
    channel.publish({ endpoint, session: this.session, ...(error === undefined ? {} : { error }) });
  }
}

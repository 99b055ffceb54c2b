import type { EventEmitter } from 'node:events';
import { ErrorSlot } from './error-slot';
import { HandshakeState } from './handshake-state';
import { plainRoute, routeOf, toError, type DatagramSocket, type Destination, type Route, type SendCallback } from './internal/datagram-socket';
import type { NativeConnection } from './internal/native-types';
import type { Outcome } from './internal/outcome';
import { outbox } from './outbox';
import { QDtlsError } from './qdtlserror';
import type { QDtlsServerNameRequest } from './qdtlsservernamerequest';
import type { QSslPreSharedKeyAuthenticator } from './qsslpresharedkeyauthenticator';
import { SendInquiry } from './send-inquiry';

/** The events of a QDtls and what their listeners receive. Extension: a type for Qt's signals. */
export interface QDtlsEvents {
  /** The peer has not answered in time: call `handleTimeout()`. Qt: QDtls::handshakeTimeout */
  handshakeTimeout: [];
  /** A pre-shared key is needed, now. Qt: QDtls::pskRequired */
  pskRequired: [authenticator: QSslPreSharedKeyAuthenticator];
  /** A server must know who to be for this client; only if there is a listener when the handshake starts. Extension. */
  serverNameRequired: [request: QDtlsServerNameRequest];
  /** `handshakeState()` has changed. Extension. */
  handshakeStateChanged: [state: HandshakeState];
  /** The socket refused a datagram, at once or later. Extension. */
  socketError: [error: Error];
  /**
   * A secret of this association as a line of an NSS key log, without a newline: whoever has it reads everything. Only
   * for those who listen when the handshake starts; until then no secret leaves OpenSSL. Extension.
   */
  keyLog: [line: string];
}

/** Throws on what a listener threw, whatever it is. */
export function raise(thrown: unknown): never {
  throw thrown;
}

const NO_PEER: Destination = { address: '', port: 0 };

/** Where an association's datagrams go, and who hears of what happens to it. */
export class DtlsChannel {
  readonly slot = new ErrorSlot();
  peer = NO_PEER;
  state = HandshakeState.HandshakeNotStarted;
  /** That of the last call that had one. */
  protected socket: DatagramSocket | null = null;
  #route = plainRoute;
  #emitter: EventEmitter<QDtlsEvents> | null = null;
  #announced = HandshakeState.HandshakeNotStarted;
  #isSending = false;
  #failedSend: Error | null = null;
  #inquiry: SendInquiry | null = null;
  /** Lines of the key log that nobody was told yet; null when nobody asked for them. */
  #keyLines: string[] | null = null;
  /** One callback for every datagram: a closure for each would cost as much as the send. */
  readonly #onSent: SendCallback = (error) => {
    this.#inquiry?.heard(error);
    if (error === null || error === undefined) return;
    this.#failedSend ??= toError(error);
    if (!this.#isSending) this.announce();
  };

  /** Who emits its events. */
  attach(emitter: EventEmitter<QDtlsEvents>): void {
    this.#emitter = emitter;
  }

  /** Where everything goes from now on, until a call has another socket. */
  useSocket(socket: DatagramSocket): Route {
    if (this.socket !== socket) this.#setSocket(socket);
    return this.#route;
  }

  #setSocket(socket: DatagramSocket): void {
    this.#route = routeOf(socket);
    this.socket = socket;
  }

  /** Sends what a step wrote. False if the socket failed at once, which announce() will tell. */
  sendAll(socket: DatagramSocket, { datagrams }: Outcome): boolean {
    const route = this.useSocket(socket);
    for (const datagram of datagrams) {
      if (!this.send(route, socket, datagram)) return false;
    }
    return true;
  }

  /** Sends a datagram through the route of its socket. False as above. */
  send(route: Route, socket: DatagramSocket, datagram: Uint8Array): boolean {
    this.#isSending = true;
    return this.#concludeSend(route.send(socket, datagram, this.peer, this.#onSent));
  }

  /** The same with the datagram in the outbox, when the route is direct. */
  sendOutbox(route: Route, socket: DatagramSocket, datagram: Uint8Array): boolean {
    this.#inquiry ??= new SendInquiry();
    const isSent = this.#inquiry.isDue()
      ? this.send(route, socket, datagram)
      : this.#sendUnasked(route, socket, datagram);
    if (!isSent || !route.hasSent(socket)) outbox.leave();
    return isSent;
  }

  #sendUnasked(route: Route, socket: DatagramSocket, datagram: Uint8Array): boolean {
    this.#isSending = true;
    return this.#concludeSend(route.sendUnasked(socket, datagram, this.peer, this.#onSent));
  }

  #concludeSend(error: Error | null): boolean {
    this.#isSending = false;
    if (error !== null) this.#failedSend ??= error;
    return this.#failedSend === null;
  }

  /** Has the secrets of a new connection written down, if anybody listens. */
  protected logKeysOf(connection: NativeConnection): void {
    this.#keyLines = (this.#emitter?.listenerCount('keyLog') ?? 0) > 0 ? [] : null;
    if (this.#keyLines !== null) connection.logKeys();
  }

  /** After each step of the handshake, before anybody can end the connection. */
  protected takeKeyLogOf(connection: NativeConnection | null): void {
    if (this.#keyLines !== null && connection !== null) this.#keyLines.push(...connection.takeKeyLog());
  }

  /** Tells the listeners what is new: secrets, the state, and a socket that failed. Always last. */
  announce(): void {
    try {
      for (let line = this.#keyLines?.shift(); line !== undefined; line = this.#keyLines?.shift()) this.emit('keyLog', line);
    } finally {
      this.#announceState();
    }
  }

  #announceState(): void {
    const failed = this.#failedSend;
    this.#failedSend = null;
    if (failed !== null && this.slot.error === QDtlsError.NoError) {
      this.slot.fail(QDtlsError.UnderlyingSocketError, failed.message);
    }
    const isNews = this.state !== this.#announced;
    this.#announced = this.state;
    try {
      if (isNews) this.emit('handshakeStateChanged', this.state);
    } finally {
      if (failed !== null) this.emit('socketError', failed);
    }
  }

  protected hasListener(event: keyof QDtlsEvents): boolean {
    return this.#emitter !== null && this.#emitter.listenerCount(event) > 0;
  }

  emit<K extends keyof QDtlsEvents>(event: K, ...values: QDtlsEvents[K]): void {
    // EventEmitter's own types cannot tell that the values go with the event.
    const emitter: EventEmitter | null = this.#emitter;
    emitter?.emit(event, ...values);
  }

  protected forgetSocket(): void {
    this.socket = null;
    this.#route = plainRoute;
  }
}

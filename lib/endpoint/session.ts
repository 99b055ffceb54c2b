import type { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { argumentOutOfRange, invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import type { SendCallback } from '../index';
import { QDtls } from '../qdtls';
import { authorizationCode } from './authorization';
import { familyOf } from './addresses';
import type { DTLSEndpoint } from './endpoint';
import { givenError, illegalConstructor, invalidState } from './errors';
import { MessageQueue } from './message-queue';
import { chainOf } from './peer-certificate';
import type { Data } from './secure-context';
import type { SessionCallbacks, SessionCore } from './session-core';
import { packSession } from './session-ticket';
import { SessionSocket } from './session-socket';
import { DTLSSessionStats } from './stats';

/** The events of a session. Extension: node:dtls has the callback properties alone. */
export interface DTLSSessionEvents {
  /** The peer sent a message. */
  message: [data: Buffer];
  /** The handshake is complete. */
  handshake: [protocol: string];
  /** Why the session is over. Nobody has to listen. */
  error: [error: Error];
  /** A line for SSLKEYLOGFILE. */
  keylog: [line: string];
  /** The socket refused a datagram. */
  sendError: [error: Error];
  /** It is over. */
  close: [];
}

const MADE_HERE = Symbol('DTLSSession');

let coreOf: (session: DTLSSession) => SessionCore;

/** The inside of a session, for its endpoint. */
export function coreOfSession(session: DTLSSession): SessionCore {
  return coreOf(session);
}

/** The session of a core. */
export function makeSession(core: SessionCore): DTLSSession {
  return new DTLSSession(MADE_HERE, core);
}

/** One association with one peer. Made by listen() and connect(). node:dtls: DTLSSession */
export class DTLSSession extends EventEmitter<DTLSSessionEvents> {
  /** node:dtls: DTLSSession.Stats */
  static readonly Stats = DTLSSessionStats;
  readonly #core: SessionCore;
  #chain: readonly X509Certificate[] | null = null;

  /** @internal */
  constructor(token: symbol, core: SessionCore) {
    if (token !== MADE_HERE) throw illegalConstructor();
    super();
    this.#core = core;
  }

  /**
   * Encrypts a message and sends it as one datagram. Returns the bytes of the message; an empty one is not sent. `maxPayload`
   * says how long it may be without being fragmented by IP.
   *
   * @param callback - Called when the socket has taken the datagram, or with what it said (extension).
   * @throws Error - ERR_INVALID_STATE before the handshake is complete and when the session is over; TypeError -
   *   ERR_INVALID_ARG_TYPE; RangeError - ERR_OUT_OF_RANGE for more than 16384 bytes.
   * node:dtls: session.send()
   */
  send(data: Data, callback?: SendCallback): number {
    const message = typeof data === 'string' ? Buffer.from(data) : data;
    if (!ArrayBuffer.isView(message)) {
      throw invalidArgumentType('data', 'a string, a Buffer, a TypedArray or a DataView', data);
    }
    const length = message.byteLength;
    if (length > QDtls.MaximumMessageSize) {
      throw argumentOutOfRange('data', `at most ${QDtls.MaximumMessageSize} bytes long, not ${length}`, data);
    }
    if (!this.#core.association.isOpen) throw invalidState(this.#whyNotOpen());
    if (length === 0) {
      if (callback !== undefined) process.nextTick(callback, null);
      return 0;
    }
    const error = this.#core.write(message, length, callback);
    if (error !== null) throw error;
    return length;
  }

  /** Ends the session with a close_notify alert; resolves when it is over. node:dtls: session.close() */
  close(): Promise<void> {
    this.#core.close();
    return this.closed;
  }

  /**
   * Ends the session at once, without a word to the peer. With an error, `opened` and `closed` reject with it.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE for what is no Error.
   * node:dtls: session.destroy()
   */
  destroy(error?: Error): void {
    this.#core.destroy(givenError(error));
  }

  /** Whether it is over. node:dtls: session.destroyed */
  get destroyed(): boolean {
    return this.#core.isOver;
  }

  /** What carries it. node:dtls: session.endpoint */
  get endpoint(): DTLSEndpoint {
    return this.#core.host.endpoint;
  }

  /** The server name that the client sent, on both sides; undefined if none. node:dtls: session.servername */
  get servername(): string | undefined {
    return textOrNothing(this.#core.association.dtls.serverName());
  }

  /** Resolves when the handshake is complete, rejects when it fails or is given up. node:dtls: session.opened */
  get opened(): Promise<{ protocol: string }> {
    return this.#core.opening.promise;
  }

  /** Resolves after a goodbye of either side, rejects with what ended the session. node:dtls: session.closed */
  get closed(): Promise<void> {
    return this.#core.closing.promise;
  }

  /** Where the peer is. node:dtls: session.remoteAddress */
  get remoteAddress(): { address: string; family: string; port: number } {
    const { address, port } = this.#core.remote;
    return { address, family: familyOf(address), port };
  }

  /** `'DTLSv1.2'`, or '' before the handshake is complete. node:dtls: session.protocol */
  get protocol(): string {
    return this.#core.protocol;
  }

  /** The cipher suite: OpenSSL's name, IANA's, and the version it came with. node:dtls: session.cipher */
  get cipher(): { name: string; standardName: string; version: string } {
    const { cipher } = this.#core;
    return { name: cipher.name(), standardName: cipher.standardName(), version: cipher.protocolString() };
  }

  /** The peer's certificate in PEM format. node:dtls: session.peerCertificate */
  get peerCertificate(): string | undefined {
    return this.peerX509Certificate?.toString();
  }

  /** The peer's certificate; the same object each time. node:dtls: session.peerX509Certificate */
  get peerX509Certificate(): X509Certificate | undefined {
    return this.peerX509Chain[0];
  }

  /** What the peer sent, leaf first. Extension. */
  get peerX509Chain(): readonly X509Certificate[] {
    if (this.#chain !== null) return this.#chain;
    if (this.#core.protocol === '') return [];
    this.#chain = this.#core.isOver ? [] : chainOf(this.#core.association.dtls);
    return this.#chain;
  }

  /**
   * What a client needs to resume this session later with `connect(…, { session })`, for the same name; undefined on a server
   * and unless the session is open. node:dtls: session.session
   */
  get session(): Buffer | undefined {
    if (this.#core.isServer || !this.#core.association.isOpen) return undefined;
    const encoding = this.#core.association.dtls.dtlsConfiguration().sessionTicket();
    return encoding.length === 0 ? undefined : packSession({ identity: this.#core.identity, encoding });
  }

  /** Whether an earlier session was resumed; false when this one is over. node:dtls: session.reused */
  get reused(): boolean {
    return this.#core.association.isOpen && this.#core.association.dtls.isSessionReused();
  }

  /** Whether the peer showed a certificate that passed every check. node:dtls: session.authorized */
  get authorized(): boolean {
    const { association } = this.#core;
    return association.isOpen && association.peerErrors.length === 0 && this.peerX509Certificate !== undefined;
  }

  /** What was wrong with it, such as `'CERT_HAS_EXPIRED'`; `'UNABLE_TO_GET_ISSUER_CERT'` if there was none. node:dtls: session.authorizationError */
  get authorizationError(): string | undefined {
    const [first] = this.#core.association.peerErrors;
    if (first !== undefined) return authorizationCode(first);
    const isMissing = this.#core.association.isOpen && this.peerX509Certificate === undefined;
    return isMissing ? 'UNABLE_TO_GET_ISSUER_CERT' : undefined;
  }

  /** The application protocol agreed upon. node:dtls: session.alpnProtocol */
  get alpnProtocol(): string | undefined {
    return textOrNothing(this.#core.association.dtls.dtlsConfiguration().nextNegotiatedProtocol().toString());
  }

  /** The SRTP protection profile agreed upon. node:dtls: session.srtpProfile */
  get srtpProfile(): string | undefined {
    return textOrNothing(this.#core.association.dtls.srtpProfile());
  }

  /** What went through it. node:dtls: session.stats */
  get stats(): DTLSSessionStats {
    return new DTLSSessionStats(this.#core.counters);
  }

  /**
   * Keying material for other protocols (RFC 5705), such as SRTP: the same bytes on both sides.
   *
   * @param length - Bytes, 1 to 65536.
   * @throws Error - ERR_INVALID_STATE unless the session is open; TypeError, RangeError - for other arguments.
   * node:dtls: session.exportKeyingMaterial()
   */
  exportKeyingMaterial(length: number, label: string, context?: NodeJS.ArrayBufferView): Buffer {
    const { dtls } = this.#core.association;
    const material = dtls.exportKeyingMaterial(length, label, context);
    if (!this.#core.association.isOpen) throw invalidState(this.#whyNotOpen());
    if (material.length === 0) throw invalidArgumentValue('label', `usable: ${dtls.dtlsErrorString()}`, label);
    return material;
  }

  /** Bytes of the largest message that fits the MTU; 0 unless the session is open. Extension. */
  get maxPayload(): number {
    return this.#core.association.dtls.maxPayload();
  }

  /**
   * Bytes of the largest handshake datagram: 256 to 65535. Can be set at any time. Extension.
   *
   * @throws TypeError, RangeError - unless it is set to such an integer.
   */
  get mtu(): number {
    return this.#core.association.dtls.mtuHint();
  }

  set mtu(bytes: number) {
    checkInteger(bytes, 'mtu', 256);
    this.#core.association.dtls.setMtuHint(bytes);
  }

  /**
   * Gives 33 KiB of buffers of an idle session back; the next message gets new ones. Extension.
   */
  trim(): void {
    this.#core.association.dtls.trim();
  }

  /**
   * The peer has moved, as the application has learnt by means of its own: datagrams go to the new address, and are taken from
   * it alone. Never called by itself, for the source of a datagram can be forged. Extension.
   *
   * @param address - An IP literal.
   * @throws Error - ERR_INVALID_STATE when the session is over or another one has that address; TypeError, RangeError.
   */
  rebind(address: string, port: number): void {
    if (typeof address !== 'string') throw invalidArgumentType('address', 'an IPv4 or IPv6 literal', address);
    if (familyOf(address) === '') throw invalidArgumentValue('address', 'an IPv4 or IPv6 literal', address);
    checkInteger(port, 'port', 1);
    if (this.#core.isOver) throw invalidState('The session is over');
    this.#core.host.rebind(this.#core, { address, port });
  }

  /** What existing libraries take for a dgram.Socket that is connected to the peer. Extension. */
  toSocket(): SessionSocket {
    return new SessionSocket({
      sessions: [this],
      onSession: () => undefined,
      find: () => this,
      remote: () => this.remoteAddress,
      address: () => this.endpoint.address,
      close: () => this.close(),
      closed: this.closed,
    });
  }

  /** The messages, for `for await`: the loop ends with the session. Extension. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    return new MessageQueue(this, this.closed);
  }

  /** The same as close(). node:dtls: session[Symbol.asyncDispose]() */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Takes messages.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE unless it is set to a function or undefined.
   * node:dtls: session.onmessage
   */
  get onmessage(): SessionCallbacks['onmessage'] {
    return this.#core.callbacks.onmessage;
  }

  set onmessage(callback: SessionCallbacks['onmessage']) {
    this.#core.callbacks.onmessage = checkCallback(callback, 'onmessage');
  }

  /**
   * Hears why the session is over.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE unless it is set to a function or undefined.
   * node:dtls: session.onerror
   */
  get onerror(): SessionCallbacks['onerror'] {
    return this.#core.callbacks.onerror;
  }

  set onerror(callback: SessionCallbacks['onerror']) {
    this.#core.callbacks.onerror = checkCallback(callback, 'onerror');
  }

  /**
   * Hears that the handshake is complete.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE unless it is set to a function or undefined.
   * node:dtls: session.onhandshake
   */
  get onhandshake(): SessionCallbacks['onhandshake'] {
    return this.#core.callbacks.onhandshake;
  }

  set onhandshake(callback: SessionCallbacks['onhandshake']) {
    this.#core.callbacks.onhandshake = checkCallback(callback, 'onhandshake');
  }

  /**
   * Takes lines for SSLKEYLOGFILE; to be set before the handshake begins.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE unless it is set to a function or undefined.
   * node:dtls: session.onkeylog
   */
  get onkeylog(): SessionCallbacks['onkeylog'] {
    return this.#core.callbacks.onkeylog;
  }

  set onkeylog(callback: SessionCallbacks['onkeylog']) {
    this.#core.callbacks.onkeylog = checkCallback(callback, 'onkeylog');
  }

  #whyNotOpen(): string {
    return this.#core.isOver ? 'The session is over' : 'The handshake is not complete';
  }

  static {
    coreOf = (session) => session.#core;
  }
}

function textOrNothing(text: string): string | undefined {
  return text === '' ? undefined : text;
}

/** Throws unless it is an integer of 16 bits, not below the least. */
function checkInteger(value: number, name: string, least: number): void {
  const expectation = `an integer from ${least} to 65535`;
  if (typeof value !== 'number') throw invalidArgumentType(name, expectation, value);
  if (!Number.isInteger(value) || value < least || value > 65535) throw argumentOutOfRange(name, expectation, value);
}

function checkCallback<T>(callback: T | undefined, name: string): T | undefined {
  if (callback === undefined || callback === null || typeof callback === 'function') return callback ?? undefined;
  throw invalidArgumentType(name, 'a function or undefined', callback);
}

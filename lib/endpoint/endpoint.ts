import { EventEmitter } from 'node:events';
import { invalidArgumentType } from '../argument-errors';
import type { Remote } from './association';
import type { EndpointCore } from './endpoint-core';
import { givenError, illegalConstructor, invalidState } from './errors';
import { viewedBytes } from './option-reader';
import type { DTLSSession } from './session';
import { SessionSocket } from './session-socket';
import { DTLSEndpointStats } from './stats';
import type { LocalAddress } from './transport';

/** The events of an endpoint. Extension. */
export interface DTLSEndpointEvents {
  /** A client has begun a handshake. */
  session: [session: DTLSSession];
  /** A datagram that is not DTLS: STUN, RTP ... */
  datagram: [datagram: Buffer, from: Remote];
  /** The socket reports an error. Nobody has to listen. */
  error: [error: Error];
  /** It is over. */
  close: [];
}

const MADE_HERE = Symbol('DTLSEndpoint');

/** The endpoint of a core. */
export function makeEndpoint(core: EndpointCore): DTLSEndpoint {
  return new DTLSEndpoint(MADE_HERE, core);
}

/** A UDP socket and the sessions on it. Made by listen() and connect(). node:dtls: DTLSEndpoint */
export class DTLSEndpoint extends EventEmitter<DTLSEndpointEvents> {
  /** node:dtls: DTLSEndpoint.Stats */
  static readonly Stats = DTLSEndpointStats;
  readonly #core: EndpointCore;

  /** @internal */
  constructor(token: symbol, core: EndpointCore) {
    if (token !== MADE_HERE) throw illegalConstructor();
    super();
    this.#core = core;
  }

  /** Where it is bound; undefined before and after. node:dtls: endpoint.address */
  get address(): LocalAddress | undefined {
    return this.#core.address();
  }

  /** What went through it. node:dtls: endpoint.stats */
  get stats(): DTLSEndpointStats {
    return new DTLSEndpointStats(this.#core.counters);
  }

  /**
   * While true, newcomers are dropped in silence; they try again.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE unless it is set to a boolean.
   * node:dtls: endpoint.busy
   */
  get busy(): boolean {
    return this.#core.isBusy;
  }

  set busy(isBusy: boolean) {
    if (typeof isBusy !== 'boolean') throw invalidArgumentType('busy', 'a boolean', isBusy);
    this.#core.isBusy = isBusy;
  }

  /** The sessions of this moment. Extension. */
  get sessions(): DTLSSession[] {
    return [...this.#core.sessions].map(({ session }) => session);
  }

  /**
   * Takes datagrams that are not DTLS. Extension.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE unless it is set to a function or undefined.
   */
  get ondatagram(): ((datagram: Buffer, from: Remote) => void) | undefined {
    return this.#core.ondatagram;
  }

  set ondatagram(callback: ((datagram: Buffer, from: Remote) => void) | undefined) {
    if (callback !== undefined && typeof callback !== 'function') {
      throw invalidArgumentType('ondatagram', 'a function or undefined', callback);
    }
    this.#core.ondatagram = callback;
  }

  /** Says goodbye to every peer and closes the socket, unless it is yours. Resolves when that is done. node:dtls: endpoint.close() */
  close(): Promise<void> {
    this.#core.close();
    return this.closed;
  }

  /**
   * Ends everything at once, without a goodbye. With an error, all sessions end with it.
   *
   * @throws TypeError - ERR_INVALID_ARG_TYPE for what is no Error.
   * node:dtls: endpoint.destroy()
   */
  destroy(error?: Error): void {
    this.#core.destroy(givenError(error));
  }

  /** Whether close() or destroy() was called, or a client's session is over. node:dtls: endpoint.destroyed */
  get destroyed(): boolean {
    return this.#core.isOver;
  }

  /** Resolves when the socket is closed; rejects with the error of destroy(). node:dtls: endpoint.closed */
  get closed(): Promise<void> {
    return this.#core.closed.promise;
  }

  /**
   * Replaces the secret that cookies are made with; those of the present one are still taken until the next time. Extension.
   *
   * @param secret - 32 random bytes by default; the same for all who share a port.
   * @throws Error - ERR_INVALID_STATE on a client's endpoint; TypeError - unless it is bytes.
   */
  rotateCookieSecret(secret?: string | NodeJS.ArrayBufferView): void {
    const { gate } = this.#core;
    if (gate === null) throw invalidState('Only a server has cookies');
    const bytes = typeof secret === 'string' ? Buffer.from(secret) : viewedBytes(secret);
    const isUsable = secret === undefined || (bytes !== null && bytes.length > 0);
    if (!isUsable) throw invalidArgumentType('secret', 'a string or bytes, not empty', secret);
    gate.rotate(bytes);
  }

  /** What existing libraries take for a bound dgram.Socket: messages of all sessions come out of it and go through it. Extension. */
  toSocket(): SessionSocket {
    return new SessionSocket({
      sessions: this.sessions,
      onSession: (listener) => this.on('session', listener),
      find: (port, address) => this.#core.sessionAt(port, address),
      remote: () => undefined,
      address: () => this.address,
      close: () => this.close(),
      closed: this.closed,
    });
  }

  /** Keeps the process alive again. Extension. Source: dgram.Socket.ref() */
  ref(): this {
    this.#core.transport?.ref();
    return this;
  }

  /** Lets the process end although the socket is open. Extension. Source: dgram.Socket.unref() */
  unref(): this {
    this.#core.transport?.unref();
    return this;
  }

  /** The same as close(). node:dtls: endpoint[Symbol.asyncDispose]() */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

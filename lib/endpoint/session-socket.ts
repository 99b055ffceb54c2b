import { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { invalidArgumentType } from '../argument-errors';
import type { SendCallback } from '../index';
import { familyOf } from './addresses';
import { coded, errorFrom } from './errors';
import type { DTLSSession } from './session';
import type { LocalAddress } from './transport';

type Data = string | NodeJS.ArrayBufferView;

/** What a view looks at: one session, or an endpoint with all of its sessions. */
export interface SocketSource {
  readonly sessions: readonly DTLSSession[];
  /** Calls for each session to come. */
  onSession(listener: (session: DTLSSession) => void): void;
  /** The session with a peer; without a peer the only one. */
  find(port: number | undefined, address: string | undefined): DTLSSession | undefined;
  /** The peer of the only session. */
  remote(): LocalAddress | undefined;
  address(): LocalAddress | undefined;
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

interface SendArguments {
  readonly message: Data;
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly callback: SendCallback | undefined;
}

/** Sorts out the forms of dgram.Socket.send(): message, [offset, length], [port], [address], [callback]. */
function sendArguments(data: Data | readonly Data[], rest: readonly unknown[]): SendArguments {
  const last = rest.at(-1);
  const callback = typeof last === 'function' ? (error?: Error | null): unknown => Reflect.apply(last, undefined, [error]) : undefined;
  const values = rest.filter((value) => typeof value !== 'function' && value !== undefined);
  const numbers = values.filter((value) => typeof value === 'number');
  const address = values.find((value) => typeof value === 'string');
  const hasRange = numbers.length >= 2;
  const whole = joined(data);
  const [offset = 0, length = 0] = numbers;
  const message = hasRange ? Buffer.from(whole.buffer, whole.byteOffset + offset, length) : whole;
  return { message, port: hasRange ? numbers[2] : numbers[0], address, callback };
}

function joined(data: Data | readonly Data[]): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (Array.isArray(data)) return Buffer.concat(data.map((part: Data) => joined(part)));
  throw invalidArgumentType('msg', 'a string, bytes, or an array of them', data);
}

/**
 * A dgram.Socket to look at, for libraries that want one: `message` events have the decrypted messages, and send() encrypts.
 * Messages sent before the handshake is complete wait for it. Socket options do nothing, and instanceof dgram.Socket holds.
 * Made by toSocket().
 */
export class SessionSocket extends EventEmitter {
  readonly type: 'udp4' | 'udp6';
  readonly #source: SocketSource;

  /** @internal */
  constructor(source: SocketSource) {
    super();
    this.#source = source;
    this.type = familyOf(source.address()?.address ?? '') === 'IPv6' ? 'udp6' : 'udp4';
    for (const session of source.sessions) this.#watch(session);
    source.onSession((session) => this.#watch(session));
    source.closed.then(
      () => this.emit('close'),
      (error: unknown) => {
        if (this.listenerCount('error') > 0) this.emit('error', errorFrom(error));
        this.emit('close');
      },
    );
  }

  /** Encrypts and sends. A peer without a session is an error for the callback, or an `error` event. Source: dgram.Socket.send() */
  send(data: Data | readonly Data[], ...rest: readonly unknown[]): void {
    const { message, port, address, callback } = sendArguments(data, rest);
    const session = this.#source.find(port, address);
    const fail = (error: Error): void => {
      if (callback !== undefined) process.nextTick(callback, error);
      else if (this.listenerCount('error') > 0) process.nextTick(() => this.emit('error', error));
    };
    if (session === undefined) {
      fail(coded(`There is no session with ${address ?? 'the peer'}, port ${port ?? '?'}`, 'ERR_DTLS_NO_SESSION')); return;
    }
    const send = (): void => {
      try {
        session.send(message, callback);
      } catch (error) {
        fail(errorFrom(error));
      }
    };
    if (session.protocol !== '' || session.destroyed) send();
    else session.opened.then(send, fail);
  }

  /** Where the socket below is bound. Source: dgram.Socket.address() */
  address(): LocalAddress {
    const address = this.#source.address();
    if (address === undefined) throw coded('The socket is not bound', 'EBADF');
    return address;
  }

  /** The peer, if there is only one. Source: dgram.Socket.remoteAddress() */
  remoteAddress(): LocalAddress {
    const remote = this.#source.remote();
    if (remote === undefined) throw coded('Not connected', 'ERR_SOCKET_DGRAM_NOT_CONNECTED');
    return remote;
  }

  /** Closes what is below: the session, or the endpoint. Source: dgram.Socket.close() */
  close(callback?: () => void): this {
    if (callback !== undefined) this.once('close', callback);
    this.#source.close().catch(() => undefined); // 'error' tells
    return this;
  }

  /** It is bound already: says so. Source: dgram.Socket.bind() */
  bind(...rest: readonly unknown[]): this {
    const last = rest.at(-1);
    process.nextTick(() => {
      this.emit('listening');
      if (typeof last === 'function') Reflect.apply(last, undefined, []);
    });
    return this;
  }

  /** Does nothing: the socket below is not this one's to change. */
  ref(): this {
    return this;
  }

  /** Does nothing. */
  unref(): this {
    return this;
  }

  #watch(session: DTLSSession): void {
    session.on('message', (message) => {
      this.emit('message', message, { ...session.remoteAddress, size: message.length });
    });
  }

  static {
    // What the socket below is set to is its owner's affair.
    for (const name of [
      ...['setBroadcast', 'setTTL', 'setMulticastTTL', 'setMulticastLoopback', 'setMulticastInterface', 'addMembership'],
      ...['dropMembership', 'setRecvBufferSize', 'setSendBufferSize', 'connect', 'disconnect'],
    ]) {
      Object.defineProperty(SessionSocket.prototype, name, { value: () => undefined, configurable: true, writable: true });
    }
    // Libraries ask `instanceof dgram.Socket`; nothing of dgram.Socket is run.
    Object.setPrototypeOf(SessionSocket.prototype, Socket.prototype);
  }
}

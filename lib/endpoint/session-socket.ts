import type { Socket } from 'node:dgram';
import { argumentOutOfRange, invalidArgumentType } from '../argument-errors';
import type { SendCallback } from '../index';
import { familyOf } from './addresses';
import { coded, errorFrom } from './errors';
import { InertSocket } from './inert-socket';
import { isCallable, type Callable } from './option-reader';
import type { Data } from './secure-context';
import type { DTLSSession } from './session';
import type { LocalAddress } from './transport';

/** What a view looks at: one session, or an endpoint with all of its sessions. */
export interface SocketSource {
  readonly sessions: readonly DTLSSession[];
  /** Calls for each session to come. */
  onSession(listener: (session: DTLSSession) => void): void;
  /** The session that messages for a peer go through, whatever it says if there is only one. */
  find(port: number | undefined, address: string | undefined): DTLSSession | undefined;
  /** The peer of the only session. */
  remote(): LocalAddress | undefined;
  address(): LocalAddress | undefined;
  close(): Promise<void>;
  readonly closed: Promise<void>;
}

interface SendArguments {
  readonly message: Buffer;
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly callback: SendCallback | undefined;
}

const LOOPBACK = { udp4: '127.0.0.1', udp6: '::1' };

/** Sorts out the forms of dgram.Socket.send(): message, [offset, length], [port], [address], [callback]. */
function sendArguments(data: Data | readonly Data[], rest: readonly unknown[]): SendArguments {
  const last = rest.at(-1);
  const values = rest.filter((value) => typeof value !== 'function' && value !== undefined);
  const numbers = values.filter((value) => typeof value === 'number');
  const address = values.find((value) => typeof value === 'string');
  const hasRange = numbers.length >= 2;
  const message = hasRange ? rangeOf(joined(data), numbers) : joined(data);
  const callback = isCallable(last) ? reporterTo(last, message.length) : undefined;
  return { message, port: hasRange ? numbers[2] : numbers[0], address, callback };
}

/** What lies outside may be somebody else's: Buffers share their memory. */
function rangeOf(bytes: Buffer, [offset = 0, length = 0]: readonly number[]): Buffer {
  const isInside = Number.isInteger(offset) && Number.isInteger(length) && offset >= 0 && length >= 0;
  if (isInside && offset + length <= bytes.length) return bytes.subarray(offset, offset + length);
  throw argumentOutOfRange('offset and length', `a range within the ${bytes.length} bytes of msg`, [offset, length]);
}

/** Tells as dgram does: what went wrong, or null and how many bytes were sent. */
function reporterTo(callback: Callable, length: number): SendCallback {
  return (error) => {
    if (error instanceof Error) callback(error);
    else callback(null, length);
  };
}

function joined(data: Data | readonly Data[]): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (Array.isArray(data)) return Buffer.concat(data.map((part: Data) => joined(part)));
  throw invalidArgumentType('msg', 'a string, bytes, or an array of them', data);
}

/**
 * A dgram.Socket to look at, for libraries that want one: `message` events have the decrypted messages, and send() encrypts.
 * Messages sent before the handshake is complete wait for it. Made by toSocket(). Extension.
 */
export class SessionSocket extends InertSocket implements Socket {
  readonly #source: SocketSource;

  /** @internal */
  constructor(source: SocketSource) {
    super();
    this.#source = source;
    for (const session of source.sessions) this.#watch(session);
    source.onSession((session) => this.#watch(session));
    // In ticks of their own: what a listener throws is uncaught, as with dgram, and keeps no other event from coming.
    const end = (): void => process.nextTick(() => this.emit('close'));
    source.closed.then(end, (error: unknown) => {
      this.#fail(errorFrom(error));
      end();
    });
  }

  /** By the address of the socket below, or the peer's while there is none. Source: dgram.createSocket() */
  get type(): 'udp4' | 'udp6' {
    const { address } = this.#source.address() ?? this.#source.remote() ?? { address: '' };
    return familyOf(address) === 'IPv6' ? 'udp6' : 'udp4';
  }

  /**
   * Encrypts and sends. A port without an address is one of this machine, as for dgram. What is for a peer without a session is
   * lost, as it is with UDP when nobody is there: peers leave when they like, and libraries do not expect to be told. An empty
   * message is not sent.
   *
   * @throws TypeError, RangeError - for other messages, and for a range that is not within the message.
   * Source: dgram.Socket.send()
   */
  send(data: Data | readonly Data[], ...rest: readonly unknown[]): void {
    const { message, port, address, callback } = sendArguments(data, rest);
    const session = this.#source.find(port, port === undefined ? undefined : (address ?? LOOPBACK[this.type]));
    if (session === undefined || message.length === 0) {
      if (callback !== undefined) process.nextTick(callback, null);
      return;
    }
    const fail = (error: Error): void => {
      if (callback === undefined) this.#fail(error);
      else process.nextTick(callback, error);
    };
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

  /**
   * Where the socket below is bound.
   *
   * @throws Error - EBADF while it is not bound.
   * Source: dgram.Socket.address()
   */
  address(): LocalAddress {
    const address = this.#source.address();
    if (address === undefined) throw coded('The socket is not bound', 'EBADF');
    return address;
  }

  /**
   * The peer, if there is only one.
   *
   * @throws Error - ERR_SOCKET_DGRAM_NOT_CONNECTED on that of an endpoint.
   * Source: dgram.Socket.remoteAddress()
   */
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
    this.#say('listening', rest.at(-1));
    return this;
  }

  /** It is connected already: says so. Source: dgram.Socket.connect() */
  connect(...rest: readonly unknown[]): void {
    this.#say('connect', rest.at(-1));
  }

  /** Closes it, and resolves when that is done. Source: dgram.Socket[Symbol.asyncDispose]() */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#source.closed.catch(() => undefined);
  }

  #say(event: 'listening' | 'connect', callback: unknown): void {
    process.nextTick(() => this.emit(event));
    if (isCallable(callback)) process.nextTick(callback);
  }

  #fail(error: Error): void {
    if (this.listenerCount('error') > 0) process.nextTick(() => this.emit('error', error));
  }

  #watch(session: DTLSSession): void {
    session.on('message', (message) => {
      const { address, port } = session.remoteAddress;
      const family = familyOf(address) === 'IPv6' ? 'IPv6' : 'IPv4';
      this.emit('message', message, { address, family, port, size: message.length });
    });
  }
}

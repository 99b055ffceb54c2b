import { Socket } from 'node:dgram';
import { inspect, types } from 'node:util';
import { invalidArgumentType } from './arguments';

/** What `send` tells when it is done: `null` or `undefined` for success. Extension: that of dgram. */
export type SendCallback = (error?: Error | null) => void;

/**
 * What the facade needs of a socket: `dgram.Socket`'s `send`. A socket that is connected (its `remoteAddress()` does
 * not throw) is given the datagram alone, any other one the port and the address too. Extension: for QUdpSocket.
 */
export interface DatagramSocket {
  /** Sends a datagram to a port and address. An error may be thrown, or told to the callback. */
  send(datagram: Uint8Array, port: number, address: string, callback: SendCallback): void;
  send(datagram: Uint8Array, callback: SendCallback): void;
  /** Throws while the socket is not connected. */
  remoteAddress?(): unknown;
}

/** Where an unconnected socket shall send to. */
export interface Destination {
  readonly address: string;
  readonly port: number;
}

/** Node's own error codes for "that form of send does not go with the state of this socket". */
const WRONG_FORM = new Set(['ERR_SOCKET_DGRAM_IS_CONNECTED', 'ERR_SOCKET_BAD_PORT', 'ERR_SOCKET_DGRAM_NOT_CONNECTED']);

/** Other runtimes have dgram too, and send in ways of their own. */
export const HAS_NODES_DGRAM = !('bun' in process.versions) && !('deno' in process.versions);

const nodesSend: unknown = Reflect.get(Socket.prototype, 'send');

/**
 * Whether a socket sends as Node's do: at once, unless others wait, and without keeping the datagram. Asked for each one: who
 * puts a send() of his own in between, on the socket or for all, may keep what he is given.
 */
export function sendsAtOnce(socket: DatagramSocket): boolean {
  return HAS_NODES_DGRAM && socket.send === nodesSend;
}

function isConnected(socket: DatagramSocket): boolean {
  if (typeof socket.remoteAddress !== 'function') return false;
  try {
    socket.remoteAddress();
    return true;
  } catch {
    return false;
  }
}

/** Returns the socket, or null for a null one; throws a TypeError for anything without a `send` method. */
export function checkSocket(value: unknown): DatagramSocket | null {
  return isDatagramSocket(value) ? value : noSocket(value);
}

function noSocket(value: unknown): null {
  if (value === null || value === undefined) return null;
  throw invalidArgumentType('socket', 'null or an object with a send method, such as a dgram.Socket', value);
}

function isDatagramSocket(value: unknown): value is DatagramSocket {
  return isObject(value) && typeof value.send === 'function';
}

function isObject(value: unknown): value is { readonly send?: unknown } {
  return typeof value === 'object' && value !== null;
}

/** What was thrown or reported, as an Error; `what` begins the text for anything else. By kind, not class: dgram's errors may be of another realm (vm, jest). */
export function toError(thrown: unknown, what = 'the socket threw'): Error {
  return types.isNativeError(thrown) ? thrown : new Error(`${what} ${inspect(thrown)}`, { cause: thrown });
}

function isWrongForm(error: Error): boolean {
  return 'code' in error && WRONG_FORM.has(String(error.code));
}

/**
 * How to send through a socket: whether it was connected when it was last looked at, for asking dgram costs an exception
 * each time. Does not hold the socket, which holds this.
 */
export class Route {
  readonly #isDgram: boolean;
  #isConnected: boolean;

  constructor(socket: DatagramSocket) {
    this.#isDgram = socket instanceof Socket;
    this.#isConnected = isConnected(socket);
  }

  /**
   * Whether dgram hands a datagram to the system at once, unless others wait, and need not be asked. One that is not connected
   * looks addresses up, and what fails then is its 'error'.
   */
  isDirect(socket: DatagramSocket): boolean {
    return this.#isConnected && this.#isDgram && sendsAtOnce(socket);
  }

  /** Whether the system is known to have taken all that was sent. Then nobody reads that memory any more. */
  hasSent(socket: DatagramSocket): boolean {
    return this.isDirect(socket) && socket instanceof Socket && socket.getSendQueueCount() === 0;
  }

  /**
   * Sends one datagram. Returns what the socket threw, or null; what goes wrong later reaches the callback.
   * The datagram's memory must not be reused before the callback ran, or hasSent().
   */
  send(socket: DatagramSocket, datagram: Uint8Array, to: Destination, callback: SendCallback): Error | null {
    const thrown = this.#trySend(socket, datagram, to, callback);
    return thrown === null ? null : this.#sendAgain(thrown, socket, datagram, to, callback);
  }

  /** The same for a direct socket, which is not asked unless it turns out to have been disconnected. */
  sendUnasked(socket: DatagramSocket, datagram: Uint8Array, to: Destination, callback: SendCallback): Error | null {
    if (!(socket instanceof Socket)) return this.send(socket, datagram, to, callback);
    try {
      socket.send(datagram);
      return null;
    } catch (error) {
      const thrown = toError(error);
      return isWrongForm(thrown) ? this.send(socket, datagram, to, callback) : thrown;
    }
  }

  /** Connected or disconnected since it was last looked at? */
  #sendAgain(thrown: Error, socket: DatagramSocket, datagram: Uint8Array, to: Destination, callback: SendCallback): Error | null {
    if (this === plainRoute || !isWrongForm(thrown)) return thrown;
    const before = this.#isConnected;
    this.#isConnected = isConnected(socket);
    return this.#isConnected === before ? thrown : this.#trySend(socket, datagram, to, callback);
  }

  #trySend(socket: DatagramSocket, datagram: Uint8Array, to: Destination, callback: SendCallback): Error | null {
    try {
      if (this.#isConnected) socket.send(datagram, callback);
      else socket.send(datagram, to.port, to.address, callback);
      return null;
    } catch (error) {
      return toError(error);
    }
  }
}

const routes = new WeakMap<DatagramSocket, Route>();

/** Through sockets that cannot be connected. Each session of an endpoint is one. */
export const plainRoute = new Route({ send: () => undefined });

/** The route through a socket: one for all who send through it. */
export function routeOf(socket: DatagramSocket): Route {
  if (typeof socket.remoteAddress !== 'function') return plainRoute;
  let route = routes.get(socket);
  if (route === undefined) {
    route = new Route(socket);
    routes.set(socket, route);
  }
  return route;
}

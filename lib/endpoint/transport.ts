import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import type { SendCallback } from '../index';
import { HAS_NODES_DGRAM, sendsAtOnce } from '../send-inquiry';
import type { Remote } from './association';
import { viewedBytes } from './option-reader';

/** What a dgram.Socket tells of where it is. node:dtls: endpoint.address */
export interface LocalAddress {
  /** An IP literal. */
  readonly address: string;
  /** `'IPv4'` or `'IPv6'`. */
  readonly family: string;
  /** The UDP port. */
  readonly port: number;
}

type MessageListener = (datagram: Buffer, from: RemoteInfo) => void;

/** What an endpoint needs of a socket of the user's: a dgram.Socket, or anything that behaves like one. Extension. */
export interface DatagramTransport {
  /** Sends a datagram to a port and address. */
  send(datagram: Uint8Array, port: number, address: string, callback?: SendCallback): void;
  /** Calls back for every datagram that comes in. */
  on(event: 'message', listener: (datagram: Buffer, from: { address: string; port: number }) => void): unknown;
  /** Does so no more. */
  off(event: 'message', listener: (datagram: Buffer, from: { address: string; port: number }) => void): unknown;
  /** Throws, or is absent, while there is none. */
  address?(): LocalAddress;
}

/** How a socket is made. */
export interface UdpOptions {
  readonly host: string;
  readonly port: number;
  readonly ipv6Only: boolean;
  readonly reusePort: boolean;
  readonly receiveBufferSize: number | null;
  readonly sendBufferSize: number | null;
  readonly ttl: number | null;
}

/** Where datagrams come from and go to. */
export interface Transport {
  /** Whether nobody else sees the datagrams that arrive. */
  readonly isOwn: boolean;
  address(): LocalAddress | undefined;
  listen(onDatagram: (datagram: Buffer, from: Remote) => void, onError: (error: Error) => void): void;
  send(datagram: Uint8Array, to: Remote, callback: SendCallback | undefined): void;
  /** Whether the system has taken all that was sent: then nobody reads that memory any more. */
  hasSent(): boolean;
  /** From now on there is one peer; absent where sockets cannot know that. */
  connect?(remote: Remote): void;
  /** Lets what was sent leave, then lets go of the socket. */
  close(): Promise<void>;
  ref(): void;
  unref(): void;
}

/**
 * Sessions know addresses only, so that nothing has to be looked up; dgram's own lookup puts each datagram off by a tick. No
 * look at the address here: dgram calls this for each datagram, and does not ask for the family that it gave.
 */
const lookup: NonNullable<SocketOptions['lookup']> = (address, _options, callback) => {
  callback(null, address, 0);
};

/** A UDP socket of our own, bound when it is made. */
export class UdpTransport implements Transport {
  readonly isOwn = true;
  readonly #socket: Socket;
  #isConnected = false;
  #isClosed = false;

  /** Throws the system's error if the address cannot be bound. */
  constructor({ host, port, receiveBufferSize, sendBufferSize, ttl, ipv6Only, reusePort }: UdpOptions) {
    const type = isIPv6(host) ? 'udp6' : 'udp4';
    this.#socket = createSocket({
      ...{ type, lookup },
      // libuv refuses it for IPv4, where it is true anyway.
      ...(ipv6Only && type === 'udp6' ? { ipv6Only } : {}),
      ...(reusePort ? { reusePort } : {}),
      ...(receiveBufferSize === null ? {} : { recvBufferSize: receiveBufferSize }),
      ...(sendBufferSize === null ? {} : { sendBufferSize }),
    });
    this.#bind(host, port);
    if (ttl !== null) this.#socket.setTTL(ttl);
  }

  /** Undefined until it is bound, which Node's sockets are at once, and those of Bun a little later. */
  address(): LocalAddress | undefined {
    return addressOf(this.#socket);
  }

  listen(onDatagram: MessageListener, onError: (error: Error) => void): void {
    this.#socket.on('message', onDatagram);
    this.#socket.on('error', onError);
  }

  /** From now on there is one peer, which costs less for each datagram. */
  connect({ address, port }: Remote): void {
    if (this.#isConnected) this.#socket.disconnect();
    this.#isConnected = true;
    this.#socket.connect(port, address);
  }

  send(datagram: Uint8Array, { address, port }: Remote, callback: SendCallback | undefined): void {
    if (this.#isConnected) this.#socket.send(datagram, callback);
    else this.#socket.send(datagram, port, address, callback);
  }

  /** dgram hands a datagram to the system at once unless others wait. */
  hasSent(): boolean {
    return sendsAtOnce(this.#socket) && !this.#isClosed && this.#socket.getSendQueueCount() === 0;
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    // What the system has not taken yet would be forgotten.
    do await setImmediate();
    while (HAS_NODES_DGRAM && socket.getSendQueueCount() > 0);
    this.#isClosed = true;
    await new Promise<void>((resolve) => socket.close(() => resolve()));
  }

  ref(): void {
    this.#socket.ref();
  }

  unref(): void {
    this.#socket.unref();
  }

  /** In a cluster's worker too: datagrams of one peer must come to one process, which a shared handle does not promise. */
  #bind(address: string, port: number): void {
    const failures: Error[] = [];
    const onError = (error: Error): void => void failures.push(error);
    this.#socket.once('error', onError);
    this.#socket.bind({ address, port, exclusive: true });
    this.#socket.off('error', onError);
    const [failure] = failures;
    if (failure === undefined) return;
    this.#socket.close();
    throw failure;
  }
}

function addressOf(socket: Pick<DatagramTransport, 'address'>): LocalAddress | undefined {
  try {
    return socket.address?.();
  } catch {
    return undefined;
  }
}

/** A socket that belongs to the user, who binds and closes it, and may read it too. */
export class BorrowedTransport implements Transport {
  readonly isOwn = false;
  readonly #socket: DatagramTransport;
  #onDatagram: ((datagram: Buffer, from: Remote) => void) | null = null;

  constructor(socket: DatagramTransport) {
    this.#socket = socket;
  }

  address(): LocalAddress | undefined {
    return addressOf(this.#socket);
  }

  listen(onDatagram: (datagram: Buffer, from: Remote) => void): void {
    this.#onDatagram = (datagram, from) => {
      const bytes = Buffer.isBuffer(datagram) ? datagram : viewedBytes(datagram);
      if (bytes !== null && this.#onDatagram !== null) onDatagram(bytes, from);
    };
    this.#socket.on('message', this.#onDatagram);
  }

  send(datagram: Uint8Array, { address, port }: Remote, callback: SendCallback | undefined): void {
    this.#socket.send(datagram, port, address, callback);
  }

  /** Nobody knows what the user's socket does with it. */
  hasSent(): boolean {
    return false;
  }

  async close(): Promise<void> {
    const listener = this.#onDatagram;
    this.#onDatagram = null;
    // dgram's own lookup puts a datagram off by a tick, and who awaits this may close the socket next.
    await setImmediate();
    if (listener !== null) this.#socket.off('message', listener);
  }

  ref(): void {
    // The user's affair.
  }

  unref(): void {
    // The user's affair.
  }
}

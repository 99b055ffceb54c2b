import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { DatagramTransport } from '../../lib/endpoint';
import type { SendCallback } from '../../lib';
import { LOOPBACK } from './loopback';
import { Capture, type End } from './pcap';

type Listener = (datagram: Buffer, from: RemoteInfo) => void;

/** A transport for `socket` options, on a free port of loopback, that remembers what goes through it. */
export class TappedSocket implements DatagramTransport {
  readonly capture = new Capture();
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => this.capture.add(datagram, from, this.address()));
  }

  static async open(): Promise<TappedSocket> {
    const socket = createSocket('udp4');
    socket.bind(0, LOOPBACK);
    await once(socket, 'listening');
    return new TappedSocket(socket);
  }

  address(): { address: string; family: string; port: number } {
    return this.#socket.address();
  }

  send(datagram: Uint8Array, port: number, address: string, callback?: SendCallback): void {
    const to: End = { address, port };
    this.capture.add(datagram, this.address(), to);
    this.#socket.send(datagram, port, address, callback);
  }

  on(_event: 'message', listener: Listener): void {
    this.#socket.on('message', listener);
  }

  off(_event: 'message', listener: Listener): void {
    this.#socket.off('message', listener);
  }

  close(): void {
    this.#socket.close();
  }
}

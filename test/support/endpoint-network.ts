import { EventEmitter } from 'node:events';
import type { SendCallback } from '../../lib';
import { connect, type ConnectOptions, type DatagramTransport, type DTLSSession } from '../../lib/endpoint';
import type { Endpoint, LossyNetwork, NetworkSocket } from './lossy-link';

/** Where the servers of these tests are. */
export const SERVER: Endpoint = { address: '10.0.0.1', port: 5684 };

interface TransportEvents {
  message: [datagram: Buffer, from: Endpoint];
}

/** A socket of a network in memory, as listen() and connect() take one. */
export class NetworkTransport extends EventEmitter<TransportEvents> implements DatagramTransport {
  readonly endpoint: Endpoint;
  readonly #network: LossyNetwork;
  readonly #socket: NetworkSocket;

  constructor(network: LossyNetwork, endpoint: Endpoint) {
    super();
    this.endpoint = endpoint;
    this.#network = network;
    this.#socket = network.open(endpoint, (datagram, from) => this.emit('message', datagram, from));
  }

  send(datagram: Uint8Array, port: number, address: string, callback: SendCallback = () => undefined): void {
    this.#socket.send(datagram, port, address, callback);
  }

  address(): Endpoint & { readonly family: string } {
    return { ...this.endpoint, family: 'IPv4' };
  }

  /** What is sent to it is lost from now on. */
  unplug(): void {
    this.#network.close(this.endpoint);
  }
}

/** The address of a client that has it for itself. */
export function clientAt(index: number): Endpoint {
  return { address: `10.1.${index >> 8}.${index & 0xff}`, port: 40_000 };
}

/** A client of the server of this network. */
export function joinNetwork(network: LossyNetwork, from: Endpoint, options: ConnectOptions): DTLSSession {
  return connect(SERVER.address, SERVER.port, { ...options, socket: new NetworkTransport(network, from) });
}

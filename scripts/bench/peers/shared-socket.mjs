// A server's socket with an association for each client, the same for every library that can be a server.

import dgram from 'node:dgram';
import { HOST } from './contract.mjs';

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 13;

/**
 * Whether a client begins anew. Ports come back within a run, and not every library says goodbye.
 * Source: RFC 6347 section 4.2.8
 *
 * @param {Buffer} datagram
 */
function isHello(datagram) {
  return datagram[0] === HANDSHAKE_RECORD && datagram.readUInt16BE(3) === 0 && datagram[RECORD_HEADER] === CLIENT_HELLO;
}

/**
 * Addresses are literals: answering at once spares each datagram a turn of the loop.
 *
 * @param {string} address
 * @param {unknown} _options
 * @param {(error: null, address: string, family: number) => void} callback
 */
function lookup(address, _options, callback) {
  callback(null, address, 4);
}

export class SharedSocket {
  accepted = 0;
  /** @type {Set<number>} suites negotiated */
  suites = new Set();
  /** @type {Map<string, import('./library.mjs').Served>} */
  #associations = new Map();
  #socket = dgram.createSocket({ type: 'udp4', lookup });
  #accept;

  /** @param {import('./library.mjs').Accept} accept */
  constructor(accept) {
    this.#accept = accept;
    this.#socket.on('message', (datagram, remote) => this.#receive(datagram, remote));
  }

  async listen() {
    await new Promise((resolve) => this.#socket.bind(0, HOST, () => resolve(undefined)));
    return this.#socket.address().port;
  }

  forget() {
    for (const association of this.#associations.values()) association.end();
    this.#associations.clear();
  }

  /**
   * @param {Buffer} datagram
   * @param {dgram.RemoteInfo} remote
   */
  #receive(datagram, remote) {
    if (datagram.length <= RECORD_HEADER) return;
    const name = `${remote.address}:${remote.port}`;
    const known = this.#associations.get(name);
    if (known === undefined || (known.isEstablished && isHello(datagram))) {
      // Without a goodbye of the old association, which would reach the new client.
      this.#greet(name, datagram, remote);
      return;
    }
    known.take(datagram);
    if (known.isOver) this.#associations.delete(name);
  }

  /**
   * @param {string} name
   * @param {Buffer} datagram
   * @param {dgram.RemoteInfo} remote
   */
  #greet(name, datagram, remote) {
    const established = (/** @type {number} */ suite) => {
      this.accepted += 1;
      this.suites.add(suite);
    };
    const association = this.#accept({ socket: this.#socket, datagram, remote, established });
    if (association === null) this.#associations.delete(name);
    else this.#associations.set(name, association);
  }
}

// werift's DTLS as a player. It knows certificates only, and serves one peer for each server object.

import { createRequire } from 'node:module';
import path from 'node:path';
import { HOST } from './contract.mjs';

const FIRST_NUMBER = 64;

/**
 * The part of its surface that is used.
 *
 * @template {readonly unknown[]} Values
 * @typedef {{ subscribe: (listener: (...values: Values) => void) => unknown }} WeriftEvent
 */

/**
 * @typedef {object} Transport
 * @property {string} type
 * @property {unknown} address
 * @property {boolean} closed
 * @property {(datagram: Buffer, from?: readonly [string, number]) => void} onData
 * @property {(datagram: Buffer) => Promise<void>} send
 * @property {() => Promise<void>} close
 *
 * @typedef {object} DtlsSocket
 * @property {WeriftEvent<[]>} onConnect
 * @property {WeriftEvent<[]>} onClose
 * @property {WeriftEvent<[Buffer]>} onData
 * @property {WeriftEvent<[Error]>} onError
 * @property {{ cipherSuite: number }} cipher
 * @property {{ recordSequenceNumber: number }} dtls
 * @property {(message: Buffer) => Promise<void>} send
 * @property {() => Promise<void>} connect of a client
 *
 * @typedef {Record<'cert' | 'key', string> & { signatureHash: object }} Own
 * @typedef {Partial<Own> & { transport: Transport, extendedMasterSecret: boolean }} Options
 * @typedef {new (options: Options) => DtlsSocket} SocketClass
 * @typedef {Transport & { rinfo: { address: string, port: number } }} UdpTransport
 *
 * @typedef {object} Werift
 * @property {SocketClass} DtlsClient
 * @property {SocketClass} DtlsServer
 * @property {{ init: (type: string) => Promise<UdpTransport> }} UdpTransport
 * @property {Record<string, number>} SignatureAlgorithm
 * @property {Record<string, number>} HashAlgorithm
 */

/**
 * It numbers messages from 1 although its Finished has taken a number of that epoch already, so that a peer with replay
 * protection (RFC 6347 section 4.1.2.6) drops one of the first messages. Beginning higher lets all arrive.
 *
 * @param {DtlsSocket} socket
 */
function leaveTakenNumbers({ dtls }) {
  dtls.recordSequenceNumber = FIRST_NUMBER;
}

class Client {
  /** @param {Buffer} message */
  onMessage = (message) => void message;
  #dtls;
  #transport;

  /**
   * @param {DtlsSocket} dtls
   * @param {UdpTransport} transport
   */
  constructor(dtls, transport) {
    this.#dtls = dtls;
    this.#transport = transport;
    dtls.onData.subscribe((message) => this.onMessage(message));
  }

  get suite() {
    return this.#dtls.cipher.cipherSuite;
  }

  async connected() {
    const dtls = this.#dtls;
    await new Promise((resolve, reject) => {
      dtls.onConnect.subscribe(() => resolve(undefined));
      dtls.onError.subscribe(reject);
      dtls.connect().catch(reject);
    });
    leaveTakenNumbers(dtls);
  }

  /** @param {Buffer} message */
  send(message) {
    void this.#dtls.send(message);
  }

  // It has no way to say goodbye.
  close() {
    void this.#transport.close();
  }
}

/** A place on the shared socket, in the shape werift wants of a transport. */
class Place {
  type = 'udp';
  address = {};
  closed = false;
  /** @type {Transport['onData']} */
  onData = () => undefined;

  /**
   * @param {import('node:dgram').Socket} socket
   * @param {import('node:dgram').RemoteInfo} remote
   */
  constructor(socket, remote) {
    /** @param {Buffer} datagram */
    this.send = async (datagram) => socket.send(datagram, remote.port, remote.address);
  }

  async close() {
    this.closed = true;
  }
}

class Served {
  isEstablished = false;
  isOver = false;
  #place;

  /**
   * @param {import('./library.mjs').Stranger} stranger
   * @param {(place: Place) => DtlsSocket} makeServer
   */
  constructor({ socket, datagram, remote, established }, makeServer) {
    this.#place = new Place(socket, remote);
    const dtls = makeServer(this.#place);
    dtls.onConnect.subscribe(() => {
      if (this.isEstablished) return; // told again for each repeated Finished
      this.isEstablished = true;
      leaveTakenNumbers(dtls);
      established(dtls.cipher.cipherSuite);
    });
    dtls.onClose.subscribe(() => void (this.isOver = true));
    dtls.onData.subscribe((message) => void dtls.send(message));
    this.take(datagram);
  }

  /** @param {Buffer} datagram */
  take(datagram) {
    this.#place.onData(datagram);
  }

  end() {
    void this.#place.close();
  }
}

/**
 * @param {import('./contract.mjs').Setting} setting
 * @returns {import('./library.mjs').Library}
 */
export function load({ credential, folder, certificate, privateKey }) {
  if (credential !== 'ecdsa') throw new Error('werift knows certificates only');
  /** @type {Werift} */
  const { DtlsClient, DtlsServer, UdpTransport, SignatureAlgorithm, HashAlgorithm } = createRequire(
    path.join(folder, 'index.js'),
  )('werift');
  const signatureHash = { hash: HashAlgorithm['sha256_4'], signature: SignatureAlgorithm['ecdsa_3'] };
  const own = { cert: certificate, key: privateKey, signatureHash };
  return {
    async connect(port) {
      const transport = await UdpTransport.init('udp4');
      transport.rinfo = { address: HOST, port };
      const client = new Client(new DtlsClient({ transport, extendedMasterSecret: true }), transport);
      await client.connected();
      return client;
    },
    accept(stranger) {
      const makeServer = (/** @type {Place} */ transport) =>
        new DtlsServer({ transport, extendedMasterSecret: true, ...own });
      return new Served(stranger, makeServer);
    },
  };
}

// Both ends of our associations, joined in memory.

import { QDtls, QDtlsClientVerifier, SslMode } from 'qdtls';
import { BenchError } from './section.mjs';

/** @typedef {{ client: QDtls, server: QDtls }} Ends */

const MTU = 1400;
const MOST_TURNS = 32;
const IDENTITY = 'bench';
const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const SERVER = { address: '127.0.0.1', port: 5684 };
const CLIENT = { address: '127.0.0.1', port: 5683 };

/** A connected socket that does nothing but keep the last datagram. */
export class KeepingSocket {
  /** @type {Uint8Array} */
  kept = Buffer.alloc(0);

  /** @param {Uint8Array} datagram */
  send(datagram) {
    this.kept = datagram;
  }

  remoteAddress() {
    return CLIENT;
  }
}

/** A connected socket that keeps all datagrams, in places that are used again, as the C loop's are. */
class QueueingSocket {
  /** @type {Uint8Array[]} */
  #places = [];
  #first = 0;
  #end = 0;

  /** @param {Uint8Array} datagram */
  send(datagram) {
    this.#places[this.#end] = datagram;
    this.#end += 1;
  }

  remoteAddress() {
    return CLIENT;
  }

  /** The oldest; undefined when there is none. */
  take() {
    if (this.#first === this.#end) {
      this.clear();
      return undefined;
    }
    this.#first += 1;
    return this.#places[this.#first - 1];
  }

  clear() {
    this.#first = 0;
    this.#end = 0;
  }
}

/** @param {import('qdtls').QSslPreSharedKeyAuthenticator} authenticator */
function answerPsk(authenticator) {
  authenticator.setIdentity(IDENTITY);
  authenticator.setPreSharedKey(KEY);
}

/**
 * One end, ready to start, unless somebody must answer for its key.
 *
 * @param {SslMode} mode
 * @param {import('qdtls').QSslConfiguration} configuration
 * @param {{ address: string, port: number }} peer
 */
export function makeEnd(mode, configuration, peer) {
  const end = new QDtls(mode);
  end.setDtlsConfiguration(configuration);
  end.setPeer(peer.address, peer.port, mode === SslMode.SslClientMode ? 'localhost' : '');
  end.setMtuHint(MTU);
  return end;
}

/** Makes pairs of one kind, one after the other, as an application with one verifier does. */
export class Joiner {
  #kind;
  #toServer = new QueueingSocket();
  #toClient = new QueueingSocket();
  #verifier = new QDtlsClientVerifier();

  /** @param {import('./kinds.mjs').Kind} kind */
  constructor(kind) {
    this.#kind = kind;
  }

  /**
   * A pair after its handshake, by the cipher that was asked for. The observer sees every datagram.
   *
   * @param {(from: 'client' | 'server', datagram: Uint8Array) => void} [observe]
   * @returns {Ends}
   */
  join(observe) {
    const client = this.#makeEnd(SslMode.SslClientMode, this.#kind.client, SERVER);
    client.doHandshake(this.#toServer);
    /** @type {QDtls | null} */
    let server = null;
    for (let turn = 0; turn < MOST_TURNS && !(client.isConnectionEncrypted() && server?.isConnectionEncrypted()); turn += 1) {
      for (let datagram = this.#toServer.take(); datagram !== undefined; datagram = this.#toServer.take()) {
        observe?.('client', datagram);
        if (server === null) server = this.#accept(datagram);
        else server.doHandshake(this.#toClient, datagram);
      }
      for (let datagram = this.#toClient.take(); datagram !== undefined; datagram = this.#toClient.take()) {
        observe?.('server', datagram);
        client.doHandshake(this.#toServer, datagram);
      }
    }
    return this.#checked(client, server);
  }

  /** @param {Ends} ends */
  part({ client, server }) {
    client.shutdown(this.#toServer);
    server.shutdown(this.#toClient);
    this.#toServer.clear();
    this.#toClient.clear();
  }

  /**
   * @param {SslMode} mode
   * @param {import('qdtls').QSslConfiguration} configuration
   * @param {{ address: string, port: number }} peer
   */
  #makeEnd(mode, configuration, peer) {
    const end = makeEnd(mode, configuration, peer);
    if (!this.#kind.hasCertificate) end.on('pskRequired', answerPsk);
    return end;
  }

  /** @param {Uint8Array} hello */
  #accept(hello) {
    if (this.#kind.cookies && !this.#verifier.verifyClient(this.#toClient, hello, CLIENT.address, CLIENT.port)) {
      return null;
    }
    const server = this.#makeEnd(SslMode.SslServerMode, this.#kind.server, CLIENT);
    server.doHandshake(this.#toClient, hello);
    return server;
  }

  /**
   * @param {QDtls} client
   * @param {QDtls | null} server
   * @returns {Ends}
   */
  #checked(client, server) {
    if (server === null || !client.isConnectionEncrypted() || !server.isConnectionEncrypted()) {
      throw new BenchError(`${this.#kind.name}: ${client.dtlsErrorString()}; ${server?.dtlsErrorString()}`);
    }
    this.#checkCipher(client);
    this.#checkCipher(server);
    return { client, server };
  }

  /** @param {QDtls} end */
  #checkCipher(end) {
    const cipher = end.sessionCipher().name();
    if (cipher === this.#kind.cipher) return;
    throw new BenchError(`${this.#kind.name}: the cipher is ${cipher}, not ${this.#kind.cipher}`);
  }
}

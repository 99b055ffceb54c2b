// The server of endpoint-storm.mjs: sends back what its first clients say, and counts the newcomers' greetings.

import { listen } from 'qdtls/endpoint';
import { GREETING } from './arrivals-server.mjs';
import { BenchError } from './section.mjs';

/** @param {import('./kinds.mjs').KindName} kind with a certificate */
export function cipherOf(kind) {
  return kind === 'RSA-2048' ? 'ECDHE-RSA-AES128-GCM-SHA256' : 'ECDHE-ECDSA-AES128-GCM-SHA256';
}

/** Bytes of what connected clients say. */
export const ECHO_SIZE = 200;

const RECEIVE_BUFFER = 4 * 2 ** 20; // as much as the system allows

export class EchoServer {
  #endpoint;
  /** @type {{ left: number, finish: () => void, fail: (error: unknown) => void } | null} */
  #storm = null;

  /**
   * @param {import('./kinds.mjs').KindName} kind
   * @param {import('./credentials.mjs').Identity} identity
   */
  constructor(kind, { certificate, key }) {
    const onSession = (/** @type {import('qdtls/endpoint').DTLSSession} */ session) => {
      session.onmessage = (message) => this.#hear(session, message);
      session.onerror = (error) => this.#storm?.fail(error);
    };
    const options = { cert: certificate, key, ciphers: cipherOf(kind), udpReceiveBufferSize: RECEIVE_BUFFER };
    this.#endpoint = listen(onSession, { host: '127.0.0.1', port: 0, ...options });
  }

  get port() {
    return this.#endpoint.address?.port ?? 0;
  }

  /** Sessions that are there. */
  get sessions() {
    return this.#endpoint.sessions.length;
  }

  /** Datagrams of handshakes that had no place in the queue, and handshakes that failed. */
  get losses() {
    const { queueDropCount, handshakeFailureCount, serverRefusedCount } = this.#endpoint.stats;
    return Number(queueDropCount + handshakeFailureCount + serverRefusedCount);
  }

  /**
   * Resolves when so many newcomers have said that they are there.
   *
   * @param {number} count
   * @param {number} patience milliseconds
   * @returns {Promise<void>}
   */
  async newcomers(count, patience) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const all = new Promise((resolve, reject) => {
      this.#storm = { left: count, finish: () => resolve(undefined), fail: reject };
      timer = setTimeout(() => reject(new BenchError(`${this.#storm?.left} of ${count} handshakes did not end`)), patience);
    });
    await all.finally(() => clearTimeout(timer));
    this.#storm = null;
  }

  close() {
    return this.#endpoint.close();
  }

  /**
   * @param {import('qdtls/endpoint').DTLSSession} session
   * @param {Buffer} message
   */
  #hear(session, message) {
    if (this.#storm === null || message.toString('latin1') !== GREETING) return void session.send(message);
    this.#storm.left -= 1;
    if (this.#storm.left === 0) this.#storm.finish();
  }
}

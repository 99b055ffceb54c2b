// The server of event-loop.mjs, which handles handshakes as they come or one datagram per turn of the event loop.

import dgram from 'node:dgram';
import { once } from 'node:events';
import { QDtlsClientVerifier, SslMode } from 'qdtls';
import { makeEnd } from './ends.mjs';
import { BenchError, must } from './section.mjs';

/** What a client says when its handshake is over. */
export const GREETING = 'every handshake ends with this message';

/** Later than all are done: a busy machine shall not make flights be repeated, and a lost datagram shall be seen. */
export const RETRANSMISSION = { initial: 5000, maximum: 5000 };

const RECEIVE_BUFFER = 4 * 2 ** 20; // as much as the system allows

export class ArrivalsServer {
  /** Resolves with milliseconds from the first datagram to the last handshake's end. */
  done;
  #expected;
  #configuration;
  #perTurn;
  #socket = dgram.createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER });
  #verifier = new QDtlsClientVerifier();
  /** @type {Map<string, import('qdtls').QDtls>} */
  #peers = new Map();
  /** @type {(() => void)[]} */
  #queue = [];
  #greetings = 0;
  #start = 0;
  /** @type {(milliseconds: number) => void} */
  #finish = () => undefined;
  /** @type {(error: unknown) => void} */
  #fail = () => undefined;

  /**
   * @param {{ configuration: import('qdtls').QSslConfiguration, perTurn: boolean, expected: number }} options
   */
  constructor({ configuration, perTurn, expected }) {
    this.#configuration = configuration;
    this.#perTurn = perTurn;
    this.#expected = expected;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#socket.on('message', (datagram, remote) => this.#receive(datagram, remote));
  }

  async open() {
    this.#socket.bind(0, '127.0.0.1');
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  close() {
    for (const peer of this.#peers.values()) {
      if (peer.isConnectionEncrypted()) peer.shutdown(this.#socket);
      else peer.abortHandshake(this.#socket);
    }
    this.#socket.close();
  }

  giveUp() {
    this.#fail(new BenchError(`${this.#greetings} of ${this.#expected} handshakes ended`));
  }

  /**
   * Application data first: it never waits behind a handshake.
   *
   * @param {Buffer} datagram
   * @param {dgram.RemoteInfo} remote
   */
  #receive(datagram, remote) {
    if (this.#start === 0) this.#start = performance.now();
    const name = `${remote.address} ${remote.port}`;
    const peer = this.#peers.get(name);
    if (peer?.isConnectionEncrypted() === true) this.#hear(peer.decryptDatagram(this.#socket, datagram));
    else if (this.#perTurn) this.#push(() => this.#shake(name, datagram, remote));
    else this.#shake(name, datagram, remote);
  }

  /** @param {() => void} job */
  #push(job) {
    if (this.#queue.push(job) === 1) setImmediate(() => this.#turn());
  }

  #turn() {
    this.#queue[0]?.();
    this.#queue.shift();
    if (this.#queue.length > 0) setImmediate(() => this.#turn());
  }

  /**
   * @param {string} name
   * @param {Buffer} datagram
   * @param {dgram.RemoteInfo} remote
   */
  #shake(name, datagram, remote) {
    let peer = this.#peers.get(name);
    if (peer === undefined) {
      if (!this.#verifier.verifyClient(this.#socket, datagram, remote.address, remote.port)) return;
      peer = makeEnd(SslMode.SslServerMode, this.#configuration, remote);
      peer.setRetransmissionTimeouts(RETRANSMISSION);
      this.#peers.set(name, peer);
    }
    // What waited in the queue while the handshake ended is a message.
    if (peer.isConnectionEncrypted()) this.#hear(peer.decryptDatagram(this.#socket, datagram));
    else peer.doHandshake(this.#socket, datagram);
    while (peer.hasPendingDatagrams()) this.#hear(peer.nextPendingDatagram());
  }

  /** @param {Buffer} message */
  #hear(message) {
    if (message.length === 0) return;
    try {
      must(message.toString() === GREETING, 'another message came');
      this.#greetings += 1;
      if (this.#greetings === this.#expected) this.#finish(performance.now() - this.#start);
    } catch (error) {
      this.#fail(error);
    }
  }
}

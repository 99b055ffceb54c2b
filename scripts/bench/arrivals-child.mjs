// The clients of event-loop.mjs: many, each with a socket of its own, that start when they are told to.

import dgram from 'node:dgram';
import { once } from 'node:events';
import { SslMode } from 'qdtls';
import { GREETING, RETRANSMISSION } from './arrivals-server.mjs';
import { makeEnd } from './ends.mjs';
import { makeKind } from './kinds.mjs';

/**
 * @typedef {object} Order
 * @property {number} port of the server
 * @property {number} count
 * @property {import('./kinds.mjs').KindName} kind
 * @property {import('./credentials.mjs').Credentials} credentials
 *
 * @typedef {Order | 'go' | 'close'} Command
 * @typedef {{ retransmissions: number, unfinished: number } | 'ready'} Report
 */

const ADDRESS = '127.0.0.1';

class Client {
  #socket = dgram.createSocket('udp4');
  #dtls;
  #port;

  /**
   * @param {import('qdtls').QSslConfiguration} configuration
   * @param {number} port
   */
  constructor(configuration, port) {
    this.#port = port;
    this.#dtls = makeEnd(SslMode.SslClientMode, configuration, { address: ADDRESS, port });
    this.#dtls.setRetransmissionTimeouts(RETRANSMISSION);
    this.#dtls.on('handshakeTimeout', () => this.#dtls.handleTimeout(this.#socket));
    this.#socket.on('message', (datagram) => {
      this.#dtls.doHandshake(this.#socket, datagram);
      if (this.#dtls.isConnectionEncrypted()) this.#dtls.writeDatagramEncrypted(this.#socket, GREETING);
    });
  }

  async open() {
    this.#socket.connect(this.#port, ADDRESS);
    await once(this.#socket, 'connect');
    return this;
  }

  start() {
    this.#dtls.doHandshake(this.#socket);
  }

  close() {
    const { retransmissions } = this.#dtls.statistics();
    const isFinished = this.#dtls.isConnectionEncrypted();
    if (isFinished) this.#dtls.shutdown(this.#socket);
    else this.#dtls.abortHandshake(this.#socket);
    this.#socket.close();
    return { retransmissions, isFinished };
  }
}

/** @type {Client[]} */
let clients = [];

function closeAll() {
  const ends = clients.map((client) => client.close());
  clients = [];
  return {
    retransmissions: ends.reduce((sum, { retransmissions }) => sum + retransmissions, 0),
    unfinished: ends.filter(({ isFinished }) => !isFinished).length,
  };
}

/** @param {Report} report */
const tell = (report) => process.send?.(report);

process.on('message', async (/** @type {Command} */ command) => {
  if (command === 'go') {
    for (const client of clients) client.start();
  } else if (command === 'close') {
    tell(closeAll());
  } else {
    const { client } = makeKind(command.kind, command.credentials, true);
    const opening = Array.from({ length: command.count }, () => new Client(client, command.port).open());
    clients = await Promise.all(opening);
    tell('ready');
  }
});

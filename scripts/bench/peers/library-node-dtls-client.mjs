// node-dtls-client as a player: clients only, pre-shared keys only.

import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { HOST } from './contract.mjs';

/**
 * The part of its surface that is used. `recordLayer` is private; it is read for the suite that was negotiated.
 *
 * @typedef {object} Socket
 * @property {(event: string, listener: (value: never) => void) => void} on
 * @property {(event: string, listener: (value: never) => void) => void} once
 * @property {(message: Buffer) => void} send
 * @property {() => void} close
 * @property {{ currentWriteEpoch: { connectionState: { cipherSuite: { id: number } } } }} recordLayer
 */

const HANDSHAKE_TIMEOUT = 10_000;

class Client {
  suite = 0;
  /** @param {Buffer} message */
  onMessage = (message) => void message;
  #socket;

  /** @param {Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (message) => this.onMessage(message));
  }

  async connected() {
    const socket = this.#socket;
    await new Promise((resolve, reject) => {
      socket.once('connected', resolve);
      socket.on('error', reject);
    });
    this.suite = socket.recordLayer.currentWriteEpoch.connectionState.cipherSuite.id;
  }

  /** @param {Buffer} message */
  send(message) {
    this.#socket.send(message);
  }

  close() {
    this.#socket.close();
  }
}

/**
 * @param {import('./contract.mjs').Setting} setting
 * @returns {Promise<import('./library.mjs').Library>}
 */
export async function load({ credential, folder, identity, key }) {
  if (credential !== 'psk') throw new Error('node-dtls-client knows pre-shared keys only');
  const entry = createRequire(path.join(folder, 'index.js')).resolve('node-dtls-client');
  const { dtls } = await import(pathToFileURL(entry).href);
  const psk = { [identity]: Buffer.from(key, 'hex') };
  return {
    async connect(port) {
      const options = { type: 'udp4', address: HOST, port, psk, timeout: HANDSHAKE_TIMEOUT };
      const client = new Client(dtls.createSocket({ ...options, ciphers: ['TLS_PSK_WITH_AES_128_GCM_SHA256'] }));
      await client.connected();
      return client;
    },
  };
}

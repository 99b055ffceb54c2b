// qdtls as a player, used as an application uses it.

import dgram from 'node:dgram';
import {
  KeyAlgorithm,
  PeerVerifyMode,
  QDtls,
  QDtlsClientVerifier,
  QSslCertificate,
  QSslConfiguration,
  QSslKey,
  SslMode,
} from 'qdtls';
import { HOST, SUITES } from './contract.mjs';

/**
 * @typedef {import('./contract.mjs').Setting} Setting
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./library.mjs').Stranger} Stranger
 */

const { HandshakeComplete, HandshakeNotStarted } = QDtls;

/** @param {Setting} setting */
function makeConfiguration({ credential, certificate, privateKey }, isServer = false) {
  const configuration = QSslConfiguration.defaultDtlsConfiguration();
  // As with the peers: werift cannot verify a chain.
  configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
  configuration.setCiphers(SUITES[credential].cipher);
  if (credential === 'psk' || !isServer) return configuration;
  const [own] = QSslCertificate.fromData(certificate);
  if (own === undefined) throw new Error('the certificate cannot be read');
  configuration.setLocalCertificate(own);
  configuration.setPrivateKey(new QSslKey(privateKey, KeyAlgorithm.Ec));
  return configuration;
}

/**
 * @param {QDtls} dtls
 * @param {Setting} setting
 */
function answerPsk(dtls, { identity, key }) {
  const bytes = Buffer.from(key, 'hex');
  dtls.on('pskRequired', (authenticator) => {
    authenticator.setIdentity(identity);
    authenticator.setPreSharedKey(bytes);
  });
}

/** @param {QDtls} dtls */
function suiteOf(dtls) {
  const name = dtls.sessionCipher().name();
  return Object.values(SUITES).find(({ cipher }) => cipher === name)?.suite ?? 0;
}

class Client {
  suite = 0;
  /** @param {Buffer} message */
  onMessage = (message) => void message;
  #dtls = new QDtls(SslMode.SslClientMode);
  #socket = dgram.createSocket('udp4');

  /**
   * @param {number} port
   * @param {QSslConfiguration} configuration
   * @param {Setting} setting
   */
  async connect(port, configuration, setting) {
    const [dtls, socket] = [this.#dtls, this.#socket];
    await new Promise((resolve) => socket.connect(port, HOST, () => resolve(undefined)));
    dtls.setDtlsConfiguration(configuration);
    dtls.setPeer(HOST, port);
    answerPsk(dtls, setting);
    dtls.on('handshakeTimeout', () => dtls.handleTimeout(socket));
    await new Promise((resolve, reject) => {
      dtls.on('handshakeStateChanged', (state) => {
        if (state === HandshakeComplete) resolve(undefined);
        else if (state === HandshakeNotStarted) reject(new Error(dtls.dtlsErrorString()));
      });
      socket.on('message', (datagram) => this.#take(datagram));
      dtls.doHandshake(socket);
    });
    this.suite = suiteOf(dtls);
  }

  /** @param {Buffer} datagram */
  #take(datagram) {
    if (!this.#dtls.isConnectionEncrypted()) {
      this.#dtls.doHandshake(this.#socket, datagram);
      return;
    }
    const message = this.#dtls.decryptDatagram(this.#socket, datagram);
    if (message.length > 0) this.onMessage(message);
    while (this.#dtls.hasPendingDatagrams()) this.onMessage(this.#dtls.nextPendingDatagram());
  }

  /** @param {Buffer} message */
  send(message) {
    if (this.#dtls.writeDatagramEncrypted(this.#socket, message) < 0) throw new Error(this.#dtls.dtlsErrorString());
  }

  close() {
    this.#dtls.shutdown(this.#socket);
    this.#socket.close();
  }
}

class Served {
  #dtls = new QDtls(SslMode.SslServerMode);
  #socket;
  #established;

  /**
   * @param {Stranger} stranger
   * @param {QSslConfiguration} configuration
   * @param {Setting} setting
   */
  constructor({ socket, datagram, remote, established }, configuration, setting) {
    const dtls = this.#dtls;
    this.#socket = socket;
    this.#established = established;
    dtls.setDtlsConfiguration(configuration);
    dtls.setPeer(remote.address, remote.port);
    answerPsk(dtls, setting);
    dtls.on('handshakeTimeout', () => dtls.handleTimeout(socket));
    dtls.doHandshake(socket, datagram);
  }

  get isEstablished() {
    return this.#dtls.isConnectionEncrypted();
  }

  get isOver() {
    return this.#dtls.handshakeState() === HandshakeNotStarted;
  }

  /** @param {Buffer} datagram */
  take(datagram) {
    const [dtls, socket] = [this.#dtls, this.#socket];
    if (!dtls.isConnectionEncrypted()) {
      dtls.doHandshake(socket, datagram);
      if (dtls.isConnectionEncrypted()) this.#established(suiteOf(dtls));
      return;
    }
    const message = dtls.decryptDatagram(socket, datagram);
    if (message.length > 0) dtls.writeDatagramEncrypted(socket, message);
    while (dtls.hasPendingDatagrams()) dtls.writeDatagramEncrypted(socket, dtls.nextPendingDatagram());
  }

  end() {
    if (this.isEstablished) this.#dtls.shutdown(this.#socket);
    else if (!this.isOver) this.#dtls.abortHandshake(this.#socket);
  }
}

/**
 * @param {Setting} setting
 * @returns {Library}
 */
export function load(setting) {
  const [forClients, forServers] = [makeConfiguration(setting), makeConfiguration(setting, true)];
  const verifier = new QDtlsClientVerifier();
  return {
    async connect(port) {
      const client = new Client();
      await client.connect(port, forClients, setting);
      return client;
    },
    accept(stranger) {
      const { socket, datagram, remote } = stranger;
      if (!verifier.verifyClient(socket, datagram, remote.address, remote.port)) return null;
      return new Served(stranger, forServers, setting);
    },
  };
}

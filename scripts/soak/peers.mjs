// The ends of associations, served as an application serves them.

import { QDtls, QDtlsClientVerifier, QDtlsError, SslMode } from 'qdtls';
import { nameOf } from './network.mjs';

/**
 * @typedef {import('./network.mjs').Endpoint} Endpoint
 * @typedef {import('./network.mjs').Packet} Packet
 * @typedef {import('./profiles.mjs').Profile} Profile
 * @typedef {import('./report.mjs').Report} Report
 */

const TIMEOUTS = { initial: 100, maximum: 800 };
const { HandshakeComplete, HandshakeInProgress, HandshakeNotStarted } = QDtls;

export class Peer {
  /** Whether one of both has said goodbye, so that an end is no loss. */
  isClosing = false;
  wasEncrypted = false;
  /** Resolves when the handshake is over, well or not. */
  handshake;
  /** What it has heard. */
  heard = new Set();
  #dtls;
  #socket;
  #report;

  /**
   * @param {SslMode} mode
   * @param {ReturnType<import('./network.mjs').Network['open']>} socket
   * @param {{ remote: Endpoint, profile: Profile, report: Report }} options
   */
  constructor(mode, socket, { remote, profile, report }) {
    const isClient = mode === SslMode.SslClientMode;
    const dtls = new QDtls(mode);
    this.#dtls = dtls;
    this.#socket = socket;
    this.#report = report;
    dtls.setDtlsConfiguration(isClient ? profile.client : profile.server);
    dtls.setPeer(remote.address, remote.port, isClient ? 'localhost' : '');
    dtls.setRetransmissionTimeouts(TIMEOUTS);
    dtls.setHandshakeDeadline(isClient ? 60_000 : 20_000);
    dtls.on('pskRequired', profile.answerPsk);
    dtls.on('handshakeTimeout', () => dtls.handleTimeout(socket));
    this.handshake = new Promise((resolve) => {
      dtls.on('handshakeStateChanged', (state) => {
        if (state === HandshakeInProgress) return;
        if (state === HandshakeComplete) this.wasEncrypted = true;
        else if (state === HandshakeNotStarted) this.#hasEnded(isClient);
        resolve(undefined);
      });
    });
  }

  get isEncrypted() {
    return this.#dtls.isConnectionEncrypted();
  }

  get isOver() {
    return this.#dtls.handshakeState() === HandshakeNotStarted;
  }

  /** @param {Buffer} [hello] of a server's client */
  start(hello) {
    this.#dtls.doHandshake(this.#socket, hello);
    this.#collect();
  }

  /** @param {Packet} packet */
  take({ datagram, message }) {
    const wasEncrypted = this.isEncrypted;
    if (wasEncrypted) this.#hear(this.#dtls.decryptDatagram(this.#socket, datagram));
    else if (this.#dtls.handshakeState() === HandshakeInProgress) this.#dtls.doHandshake(this.#socket, datagram);
    this.#collect();
    const isMissing = message !== '' && wasEncrypted && !this.isClosing && !this.heard.has(message);
    if (isMissing) this.#report.fail(`a message that was delivered was not received: ${message}`);
  }

  /** @param {string} message */
  say(message) {
    if (!this.isEncrypted) return;
    this.#socket.saying = message;
    const sent = this.#dtls.writeDatagramEncrypted(this.#socket, message);
    this.#socket.saying = '';
    if (sent < 0) this.#report.fail(`a message could not be sent: ${this.#dtls.dtlsErrorString()}`);
    this.#report.counts.messagesSent += 1;
  }

  /** Ends it, with a goodbye where there is somebody to hear it. */
  close() {
    this.isClosing = true;
    if (this.isEncrypted) this.#dtls.shutdown(this.#socket);
    else if (!this.isOver) this.#dtls.abortHandshake(this.#socket);
  }

  #collect() {
    while (this.#dtls.hasPendingDatagrams()) this.#hear(this.#dtls.nextPendingDatagram());
  }

  /** @param {Buffer} message */
  #hear(message) {
    if (message.length === 0) return;
    const text = message.toString();
    if (this.heard.has(text)) this.#report.fail(`a message was received twice: ${text}`);
    if (!this.#report.wasSaid(text)) this.#report.fail(`a message was received that nobody sent: ${text}`);
    this.heard.add(text);
    this.#report.counts.messagesReceived += 1;
  }

  /** @param {boolean} isClient */
  #hasEnded(isClient) {
    const counters = this.#dtls.statistics();
    this.#report.add(counters);
    if (this.isClosing) return;
    // A server's handshake without a client behind it, such as one begun by a replay, ends by its deadline.
    if (!this.wasEncrypted && !isClient) this.#report.counts.abandonedByClient += 1;
    else this.#report.lose(`${QDtlsError[this.#dtls.dtlsError()]}: ${this.#dtls.dtlsErrorString()}`);
  }
}

/** A server at one endpoint, with an association for each client whose cookie was right. */
export class Server {
  endpoint;
  verifier = new QDtlsClientVerifier();
  /** @type {Map<string, Peer>} */
  #peers = new Map();
  #socket;
  #options;

  /**
   * @param {import('./network.mjs').Network} network
   * @param {Endpoint} endpoint
   * @param {{ profile: Profile, report: Report }} options
   */
  constructor(network, endpoint, options) {
    this.endpoint = endpoint;
    this.#options = options;
    this.#socket = network.open(endpoint, (packet) => this.#receive(packet));
  }

  /** @param {Endpoint} client */
  peer(client) {
    return this.#peers.get(nameOf(client));
  }

  /** @param {Endpoint} client */
  forget(client) {
    this.#peers.get(nameOf(client))?.close();
    this.#peers.delete(nameOf(client));
  }

  closeAll() {
    for (const peer of this.#peers.values()) peer.close();
    this.#peers.clear();
  }

  /** @param {Packet} packet */
  #receive(packet) {
    const { from, datagram } = packet;
    const name = nameOf(from);
    const known = this.#peers.get(name);
    if (known !== undefined && !known.isOver) return known.take(packet);
    this.#peers.delete(name);
    if (datagram.length === 0 || !this.verifier.verifyClient(this.#socket, datagram, from.address, from.port)) return;
    const peer = new Peer(SslMode.SslServerMode, this.#socket, { remote: from, ...this.#options });
    this.#peers.set(name, peer);
    peer.start(datagram);
  }
}

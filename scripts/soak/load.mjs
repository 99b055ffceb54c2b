// Associations that come and go, in one thread.

import { setTimeout as pause } from 'node:timers/promises';
import { SslMode } from 'qdtls';
import { Attacker } from './attacker.mjs';
import { Network } from './network.mjs';
import { Peer, Server } from './peers.mjs';
import { makeProfiles } from './profiles.mjs';
import { Random } from './random.mjs';
import { Report } from './report.mjs';

const ASSOCIATIONS = 100; // at a time
const MOST_MESSAGES = 40; // of each side
const LONGEST_PAUSE = 60;
const FIRST_PORT = 1024;

/** @typedef {ReturnType<Load['result']>} Result */

export class Load {
  #report;
  #random;
  #network;
  #profiles;
  /** @type {Server[]} */
  #servers;
  #port = FIRST_PORT;
  #isStopping = false;

  /**
   * @param {string} name of the thread
   * @param {number} seed
   * @param {import('../support/credentials.mjs').Identity} credentials
   */
  constructor(name, seed, credentials) {
    this.#report = new Report(name);
    this.#random = new Random(seed);
    this.#network = new Network(new Random(seed + 1));
    new Attacker(this.#network, new Random(seed + 2));
    this.#profiles = makeProfiles(credentials);
    this.#servers = this.#profiles.map((profile, index) => {
      const endpoint = { address: '192.0.2.1', port: 5684 + index };
      return new Server(this.#network, endpoint, { profile, report: this.#report });
    });
  }

  /** Runs until stop(), and then until the last association has ended. */
  async run() {
    const work = async () => {
      while (!this.#isStopping) await this.#runAssociation();
    };
    await Promise.all(Array.from({ length: ASSOCIATIONS }, work));
    for (const server of this.#servers) server.closeAll();
  }

  stop() {
    this.#isStopping = true;
  }

  result() {
    const { counts, dropped, alertsReceived, failures, failed } = this.#report;
    const verified = this.#servers.map(({ verifier }) => verifier.statistics());
    const sum = (/** @type {'datagramsReceived' | 'answersSent' | 'verified'} */ name) =>
      verified.reduce((total, statistics) => total + statistics[name], 0);
    const strangers = { datagrams: sum('datagramsReceived'), answered: sum('answersSent'), verified: sum('verified') };
    return { counts, dropped, alertsReceived, failures, failed, strangers, network: this.#network.counts };
  }

  #nextAddress() {
    this.#port = this.#port === 65_535 ? FIRST_PORT : this.#port + 1;
    return { address: '198.51.100.7', port: this.#port };
  }

  async #runAssociation() {
    const index = this.#random.below(this.#profiles.length);
    const [profile, server] = [this.#profiles[index], this.#servers[index]];
    if (profile === undefined || server === undefined) return;
    const own = this.#nextAddress();
    const socket = this.#network.open(own, (packet) => client.take(packet));
    const options = { remote: server.endpoint, profile, report: this.#report };
    const client = new Peer(SslMode.SslClientMode, socket, options);
    client.start();
    await client.handshake;
    const serverPeer = server.peer(own);
    if (client.isEncrypted && serverPeer !== undefined) {
      this.#report.counts.handshakes += 1;
      await this.#talk(client, serverPeer);
      await this.#end(client, serverPeer);
    }
    server.forget(own);
    this.#network.close(own);
  }

  /**
   * @param {Peer} client
   * @param {Peer} server
   */
  async #talk(client, server) {
    for (let left = 1 + this.#random.below(MOST_MESSAGES); left > 0; left -= 1) {
      if (client.isOver || server.isOver) return;
      client.say(this.#report.newMessage());
      server.say(this.#report.newMessage());
      await pause(this.#random.below(LONGEST_PAUSE));
    }
  }

  /**
   * One says goodbye, and the other hears it or is told.
   *
   * @param {Peer} client
   * @param {Peer} server
   */
  async #end(client, server) {
    const [first, second] = this.#random.chance(0.5) ? [client, server] : [server, client];
    second.isClosing = true;
    first.close();
    await pause(this.#random.below(LONGEST_PAUSE));
    second.close();
  }
}

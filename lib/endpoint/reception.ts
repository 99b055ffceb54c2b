import type { DatagramSocket, SendCallback } from '../index';
import type { QSslConfiguration } from '../qsslconfiguration';
import { hostOf } from './addresses';
import type { Remote } from './association';
import type { CookieGate } from './cookie-gate';
import type { EndpointCore } from './endpoint-core';
import type { Peer } from './peer-table';
import type { DTLSSession } from './session';
import { turns } from './turns';

/** What an endpoint does for whoever comes. */
export interface Service {
  readonly configuration: QSslConfiguration;
  readonly gate: CookieGate;
  readonly onSession: (session: DTLSSession) => void;
  /** 0: no limit. */
  readonly maxSessions: number;
  readonly maxSessionsPerHost: number;
}

/** Milliseconds that a handshake which was replaced still counts for its host: beginning anew is not for nothing. */
const REMEMBERED = 1000;

/** Where strangers wait, show a cookie and are let in, or not. Until the cookie is right nothing is kept of them. */
export class Reception {
  readonly service: Service;
  readonly #core: EndpointCore;
  readonly #hosts = new Map<string, number>();
  /** Addresses with a hello that waits to be let in: one each. */
  readonly #waiting = new Set<string>();
  /** What cookies are sent through. Who does not get his will ask again: nobody asks a socket of ours about them. */
  readonly #wire: DatagramSocket = {
    send: (reply: Uint8Array, port: number | SendCallback, address?: string, callback?: SendCallback): void => {
      const listener = this.#core.mayOverwrite ? undefined : callback;
      if (typeof port === 'number') this.#core.transmit({ address: address ?? '', port }, reply, listener);
    },
  };

  constructor(core: EndpointCore, service: Service) {
    this.#core = core;
    this.service = service;
  }

  /** Takes the hello of somebody who is not known, or of a known peer that starts again. */
  take(datagram: Buffer, random: string, from: Remote): void {
    const hello = this.#core.keep(datagram);
    const isQueued = turns.knock(() => {
      if (!this.#core.isOver) this.#knock(hello, random, from);
    });
    if (!isQueued) this.#core.overflow(datagram, from);
  }

  /** A session of a host comes or goes. */
  count(address: string, change: 1 | -1): void {
    const host = hostOf(address);
    const count = (this.#hosts.get(host) ?? 0) + change;
    if (count > 0) this.#hosts.set(host, count);
    else this.#hosts.delete(host);
  }

  #knock(hello: Buffer, random: string, from: Remote): void {
    if (!this.service.gate.admits(hello, from, this.#wire) || !this.#mayEnter(hello, from)) return;
    const remote = { address: from.address, port: from.port };
    const name = `${remote.address} ${remote.port}`;
    if (this.#waiting.has(name)) {
      this.#core.drop('early', hello, from);
      return;
    }
    this.#waiting.add(name);
    const isQueued = turns.push(null, () => {
      this.#waiting.delete(name);
      if (!this.#core.isOver) this.#admit(hello, random, remote);
    });
    if (isQueued) return;
    this.#waiting.delete(name);
    this.#core.overflow(hello, from);
  }

  /** Counts and tells why not. */
  #mayEnter(hello: Buffer, from: Remote): boolean {
    const peer = this.#core.peers.find(from.address, from.port);
    if (this.#core.isBusy) {
      this.#core.counters.serverBusyCount += 1;
      this.#core.drop('busy', hello, from);
    } else if (!this.#hasRoom(peer, from)) {
      this.#core.counters.serverRefusedCount += 1;
      this.#core.drop('refused', hello, from);
    } else {
      return true;
    }
    return false;
  }

  /** Who is known takes the place of the session that he had, or of the handshake that he had begun. */
  #hasRoom(peer: Peer | undefined, from: Remote): boolean {
    const { maxSessions, maxSessionsPerHost } = this.service;
    const own = peer === undefined || peer.isEmpty ? 0 : 1;
    const total = this.#core.sessions.size - own;
    const ofHost = (this.#hosts.get(hostOf(from.address)) ?? 0) - own;
    return (maxSessions === 0 || total < maxSessions) && (maxSessionsPerHost === 0 || ofHost < maxSessionsPerHost);
  }

  #admit(hello: Buffer, random: string, remote: Remote): void {
    const { peers } = this.#core;
    const known = peers.find(remote.address, remote.port);
    // Repeated while it waited?
    if (known !== undefined && !known.isNewAttempt(random)) {
      known.addressee(false)?.association.receive(hello, true);
      return;
    }
    if (!this.#mayEnter(hello, remote)) return;
    if (known !== undefined) this.#makeWay(known);
    // Listeners have heard of that.
    if (this.#core.isOver) peers.tidy(remote);
    else this.#core.serve(this.service, hello, { random, remote });
  }

  /** Ends the handshake that the peer had begun before. */
  #makeWay(peer: Peer): void {
    if (peer.starting === null) return;
    const { core } = peer.starting;
    const { address } = core.remote;
    this.count(address, 1);
    setTimeout(() => this.count(address, -1), REMEMBERED).unref();
    peer.isKept = true;
    core.destroy(null);
    peer.isKept = false;
  }
}

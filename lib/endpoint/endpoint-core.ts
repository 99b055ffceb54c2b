import type { SendCallback } from '../index';
import type { QSslConfiguration } from '../qsslconfiguration';
import { SslMode } from '../qsslsocket';
import { asSocketsSayIt, hostOf } from './addresses';
import type { AssociationOptions, HandshakePolicy, Remote } from './association';
import { clientHelloRandom, looksEncrypted } from './client-hello';
import type { CookieGate } from './cookie-gate';
import { channels, type DropMessage, type DropReason } from './diagnostics';
import type { DTLSEndpoint } from './endpoint';
import { coded, errorFrom, invalidState, raiseLater } from './errors';
import { IdleWatch } from './idle-watch';
import type { KeyLogFile } from './key-log-file';
import { PeerTable, type Peer } from './peer-table';
import { makeSession, type DTLSSession } from './session';
import { SessionCore, type SessionHost } from './session-core';
import { Settlement } from './settlement';
import { EndpointCounters } from './stats';
import type { LocalAddress, Transport } from './transport';
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

export interface EndpointOptions {
  readonly policy: HandshakePolicy;
  /** Null: this side only connects. */
  readonly service: Service | null;
  /** Milliseconds; 0: for ever. */
  readonly idleTimeout: number;
  readonly keyLog: KeyLogFile | null;
}

/** RFC 7983: what the first byte of a datagram says. */
const DTLS_FIRST = 20;
const DTLS_LAST = 63;

/**
 * What a DTLSEndpoint is made of: takes datagrams from its transport and passes each to the session that it is for. Messages
 * at once, handshakes one datagram per turn of the loop.
 */
export class EndpointCore implements SessionHost {
  readonly endpoint: DTLSEndpoint;
  readonly counters = new EndpointCounters();
  readonly sessions = new Set<SessionCore>();
  readonly closed = new Settlement<void>();
  isBusy = false;
  isOver = false;
  ondatagram: ((datagram: Buffer, from: Remote) => void) | undefined = undefined;
  readonly #options: EndpointOptions;
  readonly #peers = new PeerTable();
  readonly #hosts = new Map<string, number>();
  readonly #idleWatch: IdleWatch | null;
  #transport: Transport | null = null;
  #isReleased = false;

  constructor(makeEndpoint: (core: EndpointCore) => DTLSEndpoint, options: EndpointOptions) {
    this.#options = options;
    this.endpoint = makeEndpoint(this);
    this.#idleWatch = options.idleTimeout > 0 ? new IdleWatch(options.idleTimeout, () => this.sessions) : null;
  }

  get mayOverwrite(): boolean {
    return this.#transport?.isOwn === true;
  }

  get hasSent(): boolean {
    return this.#transport?.hasSent() === true;
  }

  get gate(): CookieGate | null {
    return this.#options.service?.gate ?? null;
  }

  get transport(): Transport | null {
    return this.#transport;
  }

  address(): LocalAddress | undefined {
    return this.#isReleased ? undefined : this.#transport?.address();
  }

  /** From now on datagrams come and go. */
  attach(transport: Transport): void {
    this.#transport = transport;
    transport.listen(
      (datagram, from) => this.#receive(datagram, from),
      (error) => this.#tell('error', error),
    );
  }

  /** Makes a session with a server, which start() begins when its address is known. */
  makeClient(options: Omit<AssociationOptions, 'policy' | 'mode' | 'cookies'>): SessionCore {
    this.counters.clientSessions += 1;
    return this.#make({ ...options, mode: SslMode.SslClientMode, cookies: null, policy: this.#options.policy });
  }

  startClient(core: SessionCore, { address, port }: Remote): void {
    const remote = { address: asSocketsSayIt(address), port };
    const peer = this.#peers.at(remote);
    if (!peer.isEmpty) { core.destroy(invalidState('There is a session with this address already')); return; }
    peer.start(core, '');
    core.start(remote, null, this.#options.keyLog !== null);
  }

  /** The session that serves a peer. One that begins may be somebody else's, whom an answer to the last one is not for. */
  sessionAt(port: number | undefined, address: string | undefined): DTLSSession | undefined {
    if (port === undefined || address === undefined) return undefined;
    return this.#peers.find(address, port)?.serving?.core.session;
  }

  /** Says goodbye to everybody and lets go of the socket. */
  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const core of [...this.sessions]) core.close();
    this.#release(null);
  }

  /** Ends everything at once, without a goodbye. */
  destroy(error: Error | null): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const core of [...this.sessions]) core.destroy(error);
    this.#release(error);
  }

  transmit(to: Remote, datagram: Uint8Array, callback: SendCallback | undefined): void {
    this.counters.packetsSent += 1;
    this.counters.bytesSent += datagram.length;
    try {
      this.#transport?.send(datagram, to, callback);
    } catch (error) {
      callback?.(errorFrom(error));
    }
  }

  opened(core: SessionCore): void {
    this.#peers.find(core.remote.address, core.remote.port)?.promote(core)?.destroy(null);
  }

  over(core: SessionCore, error: Error | null): void {
    if (core.counters.handshakeCompletedAt === 0n && error !== null) this.counters.handshakeFailureCount += 1;
    if (!this.sessions.delete(core)) return;
    this.#countHost(core.remote.address, -1);
    this.#peers.find(core.remote.address, core.remote.port)?.remove(core);
    this.#peers.tidy(core.remote);
    if (this.#options.service !== null || this.isOver) return;
    this.isOver = true;
    this.#release(null);
  }

  keyLogged(line: string): void {
    try {
      this.#options.keyLog?.write(line);
    } catch (error) {
      this.#tell('error', errorFrom(error));
    }
  }

  rebind(core: SessionCore, { address, port }: Remote): void {
    const remote = { address: asSocketsSayIt(address), port };
    if (!this.#peers.move(core.remote, remote)) throw invalidState('There is a session with this address already');
    this.#countHost(core.remote.address, -1);
    this.#countHost(remote.address, 1);
    core.remote = remote;
    if (this.#options.service === null) this.#transport?.connect?.(remote);
  }

  #make(options: AssociationOptions): SessionCore {
    const core = new SessionCore(this, makeSession, options);
    this.sessions.add(core);
    return core;
  }

  #receive(datagram: Buffer, from: Remote): void {
    turns.arrived();
    this.counters.packetsReceived += 1;
    this.counters.bytesReceived += datagram.length;
    const first = datagram[0] ?? 0;
    if (first < DTLS_FIRST || first > DTLS_LAST) { this.#passOn(datagram, from); return; }
    const peer = this.#peers.find(from.address, from.port);
    const isEncrypted = looksEncrypted(datagram);
    if (peer !== undefined && peer.serving !== null && isEncrypted) {
      // With two sessions it may be for the one that a waiting datagram completes, and must not overtake it.
      const mustWait = peer.starting !== null && turns.has(peer);
      if (!mustWait) { peer.serving.core.association.receive(datagram, this.mayOverwrite); return; }
    }
    if (this.#options.service !== null && (peer === undefined || (!isEncrypted && peer.isNewAttempt(datagram)))) {
      this.#waitToKnock(this.#options.service, datagram, from);
    } else if (peer !== undefined) {
      this.#wait(peer, datagram, from, (waited) => {
        peer.addressee(isEncrypted)?.association.receive(waited, true);
      });
    } else if (this.#options.service === null) this.#drop('unknown', datagram, from);
  }

  /** Passes on what is not DTLS: STUN, RTP and others that share the port. */
  #passOn(datagram: Buffer, from: Remote): void {
    this.counters.foreignCount += 1;
    const isHeard = this.ondatagram !== undefined || this.endpoint.listenerCount('datagram') > 0;
    if (!isHeard) { this.#drop('foreign', datagram, from); return; }
    this.#guarded(() => this.ondatagram?.call(this.endpoint, datagram, from));
    this.#guarded(() => this.endpoint.emit('datagram', datagram, from));
  }

  #waitToKnock(service: Service, datagram: Buffer, from: Remote): void {
    const kept = this.mayOverwrite ? datagram : Buffer.from(datagram);
    const isQueued = turns.knock(() => {
      if (!this.isOver) this.#knock(service, kept, from);
    });
    if (!isQueued) this.#overflow(datagram, from);
  }

  /** Somebody who is not known, or a known peer that starts again. Until the cookie is right nothing is kept of him. */
  #knock(service: Service, datagram: Buffer, from: Remote): void {
    const random = clientHelloRandom(datagram);
    if (random === null) {
      this.counters.serverRejectedCount += 1;
      this.#drop('unknown', datagram, from); return;
    }
    const answer = (reply: Uint8Array, callback: SendCallback): void => this.transmit(from, reply, callback);
    if (!service.gate.admits(datagram, from, answer)) return;
    if (this.isBusy) {
      this.counters.serverBusyCount += 1;
      this.#drop('busy', datagram, from); return;
    }
    if (!this.#hasRoom(service, from)) {
      this.counters.serverRefusedCount += 1;
      this.#drop('refused', datagram, from); return;
    }
    // A key of the turn that nobody else has: the peer comes to be when it is this hello's turn.
    this.#wait(this.#peers.find(from.address, from.port) ?? from, datagram, from, (hello) => {
      this.#admit(service, hello, { address: from.address, port: from.port });
    });
  }

  #hasRoom({ maxSessions, maxSessionsPerHost }: Service, from: Remote): boolean {
    const replaced = (this.#peers.find(from.address, from.port)?.starting ?? null) === null ? 0 : 1;
    const total = this.sessions.size - replaced;
    const ofHost = (this.#hosts.get(hostOf(from.address)) ?? 0) - replaced;
    return (maxSessions === 0 || total < maxSessions) && (maxSessionsPerHost === 0 || ofHost < maxSessionsPerHost);
  }

  #wait(key: unknown, datagram: Buffer, from: Remote, run: (datagram: Buffer) => void): void {
    const kept = this.mayOverwrite ? datagram : Buffer.from(datagram);
    const isQueued = turns.push(key, () => {
      if (!this.isOver) run(kept);
    });
    if (!isQueued) this.#overflow(datagram, from);
  }

  #overflow(datagram: Buffer, from: Remote): void {
    this.counters.queueDropCount += 1;
    this.#drop('queue', datagram, from);
  }

  #admit(service: Service, hello: Buffer, remote: Remote): void {
    const peer = this.#peers.at(remote);
    // Repeated while it waited?
    if (!peer.isNewAttempt(hello)) return peer.addressee(false)?.association.receive(hello, true);
    peer.starting?.core.destroy(null);
    if (!this.#hasRoom(service, remote)) {
      this.counters.serverRefusedCount += 1;
      this.#peers.tidy(remote);
      this.#drop('refused', hello, remote); return;
    }
    this.#begin(service, this.#peers.at(remote), hello, remote);
  }

  #begin(service: Service, peer: Peer, hello: Buffer, remote: Remote): void {
    const { configuration, gate, onSession } = service;
    const { policy } = this.#options;
    const names = { verificationName: '', servername: '' };
    const core = this.#make({ mode: SslMode.SslServerMode, configuration, cookies: gate.parameters, policy, ...names });
    core.remote = remote;
    this.counters.serverSessions += 1;
    this.#countHost(remote.address, 1);
    peer.start(core, clientHelloRandom(hello) ?? '');
    this.#guarded(() => onSession(core.session));
    this.#guarded(() => this.endpoint.emit('session', core.session));
    if (!core.isOver) core.start(remote, hello, this.#options.keyLog !== null);
  }

  #countHost(address: string, change: 1 | -1): void {
    if (this.#options.service === null) return;
    const host = hostOf(address);
    const count = (this.#hosts.get(host) ?? 0) + change;
    if (count > 0) this.#hosts.set(host, count);
    else this.#hosts.delete(host);
  }

  #release(error: Error | null): void {
    this.#idleWatch?.stop();
    const finish = (): void => {
      this.#isReleased = true;
      this.#options.keyLog?.close();
      this.counters.destroyedAt = process.hrtime.bigint();
      if (error === null) this.closed.resolve();
      else this.closed.reject(error);
      this.#guarded(() => this.endpoint.emit('close'));
    };
    if (this.#transport === null) finish();
    else {this.#transport.close().then(finish, (problem: unknown) => {
      this.#tell('error', coded('The socket could not be closed', 'ERR_SOCKET_CLOSE', problem));
      finish();
    });}
  }

  #tell(event: 'error', error: Error): void {
    if (this.endpoint.listenerCount(event) > 0) this.#guarded(() => this.endpoint.emit(event, error));
  }

  /** What a listener throws is raised later, and keeps nobody from anything. */
  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      raiseLater(error);
    }
  }

  #drop(reason: DropReason, datagram: Buffer, { address, port }: Remote): void {
    if (!channels.drop.hasSubscribers) return;
    const message: DropMessage = { endpoint: this.endpoint, reason, bytes: datagram.length, address, port };
    channels.drop.publish(message);
  }
}

import type { SendCallback } from '../index';
import { SslMode } from '../qsslsocket';
import { asSocketsSayIt } from './addresses';
import type { AssociationOptions, HandshakePolicy, Remote } from './association';
import { clientHelloRandom, looksEncrypted } from './client-hello';
import type { CookieGate } from './cookie-gate';
import { channels, type DropMessage, type DropReason } from './diagnostics';
import type { DTLSEndpoint } from './endpoint';
import { coded, errorFrom, invalidState, raiseLater } from './errors';
import { IdleWatch } from './idle-watch';
import type { KeyLogFile } from './key-log-file';
import { PeerTable, type Peer } from './peer-table';
import { Reception, type Service } from './reception';
import { makeSession, type DTLSSession } from './session';
import { SessionCore, type SessionHost } from './session-core';
import { Settlement } from './settlement';
import { EndpointCounters } from './stats';
import type { LocalAddress, Transport } from './transport';
import { turns } from './turns';

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
  readonly peers = new PeerTable();
  readonly #reception: Reception | null;
  readonly #idleWatch: IdleWatch | null;
  #transport: Transport | null = null;
  #isReleased = false;

  constructor(makeEndpoint: (core: EndpointCore) => DTLSEndpoint, options: EndpointOptions) {
    this.#options = options;
    this.endpoint = makeEndpoint(this);
    this.#reception = options.service === null ? null : new Reception(this, options.service);
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
      (error) => this.#socketFailed(error),
    );
  }

  /** What the system says of a socket that has one peer concerns its session. */
  #socketFailed(error: Error): void {
    this.#tellError(error);
    if (this.#options.service !== null) return;
    const cannotReach = 'syscall' in error && error.syscall === 'connect';
    for (const core of [...this.sessions]) {
      if (cannotReach) core.destroy(error);
      else core.sendFailed(error);
    }
  }

  /** Makes a session with a server, which start() begins when its address is known. */
  makeClient(options: Omit<AssociationOptions, 'policy' | 'mode' | 'cookies'>): SessionCore {
    this.counters.clientSessions += 1;
    return this.#make({ ...options, mode: SslMode.SslClientMode, cookies: null, policy: this.#options.policy });
  }

  startClient(core: SessionCore, { address, port }: Remote): void {
    const remote = { address: asSocketsSayIt(address), port };
    const peer = this.peers.at(remote);
    if (!peer.isEmpty) {
      core.destroy(invalidState('There is a session with this address already'));
      return;
    }
    peer.start(core, '');
    core.start(remote, null, this.#options.keyLog !== null);
  }

  /** The session that serves a peer. One that begins may be somebody else's, whom an answer to the last one is not for. */
  sessionAt(port: number | undefined, address: string | undefined): DTLSSession | undefined {
    if (port === undefined || address === undefined) return undefined;
    return this.peers.find(address, port)?.serving?.core.session;
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

  /** What has to wait. Others may use the memory of what came through their socket. */
  keep(datagram: Buffer): Buffer {
    return this.mayOverwrite ? datagram : Buffer.from(datagram);
  }

  /** Too many wait. */
  overflow(datagram: Buffer, from: Remote): void {
    this.counters.queueDropCount += 1;
    this.drop('queue', datagram, from);
  }

  drop(reason: DropReason, datagram: Buffer, { address, port }: Remote): void {
    if (!channels.drop.hasSubscribers) return;
    const message: DropMessage = { endpoint: this.endpoint, reason, bytes: datagram.length, address, port };
    channels.drop.publish(message);
  }

  /** Begins a session with a client that has shown its cookie. */
  serve(service: Service, hello: Buffer, { random, remote }: { readonly random: string; readonly remote: Remote }): void {
    const { configuration, gate, onSession } = service;
    const { policy } = this.#options;
    const names = { verificationName: '', servername: '' };
    const core = this.#make({ mode: SslMode.SslServerMode, configuration, cookies: gate.parameters, policy, ...names });
    core.remote = remote;
    this.counters.serverSessions += 1;
    this.#reception?.count(remote.address, 1);
    this.peers.at(remote).start(core, random);
    this.#guarded(() => onSession(core.session));
    this.#guarded(() => this.endpoint.emit('session', core.session));
    if (!core.isOver) core.start(remote, hello, this.#options.keyLog !== null);
  }

  transmit(to: Remote, datagram: Uint8Array, callback: SendCallback | undefined): void {
    this.counters.packetsSent += 1;
    this.counters.bytesSent += datagram.length;
    try {
      this.#transport?.send(datagram, to, callback);
    } catch (error) {
      if (callback === undefined) this.#tellError(errorFrom(error));
      else callback(errorFrom(error));
    }
  }

  opened(core: SessionCore): void {
    this.peers.find(core.remote.address, core.remote.port)?.promote(core)?.destroy(null);
  }

  over(core: SessionCore, error: Error | null): void {
    if (core.counters.handshakeCompletedAt === 0n && error !== null) this.counters.handshakeFailureCount += 1;
    if (!this.sessions.delete(core)) return;
    this.#reception?.count(core.remote.address, -1);
    this.peers.find(core.remote.address, core.remote.port)?.remove(core);
    this.peers.tidy(core.remote);
    if (this.#options.service !== null || this.isOver) return;
    this.isOver = true;
    this.#release(null);
  }

  keyLogged(line: string): void {
    try {
      this.#options.keyLog?.write(line);
    } catch (error) {
      this.#tellError(errorFrom(error));
    }
  }

  rebind(core: SessionCore, { address, port }: Remote): void {
    const remote = { address: asSocketsSayIt(address), port };
    const peer = this.peers.find(core.remote.address, core.remote.port);
    if (peer === undefined) throw invalidState('The session has no address yet');
    if (this.peers.find(remote.address, remote.port) !== undefined) {
      throw invalidState('There is a session with this address already');
    }
    peer.rivalOf(core)?.destroy(null); // it cannot be at both addresses
    if (core.isOver) return; // a listener of that has ended it
    this.peers.move(core.remote, remote);
    this.#reception?.count(core.remote.address, -1);
    this.#reception?.count(remote.address, 1);
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
    if (first < DTLS_FIRST || first > DTLS_LAST) {
      this.#passOn(datagram, from);
      return;
    }
    const peer = this.peers.find(from.address, from.port);
    const isEncrypted = looksEncrypted(datagram);
    // With two sessions it may be for the one that a waiting datagram completes, and must not overtake it.
    const isAtOnce = peer !== undefined && isEncrypted && (peer.starting === null || peer.waiting === 0);
    if (isAtOnce && peer.serving !== null) peer.serving.core.association.receive(datagram, this.mayOverwrite);
    else this.#receiveInTurn(peer, datagram, from, isEncrypted);
  }

  #receiveInTurn(peer: Peer | undefined, datagram: Buffer, from: Remote, isEncrypted: boolean): void {
    const random = isEncrypted ? null : clientHelloRandom(datagram);
    if (peer !== undefined && (random === null || !peer.isNewAttempt(random))) {
      this.#wait(peer, datagram, from, isEncrypted);
    } else if (this.#reception !== null && random !== null) {
      this.#reception.take(datagram, random, from);
    } else {
      if (this.#reception !== null) this.counters.serverRejectedCount += 1;
      this.drop('unknown', datagram, from);
    }
  }

  /** Passes on what is not DTLS: STUN, RTP and others that share the port. */
  #passOn(datagram: Buffer, from: Remote): void {
    this.counters.foreignCount += 1;
    const isHeard = this.ondatagram !== undefined || this.endpoint.listenerCount('datagram') > 0;
    if (!isHeard) {
      this.drop('foreign', datagram, from);
      return;
    }
    this.#guarded(() => this.ondatagram?.call(this.endpoint, datagram, from));
    this.#guarded(() => this.endpoint.emit('datagram', datagram, from));
  }

  #wait(peer: Peer, datagram: Buffer, from: Remote, isEncrypted: boolean): void {
    const kept = this.keep(datagram);
    const isQueued = turns.push(peer, () => {
      peer.waiting -= 1;
      if (!this.isOver) peer.addressee(isEncrypted)?.association.receive(kept, true);
    });
    if (isQueued) peer.waiting += 1;
    else this.overflow(datagram, from);
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
    if (this.#transport === null) {
      finish();
      return;
    }
    this.#transport.close().then(finish, (problem: unknown) => {
      this.#tellError(coded('The socket could not be closed', 'ERR_SOCKET_CLOSE', problem));
      finish();
    });
  }

  #tellError(error: Error): void {
    if (this.endpoint.listenerCount('error') > 0) this.#guarded(() => this.endpoint.emit('error', error));
  }

  /** What a listener throws is raised later, and keeps nobody from anything. */
  #guarded(call: () => void): void {
    try {
      call();
    } catch (error) {
      raiseLater(error);
    }
  }
}

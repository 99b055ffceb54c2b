import type { Remote } from './association';
import type { SessionCore } from './session-core';

/** A session and the random of the hello that began it ('' for a client's). */
export interface Attempt {
  readonly core: SessionCore;
  readonly random: string;
}

const NONE: readonly string[] = [];

/** Attempts of one address that are remembered. */
const MOST_PAST = 8;

/**
 * What there is for one address and port: the session that serves the peer, and one whose handshake is under way. There are
 * two when a client starts again without a goodbye: the old one lives until the new one is complete (RFC 6347 section 4.2.8),
 * because a hello, even with the right cookie, may be a replay.
 */
export class Peer {
  address: string;
  serving: Attempt | null = null;
  starting: Attempt | null = null;
  /** Of attempts that were replaced: a hello that is replayed begins nothing. */
  #past = NONE;
  /** Its datagrams that wait for their turn. */
  waiting = 0;
  /** It has a session again in a moment. */
  isKept = false;

  constructor(address: string) {
    this.address = address;
  }

  get isEmpty(): boolean {
    return this.serving === null && this.starting === null && !this.isKept;
  }

  /** Whether a hello with this random is of an attempt that is not known here. */
  isNewAttempt(random: string): boolean {
    return random !== this.serving?.random && random !== this.starting?.random && !this.#past.includes(random);
  }

  /** The other session of this peer. */
  rivalOf(core: SessionCore): SessionCore | null {
    return [this.serving, this.starting].find((attempt) => attempt !== null && attempt.core !== core)?.core ?? null;
  }

  /** Whom a datagram is for: what is encrypted for the one that serves, as long as there is one. */
  addressee(isEncrypted: boolean): SessionCore | null {
    const [first, second] = isEncrypted ? [this.serving, this.starting] : [this.starting, this.serving];
    return (first ?? second)?.core ?? null;
  }

  /** A handshake begins. Returns the one whose place it takes. */
  start(core: SessionCore, random: string): SessionCore | null {
    const replaced = this.starting;
    this.starting = { core, random };
    return replaced?.core ?? null;
  }

  /** The handshake is complete: that session serves from now on. Returns the one whose place it takes. */
  promote(core: SessionCore): SessionCore | null {
    if (this.starting?.core !== core) return null;
    const replaced = this.serving;
    this.serving = this.starting;
    this.starting = null;
    return replaced?.core ?? null;
  }

  #forget({ random }: Attempt): void {
    this.starting = null;
    this.#past = [...this.#past, random].slice(-MOST_PAST);
  }

  /** A session is over. */
  remove(core: SessionCore): void {
    if (this.serving?.core === core) this.serving = null;
    if (this.starting?.core === core) this.#forget(this.starting);
  }
}

type Addresses = Map<string, Peer>;

/**
 * The peers of an endpoint by port and address: cheaper to find than by a text made of both. Most ports have one address, and
 * need no map of their own.
 */
export class PeerTable {
  readonly #ports = new Map<number, Peer | Addresses>();

  find(address: string, port: number): Peer | undefined {
    const found = this.#ports.get(port);
    if (found instanceof Peer) return found.address === address ? found : undefined;
    return found?.get(address);
  }

  /** Finds or makes the peer. */
  at({ address, port }: Remote): Peer {
    return this.find(address, port) ?? this.#add(new Peer(address), port);
  }

  /** Forgets a peer that has no session left. */
  tidy({ address, port }: Remote): void {
    if (this.find(address, port)?.isEmpty === true) this.#remove(address, port);
  }

  /** The peer has moved. False if there is another one already. */
  move(from: Remote, to: Remote): boolean {
    const peer = this.find(from.address, from.port);
    if (peer === undefined || this.find(to.address, to.port) !== undefined) return false;
    this.#remove(from.address, from.port);
    peer.address = to.address;
    this.#add(peer, to.port);
    return true;
  }

  #add(peer: Peer, port: number): Peer {
    const found = this.#ports.get(port);
    if (found instanceof Map) found.set(peer.address, peer);
    else this.#ports.set(port, found === undefined ? peer : new Map([found, peer].map((each) => [each.address, each])));
    return peer;
  }

  #remove(address: string, port: number): void {
    const found = this.#ports.get(port);
    if (found instanceof Map) found.delete(address);
    if (found instanceof Peer || found?.size === 0) this.#ports.delete(port);
  }
}

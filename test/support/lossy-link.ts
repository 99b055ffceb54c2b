import { createHash } from 'node:crypto';
import type { DatagramSocket, SendCallback } from '../../lib';
import { Random } from './random';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** A datagram and its way. */
export interface Packet {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly datagram: Buffer;
}

export type Receiver = (datagram: Buffer, from: Endpoint) => void;

/** What happens to datagrams on their way: how often, from 0 to 1, and how slow they are. */
export interface LinkQuality {
  readonly loss: number;
  /** Comes twice; each of the two may be lost, or late, by itself. */
  readonly duplication: number;
  /** Comes late, after others that were sent later. */
  readonly reordering: number;
  /** Up to three bits change. */
  readonly corruption: number;
  /** Is cut off, perhaps to nothing. */
  readonly truncation: number;
  /** What every datagram takes, in turns of the network. */
  readonly delay: number;
}

export const perfectLink: LinkQuality = {
  loss: 0,
  duplication: 0,
  reordering: 0,
  corruption: 0,
  truncation: 0,
  delay: 0,
};

/** Turns that a reordered datagram comes later than others; all of them at once in a network that is quiet. */
const LATEST = 8;

export const nameOf = ({ address, port }: Endpoint): string => `${address} ${port}`;

/**
 * A network in memory for any number of peers. What becomes of the datagrams from one endpoint to another follows
 * from the seed and their order alone, whatever happens elsewhere; when OpenSSL repeats itself follows from the clock.
 *
 * Somebody may hear everything (`onPacket`), and send anything to anyone in anyone's name (`inject`).
 */
export class LossyNetwork {
  quality: LinkQuality;
  /** Hears what is sent, also what is lost then. */
  onPacket: (packet: Packet) => void = () => undefined;
  readonly counts = { sent: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0, truncated: 0, injected: 0 };

  readonly #seed: number;
  readonly #turnMs: number;
  readonly #receivers = new Map<string, Receiver>();
  readonly #links = new Map<string, Random>();
  /** What arrives in which turn. */
  readonly #arrivals = new Map<number, Packet[]>();
  #turn = 0;
  #isTurning = false;
  readonly #whenQuiet: (() => void)[] = [];

  /**
   * @param turnMs - How long a turn takes. 0: one turn of the event loop, so that no delay reaches a
   *   retransmission timer.
   */
  constructor(seed: number, quality: Partial<LinkQuality> = {}, turnMs = 0) {
    this.#seed = seed;
    this.#turnMs = turnMs;
    this.quality = { ...perfectLink, ...quality };
  }

  /** A socket at this endpoint. */
  open(endpoint: Endpoint, receive: Receiver): NetworkSocket {
    this.#receivers.set(nameOf(endpoint), receive);
    return new NetworkSocket(endpoint, (packet) => this.#send(packet));
  }

  close(endpoint: Endpoint): void {
    this.#receivers.delete(nameOf(endpoint));
  }

  /** Delivers in the next turn, whatever the quality. */
  inject(packet: Packet): void {
    this.counts.injected += 1;
    this.#carry(packet, 0);
  }

  /** Resolves when nothing is on its way. */
  async quiet(): Promise<void> {
    while (this.#arrivals.size > 0) await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
  }

  #send(packet: Packet): void {
    this.counts.sent += 1;
    this.onPacket(packet);
    const chances = this.#chancesOf(packet);
    const copies = chances.chance(this.quality.duplication) ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) this.#sendCopy(packet, chances);
  }

  #sendCopy(packet: Packet, chances: Random): void {
    const { loss, reordering, corruption, truncation, delay } = this.quality;
    if (chances.chance(loss)) {
      this.counts.lost += 1;
      return;
    }
    let { datagram } = packet;
    if (chances.chance(corruption)) {
      this.counts.corrupted += 1;
      datagram = withFlippedBits(datagram, chances);
    }
    if (chances.chance(truncation)) {
      this.counts.truncated += 1;
      datagram = datagram.subarray(0, chances.below(datagram.length));
    }
    const isLate = chances.chance(reordering);
    if (isLate) this.counts.reordered += 1;
    this.#carry({ ...packet, datagram }, delay + (isLate ? 1 + chances.below(LATEST) : 0));
  }

  #chancesOf({ from, to }: Packet): Random {
    const link = `${nameOf(from)} ${nameOf(to)}`;
    const known = this.#links.get(link);
    if (known !== undefined) return known;
    const chances = new Random(createHash('sha256').update(`${this.#seed} ${link}`).digest().readUInt32LE());
    this.#links.set(link, chances);
    return chances;
  }

  #carry(packet: Packet, delay: number): void {
    const turn = this.#turn + 1 + delay;
    const arriving = this.#arrivals.get(turn);
    if (arriving === undefined) this.#arrivals.set(turn, [packet]);
    else arriving.push(packet);
    this.#keepTurning();
  }

  #keepTurning(): void {
    if (this.#isTurning || this.#arrivals.size === 0) return;
    this.#isTurning = true;
    if (this.#turnMs === 0) setImmediate(() => this.#takeTurn());
    else setTimeout(() => this.#takeTurn(), this.#turnMs);
  }

  #takeTurn(): void {
    this.#isTurning = false;
    this.#turn += 1;
    const arriving = this.#arrivals.get(this.#turn) ?? [];
    this.#arrivals.delete(this.#turn);
    for (const { from, to, datagram } of arriving) this.#receivers.get(nameOf(to))?.(datagram, from);
    this.#keepTurning();
    if (this.#arrivals.size === 0) for (const resolve of this.#whenQuiet.splice(0)) resolve();
  }
}

/** Bound to one endpoint of a network. */
export class NetworkSocket implements DatagramSocket {
  readonly endpoint: Endpoint;
  readonly #transmit: (packet: Packet) => void;

  constructor(endpoint: Endpoint, transmit: (packet: Packet) => void) {
    this.endpoint = endpoint;
    this.#transmit = transmit;
  }

  send(datagram: Uint8Array, ...rest: readonly [SendCallback] | readonly [number, string, SendCallback]): void {
    if (rest.length === 1) throw new Error('this socket is not connected');
    const [port, address, callback] = rest;
    this.#transmit({ from: this.endpoint, to: { address, port }, datagram: Buffer.from(datagram) });
    process.nextTick(callback, null);
  }
}

/** The datagram with up to three bits changed. */
export function withFlippedBits(datagram: Buffer, chances: Random): Buffer {
  const changed = Buffer.from(datagram);
  for (let flips = 1 + chances.below(3); flips > 0 && changed.length > 0; flips -= 1) {
    const at = chances.below(changed.length);
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << chances.below(8)), at);
  }
  return changed;
}

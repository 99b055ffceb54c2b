// A lossy network in memory. What arrives, arrives in turns of the event loop.

/**
 * @typedef {{ address: string, port: number }} Endpoint
 *
 * @typedef {object} Packet
 * @property {Endpoint} from
 * @property {Endpoint} to
 * @property {Buffer} datagram
 * @property {string} message what a genuine, intact datagram says; '' for any other
 *
 * @typedef {(packet: Packet) => void} Receiver
 */

// How often, from 0 to 1.
const QUALITY = { loss: 0.1, duplication: 0.05, reordering: 0.1, corruption: 0.02 };
const LATEST_TURNS = 6;

/** @param {Endpoint} endpoint */
export function nameOf({ address, port }) {
  return `${address} ${port}`;
}

/**
 * Whether every record of a datagram is encrypted: one that is not cannot be told from a forgery, and a handshake need
 * not survive it.
 *
 * @param {Buffer} datagram
 */
export function isEncrypted(datagram) {
  return datagram.length >= 13 && datagram.readUInt16BE(3) > 0;
}

export class Network {
  counts = { sent: 0, lost: 0, duplicated: 0, reordered: 0, corrupted: 0, injected: 0 };

  /**
   * Hears everything that is sent.
   *
   * @type {Receiver}
   */
  onPacket = () => undefined;

  #random;
  /** @type {Map<string, Receiver>} */
  #receivers = new Map();
  /** @type {Packet[][]} */
  #turns = [];
  #isTurning = false;

  /** @param {import('./random.mjs').Random} random */
  constructor(random) {
    this.#random = random;
  }

  /**
   * A socket at an endpoint. `saying` is what its next datagrams say.
   *
   * @param {Endpoint} endpoint
   * @param {Receiver} receive
   */
  open(endpoint, receive) {
    this.#receivers.set(nameOf(endpoint), receive);
    return new NetworkSocket(endpoint, (packet) => this.#send(packet));
  }

  /** @param {Endpoint} endpoint */
  close(endpoint) {
    this.#receivers.delete(nameOf(endpoint));
  }

  /**
   * Delivers in one of the next turns, whatever the quality.
   *
   * @param {Packet} packet
   */
  inject(packet) {
    this.counts.injected += 1;
    this.#carry(packet, this.#random.below(3));
  }

  /** @param {Packet} packet */
  #send(packet) {
    this.counts.sent += 1;
    this.onPacket(packet);
    const copies = this.#random.chance(QUALITY.duplication) ? 2 : 1;
    this.counts.duplicated += copies - 1;
    for (let copy = 0; copy < copies; copy += 1) this.#sendCopy(packet);
  }

  /** @param {Packet} packet */
  #sendCopy(packet) {
    if (this.#random.chance(QUALITY.loss)) {
      this.counts.lost += 1;
      return;
    }
    let arriving = packet;
    if (isEncrypted(packet.datagram) && this.#random.chance(QUALITY.corruption)) {
      this.counts.corrupted += 1;
      arriving = { ...packet, datagram: withFlippedBit(packet.datagram, this.#random), message: '' };
    }
    const isLate = this.#random.chance(QUALITY.reordering);
    if (isLate) this.counts.reordered += 1;
    this.#carry(arriving, isLate ? 1 + this.#random.below(LATEST_TURNS) : 0);
  }

  /**
   * @param {Packet} packet
   * @param {number} delay turns
   */
  #carry(packet, delay) {
    (this.#turns[delay] ??= []).push(packet);
    this.#keepTurning();
  }

  #keepTurning() {
    if (this.#isTurning || this.#turns.length === 0) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      for (const packet of this.#turns.shift() ?? []) this.#receivers.get(nameOf(packet.to))?.(packet);
      this.#keepTurning();
    });
  }
}

/** What a QDtls needs of a socket, at one endpoint of a network. */
class NetworkSocket {
  saying = '';
  #endpoint;
  #transmit;

  /**
   * @param {Endpoint} endpoint
   * @param {Receiver} transmit
   */
  constructor(endpoint, transmit) {
    this.#endpoint = endpoint;
    this.#transmit = transmit;
  }

  /**
   * @param {Uint8Array} datagram
   * @param {...unknown} rest port, address, callback
   */
  send(datagram, ...rest) {
    const [port, address, callback] = rest;
    const to = { address: String(address), port: Number(port) };
    this.#transmit({ from: this.#endpoint, to, datagram: Buffer.from(datagram), message: this.saying });
    if (typeof callback === 'function') process.nextTick(callback, null);
  }
}

/**
 * @param {Buffer} datagram
 * @param {import('./random.mjs').Random} random
 */
export function withFlippedBit(datagram, random) {
  const changed = Buffer.from(datagram);
  const at = random.below(changed.length);
  changed.writeUInt8(changed.readUInt8(at) ^ (1 << random.below(8)), at);
  return changed;
}

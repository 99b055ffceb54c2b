// Sees everything, and sends anything to anyone in anyone's name, but unencrypted handshake messages of his own making:
// those DTLS cannot tell from genuine ones (docs/security.md).

import { isEncrypted, withFlippedBit } from './network.mjs';

/** @typedef {import('./network.mjs').Packet} Packet */

const ATTACKS_PER_PACKET = 1.5;
const MEMORY = 400;
const HANDSHAKE = 22;
const ALERTS = [
  [2, 40], // handshake_failure
  [1, 0], // close_notify
  [2, 80], // internal_error
];

/**
 * @param {{ type: number, epoch: number, sequence: number, body: Uint8Array }} record
 */
function makeRecord({ type, epoch, sequence, body }) {
  const header = Buffer.from([type, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(body.length, 11);
  return Buffer.concat([header, body]);
}

/** @param {Buffer} datagram */
function isHello(datagram) {
  return datagram[0] === HANDSHAKE && datagram[13] === 1 && !isEncrypted(datagram);
}

export class Attacker {
  #network;
  #random;
  /** @type {Packet[]} */
  #seen = [];
  #next = 0;

  /**
   * @param {import('./network.mjs').Network} network
   * @param {import('./random.mjs').Random} random
   */
  constructor(network, random) {
    this.#network = network;
    this.#random = random;
    network.onPacket = (packet) => this.#hear(packet);
  }

  /** @param {Packet} packet */
  #hear(packet) {
    this.#seen[this.#next] = packet;
    this.#next = (this.#next + 1) % MEMORY;
    for (let chances = ATTACKS_PER_PACKET; chances > 0; chances -= 1) {
      if (this.#random.chance(chances)) this.#attack(packet);
    }
    if (isHello(packet.datagram)) this.#spoof(packet);
  }

  /**
   * A hello from an address that is not his.
   *
   * @param {Packet} packet
   */
  #spoof({ to, datagram }) {
    const from = { address: `203.0.113.${this.#random.below(255)}`, port: 1 + this.#random.below(65_535) };
    this.#network.inject({ from, to, datagram, message: '' });
  }

  /** @param {Packet} packet */
  #attack(packet) {
    const forged = this.#forge(packet);
    // A handshake message goes to whom it was for.
    const mayTurn = isEncrypted(forged) || forged[0] !== HANDSHAKE;
    const { from, to } = packet;
    const way = mayTurn && this.#random.chance(0.3) ? { from: to, to: from } : { from, to };
    this.#network.inject({ ...way, datagram: forged, message: '' });
  }

  /**
   * @param {Packet} packet
   * @returns {Buffer}
   */
  #forge({ datagram, from, to }) {
    const random = this.#random;
    const sequence = random.chance(0.8) ? random.below(300) : random.below(2 ** 31);
    const type = 20 + random.below(4);
    const body = Buffer.alloc(random.pick([0, 1, 7, 15, 16, 23, 24, 25, 40, random.below(129), 1000, 16_384]));
    switch (random.below(10)) {
      case 0:
        return makeRecord({ type: 23, epoch: 1, sequence, body: Buffer.alloc(1) }); // CVE-2026-75806
      case 1:
        return makeRecord({ type, epoch: 1, sequence, body });
      case 2:
        return makeRecord({ type, epoch: 2 + random.below(0xfffe), sequence, body });
      case 3:
        return makeRecord({ type: 21, epoch: 0, sequence, body: Buffer.from(random.pick(ALERTS)) });
      case 4:
        return makeRecord({ type: 20, epoch: 0, sequence, body: Buffer.from([1]) });
      case 5:
        return random.bytes(random.below(200));
      case 6:
        return this.#replay(from, to) ?? datagram;
      case 7:
        return datagram.subarray(0, isEncrypted(datagram) ? random.below(datagram.length) : 12);
      case 8:
        return isEncrypted(datagram) ? this.#splice(datagram) : datagram;
      default:
        return isEncrypted(datagram) ? withFlippedBit(datagram, random) : datagram;
    }
  }

  /**
   * Something that was sent this way before.
   *
   * @param {import('./network.mjs').Endpoint} from
   * @param {import('./network.mjs').Endpoint} to
   */
  #replay(from, to) {
    const packet = this.#random.pick(this.#seen);
    return packet.from === from && packet.to.port === to.port ? packet.datagram : undefined;
  }

  /**
   * The header of one datagram with the rest of another, of this association or any other.
   *
   * @param {Buffer} datagram
   */
  #splice(datagram) {
    const other = this.#random.pick(this.#seen).datagram;
    return isEncrypted(other) ? Buffer.concat([datagram.subarray(0, 13), other.subarray(13)]) : datagram;
  }
}

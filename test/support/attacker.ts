import { ContentType, HandshakeType, makeRecord } from './dtls-records';
import { makeMessage } from './handshake-messages';
import { nameOf, withFlippedBits, type LossyNetwork, type Packet } from './lossy-link';
import { Random } from './random';

const { ChangeCipherSpec, Alert, Handshake, ApplicationData } = ContentType;
const CONTENT_TYPES = [ChangeCipherSpec, Alert, Handshake, ApplicationData];
const RECORD_HEADER = 13;
const EPOCH_AT = 3;
const LENGTH_AT = 11;

/** What an attacker has to work with. */
interface Material {
  readonly chances: Random;
  /** One of the last datagrams that went the way that is attacked. */
  readonly genuine: Buffer;
  /** One that went the other way between the same two. */
  readonly opposite: Buffer;
  /** One of anybody's. */
  readonly foreign: Buffer;
}

export type Forge = (material: Material) => Buffer;

/** A record number near those in use, or at the far end. */
function sequence(chances: Random): number {
  return chances.chance(0.2) ? 2 ** 48 - 1 - chances.below(10) : chances.below(2000);
}

function record(chances: Random, type: number, epoch: number): Buffer {
  const length = chances.chance(0.3) ? chances.below(1400) : chances.below(100);
  return makeRecord(type, chances.bytes(length), epoch, sequence(chances));
}

function alert(chances: Random, epoch: number): Buffer {
  const description = chances.pick([0, 10, 20, 40, 70, 80, 90, 100, 115, 255]);
  return makeRecord(Alert, Buffer.from([1 + chances.below(2), description]), epoch, sequence(chances));
}

function message(chances: Random, type: number, body: Uint8Array): Buffer {
  return makeRecord(Handshake, makeMessage(type, chances.below(8), body), 0, sequence(chances));
}

/** One record with this header's other fields and this content. */
function spliced(header: Buffer, content: Buffer): Buffer {
  const datagram = Buffer.concat([header.subarray(0, RECORD_HEADER), content]);
  if (datagram.length >= RECORD_HEADER) datagram.writeUInt16BE(datagram.length - RECORD_HEADER, LENGTH_AT);
  return datagram;
}

/** The datagram, its first record moved to another epoch. */
function ofEpoch(datagram: Buffer, epoch: number): Buffer {
  const moved = Buffer.from(datagram);
  moved.writeUInt16BE(epoch, EPOCH_AT);
  return moved;
}

/** What ends neither an association nor a handshake: nobody can take it for a genuine message of the handshake. */
export const powerless: Readonly<Record<string, Forge>> = {
  'random bytes': ({ chances }) => chances.bytes(chances.below(1500)),
  'empty datagrams': () => Buffer.alloc(0),
  'records of epoch 1': ({ chances }) => record(chances, chances.pick(CONTENT_TYPES), 1),
  'records of future epochs': ({ chances }) => record(chances, chances.pick(CONTENT_TYPES), 2 + chances.below(65_534)),
  'genuine records moved to another epoch': ({ chances, genuine }) => ofEpoch(genuine, chances.pick([1, 2, 65_535])),
  'records of unknown types': ({ chances }) => record(chances, chances.pick([0, 19, 24, 25, 63, 255]), chances.below(3)),
  'records of no version of DTLS': ({ chances }) => {
    const other = record(chances, chances.pick(CONTENT_TYPES), chances.below(3));
    other.writeUInt8(chances.pick([0, 3, 0xff]), 1);
    return other;
  },
  'data in the clear': ({ chances }) => record(chances, ApplicationData, 0),
  'alerts in the clear': ({ chances }) => alert(chances, 0),
  'alerts that claim to be encrypted': ({ chances }) => alert(chances, 1),
  'changes of ciphers': ({ chances }) => makeRecord(ChangeCipherSpec, Buffer.from([1]), 0, sequence(chances)),
  'messages that do not add up': ({ chances }) =>
    makeRecord(Handshake, chances.bytes(chances.below(12)), 0, sequence(chances)),
  'hello requests': ({ chances }) => message(chances, 0, Buffer.alloc(0)),
  'finished messages in the clear': ({ chances }) => message(chances, 20, chances.bytes(12)),
  'replays': ({ genuine }) => genuine,
  'replays behind junk': ({ chances, genuine }) => Buffer.concat([record(chances, ApplicationData, 1), genuine]),
  'reflections': ({ opposite }) => opposite,
  'headers that are cut off': ({ chances, genuine }) => genuine.subarray(0, chances.below(RECORD_HEADER)),
};

/** What ends no association that is established, but is in the handshake as good as genuine. */
export const plausible: Readonly<Record<string, Forge>> = {
  'flipped bits': ({ chances, genuine }) => withFlippedBits(genuine, chances),
  'datagrams of somebody else': ({ foreign }) => foreign,
  'one header and another body': ({ genuine, foreign }) => spliced(genuine, foreign.subarray(RECORD_HEADER)),
  'shortened records': ({ chances, genuine }) => {
    const end = RECORD_HEADER + chances.below(genuine.length - RECORD_HEADER + 1);
    return spliced(genuine, genuine.subarray(RECORD_HEADER, end));
  },
  'client hellos': ({ chances }) => message(chances, HandshakeType.ClientHello, chances.bytes(60)),
  'server hellos': ({ chances }) => message(chances, HandshakeType.ServerHello, chances.bytes(70)),
  'cookie requests': ({ chances }) =>
    message(chances, HandshakeType.HelloVerifyRequest, Buffer.from('fefd04deadbeef', 'hex')),
  'any messages': ({ chances }) => message(chances, chances.below(25), chances.bytes(chances.below(200))),
  'fragments of large messages': ({ chances }) => {
    const fragment = makeMessage(chances.pick([1, 2, 11, 12, 16]), chances.below(8), chances.bytes(20));
    fragment.writeUIntBE(20 + chances.below(40_000), 1, 3);
    return makeRecord(Handshake, fragment, 0, sequence(chances));
  },
};

/** The last datagrams of a kind. */
class Memory {
  readonly #capacity: number;
  readonly #packets: Packet[] = [];
  #next = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  keep(packet: Packet): void {
    this.#packets[this.#next] = packet;
    this.#next = (this.#next + 1) % this.#capacity;
  }

  any(chances: Random): Packet {
    return chances.pick(this.#packets);
  }
}

/** Hears every datagram of a network, and sends what it likes to anybody in anybody's name. */
export class Attacker {
  /** How many datagrams of each kind were sent. */
  readonly strikes = new Map<string, number>();
  /** Called with every genuine datagram, before it is on its way. */
  onHeard: (packet: Packet) => void = () => undefined;
  readonly #network: LossyNetwork;
  readonly #chances: Random;
  readonly #forges: readonly (readonly [kind: string, forge: Forge])[];
  readonly #heard = new Memory(2000);
  /** By where the datagrams went from and to. */
  readonly #links = new Map<string, Memory>();

  constructor(network: LossyNetwork, seed: number, forges: Readonly<Record<string, Forge>>) {
    this.#network = network;
    this.#chances = new Random(seed);
    this.#forges = Object.entries(forges);
    network.onPacket = (packet) => {
      this.#heard.keep(packet);
      this.#link(packet).keep(packet);
      this.onHeard(packet);
    };
  }

  /** Sends one datagram the way that this packet has gone. */
  strike(packet: Packet): void {
    const chances = this.#chances;
    const { from, to } = packet;
    const [kind, forge] = chances.pick(this.#forges);
    const opposite = this.#links.get(linkOf({ from: to, to: from }))?.any(chances).datagram ?? Buffer.alloc(0);
    const genuine = this.#link(packet).any(chances).datagram;
    const datagram = forge({ chances, genuine, opposite, foreign: this.#heard.any(chances).datagram });
    this.strikes.set(kind, (this.strikes.get(kind) ?? 0) + 1);
    this.#network.inject({ from, to, datagram });
  }

  /** Sends so many datagrams, each some way that a packet has gone. */
  strikeAnybody(count: number): void {
    for (let strikes = 0; strikes < count; strikes += 1) this.strike(this.#heard.any(this.#chances));
  }

  #link(packet: Pick<Packet, 'from' | 'to'>): Memory {
    const name = linkOf(packet);
    const link = this.#links.get(name) ?? new Memory(20);
    this.#links.set(name, link);
    return link;
  }
}

function linkOf({ from, to }: Pick<Packet, 'from' | 'to'>): string {
  return `${nameOf(from)} ${nameOf(to)}`;
}

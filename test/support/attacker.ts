import { ContentType, HandshakeType, makeRecord } from './dtls-records';
import { makeMessage } from './handshake-messages';
import { nameOf, type LossyNetwork, type Packet } from './lossy-link';
import { Random } from './random';

const RECORD_HEADER = 13;
const LENGTH_AT = 11;
/** How many datagrams the attacker remembers. */
const MEMORY = 2000;

type Forge = (chances: Random, genuine: Buffer, another: Buffer) => Buffer;

const { ChangeCipherSpec, Alert, Handshake, ApplicationData } = ContentType;
const contentTypes = [ChangeCipherSpec, Alert, Handshake, ApplicationData];

/** A record number near those in use, or at the far end. */
function sequence(chances: Random): number {
  return chances.chance(0.2) ? 2 ** 48 - 1 - chances.below(10) : chances.below(2000);
}

function randomRecord(chances: Random, type: number, epoch: number): Buffer {
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

function flipped(chances: Random, datagram: Buffer): Buffer {
  const changed = Buffer.from(datagram);
  for (let flips = 1 + chances.below(4); flips > 0 && changed.length > 0; flips -= 1) {
    const at = chances.below(changed.length);
    changed.writeUInt8(changed.readUInt8(at) ^ (1 << chances.below(8)), at);
  }
  return changed;
}

/** Changes the header of the first record, so that it is one of another epoch. */
function ofEpoch(datagram: Buffer, epoch: number): Buffer {
  const changed = Buffer.from(datagram);
  if (changed.length >= RECORD_HEADER) changed.writeUInt16BE(epoch, 3);
  return changed;
}

/** What ends no association and no handshake: nobody takes it for a genuine message of the handshake. */
export const powerless = {
  'random bytes': (chances) => chances.bytes(chances.below(1500)),
  'nothing at all': () => Buffer.alloc(0),
  'a record of epoch 1': (chances) => randomRecord(chances, chances.pick(contentTypes), 1),
  'a record of a future epoch': (chances) => randomRecord(chances, chances.pick(contentTypes), 2 + chances.below(65_534)),
  'a record of an unknown type': (chances) => randomRecord(chances, chances.pick([0, 19, 24, 25, 63, 255]), chances.below(3)),
  'a record of no version of DTLS': (chances) => {
    const record = randomRecord(chances, chances.pick(contentTypes), chances.below(3));
    record.writeUInt8(chances.pick([0, 3, 0xff]), 1);
    return record;
  },
  'data in the clear': (chances) => randomRecord(chances, ApplicationData, 0),
  'a message that does not add up': (chances) => makeRecord(Handshake, chances.bytes(chances.below(12)), 0, sequence(chances)),
  'an alert in the clear': (chances) => alert(chances, 0),
  'an alert that claims to be encrypted': (chances) => alert(chances, 1),
  'a replay': (_, genuine) => genuine,
  'a genuine record of another epoch': (chances, genuine) => ofEpoch(genuine, chances.pick([2, 3, 65_535])),
  'a genuine record that is cut off': (chances, genuine) => genuine.subarray(0, chances.below(RECORD_HEADER)),
  'a genuine record behind junk': (chances, genuine) => Buffer.concat([randomRecord(chances, ApplicationData, 1), genuine]),
} satisfies Record<string, Forge>;

/** What ends no association that is established, but is in the handshake as good as genuine. */
export const plausible = {
  'flipped bits': (chances, genuine) => flipped(chances, genuine),
  'a datagram of somebody else': (_, __, another) => another,
  'the header of one and the body of another': (_, genuine, another) => {
    const spliced = Buffer.concat([genuine.subarray(0, RECORD_HEADER), another.subarray(RECORD_HEADER)]);
    if (spliced.length > RECORD_HEADER) spliced.writeUInt16BE(spliced.length - RECORD_HEADER, LENGTH_AT);
    return spliced;
  },
  'a shortened record': (chances, genuine) => {
    if (genuine.length <= RECORD_HEADER) return genuine;
    const cut = Buffer.from(genuine.subarray(0, RECORD_HEADER + 1 + chances.below(genuine.length - RECORD_HEADER)));
    cut.writeUInt16BE(cut.length - RECORD_HEADER, LENGTH_AT);
    return cut;
  },
  'a change of ciphers': (chances) => makeRecord(ChangeCipherSpec, Buffer.from([1]), 0, sequence(chances)),
  'a hello request': (chances) => message(chances, 0, Buffer.alloc(0)),
  'a client hello': (chances) => message(chances, HandshakeType.ClientHello, chances.bytes(60)),
  'a server hello': (chances) => message(chances, HandshakeType.ServerHello, chances.bytes(70)),
  'a cookie request': (chances) => message(chances, HandshakeType.HelloVerifyRequest, Buffer.from('fefd04deadbeef', 'hex')),
  'a finished message': (chances) => message(chances, 20, chances.bytes(12)),
  'any message': (chances) => message(chances, chances.below(25), chances.bytes(chances.below(200))),
  'a fragment of a large message': (chances) => {
    const fragment = makeMessage(chances.pick([1, 2, 11, 12, 16]), chances.below(8), chances.bytes(20));
    fragment.writeUIntBE(20 + chances.below(40_000), 1, 3);
    return makeRecord(Handshake, fragment, 0, sequence(chances));
  },
} satisfies Record<string, Forge>;

/** Hears every datagram of a network, and sends what it likes to anybody in anybody's name. */
export class Attacker {
  /** How many of each kind were sent. */
  readonly sent: Record<string, number> = {};
  /** Called after the attacker has heard a datagram. */
  onHeard: (packet: Packet) => void = () => undefined;
  readonly #network: LossyNetwork;
  readonly #chances: Random;
  readonly #forges: readonly (readonly [name: string, forge: Forge])[];
  readonly #heard: Packet[] = [];
  /** What each link has carried last, by its ends. */
  readonly #perLink = new Map<string, Packet[]>();

  constructor(network: LossyNetwork, seed: number, forges: Readonly<Record<string, Forge>>) {
    this.#network = network;
    this.#chances = new Random(seed);
    this.#forges = Object.entries(forges);
    network.onPacket = (packet) => {
      remember(this.#heard, packet, MEMORY);
      const link = this.#perLink.get(linkOf(packet)) ?? [];
      this.#perLink.set(linkOf(packet), link);
      remember(link, packet, 20);
      this.onHeard(packet);
    };
  }

  get total(): number {
    return Object.values(this.sent).reduce((sum, count) => sum + count, 0);
  }

  /** Sends something to one end of a link that has carried this, in the name of the other end. */
  strike(packet: Packet): void {
    const chances = this.#chances;
    const [name, forge] = chances.pick(this.#forges);
    this.sent[name] = (this.sent[name] ?? 0) + 1;
    const genuine = chances.pick(this.#perLink.get(linkOf(packet)) ?? [packet]).datagram;
    const datagram = forge(chances, genuine, chances.pick(this.#heard).datagram);
    const { from, to } = packet;
    this.#network.inject({ from, to, datagram });
  }

  /** Sends so many, each to one end of any link. */
  strikeAnybody(count: number): void {
    for (let strikes = 0; strikes < count; strikes += 1) this.strike(this.#chances.pick(this.#heard));
  }
}

function linkOf({ from, to }: Packet): string {
  return `${nameOf(from)} ${nameOf(to)}`;
}

function remember(memory: Packet[], packet: Packet, capacity: number): void {
  memory.push(packet);
  if (memory.length > capacity) memory.shift();
}

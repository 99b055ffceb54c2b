import { QSslConfiguration, type DroppedRecords, type QSslCipher } from '../../lib';
import { ContentType, makeRecord } from '../support/dtls-records';
import { Pair } from '../support/pair';
import { Random } from '../support/random';
import { PATIENCE, seed, withSeed } from '../support/seed';
import { isAead, suiteSettings, usableSuites } from '../support/suites';

type Side = 'client' | 'server';
type Reason = keyof DroppedRecords;

const LENGTHS = [...Array.from({ length: 129 }, (_, length) => length), 1000, 16_384];
const { ChangeCipherSpec, Alert, Handshake, ApplicationData } = ContentType;
const TYPES: readonly number[] = [ChangeCipherSpec, Alert, Handshake, ApplicationData];
const UNKNOWN_TYPES = [0, 19, 24, 25, 26, 99, 255];

/** CVE-2026-75806: application data of epoch 1, one byte of it, with a number that was not used before. */
const FOURTEEN_BYTES = Buffer.from('17fefd0001000000000200' + '0001' + '00', 'hex');

const suites = usableSuites().map((cipher): [string, QSslCipher] => [cipher.name(), cipher]);
const aead = suites.filter(([, cipher]) => isAead(cipher));
const cbc = suites.filter(([, cipher]) => !isAead(cipher));

/** The shortest encrypted record: explicit nonce and tag (RFC 5288, RFC 6655, RFC 7905); nothing is known for CBC. */
function shortestOf(cipher: QSslCipher): number {
  if (!isAead(cipher)) return 1;
  return /CHACHA20|CCM8/.test(cipher.encryptionMethod()) ? 16 : 24;
}

interface Forgery {
  readonly type: number;
  readonly length: number;
  readonly datagram: Buffer;
}

/** By length: records of zeros, which are the measured recipe, and of random bytes. */
function forgeries(seed: number): Map<number, Forgery[]> {
  const chances = new Random(seed);
  let sequence = 1000; // ahead of the genuine ones
  const forge = (type: number, content: Buffer): Forgery => {
    sequence += 1;
    return { type, length: content.length, datagram: makeRecord(type, content, 1, sequence) };
  };
  const ofLength = (length: number): Forgery[] => [
    ...[...TYPES, ...UNKNOWN_TYPES].map((type) => forge(type, Buffer.alloc(length))),
    ...TYPES.map((type) => forge(type, chances.bytes(length))),
  ];
  return new Map(LENGTHS.map((length) => [length, ofLength(length)]));
}

const forged = forgeries(seed);

function reasonFor(cipher: QSslCipher, { type, length }: Forgery): Reason {
  if (!TYPES.includes(type)) return 'unknownType';
  if (length === 0) return 'malformed';
  return length < shortestOf(cipher) ? 'tooShort' : 'undecryptable';
}

/** One side of an association that is sent what its peer never sent. */
class Target {
  readonly #pair: Pair;
  readonly #side: Side;
  readonly #expected: Record<Reason, number>;
  #talks = 0;

  constructor(pair: Pair, side: Side) {
    this.#pair = pair;
    this.#side = side;
    this.#expected = { ...pair[side].statistics().recordsDropped };
  }

  take(datagram: Buffer, reason: Reason): void {
    if (this.#side === 'client') this.#pair.deliverToClient(datagram);
    else this.#pair.deliverToServer(datagram);
    this.#expected[reason] += 1;
  }

  /** Nothing came of it: no answer, no data, no end; and what is genuine arrives, both ways. */
  expectUnmoved(after: string): void {
    const { client, server, clientSocket, serverSocket, received } = this.#pair;
    const answers = clientSocket.sent.length + serverSocket.sent.length;
    const message = `${this.#side} after ${after}, ${(this.#talks += 1)}`;
    client.writeDatagramEncrypted(clientSocket, message);
    server.writeDatagramEncrypted(serverSocket, message);
    this.#pair.settle();
    const heard = [...received.client.splice(0), ...received.server.splice(0)];
    if (answers > 0 || heard.join() !== [message, message].join()) {
      const [one, other] = [client.dtlsErrorString(), server.dtlsErrorString()];
      throw new Error(`${message}: ${answers} answers, heard [${heard.join()}], client "${one}", server "${other}"`);
    }
  }

  expectCounted(): void {
    expect(this.#pair[this.#side].statistics().recordsDropped).toEqual(this.#expected);
  }
}

function attack(cipher: QSslCipher, side: Side): void {
  const pair = new Pair(suiteSettings(cipher.name())).run();
  expect(pair.client.sessionCipher().name()).toBe(cipher.name());
  const target = new Target(pair, side);
  target.take(FOURTEEN_BYTES, isAead(cipher) ? 'tooShort' : 'undecryptable');
  target.expectUnmoved('14 bytes');
  for (const [length, forgeries] of forged) {
    for (const forgery of forgeries) target.take(forgery.datagram, reasonFor(cipher, forgery));
    target.expectUnmoved(`${length} bytes`);
  }
  target.expectCounted();
}

const attackBoth = (_: string, cipher: QSslCipher): Promise<void> =>
  withSeed(() => {
    attack(cipher, 'client');
    attack(cipher, 'server');
  });

describe('forged records of every length and type, against an established association', () => {
  describe('with an AEAD suite', () => {
    it.each(aead)('%s: change nothing, and are counted by reason', attackBoth, PATIENCE);

    it('include every suite of the default list', () => {
      const names = aead.map(([name]) => name);
      const unknown = QSslConfiguration.defaultDtlsConfiguration().ciphers().filter((cipher) => !names.includes(cipher.name()));
      expect(unknown).toEqual([]);
    });
  });

  describe('with a CBC suite, which somebody has to ask for', () => {
    it.each(cbc)('%s: change nothing, and are counted by reason', attackBoth, PATIENCE);
  });
});

import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { QSslCipher, type QSslConfiguration } from '../../lib';
import { ContentType, HandshakeType, makeRecord, recordsOf, type DtlsRecord } from './dtls-records';
import { makeMessage, messagesOf } from './handshake-messages';
import { PSK, pskConfiguration, type Pair } from './pair';

export type Side = 'client' | 'server';

const ALERT: number = ContentType.Alert;
const KEY = 16;
const SALT = 4;
const TAG = 16;
const RANDOM = { start: 2, end: 34 };

/** The one suite whose keys follow from the pre-shared key alone: RFC 5487, over SHA-256. */
export function tappableConfiguration(): QSslConfiguration {
  return pskConfiguration((configuration) => {
    configuration.setCiphers([new QSslCipher('PSK-AES128-GCM-SHA256')]);
  });
}

/** P_SHA256 of RFC 5246 section 5. */
function prf(secret: Buffer, label: string, seed: Buffer, length: number): Buffer {
  const labelled = Buffer.concat([Buffer.from(label), seed]);
  const hmac = (...data: readonly Buffer[]): Buffer =>
    createHmac('sha256', secret).update(Buffer.concat(data)).digest();
  let output = Buffer.alloc(0);
  for (let a = hmac(labelled); output.length < length; a = hmac(a)) {
    output = Buffer.concat([output, hmac(a, labelled)]);
  }
  return output.subarray(0, length);
}

/** RFC 4279 section 2. */
function premasterSecret(psk: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(psk.length);
  return Buffer.concat([length, Buffer.alloc(psk.length), length, psk]);
}

/**
 * Somebody who heard a handshake and knows the key: reads and writes records of both sides, also those that
 * no well-behaved OpenSSL sends. Both configurations must be `tappableConfiguration()`.
 */
export class Wiretap {
  readonly #transcript: Buffer[] = [];
  readonly #bodies = new Map<number, Buffer>();
  readonly #keys: Readonly<Record<Side, { readonly key: Buffer; readonly salt: Buffer }>>;
  /** Ahead of what the sides use themselves, and near enough for the replay window (64) to take both. */
  #sequence = 32;

  /** Runs the handshake of a pair, and listens. */
  constructor(pair: Pair) {
    pair.start();
    for (;;) {
      const toServer = pair.clientSocket.takeAll();
      toServer.forEach((datagram) => this.#hear(datagram));
      toServer.forEach((datagram) => pair.deliverToServer(datagram));
      const toClient = pair.serverSocket.takeAll();
      toClient.forEach((datagram) => this.#hear(datagram));
      toClient.forEach((datagram) => pair.deliverToClient(datagram));
      if (toServer.length + toClient.length === 0) break;
    }
    this.#keys = this.#deriveKeys();
  }

  /** The body of the client's hello. */
  get clientHello(): Buffer {
    return this.#body(HandshakeType.ClientHello);
  }

  /** A record as the side would send it: of any type and content, with a new sequence number. */
  seal(from: Side, type: number, plaintext: Uint8Array): Buffer {
    const { key, salt } = this.#keys[from];
    const sequence = (this.#sequence += 1);
    const number = Buffer.alloc(8); // epoch 1 and the sequence number; also the explicit nonce
    number.writeUInt16BE(1, 0);
    number.writeUIntBE(sequence, 2, 6);
    const cipher = createCipheriv('aes-128-gcm', key, Buffer.concat([salt, number]));
    cipher.setAAD(associatedData(number, type, plaintext.length));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    return makeRecord(type, Buffer.concat([number, sealed, cipher.getAuthTag()]), 1, sequence);
  }

  /** What a record of the side says; throws if it is not authentic. */
  open(from: Side, { type, epoch, sequence, fragment }: DtlsRecord): Buffer {
    const { key, salt } = this.#keys[from];
    const number = Buffer.alloc(8);
    number.writeUInt16BE(epoch, 0);
    number.writeUIntBE(sequence, 2, 6);
    const nonce = fragment.subarray(0, 8);
    const sealed = fragment.subarray(8, -TAG);
    const decipher = createDecipheriv('aes-128-gcm', key, Buffer.concat([salt, nonce]));
    decipher.setAAD(associatedData(number, type, sealed.length));
    decipher.setAuthTag(fragment.subarray(-TAG));
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  }

  /** Level and description of every alert in the datagrams; throws if they hold anything else. */
  alertsIn(from: Side, datagrams: readonly Buffer[]): number[][] {
    return datagrams.flatMap(recordsOf).map((record) => {
      const isAlert = record.type === ALERT;
      if (!isAlert || record.epoch !== 1) throw new Error(`type ${record.type}, epoch ${record.epoch}`);
      return [...this.open(from, record)];
    });
  }

  #hear(datagram: Buffer): void {
    for (const { type, messageSequence, body } of messagesOf(datagram)) {
      this.#transcript.push(makeMessage(type, messageSequence, body));
      this.#bodies.set(type, body);
    }
  }

  #body(type: number): Buffer {
    const body = this.#bodies.get(type);
    if (body === undefined) throw new Error(`no handshake message of type ${type} was heard`);
    return body;
  }

  #deriveKeys(): Record<Side, { readonly key: Buffer; readonly salt: Buffer }> {
    const clientRandom = this.clientHello.subarray(RANDOM.start, RANDOM.end);
    const serverRandom = this.#body(HandshakeType.ServerHello).subarray(RANDOM.start, RANDOM.end);
    // RFC 7627: both sides are OpenSSL, which always agrees on the extended master secret.
    const sessionHash = createHash('sha256').update(Buffer.concat(this.#transcript)).digest();
    const master = prf(premasterSecret(PSK), 'extended master secret', sessionHash, 48);
    const block = prf(master, 'key expansion', Buffer.concat([serverRandom, clientRandom]), 2 * (KEY + SALT));
    const key = (index: number): Buffer => block.subarray(index * KEY, (index + 1) * KEY);
    const salt = (index: number): Buffer => block.subarray(2 * KEY + index * SALT).subarray(0, SALT);
    return { client: { key: key(0), salt: salt(0) }, server: { key: key(1), salt: salt(1) } };
  }
}

/** RFC 5246 section 6.2.3.3, with the epoch of RFC 6347. */
function associatedData(number: Buffer, type: number, length: number): Buffer {
  const rest = Buffer.from([type, 0xfe, 0xfd, 0, 0]);
  rest.writeUInt16BE(length, 3);
  return Buffer.concat([number, rest]);
}

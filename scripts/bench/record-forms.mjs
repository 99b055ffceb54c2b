// The ways to seal a message on one end and open it on the other that qdtls has, each as a loop to be timed.

import { QDtls } from 'qdtls';
import { KeepingSocket } from './ends.mjs';

/**
 * `run` carries `count` messages and returns the bytes of all plaintexts; `message` is what it sends, all messages of
 * a batch one behind the other, and `plaintext` what came of the last one or the last batch.
 *
 * @typedef {object} Form
 * @property {Buffer} message
 * @property {(count: number) => number} run
 * @property {() => Uint8Array} plaintext
 *
 * A loop keeps the last plaintext for itself until its end: to put it where others see it, each time, is work for V8 that no
 * message needs.
 *
 * A form gets as many pairs as a batch has messages; most use the first.
 * @typedef {import('./ends.mjs').Ends} Ends
 * @typedef {(pairs: readonly [Ends, ...Ends[]], size: number) => Form} FormMaker
 *
 * @typedef {(messages: Uint8Array, lengths: Int32Array, out: Uint8Array, sizes: Int32Array) => number} SealMany
 * @typedef {(datagrams: Uint8Array, lengths: Int32Array, sizes: Int32Array) => number} OpenMany
 */

export const BATCH = 32;

// More than the record of any cipher adds.
export const OVERHEAD = 64;

/** @type {FormMaker} */
function facade([{ client, server }], size) {
  const message = Buffer.alloc(size);
  const socket = new KeepingSocket();
  /** @type {Uint8Array} */
  let plaintext = message;
  const run = (/** @type {number} */ count) => {
    let bytes = 0;
    let last = plaintext;
    for (let i = 0; i < count; i += 1) {
      client.writeDatagramEncrypted(socket, message);
      last = server.decryptDatagram(socket, socket.kept);
      bytes += last.length;
    }
    plaintext = last;
    return bytes;
  };
  return { message, run, plaintext: () => plaintext };
}

/** @type {FormMaker} */
function facadeInPlace([{ client, server }], size) {
  const message = Buffer.alloc(size);
  const socket = new KeepingSocket();
  /** @type {Uint8Array} */
  let plaintext = message;
  const run = (/** @type {number} */ count) => {
    let bytes = 0;
    let last = plaintext;
    for (let i = 0; i < count; i += 1) {
      client.writeDatagramEncrypted(socket, message);
      last = server.decryptDatagramInPlace(socket.kept);
      bytes += last.length;
    }
    plaintext = last;
    return bytes;
  };
  return { message, run, plaintext: () => plaintext };
}

/** @type {FormMaker} */
function ownTransport([{ client, server }], size) {
  const message = Buffer.alloc(size);
  /** @type {Uint8Array} */
  let plaintext = message;
  const run = (/** @type {number} */ count) => {
    let bytes = 0;
    let last = plaintext;
    for (let i = 0; i < count; i += 1) {
      last = server.decryptDatagramInPlace(client.encryptDatagram(message));
      bytes += last.length;
    }
    plaintext = last;
    return bytes;
  };
  return { message, run, plaintext: () => plaintext };
}

/** @type {FormMaker} */
function into([{ client, server }], size) {
  const message = Buffer.alloc(size);
  const out = Buffer.alloc(size + OVERHEAD);
  const plaintext = Buffer.alloc(size);
  // A socket hands out datagrams as Buffers of their own length: that view is not part of what is timed.
  const length = client.encryptDatagramInto(message, out);
  const datagram = out.subarray(0, Math.max(length, 0));
  const run = (/** @type {number} */ count) => {
    let bytes = 0;
    for (let i = 0; i < count; i += 1) {
      if (client.encryptDatagramInto(message, out) !== length) return -1;
      bytes += server.decryptDatagramInto(datagram, plaintext);
    }
    return bytes;
  };
  return { message, run, plaintext: () => plaintext };
}

/**
 * @param {number} size
 * @param {{ sealMany: SealMany, openMany: OpenMany }} calls
 * @returns {Form}
 */
function packed(size, { sealMany, openMany }) {
  const message = Buffer.alloc(BATCH * size);
  const lengths = new Int32Array(BATCH).fill(size);
  const datagrams = Buffer.alloc(BATCH * (size + OVERHEAD));
  const datagramSizes = new Int32Array(BATCH);
  const plaintextSizes = new Int32Array(BATCH);
  const run = (/** @type {number} */ count) => {
    let bytes = 0;
    for (let done = 0; done < count; done += BATCH) {
      if (sealMany(message, lengths, datagrams, datagramSizes) !== BATCH) return -1;
      if (openMany(datagrams, datagramSizes, plaintextSizes) !== BATCH) return -1;
      for (const plaintextSize of plaintextSizes) bytes += plaintextSize;
    }
    return bytes;
  };
  const plaintext = () => {
    let at = 0;
    const parts = Array.from(datagramSizes, (datagramSize, index) => {
      at += datagramSize;
      return datagrams.subarray(at - datagramSize, at - datagramSize + (plaintextSizes[index] ?? 0));
    });
    return Buffer.concat(parts);
  };
  return { message, run, plaintext };
}

/** @type {FormMaker} */
function batches([{ client, server }], size) {
  return packed(size, {
    sealMany: (...regions) => client.encryptDatagrams(...regions),
    openMany: (...regions) => server.decryptDatagramsInPlace(...regions),
  });
}

/** @type {FormMaker} */
function batchesOfMany(pairs, size) {
  const [clients, servers] = [pairs.map(({ client }) => client), pairs.map(({ server }) => server)];
  return packed(size, {
    sealMany: (...regions) => QDtls.encryptMany(clients, ...regions),
    openMany: (...regions) => QDtls.decryptMany(servers, ...regions),
  });
}

/** @type {readonly { name: string, make: FormMaker, batch: number }[]} */
export const forms = [
  { name: 'facade, decryptDatagram', make: facade, batch: 1 },
  { name: 'facade, decryptDatagramInPlace', make: facadeInPlace, batch: 1 },
  { name: 'encryptDatagram, decryptDatagramInPlace', make: ownTransport, batch: 1 },
  { name: 'encryptDatagramInto, decryptDatagramInto', make: into, batch: 1 },
  { name: `batches of ${BATCH}`, make: batches, batch: BATCH },
  { name: `batches of ${BATCH} over ${BATCH} associations`, make: batchesOfMany, batch: BATCH },
];

// CPU of a datagram over connected sockets on loopback, against plain dgram with datagrams of the same length.

import { once } from 'node:events';
import dgram from 'node:dgram';
import { Joiner, KeepingSocket } from './ends.mjs';
import { compare, round, spreadOf } from './figures.mjs';
import { pskKind } from './kinds.mjs';
import { OVERHEAD } from './record-forms.mjs';
import { BenchError, must } from './section.mjs';

const SIZES = [64, 1200];
export const WINDOW = 32; // in flight one way: all of them fit the receive buffer
const PATIENCE_MS = 20_000;
const NOTHING = Buffer.alloc(0);

/**
 * Sends on one end and receives on the other, which can answer.
 *
 * @typedef {object} Transport
 * @property {() => void} send
 * @property {() => void} answer
 * @property {(datagram: Buffer) => Uint8Array} receive on the answering end
 * @property {(datagram: Buffer) => Uint8Array} receiveAnswer
 * @property {Buffer} message
 *
 * @typedef {{ near: dgram.Socket, far: dgram.Socket }} Sockets
 */

/** @returns {Promise<Sockets>} */
async function openSockets() {
  const [near, far] = [dgram.createSocket('udp4'), dgram.createSocket('udp4')];
  for (const socket of [near, far]) {
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
  }
  const connections = [once(near, 'connect'), once(far, 'connect')];
  near.connect(far.address().port, '127.0.0.1');
  far.connect(near.address().port, '127.0.0.1');
  await Promise.all(connections);
  return { near, far };
}

/**
 * @param {Sockets} sockets
 * @param {number} length
 * @returns {Transport}
 */
function plainTransport({ near, far }, length) {
  const message = Buffer.alloc(length, 'plain');
  const keep = (/** @type {Buffer} */ datagram) => datagram;
  return {
    message,
    send: () => near.send(message),
    answer: () => far.send(message),
    receive: keep,
    receiveAnswer: keep,
  };
}

/**
 * @typedef {{ sockets: Sockets, ends: import('./ends.mjs').Ends, size: number }} Scene
 */

/**
 * @param {Scene} scene
 */
function ourSending({ sockets: { near, far }, ends: { client, server }, size }) {
  const message = Buffer.alloc(size, 'ours');
  return {
    message,
    send: () => void client.writeDatagramEncrypted(near, message),
    answer: () => void server.writeDatagramEncrypted(far, message),
  };
}

/**
 * @param {Scene} scene
 * @returns {Transport}
 */
function ourTransport(scene) {
  const { sockets: { near, far }, ends: { client, server } } = scene;
  return {
    ...ourSending(scene),
    receive: (datagram) => server.decryptDatagram(far, datagram),
    receiveAnswer: (datagram) => client.decryptDatagram(near, datagram),
  };
}

/**
 * @param {Scene} scene
 * @returns {Transport}
 */
function inPlaceTransport(scene) {
  const { client, server } = scene.ends;
  return {
    ...ourSending(scene),
    receive: (datagram) => server.decryptDatagramInPlace(datagram),
    receiveAnswer: (datagram) => client.decryptDatagramInPlace(datagram),
  };
}

/**
 * What no form can be cheaper than: plain dgram, and beside each of its datagrams a message is sealed and opened in memory
 * that stays in cache, without a Buffer for either.
 *
 * @param {Scene} scene
 * @returns {Transport}
 */
function besideTransport({ sockets, ends: { client, server }, size }) {
  const message = Buffer.alloc(size, 'beside');
  const out = Buffer.alloc(size + OVERHEAD);
  const datagram = out.subarray(0, client.encryptDatagramInto(message, out));
  const plaintext = Buffer.alloc(size);
  const carry = () => {
    client.encryptDatagramInto(message, out);
    return server.decryptDatagramInto(datagram, plaintext) === size ? plaintext : NOTHING;
  };
  return { ...plainTransport(sockets, datagram.length), message, receive: carry, receiveAnswer: carry };
}

/** @type {readonly { call: string, make: (scene: Scene) => Transport }[]} */
const calls = [
  { call: 'decryptDatagram', make: ourTransport },
  { call: 'decryptDatagramInPlace', make: inPlaceTransport },
  { call: 'Into forms beside plain dgram', make: besideTransport },
];

/**
 * Runs until `finish` or `fail` was called and returns microseconds of CPU, all threads of this process.
 *
 * @param {(finish: () => void, fail: (error: unknown) => void) => void} begin
 */
export async function cpuUntil(begin) {
  /** @type {NodeJS.Timeout | undefined} */
  let patience;
  const before = process.cpuUsage();
  const finished = new Promise((resolve, reject) => {
    patience = setTimeout(() => reject(new BenchError('datagrams were lost on loopback')), PATIENCE_MS);
    begin(() => resolve(undefined), reject);
  });
  await finished.finally(() => clearTimeout(patience));
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

/**
 * The same with sockets, whose listeners end with it.
 *
 * @param {Sockets} sockets
 * @param {(finish: () => void, fail: (error: unknown) => void) => void} begin
 */
async function cpuOf({ near, far }, begin) {
  const cpu = await cpuUntil((finish, fail) => {
    for (const socket of [near, far]) socket.once('error', fail);
    begin(finish, fail);
  });
  for (const socket of [near, far]) socket.removeAllListeners('message').removeAllListeners('error');
  return cpu;
}

/**
 * Whether it is the message that was sent; its bytes are looked at now and then.
 *
 * @param {Uint8Array} received
 * @param {Buffer} message
 * @param {number} index
 */
export function isMessage(received, message, index) {
  return received.length === message.length && (index % 64 !== 0 || message.equals(received));
}

export const wrong = () => new BenchError('a message did not come as it was sent');

/**
 * @param {Sockets} sockets
 * @param {Transport} transport
 * @param {number} count
 */
async function oneWay(sockets, { send, receive, message }, count) {
  let received = 0;
  const cpu = await cpuOf(sockets, (finish, fail) => {
    const sendWindow = () => {
      for (let i = 0; i < WINDOW; i += 1) send();
    };
    sockets.far.on('message', (datagram) => {
      if (!isMessage(receive(datagram), message, received)) return fail(wrong());
      received += 1;
      if (received === count) finish();
      else if (received % WINDOW === 0) sendWindow();
    });
    sendWindow();
  });
  must(received === count, `${received} of ${count} datagrams came`);
  return cpu / count;
}

/**
 * @param {Sockets} sockets
 * @param {Transport} transport
 * @param {number} count
 */
async function echo(sockets, { send, answer, receive, receiveAnswer, message }, count) {
  let returned = 0;
  const cpu = await cpuOf(sockets, (finish, fail) => {
    sockets.far.on('message', (datagram) => {
      if (isMessage(receive(datagram), message, returned)) answer();
      else fail(wrong());
    });
    sockets.near.on('message', (datagram) => {
      if (!isMessage(receiveAnswer(datagram), message, returned)) return fail(wrong());
      returned += 1;
      if (returned === count) finish();
      else send();
    });
    send();
  });
  must(returned === count, `${returned} of ${count} echoes came`);
  return cpu / count;
}

const patterns = /** @type {const} */ ([
  { pattern: 'one way', measure: oneWay },
  { pattern: 'echo round trip', measure: echo },
]);

/**
 * @param {import('./section.mjs').Options} options
 * @param {Scene} scene
 */
async function measureSize({ quick, rounds }, scene) {
  const { sockets, ends, size } = scene;
  const keeping = new KeepingSocket();
  ends.client.writeDatagramEncrypted(keeping, Buffer.alloc(size));
  const length = keeping.kept.length;
  must(length > size, `a message of ${size} bytes was sealed as ${length}`);
  const count = WINDOW * (quick ? 10 : 50);
  const plain = plainTransport(sockets, length);
  /** @type {import('./section.mjs').Row[]} */
  const rows = [];
  for (const { pattern, measure } of patterns) {
    for (const { call, make } of calls) {
      const ours = make(scene);
      const result = await compare(rounds, {
        yardstick: () => measure(sockets, plain, count),
        ours: () => measure(sockets, ours, count),
      });
      rows.push({
        pattern,
        size,
        wire: length,
        call,
        microseconds: round(result.ours.median, 2),
        plain: round(result.yardstick.median, 2),
        ratio: round(result.ratio.median, 3),
        spread: spreadOf(result.ratio, 3),
      });
    }
  }
  return rows;
}

/** @type {import('./section.mjs').Section} */
export const sockets = {
  name: 'sockets',
  title: 'Sockets: CPU over loopback',
  about:
    'CPU of this process for one datagram (sent, received, sealed and opened) or one echo, one in flight, over connected ' +
    'sockets, against plain dgram with datagrams of the same length. The last form is the floor: nothing but the work of ' +
    'OpenSSL and two crossings, beside plain dgram. PSK-AES128-GCM-SHA256.',
  columns: [
    ['pattern', 'pattern'],
    ['size', 'bytes'],
    ['wire', 'on the wire'],
    ['call', 'opened by'],
    ['microseconds', 'CPU, us'],
    ['plain', 'plain dgram, us'],
    ['ratio', 'times plain'],
    ['spread', 'lowest..highest'],
  ],
  charts: [
    {
      title: 'CPU, times that of plain dgram',
      group: ['pattern', 'size'],
      label: ['call'],
      value: 'ratio',
      spread: 'spread',
      reference: 1,
    },
  ],
  async run(options) {
    const opened = await openSockets();
    const ends = new Joiner(pskKind('PSK-AES128-GCM-SHA256')).join();
    try {
      const rows = [];
      for (const size of SIZES) rows.push(...(await measureSize(options, { sockets: opened, ends, size })));
      return rows;
    } finally {
      opened.near.close();
      opened.far.close();
    }
  },
};

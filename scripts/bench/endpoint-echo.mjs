// CPU of an echo through sessions on loopback, against the same echo over plain dgram with datagrams of the same length.
// Both ends are in this process. The plain ones are written as most are: no socket is connected, an address with each send.

import { once } from 'node:events';
import dgram from 'node:dgram';
import { connect, listen } from 'qdtls/endpoint';
import { cipherOf } from './endpoint-server.mjs';
import { compare, round, spreadOf } from './figures.mjs';
import { must } from './section.mjs';
import { cpuUntil, isMessage, WINDOW, wrong } from './sockets.mjs';

/**
 * Clients of one server that sends everything back. A client is named by its index.
 *
 * @typedef {object} Echoing
 * @property {number} clients
 * @property {(client: number, message: Buffer) => void} send
 * @property {(client: number, message: Buffer) => void} hear what clients get back; to be replaced
 * @property {() => Promise<unknown>} close
 */

const HOST = '127.0.0.1';
const SCENES = /** @type {const} */ ([
  { size: 64, clients: 1 },
  { size: 1200, clients: 1 },
  { size: 64, clients: 100 },
  { size: 1200, clients: 100 },
]);
const CIPHER = cipherOf('ECDSA P-256');

const ignore = () => undefined;

/**
 * @param {number} clients
 * @returns {Promise<Echoing>}
 */
async function openPlain(clients) {
  const server = dgram.createSocket('udp4');
  server.on('message', (message, { port, address }) => server.send(message, port, address));
  const sockets = Array.from({ length: clients }, () => dgram.createSocket('udp4'));
  for (const socket of [server, ...sockets]) {
    socket.bind(0, HOST);
    await once(socket, 'listening');
  }
  const { port } = server.address();
  /** @type {Echoing} */
  const echoing = {
    clients,
    hear: ignore,
    send: (client, message) => sockets[client]?.send(message, port, HOST),
    close: async () => [server, ...sockets].forEach((socket) => socket.close()),
  };
  for (const [client, socket] of sockets.entries()) {
    socket.on('message', (message) => echoing.hear(client, message));
  }
  return echoing;
}

/**
 * @param {number} clients
 * @param {import('./credentials.mjs').Identity} identity
 * @returns {Promise<Echoing & { server: import('qdtls/endpoint').DTLSEndpoint }>}
 */
async function openSessions(clients, { certificate, key }) {
  const server = listen(
    (session) => {
      session.onmessage = (message) => void session.send(message);
    },
    { host: HOST, port: 0, cert: certificate, key, ciphers: CIPHER },
  );
  const options = { ca: certificate, servername: 'localhost', ciphers: CIPHER };
  const sessions = Array.from({ length: clients }, () => connect(HOST, server.address?.port ?? 0, options));
  await Promise.all(sessions.map((session) => session.opened));
  for (const { cipher, authorized } of sessions) {
    must(cipher.name === CIPHER && authorized, `a session has ${cipher.name}, authorized: ${authorized}`);
  }
  must(server.sessions.length === clients, `the server has ${server.sessions.length} sessions, not ${clients}`);
  const close = async () => {
    await Promise.all(sessions.map((session) => session.close()));
    await server.close();
  };
  /** @type {Echoing & { server: import('qdtls/endpoint').DTLSEndpoint }} */
  const echoing = { clients, server, close, hear: ignore, send: (client, message) => void sessions[client]?.send(message) };
  for (const [client, session] of sessions.entries()) {
    session.onmessage = (message) => echoing.hear(client, message);
  }
  return echoing;
}

/**
 * Microseconds of CPU for one round trip. The clients send in turn: with one client one message is under way, with many
 * as many as fit the server's receive buffer.
 *
 * @param {Echoing} echoing
 * @param {Buffer} message
 * @param {number} count
 */
async function echo(echoing, message, count) {
  const { clients } = echoing;
  /** @type {number[]} */
  const underWay = new Array(clients).fill(0);
  let [sent, returned] = [0, 0];
  const sendNext = () => {
    const client = sent % clients;
    sent += 1;
    underWay[client] = (underWay[client] ?? 0) + 1;
    echoing.send(client, message);
  };
  const cpu = await cpuUntil((finish, fail) => {
    echoing.hear = (client, received) => {
      const before = underWay[client] ?? 0;
      if (before === 0 || !isMessage(received, message, returned)) return fail(wrong());
      underWay[client] = before - 1;
      returned += 1;
      if (returned === count) finish();
      else if (sent < count) sendNext();
    };
    for (let i = 0; i < Math.min(WINDOW, clients, count); i += 1) sendNext();
  });
  echoing.hear = () => must(false, 'more echoes came than messages were sent');
  must(sent === count, `${sent} messages were sent, not ${count}`);
  return cpu / count;
}

/**
 * The same through sessions. That the server's datagrams are as long as said, and as many, its counters tell.
 *
 * @param {Awaited<ReturnType<typeof openSessions>>} echoing
 * @param {{ message: Buffer, wire: number, count: number }} load
 */
async function echoSealed(echoing, { message, wire, count }) {
  const { stats } = echoing.server;
  const before = { packets: stats.packetsReceived, bytes: stats.bytesReceived };
  const cpu = await echo(echoing, message, count);
  const packets = Number(stats.packetsReceived - before.packets);
  const bytes = Number(stats.bytesReceived - before.bytes);
  must(packets === count && bytes === count * wire, `${packets} datagrams had ${bytes} bytes, not ${count} of ${wire}`);
  return cpu;
}

/**
 * @param {Awaited<ReturnType<typeof openSessions>>} echoing
 * @param {Buffer} message
 */
async function lengthOnTheWire(echoing, message) {
  const before = echoing.server.stats.bytesReceived;
  await echo(echoing, message, 1);
  return Number(echoing.server.stats.bytesReceived - before);
}

/**
 * @param {import('./section.mjs').Options} options
 * @param {typeof SCENES[number]} scene
 * @returns {Promise<import('./section.mjs').Row>}
 */
async function measure({ quick, rounds, credentials }, { size, clients }) {
  const ours = await openSessions(clients, credentials.ecdsa);
  const plain = await openPlain(clients);
  try {
    const message = Buffer.alloc(size, 'an echo');
    const wire = await lengthOnTheWire(ours, message);
    must(wire > size, `a message of ${size} bytes was sealed as ${wire}`);
    const plainMessage = Buffer.alloc(wire, 'a plain echo');
    const count = quick ? 300 : 1000;
    const result = await compare(rounds, {
      yardstick: () => echo(plain, plainMessage, count),
      ours: () => echoSealed(ours, { message, wire, count }),
    });
    return {
      what: 'CPU of an echo, us',
      sessions: clients,
      size,
      yardstick: round(result.yardstick.median, 2),
      ours: round(result.ours.median, 2),
      ratio: round(result.ratio.median, 3),
      spread: spreadOf(result.ratio, 3),
    };
  } finally {
    await Promise.all([ours.close(), plain.close()]);
  }
}

/** @param {import('./section.mjs').Options} options */
export async function echoRows(options) {
  const rows = [];
  for (const scene of SCENES) rows.push(await measure(options, scene));
  return rows;
}

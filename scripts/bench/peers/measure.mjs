// One round with one pair of libraries: a client's process, a server's, and what both used.

import { setTimeout as pause } from 'node:timers/promises';
import { ECHOES_AT_ONCE, HANDSHAKES_AT_ONCE, SUITES } from './contract.mjs';
import { Player, PlayerError } from './process.mjs';

/**
 * @template [Of=number]
 * @typedef {{ client: Of, server: Of }} Ends
 */

/**
 * @typedef {import('./contract.mjs').Credential} Credential
 * @typedef {import('./install.mjs').Installed} Installed
 *
 * @typedef {'handshakesPerSecond' | 'cpuPerHandshake' | 'cpuPerEcho64' | 'cpuPerEcho1200' | 'rss' | 'heap'} Quantity
 *
 * What one round found. CPU in microseconds, memory in bytes for each association.
 * @typedef {Record<Exclude<Quantity, 'handshakesPerSecond'>, Ends> & { handshakesPerSecond: number }} Sample
 *
 * Milliseconds, and associations held at a time.
 * @typedef {{ warmUp: number, handshakes: number, echo: number, held: number, settle: number }} Effort
 */

/** @typedef {{ client: Player, server: Player, port: number, suite: number }} Pair */

/**
 * Starts both processes, lets them work, and ends them.
 *
 * @template Result
 * @param {{ client: Installed, server: Installed, credential: Credential }} contenders
 * @param {(pair: Pair) => Promise<Result>} work
 */
async function withPair({ client, server, credential }, work) {
  const players = {
    client: new Player(client.command, client.setting(credential), 'client'),
    server: new Player(server.command, server.setting(credential), 'server'),
  };
  try {
    const { port } = await players.server.ask('listen', {});
    return await work({ ...players, port, suite: SUITES[credential].suite });
  } finally {
    players.client.end();
    players.server.end();
  }
}

/**
 * @param {Pair} pair
 * @returns {Promise<Ends>}
 */
async function cpu({ client, server }) {
  const [ofClient, ofServer] = [await client.ask('cpu', {}), await server.ask('cpu', {})];
  return { client: ofClient.microseconds, server: ofServer.microseconds };
}

/**
 * @param {Pair} pair
 * @returns {Promise<Ends<import('./contract.mjs').Memory>>}
 */
async function memory({ client, server }) {
  return { client: await client.ask('memory', {}), server: await server.ask('memory', {}) };
}

/**
 * @param {Ends} before
 * @param {Ends} after
 * @param {number} count
 * @returns {Ends}
 */
function each(before, after, count) {
  return { client: (after.client - before.client) / count, server: (after.server - before.server) / count };
}

/** A client that closes at once can end pion's server while that one's Accept has not returned; few are lost so. */
const LEAST_SERVED = 0.98;

/**
 * Both ends made the same handshakes, and with the suite that both were told.
 *
 * @param {Pair} pair
 * @param {import('./contract.mjs').Handshakes} made
 */
async function verify({ server, suite }, { count, suites }) {
  const served = await server.ask('served', {});
  // A server may be a moment behind: the client is ready with the server's last datagram.
  for (let left = 20; served.accepted < count && left > 0; left -= 1) {
    await pause(50);
    served.accepted += (await server.ask('served', {})).accepted;
  }
  if (served.accepted > count || served.accepted < LEAST_SERVED * count) {
    throw new PlayerError(`${count} handshakes made, but ${served.accepted} served`);
  }
  for (const used of [...suites, ...served.suites]) {
    if (used !== suite) throw new PlayerError(`cipher suite ${used} was negotiated instead of ${suite}`);
  }
}

/**
 * @param {Pair} pair
 * @param {number} milliseconds
 */
async function measureHandshakes(pair, milliseconds) {
  const before = await cpu(pair);
  const made = await pair.client.ask('handshakes', { port: pair.port, atOnce: HANDSHAKES_AT_ONCE, milliseconds });
  const after = await cpu(pair);
  await verify(pair, made);
  await pair.server.ask('forget', {});
  return { handshakesPerSecond: made.count / made.seconds, cpuPerHandshake: each(before, after, made.count) };
}

/**
 * @param {Pair} pair
 * @param {number} size
 * @param {Effort} effort
 */
async function measureEcho(pair, size, effort) {
  const order = { port: pair.port, atOnce: ECHOES_AT_ONCE, size };
  await pair.client.ask('echo', { ...order, milliseconds: effort.echo / 2 });
  const before = await cpu(pair);
  const { count } = await pair.client.ask('echo', { ...order, milliseconds: effort.echo });
  const after = await cpu(pair);
  return each(before, after, count);
}

/**
 * @param {Pair} pair
 * @param {Effort} effort
 */
async function measureMemory(pair, effort) {
  const order = { port: pair.port, atOnce: HANDSHAKES_AT_ONCE };
  const grow = async (/** @type {number} */ count) => {
    await verify(pair, await pair.client.ask('open', { ...order, count }));
    await pause(effort.settle); // timers of handshakes that are over hold memory until they fire
    return memory(pair);
  };
  // The first ones also pay for the heap's growth to its working size.
  const [before, after] = [await grow(effort.held), await grow(effort.held)];
  const ends = (/** @type {'rss' | 'heap'} */ kind) => {
    const of = (/** @type {Ends<import('./contract.mjs').Memory>} */ { client, server }) => {
      return { client: client[kind], server: server[kind] };
    };
    return each(of(before), of(after), effort.held);
  };
  return { rss: ends('rss'), heap: ends('heap') };
}

/**
 * @param {Parameters<typeof withPair>[0]} contenders
 * @param {Effort} effort
 * @returns {Promise<Sample>}
 */
export async function measure(contenders, effort) {
  const speed = await withPair(contenders, async (pair) => {
    await measureHandshakes(pair, effort.warmUp);
    const handshakes = await measureHandshakes(pair, effort.handshakes);
    const cpuPerEcho64 = await measureEcho(pair, 64, effort);
    return { ...handshakes, cpuPerEcho64, cpuPerEcho1200: await measureEcho(pair, 1200, effort) };
  });
  // In processes of their own: what handshakes leave behind would be taken for new associations.
  const held = await withPair(contenders, (pair) => measureMemory(pair, effort));
  return { ...speed, ...held };
}

// How late a 1 ms timer of a server is while many handshakes arrive at once. The clients are in another process.

import { ArrivalsClients } from './arrivals-clients.mjs';
import { ArrivalsServer } from './arrivals-server.mjs';
import { figureOf, round, spreadOf } from './figures.mjs';
import { makeKind } from './kinds.mjs';

/**
 * @typedef {import('./kinds.mjs').KindName} KindName
 * @typedef {object} Scene
 * @property {KindName} kind
 * @property {import('qdtls').QSslConfiguration} configuration of the server
 * @property {import('./credentials.mjs').Credentials} credentials
 *
 * @typedef {{ wall: number, p50: number, p99: number, max: number, retransmissions: number }} Arrival milliseconds
 */

const HANDSHAKES = 500;
const PATIENCE_MS = 30_000;
const LEAST = 1e-3; // a timer is never early: it is on time

/** A chain of 1 ms timers. */
class Lateness {
  /** @type {number[]} */
  #samples = [];
  #due = 0;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  start() {
    this.#due = performance.now() + 1;
    this.#timer = setTimeout(() => {
      this.#samples.push(Math.max(LEAST, performance.now() - this.#due));
      this.start();
    }, 1);
  }

  stop() {
    clearTimeout(this.#timer);
    // The timer that has not come while the loop was busy counts as well.
    this.#samples.push(Math.max(LEAST, performance.now() - this.#due));
    const sorted = this.#samples.sort((a, b) => a - b);
    const at = (/** @type {number} */ part) => sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;
    return { p50: at(0.5), p99: at(0.99), max: at(1) };
  }
}

/**
 * @param {ArrivalsClients} clients
 * @param {Scene} scene
 * @param {boolean} perTurn
 * @returns {Promise<Arrival>}
 */
async function arrive(clients, { kind, configuration, credentials }, perTurn) {
  const server = new ArrivalsServer({ configuration, perTurn, expected: HANDSHAKES });
  const lateness = new Lateness();
  const patience = setTimeout(() => server.giveUp(), PATIENCE_MS);
  try {
    await clients.prepare({ port: await server.open(), count: HANDSHAKES, kind, credentials });
    await clients.go();
    lateness.start();
    const wall = await server.done;
    const late = lateness.stop();
    const { retransmissions } = await clients.finish();
    return { wall, ...late, retransmissions };
  } finally {
    clearTimeout(patience);
    lateness.stop();
    server.close();
  }
}

/**
 * @param {KindName} kind
 * @param {{ mode: string, arrivals: Arrival[], burst: Arrival[] }} measured by round
 */
function rowOf(kind, { mode, arrivals, burst }) {
  const figure = (/** @type {keyof Arrival} */ name) => figureOf(arrivals.map((arrival) => arrival[name]));
  const wall = figureOf(arrivals.map((arrival, index) => arrival.wall / (burst[index]?.wall ?? NaN)));
  return {
    kind,
    mode,
    p50: round(figure('p50').median, 2),
    p99: round(figure('p99').median, 2),
    spread: spreadOf(figure('p99'), 2),
    max: round(figure('max').high, 2),
    wall: round(figure('wall').median, 1),
    ratio: round(wall.median, 3),
    ratioSpread: spreadOf(wall, 3),
    retransmissions: arrivals.reduce((sum, { retransmissions }) => sum + retransmissions, 0),
  };
}

/** @type {import('./section.mjs').Section} */
export const eventLoop = {
  name: 'event-loop',
  title: `Event loop: ${HANDSHAKES} handshakes at once`,
  about:
    `How late a timer of 1 ms is in a server's process while ${HANDSHAKES} clients of another process shake hands at once ` +
    'over UDP on loopback, with cookies, and say something. A burst: each datagram when it comes. One per turn: one ' +
    'handshake datagram in each turn of the event loop, messages at once. The clients take what the server leaves of the ' +
    'cores. Lowest..highest are of the rounds.',
  columns: [
    ['kind', 'kind'],
    ['mode', 'handled'],
    ['p50', 'p50, ms'],
    ['p99', 'p99, ms'],
    ['spread', 'p99 lowest..highest'],
    ['max', 'latest, ms'],
    ['wall', 'all done, ms'],
    ['ratio', 'times the burst'],
    ['ratioSpread', 'lowest..highest'],
    ['retransmissions', 'repeated flights'],
  ],
  charts: [
    { title: 'Lateness of the timer, p99, ms', group: ['kind'], label: ['mode'], value: 'p99', spread: 'spread' },
    { title: 'Until all are done, ms', group: ['kind'], label: ['mode'], value: 'wall' },
  ],
  async run({ quick, rounds, credentials }) {
    const clients = new ArrivalsClients();
    const rows = [];
    try {
      for (const kind of /** @type {KindName[]} */ (quick ? ['ECDSA P-256'] : ['ECDSA P-256', 'RSA-2048'])) {
        const scene = { kind, configuration: makeKind(kind, credentials, true).server, credentials };
        await arrive(clients, scene, true); // warms up, and does not count
        /** @type {{ burst: Arrival[], turns: Arrival[] }} */
        const measured = { burst: [], turns: [] };
        for (let turn = 0; turn < rounds; turn += 1) {
          measured.burst.push(await arrive(clients, scene, false));
          measured.turns.push(await arrive(clients, scene, true));
        }
        const { burst, turns } = measured;
        rows.push(rowOf(kind, { mode: 'in a burst', arrivals: burst, burst }));
        rows.push(rowOf(kind, { mode: 'one per turn', arrivals: turns, burst }));
      }
    } finally {
      clients.close();
    }
    return rows;
  },
};

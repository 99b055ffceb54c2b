// The connected clients of endpoint-storm.mjs: each sends a message now and then, and looks how late the echo is.

import { connect } from 'qdtls/endpoint';
import { cipherOf, ECHO_SIZE } from './endpoint-server.mjs';
import { BenchError, must } from './section.mjs';

/**
 * @typedef {object} Order
 * @property {number} port of the server
 * @property {number} count of sessions
 * @property {import('./kinds.mjs').KindName} kind
 * @property {string} certificate of the server
 *
 * @typedef {Order | 'begin' | 'end'} Command
 * @typedef {{ p50: number, p99: number, max: number, echoes: number }} Delays milliseconds
 * @typedef {{ delays?: Delays, problem?: string }} Report
 */

const HOST = '127.0.0.1';
const PER_TICK = 2; // of a millisecond: a session sends every 50 ms if there are 100
const PATIENCE_MS = 10_000;

/** A session whose messages are counted, and which remembers when each was sent. */
class Echoer {
  #session;
  #message = Buffer.alloc(ECHO_SIZE, 'how late is this?');
  #sent = 0;
  /** @type {Map<number, number>} when, by number */
  #underWay = new Map();
  #onEcho;

  /**
   * @param {import('qdtls/endpoint').DTLSSession} session
   * @param {(delay: number) => void} onEcho
   */
  constructor(session, onEcho) {
    this.#session = session;
    this.#onEcho = onEcho;
    session.onmessage = (message) => this.#hear(message);
  }

  get underWay() {
    return this.#underWay.size;
  }

  send() {
    this.#sent += 1;
    this.#message.writeUInt32BE(this.#sent);
    this.#underWay.set(this.#sent, performance.now());
    this.#session.send(this.#message);
  }

  /** @param {Buffer} message */
  #hear(message) {
    const number = message.readUInt32BE();
    const since = this.#underWay.get(number);
    this.#message.writeUInt32BE(number);
    must(since !== undefined && message.equals(this.#message), 'an echo is not what was sent');
    this.#underWay.delete(number);
    this.#onEcho(performance.now() - (since ?? NaN));
  }
}

/** @type {Echoer[]} */
let echoers = [];
/** @type {number[]} */
let delays = [];
let next = 0;
/** @type {NodeJS.Timeout | undefined} */
let ticking;

/** @param {Order} order */
async function open({ port, count, kind, certificate }) {
  const options = { ca: certificate, servername: 'localhost', ciphers: cipherOf(kind) };
  const sessions = Array.from({ length: count }, () => connect(HOST, port, options));
  await Promise.all(sessions.map((session) => session.opened));
  const names = new Set(sessions.map(({ cipher }) => cipher.name));
  must(names.size === 1 && names.has(cipherOf(kind)), `the ciphers are ${[...names].join(', ')}`);
  echoers = sessions.map((session) => new Echoer(session, (delay) => delays.push(delay)));
}

/** Sends on, whether or not echoes have come: a server that is late is not spared. */
function tick() {
  for (let i = 0; i < PER_TICK; i += 1) {
    echoers[next]?.send();
    next = (next + 1) % echoers.length;
  }
}

/** All that was sent has to come back. */
async function settle() {
  clearInterval(ticking);
  const end = performance.now() + PATIENCE_MS;
  while (echoers.some(({ underWay }) => underWay > 0)) {
    must(performance.now() < end, 'echoes were lost on loopback');
    await new Promise((resolve) => setImmediate(resolve));
  }
  const sorted = delays.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => sorted[Math.ceil(sorted.length * part) - 1] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1), echoes: sorted.length };
}

/**
 * @param {Command} command
 * @returns {Promise<Report>}
 */
async function obey(command) {
  if (command === 'end') return { delays: await settle() };
  if (command !== 'begin') {
    await open(command);
    return {};
  }
  delays = [];
  ticking = setInterval(tick, 1);
  return {};
}

process.on('message', (/** @type {Command} */ command) => {
  obey(command).then(
    (report) => process.send?.(report),
    (error) => process.send?.({ problem: error instanceof BenchError ? error.message : String(error.stack) }),
  );
});

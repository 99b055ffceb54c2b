// How late the echoes of connected sessions are while many newcomers shake hands with the same server, against the same in
// quiet.
//
// Three processes: this one is the server; that of endpoint-child.mjs has the connected sessions and the clock; that of
// arrivals-child.mjs has the newcomers. What is to be known is how long the server lets an echo wait. What is measured is that
// and how long each of the three waits for one of perhaps two cores:
// - The newcomers take what the server and the clock leave (arrivals-clients.mjs), and their queue at the server is full
//   nevertheless, because a handshake costs the server as much as them.
// - The clock's load is a small one (a tenth of a core), the same in quiet, and it sends whether or not echoes have come: what
//   it waits for itself is in the quiet figure, which is subtracted, and a server that is late is not spared.
// - Whatever else runs on the machine is in both, but in turns: with a quiet p99 of milliseconds the machine is measured, not
//   the server.

import { fork } from 'node:child_process';
import { ArrivalsClients } from './arrivals-clients.mjs';
import { ECHO_SIZE, EchoServer } from './endpoint-server.mjs';
import { figureOf, rangeOf, round, spreadOf } from './figures.mjs';
import { BenchError, must } from './section.mjs';

/**
 * @typedef {import('./endpoint-child.mjs').Command} Command
 * @typedef {import('./endpoint-child.mjs').Delays} Delays
 * @typedef {import('./endpoint-child.mjs').Report} Report
 * @typedef {import('./kinds.mjs').KindName} KindName
 * @typedef {{ quiet: Delays, storm: Delays }} Measured
 */

const SESSIONS = 100;
const NEWCOMERS = 500;
const PATIENCE_MS = 30_000;
const QUIET_MS = 500;
const STORMS = 3; // in a round: a p99 of some 500 echoes differs much from one to the next
const WARM_UP = 4; // storms: until then the compiler takes milliseconds of the server's time
const LEAST_ECHOES = 200; // for a p99 that is not the worst of all

/** The process with the connected clients. */
class ConnectedClients {
  #child = fork(new URL('endpoint-child.mjs', import.meta.url));

  /**
   * @param {Command} command
   * @returns {Promise<Report>}
   */
  ask(command) {
    return new Promise((resolve, reject) => {
      const onExit = () => reject(new BenchError('the process of the clients ended early'));
      this.#child.once('exit', onExit);
      this.#child.once('message', (/** @type {Report} */ report) => {
        this.#child.off('exit', onExit);
        if (report.problem === undefined) resolve(report);
        else reject(new BenchError(report.problem));
      });
      this.#child.send(command);
    });
  }

  /**
   * The delays of what is sent while something goes on.
   *
   * @param {() => Promise<unknown>} doSomething
   */
  async during(doSomething) {
    await this.ask('begin');
    await doSomething();
    const { delays } = await this.ask('end');
    if (delays === undefined) throw new BenchError('the clients answered out of turn');
    must(delays.echoes >= LEAST_ECHOES, `${delays.echoes} echoes are too few for a p99`);
    return delays;
  }

  close() {
    this.#child.kill();
  }
}

/**
 * @param {{ connected: ConnectedClients, newcomers: ArrivalsClients, server: EchoServer }} parts
 * @param {import('./arrivals-child.mjs').Order} order
 * @returns {Promise<Measured>}
 */
async function measureOnce({ connected, newcomers, server }, order) {
  const quiet = await connected.during(() => new Promise((resolve) => setTimeout(resolve, QUIET_MS)));
  await newcomers.prepare(order);
  const storm = await connected.during(async () => {
    const arrived = server.newcomers(order.count, PATIENCE_MS);
    await newcomers.go();
    await arrived;
  });
  must(server.sessions === SESSIONS + order.count, `the server has ${server.sessions} sessions`);
  const { retransmissions } = await newcomers.finish();
  must(retransmissions === 0 && server.losses === 0, `${retransmissions} flights were repeated, ${server.losses} lost`);
  return { quiet, storm };
}

/**
 * @param {KindName} kind
 * @param {'p50' | 'p99'} name
 * @param {readonly Measured[]} measured
 */
function rowOf(kind, name, measured) {
  const added = rangeOf(measured.map(({ quiet, storm }) => storm[name] - quiet[name]));
  return {
    what: `delay of an echo, ${name}, ms: ${kind}`,
    sessions: SESSIONS,
    size: ECHO_SIZE,
    yardstick: round(figureOf(measured.map(({ quiet }) => quiet[name])).median, 2),
    ours: round(figureOf(measured.map(({ storm }) => storm[name])).median, 2),
    added: round(added.median, 2),
    spread: spreadOf(added, 2),
  };
}

/**
 * @param {import('./section.mjs').Options} options
 * @param {KindName} kind
 */
async function measureKind({ rounds, credentials }, kind) {
  const identity = kind === 'RSA-2048' ? credentials.rsa : credentials.ecdsa;
  const server = new EchoServer(kind, identity);
  const [connected, newcomers] = [new ConnectedClients(), new ArrivalsClients()];
  try {
    const order = { port: server.port, count: NEWCOMERS, kind, credentials };
    await connected.ask({ port: server.port, count: SESSIONS, kind, certificate: identity.certificate });
    for (let i = 0; i < WARM_UP; i += 1) await measureOnce({ connected, newcomers, server }, order); // does not count
    const measured = [];
    for (let i = 0; i < rounds * STORMS; i += 1) measured.push(await measureOnce({ connected, newcomers, server }, order));
    return [rowOf(kind, 'p50', measured), rowOf(kind, 'p99', measured)];
  } finally {
    connected.close();
    newcomers.close();
    await server.close();
  }
}

/** @param {import('./section.mjs').Options} options */
export async function delayRows(options) {
  const rows = await measureKind(options, 'ECDSA P-256');
  return options.quick ? rows : [...rows, ...(await measureKind(options, 'RSA-2048'))];
}

// The jobs of memory.mjs, each in a process of its own with --expose-gc.

import { createRequire } from 'node:module';
import { root } from '../support/run.mjs';
import { loadLoop } from './c-loop.mjs';
import { answerParent } from './child.mjs';
import { Joiner, KeepingSocket } from './ends.mjs';
import { makeKind } from './kinds.mjs';
import { must } from './section.mjs';

/**
 * @typedef {'c' | 'ours' | 'many' | 'churn'} JobName
 *
 * @typedef {object} Job
 * @property {JobName} job
 * @property {import('./kinds.mjs').KindName} kind
 * @property {number} count pairs
 * @property {number} [first] of churn: how many come before the first look
 * @property {import('./credentials.mjs').Credentials} credentials
 * @property {string} loopFolder
 *
 * @typedef {{ native: number, javascript: number }} Bytes
 * @typedef {{ fresh: Bytes, traffic: Bytes, trimmed: Bytes }} States
 */

const MESSAGES = 4;
const SIZE = 1200;
const BEFORE = 20; // pairs that come and go first: what is compiled and loaded once
const message = Buffer.alloc(SIZE, 'memory');
const socket = new KeepingSocket();

/** What native/binding counts in this process. */
function counters() {
  const load = createRequire(import.meta.url);
  const build = process.env['QDTLS_NATIVE_BUILD'];
  /** @type {{ contextsCreated(): number, connectionsCreated(): number }} */
  const addon = build === undefined ? load('node-gyp-build')(root) : load(build);
  return { contexts: addon.contextsCreated(), connections: addon.connectionsCreated() };
}

/** Lets finalizers and timers run, and collects what is left. */
async function settle() {
  for (let turn = 0; turn < 4; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * @param {import('./c-loop.mjs').LoopAddon} addon
 * @returns {Promise<Bytes>}
 */
async function measure(addon) {
  await settle();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const allocated = addon.allocatedBytes();
  must(allocated > 0, 'this C library does not tell what malloc has given out: glibc 2.33 or later does');
  // The memory behind a Buffer comes from malloc, but belongs to JavaScript.
  return { native: allocated - arrayBuffers, javascript: heapUsed + arrayBuffers };
}

/** @param {import('./ends.mjs').Ends} ends */
function talk({ client, server }) {
  for (const [from, to] of [[client, server], [server, client]]) {
    from?.writeDatagramEncrypted(socket, message);
    must(to?.decryptDatagram(socket, socket.kept).equals(message) === true, 'a message was not opened');
  }
}

/** @param {Joiner} joiner */
function comeAndGo(joiner) {
  const ends = joiner.join();
  talk(ends);
  joiner.part(ends);
}

/**
 * @param {Job} job
 * @returns {States}
 */
function measureC({ kind, count, credentials, loopFolder }) {
  const loop = new (loadLoop(loopFolder).CLoop)(makeKind(kind, credentials, false).settings);
  const { fresh, traffic, trimmed } = loop.memory(count, SIZE, MESSAGES);
  must(fresh > 0, 'this C library does not tell what malloc has given out: glibc 2.33 or later does');
  const native = (/** @type {number} */ bytes) => ({ native: bytes, javascript: 0 });
  return { fresh: native(fresh), traffic: native(traffic), trimmed: native(trimmed) };
}

/**
 * @param {Job} job
 * @returns {Promise<States>}
 */
async function measureOurs({ kind, count, credentials, loopFolder }) {
  const addon = loadLoop(loopFolder);
  const joiner = new Joiner(makeKind(kind, credentials, false));
  for (let i = 0; i < BEFORE; i += 1) comeAndGo(joiner);
  /** @type {import('./ends.mjs').Ends[]} */
  const crowd = [joiner.join()]; // holds the contexts
  const before = await measure(addon);
  const perEnd = async () => {
    const after = await measure(addon);
    const share = (/** @type {keyof Bytes} */ part) => (after[part] - before[part]) / (2 * count);
    return { native: share('native'), javascript: share('javascript') };
  };
  for (let i = 0; i < count; i += 1) crowd.push(joiner.join());
  const fresh = await perEnd();
  for (let i = 0; i < MESSAGES; i += 1) crowd.forEach(talk);
  const traffic = await perEnd();
  for (const { client, server } of crowd) {
    client.trim();
    server.trim();
  }
  const trimmed = await perEnd();
  crowd.forEach(talk); // and the next record works
  return { fresh, traffic, trimmed };
}

/** @param {Job} job */
async function holdMany({ kind, count, credentials }) {
  const joiner = new Joiner(makeKind(kind, credentials, false));
  const before = counters();
  const rssBefore = process.memoryUsage.rss();
  const crowd = Array.from({ length: count }, () => joiner.join());
  await settle();
  const after = counters();
  crowd.forEach(talk);
  return {
    contexts: after.contexts - before.contexts,
    connections: after.connections - before.connections,
    resident: process.memoryUsage.rss() - rssBefore,
  };
}

/** @param {Job} job */
async function openAndClose({ kind, count, first = 0, credentials, loopFolder }) {
  const addon = loadLoop(loopFolder);
  const joiner = new Joiner(makeKind(kind, credentials, false));
  const before = counters();
  const look = async () => ({ ...(await measure(addon)), resident: process.memoryUsage.rss() });
  let early = await look();
  for (let opened = 1; opened <= count; opened += 1) {
    comeAndGo(joiner);
    // As a server would: timers and finalizers get their turns.
    if (opened % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
    if (opened === first) early = await look();
  }
  return { early, late: await look(), connections: counters().connections - before.connections };
}

/** @type {Record<JobName, (job: Job) => unknown>} */
const jobs = { c: measureC, ours: measureOurs, many: holdMany, churn: openAndClose };

answerParent((/** @type {Job} */ job) => jobs[job.job](job));

// Memory of established associations, each measurement in a process of its own.

import { inChild } from './child.mjs';
import { figureOf, round, spreadOf } from './figures.mjs';
import { must } from './section.mjs';

/**
 * @typedef {import('./section.mjs').Section} Section
 * @typedef {import('./memory-child.mjs').Job} Job
 * @typedef {import('./memory-child.mjs').States} States
 * @typedef {import('./memory-child.mjs').Bytes} Bytes
 * @typedef {import('./kinds.mjs').KindName} KindName
 * @typedef {Bytes & { resident: number }} Look
 */

const CHILD = 'memory-child.mjs';
const MEBIBYTE = 2 ** 20;
const KIND = 'ECDSA P-256';

const states = /** @type {const} */ ([
  { state: 'fresh', name: 'after the handshake' },
  { state: 'traffic', name: 'after traffic' },
  { state: 'trimmed', name: 'after trim()' },
]);

/** @param {Bytes} bytes */
const total = ({ native, javascript }) => native + javascript;

/**
 * @param {{ c: States, ours: States }[]} measured by round
 * @param {KindName} kind
 */
function rowsOf(measured, kind) {
  return states.map(({ state, name }) => {
    const median = (/** @type {(round: { c: States, ours: States }) => number} */ value) =>
      Math.round(figureOf(measured.map(value)).median);
    const ratio = figureOf(measured.map(({ c, ours }) => total(ours[state]) / total(c[state])));
    return {
      kind,
      state: name,
      native: median(({ ours }) => ours[state].native),
      javascript: median(({ ours }) => ours[state].javascript),
      total: median(({ ours }) => total(ours[state])),
      c: median(({ c }) => total(c[state])),
      ratio: round(ratio.median, 3),
      spread: spreadOf(ratio, 3),
    };
  });
}

/** @type {Section} */
export const memory = {
  name: 'memory',
  title: 'Memory of an established end',
  about:
    'Bytes for one end (the mean of client and server) as malloc and the JavaScript heap count them, against the two SSL ' +
    'objects of the C loop. After traffic: 4 messages of 1200 bytes each way. After trim(): SSL_free_buffers in C.',
  columns: [
    ['kind', 'kind'],
    ['state', 'state'],
    ['native', 'native'],
    ['javascript', 'JavaScript'],
    ['total', 'together'],
    ['c', 'C loop'],
    ['ratio', 'times C'],
    ['spread', 'lowest..highest'],
  ],
  charts: [
    {
      title: 'Bytes for one end, times those of C',
      group: ['kind'],
      label: ['state'],
      value: 'ratio',
      spread: 'spread',
      reference: 1,
    },
  ],
  async run({ quick, rounds, credentials, loopFolder }) {
    const rows = [];
    for (const kind of /** @type {KindName[]} */ (quick ? [KIND] : [KIND, 'PSK'])) {
      const common = { kind, count: quick ? 100 : 500, credentials, loopFolder };
      const measured = [];
      for (let turn = 0; turn < rounds; turn += 1) {
        /** @type {States} */
        const c = await inChild(CHILD, { ...common, job: 'c' });
        /** @type {States} */
        const ours = await inChild(CHILD, { ...common, job: 'ours' });
        measured.push({ c, ours });
      }
      rows.push(...rowsOf(measured, kind));
    }
    return rows;
  },
};

/** @type {Section} */
export const associations = {
  name: 'associations',
  title: 'Many associations of one configuration',
  about:
    'Both ends of so many associations in one process. SSL_CTX objects are counted when they are made: one for the ' +
    'clients and one for the servers. Resident memory grew by so much; one run.',
  columns: [
    ['associations', 'associations'],
    ['contexts', 'SSL_CTX made'],
    ['connections', 'SSL made'],
    ['resident', 'resident, MiB'],
    ['perEnd', 'bytes an end'],
  ],
  charts: [],
  async run({ quick, credentials, loopFolder }) {
    const count = quick ? 1000 : 10_000;
    /** @type {{ contexts: number, connections: number, resident: number }} */
    const { contexts, connections, resident } = await inChild(CHILD, {
      job: 'many',
      kind: KIND,
      count,
      credentials,
      loopFolder,
    });
    must(connections === 2 * count, `${connections} SSL objects were made for ${count} associations`);
    must(contexts >= 2, `${contexts} SSL_CTX objects were made for two roles`);
    const perEnd = Math.round(resident / (2 * count));
    return [{ associations: count, contexts, connections, resident: round(resident / MEBIBYTE, 1), perEnd }];
  },
};

/** @type {Section} */
export const churn = {
  name: 'churn',
  title: 'Associations that come and go',
  about:
    'A process in which associations are opened, exchange a message each way and are shut down, one after the other: ' +
    'memory after the first ones and after the last, each after a garbage collection; one run. What malloc and the ' +
    'JavaScript heap have given out is told apart from what is resident, which the allocators may keep.',
  columns: [
    ['opened', 'opened and closed'],
    ['first', 'first look after'],
    ['early', 'resident then, MiB'],
    ['late', 'resident at the end, MiB'],
    ['growth', 'growth, MiB'],
    ['native', 'of malloc, MiB'],
    ['javascript', 'of JavaScript, MiB'],
  ],
  charts: [],
  async run({ quick, credentials, loopFolder }) {
    const [count, first] = quick ? [3000, 1000] : [20_000, 2000];
    /** @type {{ early: Look, late: Look, connections: number }} */
    const { early, late, connections } = await inChild(CHILD, {
      job: 'churn',
      kind: KIND,
      count,
      first,
      credentials,
      loopFolder,
    });
    must(connections === 2 * count, `${connections} SSL objects were made for ${count} associations`);
    const mebibytes = (/** @type {number} */ bytes) => round(bytes / MEBIBYTE, 2);
    return [
      {
        opened: count,
        first,
        early: mebibytes(early.resident),
        late: mebibytes(late.resident),
        growth: mebibytes(late.resident - early.resident),
        native: mebibytes(late.native - early.native),
        javascript: mebibytes(late.javascript - early.javascript),
      },
    ];
  },
};

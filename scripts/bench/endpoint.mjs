// What sessions of qdtls/endpoint cost beside plain dgram, and how fair their server is while newcomers shake hands.

import { echoRows } from './endpoint-echo.mjs';
import { delayRows } from './endpoint-storm.mjs';

/** @typedef {import('./section.mjs').Row} Row */

const MOST_RATIO = 1.5; // at 1200 bytes
const MOST_ADDED = 3; // milliseconds, of p99
const NOISY = 1; // milliseconds of p99 in quiet

/**
 * @param {readonly Row[]} rows
 * @param {(row: Row) => boolean} isMeant
 * @param {string} key
 */
const worstOf = (rows, isMeant, key) => Math.max(...rows.filter(isMeant).map((row) => Number(row[key])));

const isDelay = (/** @type {Row} */ { what }) => String(what).includes('p99');

/** @param {readonly Row[]} rows */
function notes(rows) {
  const ratio = worstOf(rows, (row) => row['size'] === 1200 && 'ratio' in row, 'ratio');
  const added = worstOf(rows, isDelay, 'added');
  const isNoisy = worstOf(rows, isDelay, 'yardstick') > NOISY;
  const verdict = (/** @type {boolean} */ isMet) => (isMet ? 'met' : 'missed');
  return [
    `Goal at 1200 bytes: at most ${MOST_RATIO} times plain; ${verdict(ratio <= MOST_RATIO)}.`,
    `Goal of p99: at most ${MOST_ADDED} ms more than in quiet; ${verdict(added <= MOST_ADDED)}.`,
    ...(isNoisy ? [`The quiet p99 is above ${NOISY} ms: others use this machine, and the delays are theirs too.`] : []),
  ];
}

/** @type {import('./section.mjs').Section} */
export const endpoint = {
  name: 'endpoint',
  title: 'Endpoint: echo through sessions, in quiet and in a storm of handshakes',
  about:
    'CPU of this process for one echo over loopback, through sessions of a server and its clients, against plain dgram with ' +
    'datagrams of the same length and sockets that are not connected, ECDHE-ECDSA-AES128-GCM-SHA256. Delay of an echo of 100 ' +
    'connected sessions while 500 newcomers of another process shake hands at once, with cookies, against the delay in quiet.',
  columns: [
    ['what', 'what'],
    ['sessions', 'sessions'],
    ['size', 'bytes'],
    ['yardstick', 'plain, or in quiet'],
    ['ours', 'sessions, or in the storm'],
    ['ratio', 'times plain'],
    ['added', 'more than in quiet'],
    ['spread', 'lowest..highest'],
  ],
  charts: [
    {
      title: 'CPU of an echo, times that of plain dgram',
      group: ['size'],
      label: ['sessions'],
      value: 'ratio',
      spread: 'spread',
      reference: 1,
    },
    { title: 'Delay of an echo in the storm, ms more than in quiet', group: ['sessions'], label: ['what'], value: 'added' },
  ],
  notes,
  async run(options) {
    return [...(await echoRows(options)), ...(await delayRows(options))];
  },
};

// What users would pick instead, doing the same work in the same harness.

import { StepError, tail } from '../support/run.mjs';
import { contests, nameOf, OURS, pairs } from './peers/contenders.mjs';
import { SUITES } from './peers/contract.mjs';
import { installers } from './peers/install.mjs';
import { measure } from './peers/measure.mjs';
import { makeRow } from './peers/rows.mjs';
import { columns, notes } from './peers/show.mjs';
import { must } from './section.mjs';

/**
 * @typedef {import('./peers/install.mjs').Installed} Installed
 * @typedef {import('./peers/rows.mjs').Found} Found
 * @typedef {import('./peers/contenders.mjs').PairOf} PairOf
 */

// Rounds of its own: one takes two and a half minutes, or two. What is compiled as it runs needs seconds to get warm.
const FULL = { rounds: 5, warmUp: 3000, handshakes: 1500, echo: 700, held: 400, settle: 1500 };
const QUICK = { rounds: 3, warmUp: 1500, handshakes: 600, echo: 500, held: 200, settle: 1000 };

/** @param {unknown} error */
function reasonOf(error) {
  if (error instanceof StepError) return `${error.message} ${tail(error.output, 3)}`.replaceAll(/\s+/g, ' ').trim();
  return error instanceof Error ? error.message : String(error);
}

/**
 * @param {import('./credentials.mjs').Identity} identity of the servers
 * @returns {Promise<Map<string, Installed | string>>} by name; a string says why it cannot be installed
 */
async function installAll(identity) {
  const installed = new Map();
  for (const [name, install] of Object.entries(installers(identity))) {
    installed.set(name, await install().catch(reasonOf));
  }
  return installed;
}

/**
 * One round with one pair. A round that fails is repeated once, and that is told: a peer without retransmission is at
 * the mercy of one datagram. The reason of a second failure is the pair's result.
 *
 * @param {PairOf} pair
 * @param {Map<string, Installed | string>} installed
 * @param {{ effort: import('./peers/measure.mjs').Effort, found: Found }} options
 */
async function playRound({ client, server, credential }, installed, { effort, found }) {
  const [first, second] = [installed.get(client), installed.get(server)];
  const missing = [first, second].find((library) => typeof library === 'string');
  if (typeof missing === 'string') found.failure = missing;
  if (first === undefined || second === undefined || typeof first === 'string' || typeof second === 'string') return;
  const play = () => measure({ client: first, server: second, credential }, effort);
  const playAgain = (/** @type {unknown} */ error) => {
    found.repeated.push(reasonOf(error));
    return play();
  };
  try {
    found.samples.push(await play().catch(playAgain));
  } catch (error) {
    found.failure = reasonOf(error);
  }
}

/** @type {import('./section.mjs').Section} */
export const peers = {
  name: 'peers',
  title: 'What users would pick instead',
  about:
    'Each figure is the median of the rounds with half the distance of the extremes; [ours / theirs] is the median of ' +
    'the ratios of each round. A client is measured against a server of qdtls, a server against a client of qdtls; ' +
    '"both" is the client and the server of one library, added up. CPU is that of the whole process of the library; an ' +
    'echo is one record out and one in, compared. Chains are not verified (werift cannot), and the client of werift ' +
    'verifies neither the signature nor Finished of a server. A client has a socket for each association, a server one ' +
    'socket for all. KiB are resident; heap is what the collector of JavaScript or Go manages.',
  columns,
  charts: [
    {
      title: 'Handshakes a second',
      group: ['role', 'credential'],
      label: ['peer'],
      value: 'handshakesPerSecond',
      spread: 'handshakesPerSecondSpread',
    },
    {
      title: 'CPU of an echo of 1200 bytes, us',
      group: ['role', 'credential'],
      label: ['peer'],
      value: 'cpuPerEcho1200',
      spread: 'cpuPerEcho1200Spread',
    },
  ],
  notes,
  async run({ quick, credentials }) {
    const effort = quick ? QUICK : FULL;
    const installed = await installAll(credentials.ecdsa);
    const all = pairs();
    /** @type {Map<string, Found>} */
    const found = new Map(all.map((pair) => [nameOf(pair), { samples: [], repeated: [], failure: '' }]));
    for (let round = 1; round <= effort.rounds; round += 1) {
      for (const pair of all) {
        const state = found.get(nameOf(pair));
        if (state === undefined || state.failure !== '') continue;
        console.error(`peers: round ${round} of ${effort.rounds}, ${nameOf(pair)}`);
        await playRound(pair, installed, { effort, found: state });
      }
    }
    const rows = contests().map((contest) => {
      const library = installed.get(contest.library);
      const version = typeof library === 'object' ? library.version : '';
      return makeRow(contest, { found, version, cipher: SUITES[contest.credential].cipher });
    });
    const ours = rows.find((row) => row['peer'] === OURS && row['failure'] !== undefined);
    must(ours === undefined, `qdtls itself could not be measured: ${ours?.['failure']}`);
    return rows;
  },
};

// Full handshakes, both ends in one thread, against the C loop doing the same.

import { loadLoop } from './c-loop.mjs';
import { Joiner } from './ends.mjs';
import { compareAll, countFor, round, spreadOf } from './figures.mjs';
import { KIND_NAMES, makeKind } from './kinds.mjs';
import { must } from './section.mjs';

const RECORD_HEADER = 13;
const MESSAGE_HEADER = 12;
const HANDSHAKE = 22;
const HELLO_VERIFY_REQUEST = 3;
const SERVER_HELLO_DONE = 14;
const CERTIFICATE_VERIFY = 15;
const WARM_UPS = 4;
const WARM_UP_MS = 250; // of each kind, with and without cookies

/**
 * The types of the handshake messages in a datagram that are not encrypted.
 *
 * @param {Uint8Array} datagram
 */
function messageTypes(datagram) {
  const bytes = Buffer.from(datagram);
  const types = [];
  for (let at = 0; at + RECORD_HEADER < bytes.length; at += RECORD_HEADER + bytes.readUInt16BE(at + 11)) {
    const isPlain = bytes.readUInt8(at) === HANDSHAKE && bytes.readUInt16BE(at + 3) === 0;
    const end = Math.min(at + RECORD_HEADER + bytes.readUInt16BE(at + 11), bytes.length);
    for (let message = at + RECORD_HEADER; isPlain && message + MESSAGE_HEADER <= end; ) {
      types.push(bytes.readUInt8(message));
      message += MESSAGE_HEADER + bytes.readUIntBE(message + 9, 3);
    }
  }
  return types;
}

/**
 * One more handshake, whose datagrams are read: a resumed one has no ServerHelloDone. Then a message each way.
 *
 * @param {import('./kinds.mjs').Kind} kind
 */
function verify(kind) {
  const types = new Set();
  const joiner = new Joiner(kind);
  const ends = joiner.join((_, datagram) => {
    for (const type of messageTypes(datagram)) types.add(type);
  });
  must(types.has(SERVER_HELLO_DONE), `${kind.name}: the handshake was not a full one`);
  must(types.has(HELLO_VERIFY_REQUEST) === kind.cookies, `${kind.name}: cookies are not as said`);
  must(types.has(CERTIFICATE_VERIFY) === kind.isMutual, `${kind.name}: the client's signature is not as said`);
  const shown = [ends.client, ends.server].map((end) => end.dtlsConfiguration().peerCertificateChain().length);
  must(shown[0] === Number(kind.hasCertificate), `${kind.name}: the server showed ${shown[0]} certificates`);
  must(shown[1] === Number(kind.isMutual), `${kind.name}: the client showed ${shown[1]} certificates`);
  joiner.part(ends);
}

/**
 * @param {import('./kinds.mjs').Kind} kind
 * @param {number} count
 */
function joinMany(kind, count) {
  const joiner = new Joiner(kind);
  for (let i = 0; i < count; i += 1) joiner.part(joiner.join());
}

/**
 * Lets V8 compile what handshakes run through: it goes on for seconds, in threads whose CPU is ours, and would be counted
 * against the kind that comes first. What one kind teaches it can make it compile the others anew, so that they take turns.
 *
 * @param {import('./section.mjs').Options} options
 */
async function warmUp({ quick, credentials }) {
  const kinds = allKinds(credentials);
  for (let pass = 0; pass < (quick ? 1 : WARM_UPS); pass += 1) {
    for (const kind of kinds) await joinFor(WARM_UP_MS, kind);
  }
}

/** @param {import('./section.mjs').Options['credentials']} credentials */
function allKinds(credentials) {
  return KIND_NAMES.flatMap((name) => [false, true].map((cookies) => makeKind(name, credentials, cookies)));
}

/**
 * @param {number} milliseconds
 * @param {import('./kinds.mjs').Kind} kind
 */
async function joinFor(milliseconds, kind) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    joinMany(kind, 10);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/**
 * @param {import('./section.mjs').Options} options
 * @param {import('./kinds.mjs').Kind} kind
 */
async function measureKind({ quick, rounds, loopFolder }, kind) {
  const { CLoop, cpuNanoseconds } = loadLoop(loopFolder);
  const loop = new CLoop(kind.settings);
  verify(kind);
  const count = countFor(quick ? 10 : 25, (repetitions) => loop.handshakes(repetitions));
  const scale = 1e3 * count;
  const result = await compareAll(rounds, {
    yardstick: () => loop.handshakes(count) / scale,
    work: () => joinMany(kind, count),
    clock: () => cpuNanoseconds() / scale,
    verify: () => verify(kind),
  });
  return {
    kind: kind.name,
    cookies: kind.cookies ? 'with cookies' : 'without cookies',
    cipher: kind.cipher,
    perSecond: Math.round(1e6 / result.ours.median),
    yardstick: Math.round(1e6 / result.yardstick.median),
    microseconds: round(result.ours.median, 1),
    share: round(result.share.median, 3),
    spread: spreadOf(result.share, 3),
  };
}

/** @type {import('./section.mjs').Section} */
export const handshakes = {
  name: 'handshakes',
  title: 'Handshakes',
  about:
    'Full handshakes a second of CPU, both ends made, joined in memory, verified, closed and freed, as a share of ' +
    'the C loop doing the same (same suites, groups and checks; DTLSv1_listen where there are cookies).',
  columns: [
    ['kind', 'kind'],
    ['cookies', 'cookies'],
    ['cipher', 'cipher suite'],
    ['perSecond', 'a second'],
    ['yardstick', 'C loop, a second'],
    ['microseconds', 'CPU, us'],
    ['share', 'share of C'],
    ['spread', 'lowest..highest'],
  ],
  charts: [
    {
      title: 'Share of the C loop: 1 is its speed',
      group: ['kind'],
      label: ['cookies'],
      value: 'share',
      spread: 'spread',
      reference: 1,
    },
    { title: 'Handshakes a second of CPU, both ends', group: ['kind'], label: ['cookies'], value: 'perSecond' },
  ],
  async run(options) {
    const rows = [];
    await warmUp(options);
    for (const kind of allKinds(options.credentials)) rows.push(await measureKind(options, kind));
    return rows;
  },
};

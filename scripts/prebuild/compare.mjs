// `node scripts/prebuild/compare.mjs FILE ...`: what builds of the addon cost beside each other, in handshakes and
// records. Rounds alternate between them, and the lowest of
// each figure is printed: what else a machine does can only add to it.

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCredentials } from '../bench/credentials.mjs';
import { root } from '../support/run.mjs';

const ROUNDS = 7;
const HANDSHAKES = 150;
const RECORDS = 40_000;
const SIZES = [64, 1200];

/** @typedef {Record<string, number>} Figures by what was measured */

/**
 * Microseconds for one of many.
 *
 * @param {number} count
 * @param {() => void} action
 */
function timeOf(count, action) {
  const start = performance.now();
  for (let index = 0; index < count; index += 1) action();
  return ((performance.now() - start) * 1000) / count;
}

/** One round, in the process of one build. */
async function measure() {
  const { KeepingSocket, Joiner } = await import('../bench/ends.mjs');
  const { KIND_NAMES, makeKind } = await import('../bench/kinds.mjs');
  const credentials = JSON.parse(process.env['QDTLS_CREDENTIALS'] ?? '');
  const [ecdsa] = KIND_NAMES;
  /** @type {Figures} */
  const figures = {};
  for (const name of KIND_NAMES) {
    const joiner = new Joiner(makeKind(name, credentials, false));
    const once = () => joiner.part(joiner.join());
    timeOf(HANDSHAKES / 5, once);
    figures[`handshake ${name}, us`] = timeOf(HANDSHAKES, once);
  }
  const { client, server } = new Joiner(makeKind(ecdsa, credentials, false)).join();
  const socket = new KeepingSocket();
  for (const size of SIZES) {
    const message = Buffer.alloc(size, 1);
    const once = () => {
      client.writeDatagramEncrypted(socket, message);
      server.decryptDatagram(socket, socket.kept);
    };
    timeOf(RECORDS / 5, once);
    figures[`record of ${size} bytes, sealed and opened, us`] = timeOf(RECORDS, once);
  }
  console.log(JSON.stringify(figures));
}

/** @param {readonly string[]} files */
async function compare(files) {
  const QDTLS_CREDENTIALS = JSON.stringify(await makeCredentials());
  /** @type {Map<string, Figures[]>} */
  const rounds = new Map(files.map((file) => [file, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [file, figures] of rounds) {
      const env = { ...process.env, QDTLS_CREDENTIALS, QDTLS_NATIVE_BUILD: path.resolve(file) };
      const { stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url)], { env, encoding: 'utf8', cwd: root });
      if (stdout === '') throw new Error(stderr);
      figures.push(JSON.parse(stdout));
    }
  }
  const names = Object.keys([...rounds.values()][0]?.[0] ?? {});
  console.table(
    Object.fromEntries(
      names.map((name) => [
        name,
        Object.fromEntries(
          [...rounds].map(([file, figures]) => [file, Number(Math.min(...figures.map((one) => one[name] ?? Number.NaN)).toFixed(2))]),
        ),
      ]),
    ),
  );
}

const files = process.argv.slice(2);
await (files.length === 0 ? measure() : compare(files));

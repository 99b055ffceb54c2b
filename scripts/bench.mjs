// `npm run bench`: what qdtls costs, beside what the same work costs without it. Each section says what it compares.
//
//   --quick          under a minute, for a first look; figures to be quoted come from a full run
//   --only A,B       these sections only: records, sockets, handshakes, memory, associations, churn, event-loop,
//                   endpoint
//   --peers          the libraries that users would pick instead, which it installs; with --only A,B these sections too.
//                   Alone it measures any build of ours: QDTLS_NATIVE_BUILD=prebuilds/.../qdtls.glibc.node
//   --json           one JSON object on stdout and nothing else (npm run -s: npm has a heading of its own)
//   --report FILE    also writes an HTML page with charts
//   --charts FOLDER  also writes each chart as a picture
//   --no-build       measures what is built already: for another Node, whose headers are not here
//
// Exit code 1 when any work was not done, or not as said: a message that did not arrive as it was sent, a handshake that
// was no full one, another cipher.

import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeCredentials } from './bench/credentials.mjs';
import { buildLoop, loadLoop } from './bench/c-loop.mjs';
import { pictureOf } from './bench/chart.mjs';
import { reportOf } from './bench/report.mjs';
import { must } from './bench/section.mjs';
import { tableOf } from './bench/table.mjs';
import { bootstrap } from './bootstrap.mjs';
import { elapsed, reportFailure, root, StepError } from './support/run.mjs';
import { cmakeNeeds, ensurePackages, testNeeds } from './support/system-packages.mjs';

const ROUNDS = { quick: 5, full: 9 };
const loopFolder = path.join(root, 'build-bench');

function readOptions() {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  const text = /** @type {const} */ ({ type: 'string', default: '' });
  try {
    const options = { quick: flag, json: flag, report: text, charts: text, only: text, peers: flag, 'no-build': flag };
    return parseArgs({ options, strict: true }).values;
  } catch (error) {
    throw new StepError(error instanceof Error ? error.message : String(error));
  }
}

async function build() {
  const [opensslCommand] = testNeeds;
  await ensurePackages([...cmakeNeeds, opensslCommand]);
  await bootstrap();
  await buildLoop(loopFolder);
}

/**
 * @param {string} only names with commas between them; '' for all
 * @param {boolean} withPeers
 */
async function selectSections(only, withPeers) {
  // Not before the build: the sections import the package.
  const { sections, allSections } = await import('./bench/sections.mjs');
  if (only === '' && !withPeers) return sections;
  const names = [only, withPeers ? 'peers' : ''].flatMap((list) => list.split(',')).filter((name) => name !== '');
  return [...new Set(names)].map((name) => {
    const section = allSections.find((candidate) => candidate.name === name);
    if (section !== undefined) return section;
    throw new StepError(`There is no section ${name}: there are ${allSections.map((known) => known.name).join(', ')}.`);
  });
}

/**
 * @param {boolean} quick
 * @param {boolean} usesLoop
 */
async function settingOf(quick, usesLoop) {
  const { opensslVersion } = await import('qdtls');
  const loop = loadLoop(loopFolder).opensslVersion;
  must(!usesLoop || loop === opensslVersion(), `the C loop has ${loop}, and the addon has ${opensslVersion()}`);
  const [cpu] = cpus();
  return {
    node: process.version,
    openssl: opensslVersion(),
    cpu: `${cpu?.model ?? 'unknown'}, ${cpus().length} cores, ${process.platform} ${process.arch}`,
    date: new Date().toISOString(),
    quick,
  };
}

/**
 * @param {string} folder
 * @param {readonly import('./bench/report.mjs').Measured[]} measured
 */
function writeCharts(folder, measured) {
  mkdirSync(folder, { recursive: true });
  for (const { section, rows } of measured) {
    for (const [index, chart] of section.charts.entries()) {
      writeFileSync(path.join(folder, `${section.name}-${index + 1}.svg`), pictureOf(chart, rows));
    }
  }
}

/**
 * @param {ReturnType<typeof readOptions>} values
 * @param {(text: string) => void} print
 */
async function measure(values, print) {
  const { quick = false, json = false, report = '', charts = '', only = '', peers = false } = values;
  if (!values['no-build']) await build();
  const sections = await selectSections(only, peers);
  const setting = await settingOf(quick, sections.some(({ name }) => name !== 'peers'));
  const options = { quick, rounds: quick ? ROUNDS.quick : ROUNDS.full, credentials: await makeCredentials(), loopFolder };
  if (!json) print(`${setting.node}, ${setting.openssl}\n${setting.cpu}\n`);
  const measured = [];
  for (const section of sections) {
    const start = performance.now();
    const rows = await section.run(options);
    must(rows.length > 0, `${section.name} measured nothing`);
    measured.push({ section, rows });
    const notes = (section.notes?.(rows) ?? []).map((note) => `\n${note}`);
    if (!json) print(`\n${section.title} (${elapsed(start)})\n\n${tableOf(section, rows)}\n${notes.join('')}\n`);
    if (rows.some((row) => row['failure'] !== undefined)) process.exitCode = 1;
  }
  const from = process.env['INIT_CWD'] ?? '';
  if (report !== '') writeFileSync(path.resolve(from, report), reportOf(setting, measured));
  if (charts !== '') writeCharts(path.resolve(from, charts), measured);
  const figures = Object.fromEntries(measured.map(({ section, rows }) => [section.name, rows]));
  if (json) print(`${JSON.stringify({ ...setting, sections: figures })}\n`);
}

try {
  const values = readOptions();
  const print = process.stdout.write.bind(process.stdout);
  // Whatever else has something to say, such as a build, says it beside the JSON.
  if (values.json) process.stdout.write = process.stderr.write.bind(process.stderr);
  await measure(values, print);
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

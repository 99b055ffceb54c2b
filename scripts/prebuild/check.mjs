// What must be true of a prebuild: it is self-contained, shows nothing of its OpenSSL, runs on old systems, and works.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeIdentity } from '../support/credentials.mjs';
import { root, run, StepError, tail } from '../support/run.mjs';
import { nodeOf } from '../support/runtimes.mjs';
import { ensurePackages, testNeeds } from '../support/system-packages.mjs';
import { sysrootOf } from './toolchain.mjs';

const EXPORTS = ['napi_register_module_v1', 'node_api_module_get_api_version_v1'];
const NEWEST_GLIBC = '2.31';
// Part of the C library, which every Linux has.
const SYSTEM_LIBRARIES = /^(?:lib(?:c|m|dl|pthread)\.so\.\d|ld-linux-[\w-]+\.so\.\d|libc\.musl-[\w]+\.so\.\d)$/;
// What the process gives: Node-API, and optional hooks of the compiler.
const OF_THE_PROCESS = /^(?:napi_\w+|node_api_\w+|_ITM_\w+|__gmon_start__|__cxa_finalize)$/;

/**
 * @typedef {{ name: string, ok: boolean, found: string }} Finding
 */

/**
 * The lines that a tool prints about a file.
 *
 * @param {string} command
 * @param {readonly string[]} args
 */
async function linesOf(command, args) {
  const { status, output } = await run(command, args, { capture: true });
  if (status !== 0) throw new StepError(`${command} cannot read the prebuild.`, { output });
  return output.split('\n').filter((line) => line.trim() !== '');
}

/** @param {readonly string[]} names */
function exportsFinding(names) {
  const found = [...names].sort();
  return { name: 'exports Node-API\'s two symbols and nothing else', ok: String(found) === String(EXPORTS), found: found.join(', ') };
}

/** @param {string} version such as `2.25` */
function numberOf(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

/**
 * @param {string} file
 * @returns {Promise<Finding[]>}
 */
async function inspectElf(file) {
  const exported = (await linesOf('nm', ['-D', '--defined-only', file])).map((line) => line.split(' ').at(-1) ?? '');
  const imported = (await linesOf('nm', ['-D', '-u', file])).map((line) => line.trim().split(' ').at(-1) ?? '');
  const dynamic = await linesOf('readelf', ['-d', file]);
  const libraries = dynamic.flatMap((line) => /\(NEEDED\).*\[(.+)\]/.exec(line)?.[1] ?? []);
  const flags = dynamic.flatMap((line) => /\(FLAGS\w*\)\s+(?:Flags: )?(.+)$/.exec(line)?.[1] ?? []).join(' ');
  const versions = imported.flatMap((name) => /@GLIBC_([\d.]+)$/.exec(name)?.[1] ?? []);
  const newest = versions.sort((left, right) => numberOf(left) - numberOf(right)).at(-1) ?? 'none';
  const strangers = imported.filter((name) => !name.includes('@') && !OF_THE_PROCESS.test(name));
  return [
    exportsFinding(exported),
    { name: 'needs the C library only', ok: libraries.every((name) => SYSTEM_LIBRARIES.test(name)), found: libraries.join(', ') },
    { name: `runs with glibc ${NEWEST_GLIBC}`, ok: newest === 'none' || numberOf(newest) <= numberOf(NEWEST_GLIBC), found: newest },
    { name: 'leaves no symbol open', ok: strangers.length === 0 || newest === 'none', found: strangers.join(', ') || 'none' },
    { name: 'is bound at once, and never unloaded', ok: flags.includes('NOW') && flags.includes('NODELETE'), found: flags },
  ];
}

/**
 * @param {string} file
 * @returns {Promise<Finding[]>}
 */
async function inspectMachO(file) {
  const exported = (await linesOf('nm', ['-gU', file])).map((line) => (line.split(' ').at(-1) ?? '').replace(/^_/, ''));
  const libraries = (await linesOf('otool', ['-L', file])).slice(1).map((line) => line.trim().split(' ')[0] ?? '');
  const foreign = libraries.filter((name) => !/^\/usr\/lib\/lib(?:System|c\+\+)\b|qdtls\.node$/.test(name));
  return [exportsFinding(exported), { name: 'needs the system only', ok: foreign.length === 0, found: libraries.join(', ') }];
}

/**
 * What the file says of itself when it is used.
 *
 * @param {import('./target.mjs').Target} target
 * @param {string} version of OpenSSL
 * @returns {Promise<Finding[]>}
 */
async function tryHandshakes(target, version) {
  const { file, arch, isCross } = target;
  await ensurePackages(testNeeds.slice(0, 1));
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-check-'));
  const identity = path.join(folder, 'identity.json');
  writeFileSync(identity, JSON.stringify(await makeIdentity()));
  const script = path.join(root, 'scripts', 'prebuild', 'trial.cjs');
  const { name, command, args } = isCross
    ? await nodeOf(process.versions.node, arch, sysrootOf(target))
    : { name: `Node ${process.versions.node}`, command: process.execPath, args: [] };
  const env = { ...process.env, QDTLS_NATIVE_BUILD: file };
  const { status, output } = await run(command, [...args, script, identity], { capture: true, env });
  rmSync(folder, { recursive: true });
  const [, carried = 'none'] = /"openssl":"OpenSSL ([\w.-]+) /.exec(output) ?? [];
  return [
    { name: `carries OpenSSL ${version}`, ok: carried === version, found: carried },
    { name: 'shakes hands by certificate and by key, facade and endpoint', ok: status === 0, found: status === 0 ? name : tail(output) },
  ];
}

/**
 * Prints what was found, and throws a StepError when not all is well.
 *
 * @param {import('./target.mjs').Target} target
 * @param {{ version: string }} expected version of OpenSSL
 */
export async function checkPrebuild(target, { version }) {
  const inspect = { linux: inspectElf, darwin: inspectMachO }[target.platform];
  const findings = [...((await inspect?.(target.file)) ?? []), ...(await tryHandshakes(target, version))];
  for (const { name, ok, found } of findings) console.log(`  ${ok ? 'ok' : 'FAILED'}  ${name}: ${found}`);
  if (findings.some(({ ok }) => !ok)) throw new StepError('The prebuild is not as it must be.');
  return findings.length;
}

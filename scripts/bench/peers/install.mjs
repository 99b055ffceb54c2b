// Brings the peers, each into a folder of its own, and says how its player is started.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { listFiles } from '../../support/files.mjs';
import { root, run, StepError } from '../../support/run.mjs';
import { ensurePackages } from '../../support/system-packages.mjs';
import { PRE_SHARED, SUITES } from './contract.mjs';

/**
 * @typedef {import('./contract.mjs').Credential} Credential
 * @typedef {import('./contract.mjs').Setting} Setting
 * @typedef {import('../credentials.mjs').Identity} Identity
 *
 * @typedef {object} Installed
 * @property {string} version
 * @property {readonly string[]} command
 * @property {(credential: Credential) => Setting} setting
 */

/** Where everything goes that a run brings. */
const FOLDER = path.join(root, 'build-bench', 'peers');

/** The versions that docs/performance.md speaks of. */
const VERSIONS = { 'node-dtls-client': '2.0.3', werift: '0.25.2' };

const GO_SOURCES = '/usr/share/gocode';
const PION = 'golang-github-pion-dtls.v2-dev';

const PLAYER = fileURLToPath(new URL('player.mjs', import.meta.url));

/** @param {string} name */
function folderOf(name) {
  const folder = path.join(FOLDER, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * @param {string} library
 * @param {Identity} identity of the servers
 * @returns {Installed['setting']}
 */
function settingOf(library, { certificate, key: privateKey }) {
  return (credential) => ({
    library,
    folder: path.join(FOLDER, library),
    credential,
    suite: SUITES[credential].suite,
    ...PRE_SHARED,
    certificate,
    privateKey,
  });
}

/** @param {string} manifest a package.json */
function versionIn(manifest) {
  return String(JSON.parse(readFileSync(manifest, 'utf8')).version);
}

/**
 * @param {keyof typeof VERSIONS} name
 * @param {Identity} identity of the servers
 * @returns {Promise<Installed>}
 */
async function installFromNpm(name, identity) {
  const folder = folderOf(name);
  const manifest = path.join(folder, 'node_modules', name, 'package.json');
  const installed = () => ({
    version: versionIn(manifest),
    command: [process.execPath, PLAYER],
    setting: settingOf(name, identity),
  });
  if (existsSync(manifest) && versionIn(manifest) === VERSIONS[name]) return installed();
  const options = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--prefix', folder];
  const { status, output } = await run('npm', ['install', ...options, `${name}@${VERSIONS[name]}`], { capture: true });
  if (status !== 0) throw new StepError(`npm could not install ${name}@${VERSIONS[name]}.`, { output });
  return installed();
}

/**
 * @param {Identity} identity of the servers
 * @returns {Promise<Installed>}
 */
async function installPion(identity) {
  const needed = path.join(GO_SOURCES, 'src', 'github.com', 'pion', 'dtls', 'v2', 'conn.go');
  await ensurePackages([
    { command: 'go', package: 'golang-go' },
    { file: needed, package: PION },
  ]);
  const folder = folderOf('pion');
  const player = path.join(folder, 'player');
  // As Debian means its Go packages to be used: from their place, without modules and without the network.
  const go = { GO111MODULE: 'off', GOPATH: GO_SOURCES, GOCACHE: path.join(folder, 'cache'), GOFLAGS: '' };
  const env = { ...process.env, ...go };
  const sources = listFiles('scripts/bench/peers/pion', ['.go']);
  const { status, output } = await run('go', ['build', '-o', player, ...sources], { capture: true, env });
  if (status !== 0) throw new StepError('go could not build the player of pion.', { output });
  const compiler = await run('go', ['env', 'GOVERSION'], { capture: true, env });
  const debian = await run('dpkg-query', ['--show', '--showformat', '${Version}', PION], { capture: true });
  const version = `${debian.output.trim()}, ${compiler.output.trim()}`;
  return { version, command: [player], setting: settingOf('pion', identity) };
}

/**
 * The ways to get each library. An entry that fails is a failure of its rows only.
 *
 * @param {Identity} identity of the servers
 * @returns {Record<string, () => Promise<Installed>>}
 */
export function installers(identity) {
  return {
    qdtls: async () => ({
      version: versionIn(path.join(root, 'package.json')),
      command: [process.execPath, PLAYER],
      setting: settingOf('qdtls', identity),
    }),
    'node-dtls-client': () => installFromNpm('node-dtls-client', identity),
    werift: () => installFromNpm('werift', identity),
    pion: () => installPion(identity),
  };
}

// The compiler for a prebuild. One that runs on every Linux in use must not see a newer glibc than theirs, so both
// libraries come from Debian 11 (glibc 2.31, libstdc++ 10), whatever this system has; its compiler may be newer.

import { existsSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, StepError } from '../support/run.mjs';
import { ensurePackages } from '../support/system-packages.mjs';
import { cacheFolder, debianArchives } from './openssl-source.mjs';

/**
 * @typedef {object} Toolchain
 * @property {string} prefix of the names of its tools
 * @property {string} sysroot folder of foreign headers and libraries; '' for those of this system
 * @property {Record<string, string>} environment for gyp
 */

const OLDEST_GLIBC = [2, 31];
const SUITE = 'bullseye';
const GCC = '10';
const ARCHIVE_KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';
const PACKAGES = ['libc6', 'libc6-dev', 'linux-libc-dev', `libgcc-${GCC}-dev`, `libstdc++-${GCC}-dev`, 'libgcc-s1', 'libstdc++6'];

/** @param {import('./target.mjs').Target} target */
function needsSysroot({ isCross, libc }) {
  if (libc !== 'glibc') return false;
  const report = /** @type {{ header?: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  const [major = 0, minor = 0] = (report.header?.glibcVersionRuntime ?? '').split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_GLIBC;
  return isCross || major > oldestMajor || (major === oldestMajor && minor > oldestMinor);
}

/**
 * The folder of foreign headers and libraries for an architecture.
 *
 * @param {import('./target.mjs').Target} target
 */
export function sysrootOf({ arch }) {
  return path.join(cacheFolder, `sysroot-${SUITE}-${arch}`);
}

/** @param {string} archive where Debian's packages are */
function aptOptions(archive, folder = path.join(cacheFolder, 'apt')) {
  mkdirSync(path.join(folder, 'lists', 'partial'), { recursive: true });
  mkdirSync(path.join(folder, 'cache', 'archives', 'partial'), { recursive: true });
  const list = path.join(folder, 'sources.list');
  writeFileSync(list, `deb [arch=amd64,arm64 signed-by=${ARCHIVE_KEYS}] ${archive} ${SUITE} main\n`);
  const settings = {
    'Dir::Etc::SourceList': list,
    'Dir::Etc::SourceParts': '/dev/null',
    'Dir::State::Lists': path.join(folder, 'lists'),
    'Dir::State::Status': '/dev/null',
    'Dir::Cache': path.join(folder, 'cache'),
    'APT::Sandbox::User': 'root',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/**
 * Links that begin at the root of a system begin at the root of its folder.
 *
 * @param {string} folder
 */
function correctLinks(folder) {
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = path.join(entry.parentPath, entry.name);
    const aim = readlinkSync(link);
    if (!path.isAbsolute(aim)) continue;
    rmSync(link);
    symlinkSync(path.relative(entry.parentPath, path.join(folder, aim)), link);
  }
}

/**
 * @param {import('./target.mjs').Target} target
 * @param {string} folder
 */
async function makeSysroot({ arch }, folder) {
  const architecture = arch === 'x64' ? 'amd64' : arch;
  const packages = path.join(`${folder}.part`, 'packages');
  rmSync(`${folder}.part`, { recursive: true, force: true });
  mkdirSync(packages, { recursive: true });
  const [archive] = await debianArchives();
  if (archive === undefined) {
    throw new StepError('The libraries of Debian 11 could not be had.', {
      advice: 'They come from the archive that apt is set to use: build on Debian, or in a container of it.',
    });
  }
  const options = aptOptions(archive);
  const names = PACKAGES.map((name) => `${name}:${architecture}`);
  for (const args of [['update'], ['download', ...names]]) {
    const { status, output } = await run('apt-get', [...options, ...args], { capture: true, cwd: packages });
    if (status !== 0) throw new StepError(`The libraries of Debian 11 could not be had (apt-get ${args[0]}).`, { output });
  }
  for (const name of readdirSync(packages)) {
    const { status, output } = await run('dpkg', ['-x', name, '..'], { capture: true, cwd: packages });
    if (status !== 0) throw new StepError(`${name} could not be unpacked.`, { output });
  }
  rmSync(packages, { recursive: true });
  correctLinks(`${folder}.part`);
  rmSync(folder, { recursive: true, force: true });
  await run('mv', [`${folder}.part`, folder]);
}

/**
 * The compiler that builds for a target, and what it needs. Installs what is missing where it may.
 *
 * @param {import('./target.mjs').Target} target
 * @returns {Promise<Toolchain>}
 */
export async function toolchainFor(target) {
  const { triple, isCross } = target;
  const prefix = isCross ? `${triple}-` : '';
  if (isCross) {
    await ensurePackages([
      { command: `${prefix}gcc`, package: `gcc-${triple}` },
      { command: `${prefix}g++`, package: `g++-${triple}` },
    ]);
  }
  if (!needsSysroot(target)) return { prefix, sysroot: '', environment: {} };
  const sysroot = sysrootOf(target);
  if (!existsSync(sysroot)) await makeSysroot(target, sysroot);
  const include = path.join(sysroot, 'usr', 'include');
  const headers = [path.join(include, 'c++', GCC), path.join(include, triple, 'c++', GCC)];
  const lib = path.join(sysroot, 'usr', 'lib');
  const libraries = [path.join(lib, 'gcc', triple, GCC), path.join(lib, triple), path.join(sysroot, 'lib', triple)];
  const compile = `--sysroot=${sysroot} -ffile-prefix-map=${root}=.`;
  return {
    prefix,
    sysroot,
    environment: {
      CC: `${prefix}gcc`,
      CXX: `${prefix}g++`,
      AR: `${prefix}ar`,
      CFLAGS: compile,
      CXXFLAGS: `${compile} -nostdinc++ ${headers.map((folder) => `-isystem ${folder}`).join(' ')}`,
      // Before the compiler's own folders, where the libraries want the glibc of this system.
      LDFLAGS: [`--sysroot=${sysroot}`, ...libraries.map((folder) => `-L${folder}`)].join(' '),
    },
  };
}

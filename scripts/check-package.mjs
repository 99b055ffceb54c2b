// `npm run check:package`: what npm packs is what users need and nothing else, and its types and entry points resolve.
//
//   --release   as before publishing: with the prebuild of every system, each with the OpenSSL that is pinned

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { releasePin } from './prebuild/openssl-source.mjs';
import { readArguments } from './prebuild/target.mjs';
import { reportFailure, root, runNpm } from './support/run.mjs';
import { packTarball } from './support/tarball.mjs';
import { Tally } from './support/tally.mjs';

const TOOLS = /** @type {const} */ ([
  { name: 'publint', package: 'publint@0.3.25', command: ['publint', 'run', '--strict'] },
  { name: 'attw', package: '@arethetypeswrong/cli@0.18.5', command: ['attw'] },
]);

const NEEDED = [
  'package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'binding.gyp', 'licenses/openssl.txt', 'licenses/node-addon-api.txt',
  'native/sources.json', 'native/exports.map', 'native/core/connection.cc', 'native/binding/addon.cc',
  ...['dist/index', 'dist/endpoint/index'].flatMap((stem) => ['.js', '.mjs', '.d.ts', '.d.mts'].map((end) => stem + end)),
  'dist/cli/main.js', 'dist/cli/console/page/index.html', 'docs/guides/certificates.md',
];
const WELCOME = /^(?:dist|prebuilds|licenses|native\/core|native\/binding)\/|^docs\/(?:guides\/)?[\w-]+\.md$|^native\/(?:sources\.json|exports\.map)$|^[^/]+$/;

/** One file for each system that users have. */
const RELEASED = [
  ...['linux-x64', 'linux-arm64'].flatMap((name) => ['glibc', 'musl'].map((libc) => `prebuilds/${name}/qdtls.${libc}.node`)),
  ...['darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'].map((name) => `prebuilds/${name}/qdtls.node`),
];

const tally = new Tally();

/**
 * @param {string} name
 * @param {readonly string[]} wrong what is not as it must be
 */
function check(name, wrong) {
  tally.check(`${name}: ${wrong.join(', ')}`, wrong.length === 0);
  console.log(`${name}: ${wrong.length === 0 ? 'yes' : `NO: ${wrong.join(', ')}`}`);
}

/** @param {readonly string[]} contents */
function checkContents(contents) {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  check('holds what users need', NEEDED.filter((name) => !contents.includes(name)));
  check('holds nothing else', contents.filter((name) => !WELCOME.test(name)));
  check('runs no script when it is installed', ['preinstall', 'install', 'postinstall'].filter((name) => name in scripts));
}

/** @param {readonly string[]} contents */
function checkRelease(contents) {
  check('has a prebuild for every system', RELEASED.filter((name) => !contents.includes(name)));
  const carriesOther = (/** @type {string} */ name) =>
    !readFileSync(path.join(root, name)).toString('latin1').includes(`OpenSSL ${releasePin.version} `);
  check(`carries OpenSSL ${releasePin.version}`, contents.filter((name) => name.endsWith('.node') && carriesOther(name)));
}

try {
  const { release } = readArguments({ release: { type: 'boolean', default: false } });
  const { file, size, unpackedSize, contents } = await packTarball();
  const prebuilds = contents.filter((name) => name.endsWith('.node'));
  const megabytes = [size, unpackedSize].map((bytes) => `${(bytes / 1_000_000).toFixed(2)} MB`);
  console.log(`${path.basename(file)}: ${megabytes[0]}, unpacked ${megabytes[1]}, prebuilds: ${prebuilds.join(', ') || 'none'}`);
  checkContents(contents);
  if (release) checkRelease(contents);
  for (const tool of TOOLS) {
    const args = ['exec', '--yes', `--package=${tool.package}`, '--', ...tool.command, file];
    const { status, output } = await runNpm(args, { capture: true });
    if (status !== 0) console.log(output);
    check(`${tool.name} has nothing to say`, status === 0 ? [] : [`exit status ${status}`]);
  }
} catch (error) {
  reportFailure(error);
  tally.check('packing', false);
}
tally.finish();

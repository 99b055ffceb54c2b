// `node scripts/check-prebuild.mjs`: checks every prebuild in prebuilds/ that this machine can read and run.
//
//   --arch arm64   one architecture only
//   --release      demands the OpenSSL that is published, not the one that stands in for trials

import { existsSync, readFileSync } from 'node:fs';
import { bootstrap } from './bootstrap.mjs';
import { checkPrebuild } from './prebuild/check.mjs';
import { releasePin, trialPin } from './prebuild/openssl-source.mjs';
import { readArguments, targetFor } from './prebuild/target.mjs';
import { reportFailure, root, StepError } from './support/run.mjs';

/**
 * The version that a file says it carries, of those that are pinned.
 *
 * @param {string} file
 */
function pinIn(file) {
  const content = readFileSync(file).toString('latin1');
  return [releasePin, trialPin].find(({ version }) => content.includes(`OpenSSL ${version} `)) ?? releasePin;
}

try {
  const { arch, release } = readArguments({ arch: { type: 'string', default: '' }, release: { type: 'boolean', default: false } });
  const architectures = arch === '' ? ['x64', 'arm64'] : [arch];
  const targets = architectures.filter((name) => name === process.arch || process.platform === 'linux').map(targetFor);
  const present = targets.filter(({ file }) => existsSync(file));
  if (present.length === 0) throw new StepError('There is no prebuild to check.', { advice: 'npm run prebuild makes one.' });
  await bootstrap();
  for (const target of present) {
    console.log(target.file.slice(root.length + 1));
    const { version } = release ? releasePin : pinIn(target.file);
    await checkPrebuild(target, { version });
  }
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

// `npm run lint:native`: clang-format's layout and clang-tidy's findings, both without changing a file.
// File names after `--` narrow clang-tidy to those files.

import path from 'node:path';
import { listFiles } from './support/files.mjs';
import { reportFailure, root, run, StepError } from './support/run.mjs';
import { cmakeNeeds, ensurePackages } from './support/system-packages.mjs';

const build = path.join(root, 'build-tidy');
const selected = process.argv.slice(2);

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
async function must(command, args) {
  const { status } = await run(command, args);
  if (status !== 0) throw new StepError(`${command} reported the lines above.`);
}

try {
  await ensurePackages([
    ...cmakeNeeds,
    { command: 'clang-format', package: 'clang-format' },
    { command: 'clang-tidy', package: 'clang-tidy' },
  ]);
  await must('clang-format', ['--dry-run', '-Werror', ...listFiles('native', ['.cc', '.h'])]);
  const configure = ['-S', path.join(root, 'native'), '-B', build, '-DQDTLS_CORE_TESTS=ON'];
  const { status, output } = await run('cmake', configure, { capture: true });
  if (status !== 0) throw new StepError('cmake could not configure the core.', { output });
  const core = selected.length > 0 ? selected : listFiles('native/core', ['.cc']);
  await must('clang-tidy', ['-p', build, '--quiet', ...core]);
  console.log('native sources are clean');
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

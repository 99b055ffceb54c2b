// `npm run format`: lays out the C++ files with clang-format and applies what eslint can correct by itself.
// `npm run format -- --check` changes nothing and fails when a C++ file is not laid out.

import { bootstrap } from './bootstrap.mjs';
import { listFiles } from './support/files.mjs';
import { reportFailure, run, runTool } from './support/run.mjs';
import { ensurePackages } from './support/system-packages.mjs';

const check = process.argv.includes('--check');

async function formatCpp() {
  await ensurePackages([{ command: 'clang-format', package: 'clang-format' }]);
  const mode = check ? ['--dry-run', '-Werror'] : ['-i'];
  const { status } = await run('clang-format', [...mode, ...listFiles('native', ['.cc', '.h'])]);
  return status === 0;
}

async function formatScripts() {
  await bootstrap();
  const { status } = await runTool('eslint/bin/eslint.js', ['--fix', '.']);
  return status === 0;
}

try {
  const cppOk = await formatCpp();
  const scriptsOk = check || (await formatScripts());
  process.exitCode = cppOk && scriptsOk ? 0 : 1;
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

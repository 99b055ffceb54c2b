// `npm run test:prebuild`: the tests on the prebuild for this system, which carries its own OpenSSL. Further arguments go
// to jest: `npm run test:prebuild -- --selectProjects parity`.

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { targetFor } from './prebuild/target.mjs';
import { runJest } from './support/jest.mjs';
import { elapsed, reportFailure, StepError } from './support/run.mjs';
import { ensurePackages, testNeeds } from './support/system-packages.mjs';
import { Tally } from './support/tally.mjs';

const tally = new Tally();
const start = performance.now();
try {
  const { file } = targetFor();
  if (!existsSync(file)) throw new StepError('There is no prebuild for this system.', { advice: 'npm run prebuild makes one.' });
  await ensurePackages(testNeeds);
  await bootstrap();
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-test-'));
  const env = { ...process.env, QDTLS_NATIVE_BUILD: file };
  const { status, report } = await runJest(process.argv.slice(2), path.join(folder, 'jest.json'), { env });
  rmSync(folder, { recursive: true, force: true });
  tally.addJest(report, status);
  console.log(`\njest on the prebuild: took ${elapsed(start)}`);
} catch (error) {
  reportFailure(error);
  tally.check('preparing the tests of the prebuild', false);
}
tally.finish();

// `npm run test:node -- 24.21.0 [jest arguments]`: the tests on another Node, with the addon as it was built for this
// one: Node-API and OpenSSL's own interface promise that it works, and this shows it. The other Node comes from npm.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { elapsed, reportFailure, root, run } from './support/run.mjs';
import { ensurePackages, furtherTestNeeds, offerPackages, testNeeds } from './support/system-packages.mjs';
import { readReport } from './support/jest.mjs';
import { nodeOf } from './support/runtimes.mjs';
import { Tally } from './support/tally.mjs';

const [version = '', ...jestArguments] = process.argv.slice(2);
const tally = new Tally();

const start = performance.now();
try {
  await ensurePackages(testNeeds);
  await offerPackages(furtherTestNeeds);
  await bootstrap();
  const { command: node } = await nodeOf(version);
  await run(node, ['-p', '`Node ${process.version} with OpenSSL ${process.versions.openssl}`']);
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-node-'));
  const report = path.join(folder, 'jest.json');
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { status } = await run(node, [jest, '--json', `--outputFile=${report}`, ...jestArguments]);
  tally.addJest(readReport(report), status);
  rmSync(folder, { recursive: true, force: true });
  console.log(`\nTook ${elapsed(start)}`);
} catch (error) {
  reportFailure(error);
  tally.check(`running Node ${version}`, false);
}
tally.finish();

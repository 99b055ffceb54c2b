// `npm test`: everything a change must pass, on a fresh clone too. Further arguments go to jest, and then only
// the tests they select count: `npm test -- test/unit/qsslkey.test.ts`. Node builtins only before the bootstrap.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { printConformance } from './support/conformance.mjs';
import { runJest } from './support/jest.mjs';
import { elapsed, reportFailure, root, run, runTool } from './support/run.mjs';
import { ensurePackages, furtherTestNeeds, offerPackages, testNeeds } from './support/system-packages.mjs';
import { Tally } from './support/tally.mjs';

const jestArguments = process.argv.slice(2);
const tally = new Tally();

const checks = [
  { name: 'layer check', action: () => run(process.execPath, [path.join(root, 'scripts', 'check-layers.mjs')]) },
  { name: 'lint', action: () => runTool('eslint/bin/eslint.js', ['--max-warnings', '0', '.']) },
  { name: 'types', action: () => runTool('typescript/bin/tsc', ['-p', 'tsconfig.check.json']) },
  { name: 'reference', action: () => runTool('typedoc/bin/typedoc', ['--emit', 'none', '--logLevel', 'Warn']) },
  { name: 'types of the page', action: () => runTool('typescript/bin/tsc', ['-p', 'tsconfig.page.json']) },
];

async function runChecks() {
  for (const { name, action } of checks) {
    const start = performance.now();
    const { status } = await action();
    tally.check(name, status === 0);
    console.log(`${name}: ${status === 0 ? 'passed' : 'failed'} (${elapsed(start)})`);
  }
}

async function runTests() {
  const start = performance.now();
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-test-'));
  const { status, report } = await runJest(jestArguments, path.join(folder, 'jest.json'));
  rmSync(folder, { recursive: true, force: true });
  tally.addJest(report, status);
  console.log(`jest: ${status === 0 ? 'passed' : 'failed'} (${elapsed(start)})`);
  if (report !== undefined && jestArguments.length === 0) {
    tally.check('conformance cases', printConformance(report));
  }
}

const start = performance.now();
try {
  await ensurePackages(testNeeds);
  await offerPackages(furtherTestNeeds);
  await bootstrap();
  await runChecks();
  await runTests();
  console.log(`\nTook ${elapsed(start)}`);
} catch (error) {
  reportFailure(error);
  tally.check('preparing the checkout', false);
}
tally.finish();

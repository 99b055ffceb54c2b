// Runs jest as a child process and reads the report it writes.

import { existsSync, readFileSync } from 'node:fs';
import { runTool } from './run.mjs';

/**
 * @param {readonly string[]} args
 * @param {string} reportFile where jest writes its JSON report
 * @param {{ env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ status: number, report: import('./tally.mjs').JestReport | undefined }>}
 */
export async function runJest(args, reportFile, options) {
  const all = ['--json', `--outputFile=${reportFile}`, ...args];
  const { status } = await runTool('jest/bin/jest.js', all, options);
  return { status, report: readReport(reportFile) };
}

/**
 * @param {string} file
 * @returns {import('./tally.mjs').JestReport | undefined} undefined when jest died before it wrote one
 */
export function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

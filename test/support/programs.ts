import { statSync } from 'node:fs';
import path from 'node:path';

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.some((folder) => statSync(path.join(folder, program), { throwIfNoEntry: false })?.isFile());
}

/** A describe() that is skipped, and says so, where a program is missing; in CI it fails instead. */
export function describeWith(program: string): jest.Describe {
  if (isOnPath(program) || process.env['CI'] !== undefined) return describe;
  // jest shows no console of a file that is skipped.
  process.stderr.write(`The tests with ${program} are skipped: there is no such program on the PATH.\n`);
  return describe.skip;
}

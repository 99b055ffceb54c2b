import { statSync } from 'node:fs';
import path from 'node:path';

/** The file of a program on the PATH, or undefined. */
export function findProgram(program: string): string | undefined {
  const files = (process.env['PATH'] ?? '').split(path.delimiter).map((folder) => path.join(folder, program));
  return files.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/** A describe() that is skipped, and says so, where a program is missing; in CI it fails instead. */
export function describeWith(program: string): jest.Describe {
  if (findProgram(program) !== undefined || process.env['CI'] !== undefined) return describe;
  // jest shows no console of a file that is skipped.
  process.stderr.write(`The tests with ${program} are skipped: there is no such program on the PATH.\n`);
  return describe.skip;
}

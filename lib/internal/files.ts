import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

function readFile(file: string): Buffer | null {
  try {
    return statSync(file).isFile() ? readFileSync(file) : null;
  } catch {
    return null;
  }
}

function filesAt(location: string): string[] {
  try {
    return readdirSync(location)
      .sort()
      .map((name) => path.join(location, name));
  } catch {
    return [location];
  }
}

/**
 * The content of a file, or of every file directly in a folder in the order of their names. What cannot
 * be read is passed over, so the result is empty for a path that does not exist.
 */
export function readFilesAt(location: string): Buffer[] {
  return filesAt(location)
    .map(readFile)
    .filter((content) => content !== null);
}

import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '..', '..');

/** The addons that may lie in a checkout: the one built for Node's OpenSSL, and the prebuild with its own. */
export const nodeLinkedBuild = path.join(root, 'build', 'Release', 'qdtls.node');

/** undefined where `npm run prebuild` was not run. */
export const prebuild = findPrebuild();

if (prebuild === undefined) {
  // jest shows no console of a file that is skipped.
  process.stderr.write('The tests with a prebuild are skipped: `npm run prebuild` makes one.\n');
}

function findPrebuild(): string | undefined {
  const folder = path.join(root, 'prebuilds', `${process.platform}-${process.arch}`);
  const [file] = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.node')) : [];
  return file === undefined ? undefined : path.join(folder, file);
}

// Puts the files of the console's page beside its compiled server, as they are. Node builtins only.

import { cpSync } from 'node:fs';
import path from 'node:path';
import { isMain, root } from './support/run.mjs';

const FOLDER = path.join('cli', 'console', 'page');

/** What the page is made of. */
export const PAGE_EXTENSIONS = ['.html', '.css', '.js', '.svg'];

/** Copies the page from lib to dist. */
export function copyPage() {
  cpSync(path.join(root, 'lib', FOLDER), path.join(root, 'dist', FOLDER), { recursive: true });
}

if (isMain(import.meta.url)) copyPage();

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export interface PageFile {
  readonly type: string;
  readonly content: Buffer;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The files of the page by name, '' being the page itself: nothing else can be asked for. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  const folder = path.join(__dirname, 'page');
  const files = readdirSync(folder).flatMap((name): [string, PageFile][] => {
    const type = TYPES[path.extname(name)];
    if (type === undefined) return [];
    return [[name === 'index.html' ? '' : name, { type, content: readFileSync(path.join(folder, name)) }]];
  });
  return new Map(files);
}

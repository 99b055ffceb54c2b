import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as qdtls from '../../lib';

const root = join(__dirname, '..', '..');
const page = readFileSync(join(root, 'docs', 'security.md'), 'utf8');

/** Tests that the page names: `file` "title". */
const named = [...page.matchAll(/`((?:test|native\/tests)\/[^`]+)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({
  file,
  title,
}));

/** What the page says lies where: `native/core/record_guard`, `lib/hostname-check.ts`. */
const places = [...page.matchAll(/`((?:native|lib|test)\/[\w/.-]+)`/g)].map(([, place = '']) => place);

function textOf(file: string): string {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

describe('docs/security.md', () => {
  it('names tests', () => {
    expect(named.length).toBeGreaterThan(30);
  });

  it.each(named)('names a test that is there: $file "$title"', ({ file, title }) => {
    expect(textOf(file)).toContain(title);
  });

  it.each([...new Set(places)])('names a place that is there: %s', (place) => {
    expect(['', '.h', '.cc'].some((ending) => existsSync(join(root, place + ending)))).toBe(true);
  });

  it('names every advisory about DTLS that the package knows, as covered or not', () => {
    const unnamed = qdtls.opensslAdvisories().filter(({ id }) => !page.includes(id));
    expect(unnamed).toEqual([]);
  });

  it('gives every demand a test or a reason', () => {
    const rows = [...page.matchAll(/^\| (\d[\d., ]*) \| (.+?) \| (.+) \|$/gm)];
    expect(rows.length).toBeGreaterThan(30);
    const empty = rows.filter(([, , , shown = '']) => !/`(test|native\/tests)\/|^not /.test(shown));
    expect(empty.map(([row]) => row)).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as qdtls from '../../lib';

const root = join(__dirname, '..', '..');
const page = readFileSync(join(root, 'docs/guides/troubleshooting.md'), 'utf8');
const sections = page.split(/^## /m).slice(1);

function sourcesIn(folder: string): string {
  const files = readdirSync(join(root, folder)).filter((name) => /\.(ts|cc|h)$/.test(name));
  return files.map((name) => readFileSync(join(root, folder, name), 'utf8')).join('\n');
}

const sources = ['lib', 'lib/internal', 'lib/endpoint', 'native/core'].map(sourcesIn).join('\n').replaceAll("\\'", "'").replaceAll('\\"', '"');

/** Sections that quote others: OpenSSL and the system. */
const FOREIGN = /^(What the refusing side says|From the system|Still nothing)/;
/** What others say in the other sections: alerts by OpenSSL's names, and Node's own codes. */
const OTHERS = /alert said "|^ECONNREFUSED$|^ERR_DLOPEN_DISABLED$|^UNABLE_TO_|^'/;

/** The texts that the page promises: code in the cells under "Text" and "Code". */
function quotedTexts(section: string): string[] {
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const columns = (rows[0] ?? '').split('|').map((cell) => ['Text', 'Code'].includes(cell.trim()));
  const cells = rows.slice(2).flatMap((row) => row.split('|').filter((_cell, index) => columns[index] === true));
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
}

const quoted = sections.filter((section) => !FOREIGN.test(section)).flatMap(quotedTexts);

describe('docs/guides/troubleshooting.md', () => {
  it('quotes nothing that the package does not say', () => {
    const missing = quoted.filter((text) => !OTHERS.test(text) && !text.split('…').every((part) => sources.includes(part)));
    expect(quoted.length).toBeGreaterThan(60);
    expect(missing).toEqual([]);
  });

  it('has every error code of qdtls/endpoint', () => {
    const codes = [...sources.matchAll(/'(ERR_(?:DTLS|INVALID|OUT|ILLEGAL|SOCKET_CLOSE|FEATURE)\w*)'/g)].map(([, code = '']) => code);
    expect([...new Set(codes)].filter((code) => !page.includes(code))).toEqual([]);
  });

  it('has every code of a refused certificate', () => {
    const table = readFileSync(join(root, 'lib/endpoint/authorization.ts'), 'utf8');
    const codes = [...table.matchAll(/'([A-Z_]{6,})'/g)].map(([, code = '']) => code);
    expect(codes.filter((code) => !page.includes(`\`${code}\``))).toEqual([]);
  });

  it('has every kind of error of Qt', () => {
    const kinds = Object.keys(qdtls.QDtlsError).filter((name) => !/^\d|^NoError$/.test(name));
    expect(kinds.filter((kind) => !page.includes(`| ${kind} |`))).toEqual([]);
  });

  it('has every sentence that a method of QDtls fails with', () => {
    const sentences = [...sources.matchAll(/fail\(\s*QDtlsError\.\w+,\s*'([^']+)'/g)].map(([, text = '']) => text);
    const isThere = (text: string): boolean => page.includes(text) || / cannot be changed once the handshake has begun$/.test(text);
    expect(sentences.length).toBeGreaterThan(8);
    expect([...new Set(sentences)].filter((text) => !isThere(text))).toEqual([]);
  });
});

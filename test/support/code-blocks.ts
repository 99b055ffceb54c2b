import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(__dirname, '../..');

/**
 * What the line before a code block says it is:
 *
 *   `client.mjs`:                  a whole program of that name
 *   <!-- shell: make-ca -->        commands for a shell, with a name for the tests
 *   <!-- output of: client.mjs --> what that program or these commands write
 *   <!-- not run: reason -->       commands that no test can run
 */
export type Kind = 'program' | 'shell' | 'output' | 'not run';

export interface CodeBlock {
  readonly page: string;
  readonly line: number;
  readonly language: string;
  readonly kind: Kind | 'unmarked';
  /** The name of the file or of the commands, or the reason. */
  readonly name: string;
  readonly text: string;
}

const MARKERS: readonly (readonly [Kind, RegExp, RegExp])[] = [
  ['program', /^(?:.* )?`([\w-]+\.[mc]js)`:$/, /^js$/],
  ['shell', /^<!-- shell: ([\w-]+) -->$/, /^sh$/],
  ['output', /^<!-- output of: ([\w.-]+) -->$/, /^text$/],
  ['not run', /^<!-- not run: (.+) -->$/, /^sh$/],
];

function kindOf(marker: string, language: string): Pick<CodeBlock, 'kind' | 'name'> {
  for (const [kind, pattern, languages] of MARKERS) {
    const [, name] = pattern.exec(marker) ?? [];
    if (name !== undefined && languages.test(language)) return { kind, name };
  }
  return { kind: 'unmarked', name: '' };
}

function blocksOf(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = readFileSync(path.join(root, page), 'utf8').split('\n');
  let marker = '';
  for (let index = 0; index < lines.length; index += 1) {
    const [, fence, language = ''] = /^(\s*```)(.*)$/.exec(lines[index] ?? '') ?? [];
    if (fence === undefined) {
      if (lines[index]?.trim() !== '') marker = lines[index] ?? '';
      continue;
    }
    const end = lines.indexOf(fence, index + 1);
    if (end === -1) throw new Error(`${page}:${index + 1}: a code block without an end`);
    const text = `${lines.slice(index + 1, end).join('\n')}\n`;
    blocks.push({ page, line: index + 1, language, ...kindOf(marker, language), text });
    index = end;
    marker = '';
  }
  return blocks;
}

const guides = readdirSync(path.join(root, 'docs/guides')).filter((name) => name.endsWith('.md')).sort();

/** README.md and the guides, from the root. */
export const pages: readonly string[] = ['README.md', ...guides.map((name) => `docs/guides/${name}`)];

/** Every code block of these pages. */
export const codeBlocks: readonly CodeBlock[] = pages.flatMap(blocksOf);

/** The block of a page with that name; throws if there is none. */
export function blockNamed(page: string, name: string): CodeBlock {
  const found = codeBlocks.find((block) => block.page === page && block.name === name && block.kind !== 'output');
  if (found === undefined) throw new Error(`${page} has no code block ${name}`);
  return found;
}

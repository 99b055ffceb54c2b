import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pages, root } from '../support/code-blocks';

/** As GitHub makes them of headings. */
function anchorsOf(file: string): string[] {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, text = '']) => text);
  return headings.map((text) => text.toLowerCase().replaceAll(/[^\w\- ]/g, '').replaceAll(' ', '-'));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [target = '', anchor] = link.split('#');
  const file = target === '' ? path.join(root, page) : path.join(root, path.dirname(page), target);
  return existsSync(file) && (anchor === undefined || anchorsOf(file).includes(anchor));
}

describe.each(pages)('%s', (page) => {
  it('has no link into the project that leads nowhere', () => {
    const text = readFileSync(path.join(root, page), 'utf8');
    const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    const own = links.filter((link) => !/^https?:/.test(link));
    expect(own.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
  });
});

it('README.md leads to every guide', () => {
  const text = readFileSync(path.join(root, 'README.md'), 'utf8');
  expect(pages.filter((page) => page !== 'README.md' && !text.includes(`(${page})`))).toEqual([]);
});

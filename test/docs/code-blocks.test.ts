import { problemsOf } from '../support/block-types';
import { codeBlocks } from '../support/code-blocks';
import { stopCommands } from '../support/command';
import { PageFolder } from '../support/page-folder';

/**
 * A program or commands, and what it writes: a server when it is ready, others before they end with exit code 0. Commands may be
 * those of another page.
 */
type Step = readonly [does: 'serve' | 'run', name: string, output: RegExp, page?: string];

interface Play {
  readonly page: string;
  readonly steps: readonly Step[];
}

const ANYTHING = /^/;
const LISTENING = /listening/;

const CERTIFICATES = 'docs/guides/certificates.md';
const authority: readonly Step[] = ['make-authority', 'sign-server'].map((name) => ['run', name, ANYTHING, CERTIFICATES]);

const plays: readonly Play[] = [
  {
    page: 'README.md',
    steps: [
      ['run', 'make-certificate', ANYTHING],
      ['serve', 'secure-server.mjs', LISTENING],
      ['run', 'secure-client.mjs', /you said: hello/],
    ],
  },
  { page: 'README.md', steps: [['serve', 'echo-server.mjs', LISTENING], ['run', 'echo-client.mjs', /you said: hello/]] },
  { page: 'README.md', steps: [['serve', 'server.cjs', ANYTHING], ['run', 'client.cjs', /you said: hello/]] },
  { page: 'README.md', steps: [['serve', 'terminal-server', LISTENING], ['run', 'terminal-client', /ACK/]] },
  {
    page: 'README.md',
    steps: [
      ['run', 'make-certificate', ANYTHING],
      ['serve', 'certificate-server', LISTENING],
      ['run', 'certificate-client', /ACK/],
    ],
  },
  {
    page: CERTIFICATES,
    steps: [
      ...authority,
      ['run', 'sign-client', ANYTHING],
      ['run', 'look', /DNS:localhost[^]*server\.pem: OK[^]*readable/],
      ['serve', 'mutual-server.mjs', LISTENING],
      ['run', 'mutual-client.mjs', /both of us have shown a certificate/],
    ],
  },
  { page: CERTIFICATES, steps: [['run', 'make-certificate', ANYTHING], ['run', 'make-key', /^[0-9a-f]{32}$/m]] },
  {
    page: 'docs/guides/from-qt.md',
    steps: [...authority, ['serve', 'server.cjs', LISTENING], ['run', 'client.cjs', /encrypted with ECDHE/]],
  },
  {
    page: 'docs/guides/from-node-tls.md',
    steps: [...authority, ['serve', 'server.mjs', LISTENING], ['run', 'client.mjs', /heard/]],
  },
  {
    page: 'docs/guides/troubleshooting.md',
    steps: [...authority, ['run', 'wrong-name.mjs', /code: 'HOSTNAME_MISMATCH'/]],
  },
  { page: 'docs/guides/from-node-dtls.md', steps: [['run', 'portable.mjs', /hello/]] },
  { page: 'docs/guides/mtu.md', steps: [['run', 'mtu.mjs', /came/]] },
  { page: 'docs/guides/nat-and-timeouts.md', steps: [['run', 'keep-alive.mjs', /pong/]] },
];

/** What the page says that a program writes. */
function outputsOf(page: string, name: string): string[] {
  const outputs = codeBlocks.filter((block) => block.page === page && block.kind === 'output' && block.name === name);
  return outputs.map(({ text }) => text.trim());
}

async function perform(folder: PageFolder, page: string, [does, name, output, from]: Step): Promise<void> {
  const command = folder.start(name, from);
  await command.waitFor(output);
  if (does === 'serve') return;
  expect({ name, status: await command.end(), output: command.output }).toMatchObject({ status: 0 });
  expect(command.output).toMatch(output);
  for (const text of outputsOf(page, name)) expect(command.output).toContain(text);
}

describe('the code blocks of README.md and the guides', () => {
  it('say what they are in the line before, in a form that test/support/code-blocks.ts knows', () => {
    const unmarked = codeBlocks.filter(({ kind }) => kind === 'unmarked');
    expect(unmarked.map(({ page, line, language }) => `${page}:${line} (${language})`)).toEqual([]);
  });

  it('have names that no other block of the page has', () => {
    const names = codeBlocks.filter(({ kind }) => kind !== 'output').map(({ page, name }) => `${page}: ${name}`);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('are all run here', () => {
    const played = new Set(plays.flatMap(({ page, steps }) => steps.map(([, name, , from = page]) => `${from}: ${name}`)));
    const blocks = codeBlocks.filter(({ kind }) => kind === 'program' || kind === 'shell' || kind === 'output');
    const names = blocks.map(({ page, name }) => `${page}: ${name}`);
    expect(names.filter((name) => !played.has(name))).toEqual([]);
  });

  it("compile with the package's own declarations", () => {
    expect(problemsOf(codeBlocks.filter(({ kind }) => kind === 'program'))).toEqual([]);
  }, 60_000);

  describe.each(plays.map((play) => [play.page, play.steps.map(([, name]) => name).join(', '), play] as const))(
    '%s: %s',
    (page, _names, { steps }) => {
      let folder: PageFolder;

      beforeEach(async () => {
        folder = await PageFolder.of(page);
      });

      afterEach(async () => {
        await stopCommands();
        folder.remove();
      });

      it('run and write what the page says', async () => {
        for (const step of steps) await perform(folder, page, step);
      });
    },
  );
});

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { blockNamed, codeBlocks, root, type CodeBlock } from './code-blocks';
import { Command } from './command';
import { ScratchFiles } from './openssl';

/** Those that the pages use. */
const PORTS = [22334, 22335, 22336];

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Node, with what a sanitizer needs put into it; other programs go without. */
const PRELOAD = process.env['LD_PRELOAD'];
const NODE = PRELOAD === undefined ? [process.execPath] : ['env', `LD_PRELOAD=${PRELOAD}`, process.execPath];

/** A folder as a reader of a page has it: the package installed, the programs of the page, each port one that is free. */
export class PageFolder {
  readonly #files = new ScratchFiles();
  readonly #page: string;
  readonly #ports: ReadonlyMap<number, number>;

  private constructor(page: string, ports: ReadonlyMap<number, number>) {
    this.#page = page;
    this.#ports = ports;
    mkdirSync(this.#files.path('node_modules/.bin'), { recursive: true });
    symlinkSync(root, this.#files.path('node_modules/qdtls'));
    this.#installCommand();
    for (const block of codeBlocks) {
      if (block.page === page && block.kind === 'program') this.#files.write(block.name, this.#adapted(block));
    }
  }

  static async of(page: string): Promise<PageFolder> {
    return new PageFolder(page, new Map(await Promise.all(PORTS.map(async (port) => [port, await freePort()] as const))));
  }

  /** Starts a program of the page, or commands of this or another one. */
  start(name: string, page = this.#page): Command {
    const block = blockNamed(page, name);
    const command = block.kind === 'program' ? [...NODE, name] : ['sh', '-ec', this.#commands(block)];
    const bin = `${this.#files.path('node_modules/.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`;
    return new Command('sh', ['-c', 'cd "$0" && exec "$@"', this.#files.path('.'), ...command], { ...process.env, PATH: bin, LD_PRELOAD: undefined });
  }

  remove(): void {
    this.#files.remove();
  }

  /** One command alone takes the place of its shell, which could not stop it otherwise. */
  #commands(block: CodeBlock): string {
    const text = this.#adapted(block);
    return text.replaceAll('\\\n', '').trim().includes('\n') ? text : `exec ${text}`;
  }

  #adapted({ text }: CodeBlock): string {
    return text.replaceAll(/\b22\d{3}\b/g, (port) => String(this.#ports.get(Number(port)) ?? port));
  }

  /** The command as npm installs it, but with a port of this folder's, and an npx without npm's own processes in between. */
  #installCommand(): void {
    const main = path.join(root, 'dist/cli/main.js');
    const port = this.#ports.get(22334) ?? 0;
    const lines = ['#!/bin/sh', `exec ${NODE.join(' ')} "${main}" "$@" --port ${port}`, ''];
    chmodSync(this.#files.write('node_modules/.bin/qdtls', lines.join('\n')), 0o755);
    chmodSync(this.#files.write('node_modules/.bin/npx', '#!/bin/sh\nexec "$@"\n'), 0o755);
  }
}

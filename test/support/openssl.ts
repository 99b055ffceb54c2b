import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from './command';

/** The `openssl` command as the other side of an association, over 127.0.0.1. Fails where it is missing. */
export class OpensslPeer {
  /** The server's port, whichever side this is. */
  readonly port: number;
  readonly #command: Command;

  private constructor(command: Command, port: number) {
    this.#command = command;
    this.port = port;
  }

  /** `openssl s_server -dtls1_2` on a free port, and further arguments. Resolves when it is ready. */
  static async server(...args: readonly string[]): Promise<OpensslPeer> {
    const command = new Command('openssl', ['s_server', '-dtls1_2', '-accept', '127.0.0.1:0', ...args]);
    const [, port = ''] = await command.waitFor(/ACCEPT \S+:(\d+)/);
    return new OpensslPeer(command, Number(port));
  }

  /** `openssl s_client -dtls1_2` to a port, and further arguments. It starts its handshake at once. */
  static client(port: number, ...args: readonly string[]): OpensslPeer {
    const address = `127.0.0.1:${port}`;
    const command = new Command('openssl', ['s_client', '-dtls1_2', '-connect', address, ...args]);
    return new OpensslPeer(command, port);
  }

  /** Everything it has written so far. */
  get output(): string {
    return this.#command.output;
  }

  /** Resolves to the first match in the output; rejects with the output when none comes in time. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#command.waitFor(pattern);
  }

  /** Types a line: a message to the peer or, of one letter, a command (`R`, `r`, `Q` and others). */
  type(line: string): void {
    this.#command.type(line);
  }

  /** Ends it, and resolves when it is gone. */
  async stop(): Promise<void> {
    this.#command.signal('SIGTERM');
    await this.#command.exited;
  }
}

/** Files for a command to read, in a directory of their own until `remove()`. */
export class ScratchFiles {
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'qdtls-test-'));

  /** That directory. */
  get folder(): string {
    return this.#directory;
  }

  /** Where a file of that name would be. */
  path(name: string): string {
    return path.join(this.#directory, name);
  }

  /** Writes a file and returns its path. */
  write(name: string, content: string | Uint8Array): string {
    const file = this.path(name);
    writeFileSync(file, content);
    return file;
  }

  /** What a program has written to a file. */
  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

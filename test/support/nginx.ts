import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Command } from './command';
import type { ScratchFiles } from './openssl';

/** Debian's place for it, which examples/behind-nginx/nginx.conf names. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

function isOnPath(command: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.some((folder) => statSync(path.join(folder, command), { throwIfNoEntry: false })?.isFile());
}

/** Why tests with nginx cannot run; null where they can, and in CI, where it has to be there. */
export function whyWithoutNginx(): string | null {
  if (process.env['CI'] !== undefined || (isOnPath('nginx') && existsSync(STREAM_MODULE))) return null;
  return 'nginx and its stream module are missing (Debian: nginx-core, libnginx-mod-stream)';
}

/** Puts values into a text; throws if one has no place there. */
export function withReplaced(text: string, replacements: Readonly<Record<string, string>>): string {
  return Object.entries(replacements).reduce((changed, [from, to]) => {
    if (!changed.includes(from)) throw new Error(`"${from}" is missing`);
    return changed.replaceAll(from, to);
  }, text);
}

/** An nginx with a folder of its own. */
export class Nginx {
  readonly #command: Command;

  private constructor(command: Command) {
    this.#command = command;
  }

  /** Starts it with a configuration. Resolves when its workers are there. */
  static async start(files: ScratchFiles, configuration: string): Promise<Nginx> {
    const file = files.write('nginx.conf', configuration.replace(/^error_log .*;$/m, 'error_log stderr notice;'));
    const folder = path.dirname(file);
    const command = new Command('nginx', ['-p', folder, '-c', file, '-e', 'stderr', '-g', 'daemon off;']);
    await command.waitFor(/start worker process \d+/);
    return new Nginx(command);
  }

  /** Everything it has written so far. */
  get output(): string {
    return this.#command.output;
  }

  /** Ends it and its workers, which a SIGKILL would leave behind. */
  async stop(): Promise<void> {
    this.#command.signal('SIGTERM');
    await this.#command.exited;
  }
}

import path from 'node:path';
import { Command } from './command';

const MAIN = path.join(__dirname, '..', '..', 'dist', 'cli', 'main.js');

/** Starts the built `qdtls` command with these arguments. */
export function qdtls(...args: readonly string[]): Command {
  return new Command(process.execPath, [MAIN, ...args], { ...process.env, NO_COLOR: '1' });
}

/** A `qdtls server` on a free port of 127.0.0.1, ready for clients, and that port. */
export async function qdtlsServer(...args: readonly string[]): Promise<{ server: Command; port: string }> {
  const server = qdtls('server', '--address', '127.0.0.1', '--port', '0', ...args);
  const [, port = ''] = await server.waitFor(/listening on 127\.0\.0\.1:(\d+)/);
  return { server, port };
}

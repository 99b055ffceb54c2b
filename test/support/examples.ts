import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from './command';
import { withoutLeakCheck } from './fixture';

/** A file of the examples. */
export function example(...names: readonly string[]): string {
  return path.join(__dirname, '..', '..', 'examples', ...names);
}

/** The text of a file of the examples. */
export function exampleText(...names: readonly string[]): string {
  return readFileSync(example(...names), 'utf8');
}

/** The names of the scripts, without `.mjs`. */
export function exampleNames(): string[] {
  return readdirSync(example()).filter((file) => file.endsWith('.mjs')).map((file) => path.basename(file, '.mjs'));
}

/** Starts one in a folder. Some start openssl, whose leaks are not ours. */
export function startExample(name: string, args: readonly string[], folder: string): Command {
  return new Command(process.execPath, [example(`${name}.mjs`), ...args], { ...process.env, ...withoutLeakCheck() }, folder);
}

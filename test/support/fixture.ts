import path from 'node:path';
import { Command } from './command';

/**
 * The environment for a process that does not end by returning: what is on its stacks then is lost, in Node as well as
 * here, and no leak.
 */
export function withoutLeakCheck(): NodeJS.ProcessEnv {
  const { ASAN_OPTIONS } = process.env;
  return ASAN_OPTIONS === undefined ? {} : { ASAN_OPTIONS: `${ASAN_OPTIONS}:detect_leaks=0` };
}

/** Runs a script of test/lifecycle/fixtures, which works on the built package, in a process of its own. */
export function runFixture(
  name: string,
  args: readonly string[] = [],
  { flags = [], environment = {} }: { flags?: readonly string[]; environment?: NodeJS.ProcessEnv } = {},
): Command {
  const script = path.join(__dirname, '..', 'lifecycle', 'fixtures', `${name}.cjs`);
  return new Command(process.execPath, [...flags, script, ...args], { ...process.env, ...environment });
}

/** The line of JSON that a script writes before it ends well. */
export async function resultOf(command: Command, patience?: number): Promise<unknown> {
  if ((await command.end(patience)) !== 0) throw new Error(command.output);
  return JSON.parse(command.output);
}

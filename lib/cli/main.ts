#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runClient } from './client-command';
import { type CommandName, isCommandName } from './commands';
import { runDemo } from './demo-command';
import { runConsole } from './console/console-command';
import { messageOf } from './error-text';
import { commandHelp, OVERVIEW } from './help';
import { runServer } from './server-command';
import { TerminalLog, wantsColour } from './terminal-log';
import { UsageError } from './usage-error';

type Runner = (args: readonly string[], log: TerminalLog) => Promise<number>;

const RUNNERS: Readonly<Record<CommandName, Runner>> = {
  server: runServer,
  client: runClient,
  demo: runDemo,
  console: runConsole,
};

const FAILURE = 1;
const WRONG_USAGE = 2;

function packageVersion(): string {
  const file = path.join(__dirname, '..', '..', 'package.json');
  const manifest: unknown = JSON.parse(readFileSync(file, 'utf8'));
  const known = typeof manifest === 'object' && manifest !== null && 'version' in manifest;
  return known ? String(manifest.version) : 'unknown';
}

function asksForHelp(text: string | undefined): boolean {
  return text === '--help' || text === '-h';
}

/** Answers command lines without a command. */
function runWithoutCommand(command: string | undefined, topic: string | undefined): number {
  if (command === undefined) {
    process.stderr.write(OVERVIEW);
    return WRONG_USAGE;
  }
  if (command === '--version') console.log(packageVersion());
  else if (command === 'help' || asksForHelp(command)) {
    process.stdout.write(topic !== undefined && isCommandName(topic) ? commandHelp(topic) : OVERVIEW);
  } else {
    const given = JSON.stringify(command);
    throw new UsageError(`Expected one of the commands server, client, demo and console, but ${given} was given.`);
  }
  return 0;
}

/** Runs one command line and resolves to the exit code. */
async function run([command, ...args]: readonly string[]): Promise<number> {
  if (command === undefined || !isCommandName(command)) return runWithoutCommand(command, args[0]);
  if (args.some(asksForHelp)) {
    process.stdout.write(commandHelp(command));
    return 0;
  }
  const coloured = wantsColour(process.stdout, process.env);
  return RUNNERS[command](args, new TerminalLog(process.stdout, coloured));
}

function reportFailure(error: unknown): number {
  const isUsage = error instanceof UsageError;
  process.stderr.write(`qdtls: ${isUsage ? '' : 'internal error: '}${messageOf(error)}\n`);
  return isUsage ? WRONG_USAGE : FAILURE;
}

// A reader that has gone, as with `| head`, is a wish to end like Ctrl-C; later writes fail as well.
process.stdout.once('error', () => process.kill(process.pid, 'SIGTERM'));
process.stdout.on('error', () => undefined);

void run(process.argv.slice(2))
  .catch(reportFailure)
  .then((exitCode) => {
    process.exitCode = exitCode;
  });

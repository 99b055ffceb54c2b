// Child processes for the scripts. Node builtins only: these run before anything is installed.

import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Absolute path of the project's root folder, without a trailing slash. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/[\\/]$/, '');

/** A step that failed, with the advice to print. The output of the command is in `output`. */
export class StepError extends Error {
  /**
   * @param {string} message
   * @param {{ output?: string, advice?: string }} [details]
   */
  constructor(message, { output = '', advice = '' } = {}) {
    super(message);
    this.name = 'StepError';
    this.output = output;
    this.advice = advice;
  }
}

/**
 * Runs a command to its end.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ capture?: boolean, cwd?: string, env?: NodeJS.ProcessEnv }} [options] with `capture` the
 *   output is collected instead of shown
 * @returns {Promise<{ status: number, output: string }>} status 127 when the command cannot be started
 */
export function run(command, args, { capture = false, cwd = root, env = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, stdio: capture ? ['ignore', 'pipe', 'pipe'] : 'inherit' });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    const output = () => Buffer.concat(chunks).toString('utf8');
    child.on('error', (error) => resolve({ status: NOT_STARTED, output: `${output()}${error.message}\n` }));
    child.on('close', (code, signal) => {
      resolve({ status: code ?? 1, output: signal === null ? output() : `${output()}(ended by ${signal})\n` });
    });
  });
}

/**
 * Runs a Node script of an installed package, such as `node-gyp/bin/node-gyp.js`.
 *
 * @param {string} script path below node_modules
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runTool(script, args, options) {
  return run(process.execPath, [`${root}/node_modules/${script}`, ...args], options);
}

/**
 * Runs npm: by its script when npm started this process, so that it is the same one, on Windows too.
 *
 * @param {readonly string[]} args
 * @param {Parameters<typeof run>[2]} [options]
 */
export function runNpm(args, options) {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') === true ? run(process.execPath, [script, ...args], options) : run('npm', args, options);
}

/** The status of a command that cannot be started. */
const NOT_STARTED = 127;

/** Seconds before a download is tried again. */
const PAUSES = [3, 10];

/**
 * Runs a command that downloads: again when it fails, for a connection may break off.
 *
 * @param {() => ReturnType<typeof run>} action
 */
export async function download(action) {
  for (const seconds of PAUSES) {
    const result = await action();
    if (result.status === 0 || result.status === NOT_STARTED) return result;
    await delay(1000 * seconds);
  }
  return action();
}

/**
 * The last lines of a command's output.
 *
 * @param {string} output
 * @param {number} [lines]
 */
export function tail(output, lines = 40) {
  return output.trimEnd().split('\n').slice(-lines).join('\n');
}

/**
 * A duration for people: `0.4 s`.
 *
 * @param {number} since a value of `performance.now()`
 */
export function elapsed(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

/**
 * Prints a failure: what happened, the end of the command's output, and what to do.
 *
 * @param {unknown} error
 */
export function reportFailure(error) {
  if (!(error instanceof StepError)) {
    console.error(error);
    return;
  }
  if (error.output !== '') console.error(tail(error.output));
  console.error(`\n${error.message}`);
  if (error.advice !== '') console.error(error.advice);
}

/**
 * Whether this module was started by `node <file>`, as opposed to imported.
 *
 * @param {string} moduleUrl `import.meta.url` of the asking module
 */
export function isMain(moduleUrl) {
  return process.argv[1] !== undefined && fileURLToPath(moduleUrl) === process.argv[1];
}

// The conductor's side of a player's process.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/**
 * @typedef {import('./contract.mjs').Commands} Commands
 * @typedef {import('./contract.mjs').Setting} Setting
 */

const PATIENCE = 60_000; // milliseconds for any answer
const LAST_WORDS = 2000; // characters of a player's stderr that are kept

/** What a player answered that is no result, or that it did not answer. */
export class PlayerError extends Error {
  /** @override */
  name = 'PlayerError';
}

export class Player {
  #child;
  #name;
  #lines;
  #stderr = '';

  /**
   * @param {readonly string[]} command
   * @param {Setting} setting
   * @param {string} role
   */
  constructor([executable = '', ...args], setting, role) {
    this.#name = `${setting.library} as ${role}`;
    this.#child = spawn(executable, [...args, JSON.stringify(setting)], { stdio: 'pipe' });
    this.#child.on('error', (error) => void (this.#stderr += error.message));
    this.#child.stdin.on('error', () => undefined); // told by the answer that does not come
    this.#child.stderr.on('data', (text) => void (this.#stderr = `${this.#stderr}${text}`.slice(-LAST_WORDS)));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /**
   * @template {keyof Commands} Name
   * @param {Name} command
   * @param {Commands[Name]['asks']} asks
   * @returns {Promise<Commands[Name]['answers']>}
   */
  async ask(command, asks) {
    this.#child.stdin.write(`${JSON.stringify({ command, ...asks })}\n`);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE);
    const { value, done } = await this.#lines.next();
    clearTimeout(timer);
    if (done === true) throw new PlayerError(`${this.#name} ended during "${command}". ${this.#stderr}`.trim());
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new PlayerError(`${this.#name} failed at "${command}": ${answer.error}`);
    return answer;
  }

  end() {
    this.#child.kill('SIGKILL');
  }
}

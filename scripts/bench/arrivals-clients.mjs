// The process of arrivals-child.mjs, as its parent sees it.

import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { BenchError, must } from './section.mjs';

/**
 * @typedef {import('./arrivals-child.mjs').Command} Command
 * @typedef {import('./arrivals-child.mjs').Order} Order
 * @typedef {import('./arrivals-child.mjs').Report} Report
 */

/** The process with the clients. */
export class ArrivalsClients {
  #child = fork(new URL('arrivals-child.mjs', import.meta.url));

  constructor() {
    this.#standBack();
  }

  /** @param {Order} order */
  async prepare(order) {
    must((await this.#ask(order)) === 'ready', 'the clients answered out of turn');
  }

  /** All of them start. */
  go() {
    return this.#order('go');
  }

  /** Lets all go, and tells what became of them. Their handshakes must have ended. */
  async finish() {
    const report = await this.#ask('close');
    if (report === 'ready') throw new BenchError('the clients answered out of turn');
    must(report.unfinished === 0, `${report.unfinished} handshakes did not end`);
    return report;
  }

  close() {
    this.#child.kill();
  }

  /**
   * They run when nobody else wants the core, so that the server's delays are its own: real clients have machines of their own.
   * Linux knows a class for that; elsewhere it is the lowest priority.
   */
  #standBack() {
    const pid = this.#child.pid ?? 0;
    const { status } = spawnSync('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)], { stdio: 'ignore' });
    if (status !== 0) setPriority(pid, constants.priority.PRIORITY_LOW);
  }

  /**
   * @param {Command} command
   * @returns {Promise<Report>}
   */
  async #ask(command) {
    const [[report]] = await Promise.all([once(this.#child, 'message'), this.#order(command)]);
    return report;
  }

  /** @param {Command} command */
  #order(command) {
    return new Promise((resolve) => this.#child.send(command, resolve));
  }
}

// Work in a process of its own, so that what one run leaves behind is no part of the next.

import { fork } from 'node:child_process';
import { BenchError } from './section.mjs';

/**
 * Sends a job to a new process that runs `module` and returns its answer.
 *
 * @template Job, Answer
 * @param {string} module beside this file
 * @param {Job} job
 * @returns {Promise<Answer>}
 */
export function inChild(module, job) {
  const child = fork(new URL(module, import.meta.url), { execArgv: ['--expose-gc'] });
  return new Promise((resolve, reject) => {
    child.once('message', (/** @type {{ answer: Answer, problem?: string }} */ { answer, problem }) => {
      if (problem === undefined) resolve(answer);
      else reject(new BenchError(problem));
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new BenchError(`${module} ended early: ${signal ?? code}`)));
    child.send(/** @type {import('node:child_process').Serializable} */ (job));
  });
}

/**
 * The other side: answers one job, and ends.
 *
 * @template Job, Answer
 * @param {(job: Job) => Answer | Promise<Answer>} work
 */
export function answerParent(work) {
  process.once('message', async (/** @type {Job} */ job) => {
    let reply;
    try {
      reply = { answer: await work(job) };
    } catch (error) {
      const isOurs = error instanceof BenchError || !(error instanceof Error);
      reply = { problem: isOurs ? String(error) : error.stack };
    }
    process.send?.(reply, () => process.disconnect());
  });
}

// What every library does as a client, in the same way.

import { randomFillSync } from 'node:crypto';

/**
 * @typedef {import('./contract.mjs').Order} Order
 * @typedef {import('./library.mjs').Library} Library
 * @typedef {import('./library.mjs').Association} Association
 */

const DIFFERENT_MESSAGES = 61; // no multiple of what is on the way, so that a mix-up shows
const SMALL_MESSAGE = 64;

/** Associations that stay until the process ends. @type {Association[]} */
const held = [];

/**
 * Runs `work` in several lanes until it says that there is no more to do, and returns the seconds it took.
 *
 * @param {number} lanes
 * @param {() => Promise<boolean>} work
 */
async function inLanes(lanes, work) {
  const lane = async () => {
    while (await work());
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: lanes }, lane));
  return (performance.now() - start) / 1000;
}

/**
 * @param {Library} library
 * @param {Order & { milliseconds: number }} order
 */
export async function handshakes(library, { port, milliseconds, atOnce }) {
  const end = performance.now() + milliseconds;
  const suites = new Set();
  let count = 0;
  const seconds = await inLanes(atOnce, async () => {
    const association = await library.connect(port);
    suites.add(association.suite);
    association.close();
    count += 1;
    return performance.now() < end;
  });
  return { count, seconds, suites: [...suites] };
}

/**
 * @param {Library} library
 * @param {Order & { count: number }} order
 */
export async function open(library, { port, count, atOnce }) {
  const suites = new Set();
  let left = count;
  const seconds = await inLanes(atOnce, async () => {
    if (left === 0) return false;
    left -= 1;
    const association = await library.connect(port);
    suites.add(association.suite);
    held.push(association);
    await exchange(association, SMALL_MESSAGE, { atOnce: 1, isOver: () => true });
    return true;
  });
  return { count, seconds, suites: [...suites] };
}

/**
 * @param {Library} library
 * @param {Order & { milliseconds: number, size: number }} order
 */
export async function echo(library, { port, milliseconds, size, atOnce }) {
  const association = await library.connect(port);
  const start = performance.now();
  const isOver = () => performance.now() - start >= milliseconds;
  const count = await exchange(association, size, { atOnce, isOver });
  const seconds = (performance.now() - start) / 1000;
  association.close();
  return { count, seconds };
}

// Out here: a function made in exchange() would hold the messages too.
function ignore() {}

/**
 * Sends messages and compares each with its echo, in order, until it is over; returns how many came back.
 *
 * @param {Association} association
 * @param {number} size
 * @param {{ atOnce: number, isOver: () => boolean }} options
 * @returns {Promise<number>}
 */
async function exchange(association, size, { atOnce, isOver }) {
  const messages = Array.from({ length: DIFFERENT_MESSAGES }, () => randomFillSync(Buffer.alloc(size)));
  let [sent, received] = [0, 0];
  const message = (/** @type {number} */ index) => messages[index % DIFFERENT_MESSAGES] ?? Buffer.alloc(0);
  const echoed = new Promise((resolve, reject) => {
    association.onMessage = (answer) => {
      if (!message(received).equals(answer)) reject(new Error('an echo differs from what was sent'));
      received += 1;
      if (!isOver()) association.send(message(sent++));
      else if (received === sent) resolve(received);
    };
    while (sent < atOnce) association.send(message(sent++));
  });
  const count = await echoed;
  association.onMessage = ignore; // the messages would count as memory of an association that is held
  return count;
}

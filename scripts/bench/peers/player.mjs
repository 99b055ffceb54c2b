// The process of a library written for Node: carries out the commands of contract.mjs.

import { Session } from 'node:inspector/promises';
import { createInterface } from 'node:readline';
import { loadLibrary } from './library.mjs';
import { SharedSocket } from './shared-socket.mjs';
import { echo, handshakes, open } from './workload.mjs';

/** @type {import('./contract.mjs').Setting} */
const setting = JSON.parse(process.argv[2] ?? '{}');
const library = await loadLibrary(setting);
const server = library.accept === undefined ? null : new SharedSocket(library.accept);

function served() {
  const result = { accepted: server?.accepted ?? 0, suites: [...(server?.suites ?? [])] };
  if (server !== null) server.accepted = 0;
  return result;
}

async function memory() {
  const session = new Session();
  session.connect();
  // More thorough than gc(): V8 also gives pages back that it would keep for later, which RSS would show.
  for (let left = 3; left > 0; left -= 1) await session.post('HeapProfiler.collectGarbage');
  session.disconnect();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}

/**
 * @param {any} order its fields are as the contract has them
 * @returns {Promise<object> | object}
 */
function carryOut(order) {
  switch (order.command) {
    case 'listen':
      if (server === null) throw new Error(`${setting.library} cannot be a server`);
      return server.listen().then((port) => ({ port }));
    case 'served':
      return served();
    case 'forget':
      server?.forget();
      return {};
    case 'cpu': {
      const { user, system } = process.cpuUsage();
      return { microseconds: user + system };
    }
    case 'memory':
      return memory();
    case 'handshakes':
      return handshakes(library, order);
    case 'echo':
      return echo(library, order);
    case 'open':
      return open(library, order);
    default:
      throw new Error(`there is no command ${order.command}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = await carryOut(JSON.parse(line));
  } catch (error) {
    answer = { error: error instanceof Error ? error.message : String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit();

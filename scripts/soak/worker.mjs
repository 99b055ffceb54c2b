// A worker of the soak: runs a load until it is told to stop, and tells its memory when it is asked.

import { parentPort, workerData } from 'node:worker_threads';
import { Load } from './load.mjs';
import { measureThread } from './memory.mjs';

const { name, seed, credentials } = workerData;
const load = new Load(name, seed, credentials);

parentPort?.on('message', (request) => {
  if (request === 'stop') load.stop();
  else parentPort?.postMessage({ memory: measureThread() });
});

await load.run();
parentPort?.postMessage({ result: load.result() });
parentPort?.close();

// `npm start`: installs and builds what is missing, then runs the secure UDP server and two clients over
// loopback, and prints the address of a page that shows them and drives more. Arguments after `--` go to the demo: `npm start -- --for 5s`. Node builtins only.
// package.json starts it with `exec`, because npm sends its signals to the shell, and a shell keeps them.

import { spawn } from 'node:child_process';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { reportFailure, root } from './support/run.mjs';

// One Ctrl-C arrives several times: from the terminal, and again from npm, which passes signals on.
const SAME_SIGNAL_MS = 1000;

function runDemo() {
  const command = path.join(root, 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, [command, 'demo', '--console', ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    let last = -Infinity;
    process.on(signal, () => {
      if (performance.now() - last < SAME_SIGNAL_MS) return;
      last = performance.now();
      child.kill(signal);
    });
  }
  child.on('error', (error) => {
    console.error(`The demo could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('close', (code) => {
    process.exitCode = code ?? 1;
  });
}

try {
  await bootstrap();
  runDemo();
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}

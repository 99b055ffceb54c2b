// Several processes on one port: starts cluster-server.mjs, and visits it from many sockets and with a ticket.
//
//   node examples/cluster.mjs
//
// Several processes need Node 22.12 or 23.1, and a system with SO_REUSEPORT that shares clients out: Linux, FreeBSD. Elsewhere
// there is one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { connect } from 'qdtls/endpoint';
import { makeCertificates } from './support/small-ca.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isOffered = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
const canShare = isOffered && !['darwin', 'win32'].includes(process.platform);
const WORKERS = canShare ? 3 : 1;
const CLIENTS = 30;

const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-example-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
makeCertificates(folder);
const ca = readFileSync(path.join(folder, 'ca.pem'));

const script = fileURLToPath(new URL('cluster-server.mjs', import.meta.url));
const certificate = ['--cert', path.join(folder, 'server.pem'), '--key', path.join(folder, 'server-key.pem')];
const args = [script, ...certificate, '--port', '0', '--workers', String(WORKERS)];
const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });

/** Resolves to the port when every process serves it; to null when they do not start, and have said why. */
async function served() {
  let ready = 0;
  for await (const line of createInterface(server.stdout)) {
    console.log(line);
    ready += 1;
    if (ready === WORKERS) return Number(line.split(' ').at(-1));
  }
  return null;
}

/**
 * Asks once, from a port of its own. Resolves to the process that answers, and what is needed to come back.
 *
 * @param {number} port
 * @param {import('qdtls/endpoint').ConnectOptions} [options]
 */
async function ask(port, options = {}) {
  const session = connect('localhost', port, { ca, ...options });
  await session.opened;
  const answer = once(session, 'message');
  session.send('hello');
  const [worker] = String(await answer).split(':');
  const result = { worker, ticket: session.session, reused: session.reused };
  await session.close();
  return result;
}

/** @param {number} port */
async function visit(port) {
  const { ticket } = await ask(port);
  const visits = Array.from({ length: CLIENTS }, () => ask(port, ticket === undefined ? {} : { session: ticket }));
  const answers = await Promise.all(visits);
  const resumed = answers.filter(({ reused }) => reused).length;
  const { size } = new Set(answers.map(({ worker }) => worker));
  console.log(`${CLIENTS} clients came back, ${resumed} resumed, at ${size} of ${WORKERS} processes`);
  if (!canShare) console.log(`Node ${process.versions.node} on ${process.platform} cannot share a port between processes`);
}

try {
  const port = await served();
  if (port === null) process.exitCode = 1;
  else await visit(port);
} finally {
  server.kill('SIGTERM');
}

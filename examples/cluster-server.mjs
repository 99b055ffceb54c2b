// An echo server in several processes behind one UDP port:
//
//   node examples/cluster-server.mjs --cert chain.pem --key key.pem [--port 5684] [--workers 4]
//
// The system gives each client to one process, by its address and port (SO_REUSEPORT: Linux, FreeBSD and others, from
// Node 22.12 or 23.1; a single process needs none of that). All processes make the same cookies and open the same tickets, so it does not matter which one a
// client meets, or meets next time. When a process starts or ends, the system may give clients to another one, which does
// not know them: they notice that nobody answers, connect again, and resume with their ticket.

import cluster from 'node:cluster';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { listen } from 'qdtls/endpoint';

/** @typedef {{ port: number, cookieSecret: string, ticketKeys: string }} Shared */

const { values } = parseArgs({
  options: {
    cert: { type: 'string', default: 'cert.pem' },
    key: { type: 'string', default: 'key.pem' },
    host: { type: 'string', default: '127.0.0.1' },
    port: { type: 'string', default: '5684' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
});

/** @param {Shared} shared */
function serve({ port, cookieSecret, ticketKeys }) {
  return listen(
    (session) => {
      session.onmessage = (data) => void session.send(`${process.pid}: ${data}`);
    },
    {
      ...{ host: values.host, port, reusePort: Number(values.workers) > 1 },
      ...{ cert: readFileSync(values.cert), key: readFileSync(values.key) },
      cookieSecret: Buffer.from(cookieSecret, 'hex'),
      ticketKeys: Buffer.from(ticketKeys, 'hex'),
    },
  );
}

/**
 * Opens and closes the port once: what is wrong with it, with this Node or with the certificate comes to light before there
 * are any processes. Returns its number, which 0 leaves to the system.
 *
 * @param {Shared} shared
 */
async function tryOut(shared) {
  const endpoint = serve(shared);
  const port = endpoint.address?.port ?? shared.port;
  await endpoint.close();
  return port;
}

async function runPrimary() {
  const secrets = { cookieSecret: randomBytes(32).toString('hex'), ticketKeys: randomBytes(80).toString('hex') };
  const shared = { ...secrets, port: await tryOut({ ...secrets, port: Number(values.port) }) };
  let isStopping = false;

  // By message and not by argument or environment, which other users of the machine may be able to read.
  cluster.on('message', (worker, message) => {
    if (message === 'asks') worker.send(shared);
    else console.log(`process ${worker.process.pid} serves port ${shared.port}`);
  });
  cluster.on('exit', () => {
    if (!isStopping) cluster.fork();
  });
  for (let count = 0; count < Number(values.workers); count += 1) cluster.fork();

  const stop = () => {
    isStopping = true;
    for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
}

function runWorker() {
  process.once('message', (message) => {
    const endpoint = serve(/** @type {Shared} */ (message));
    const stop = () => void endpoint.close().then(() => process.exit());
    process.once('SIGINT', stop).once('SIGTERM', stop);
    process.send?.('ready');
  });
  process.send?.('asks'); // not before it listens
}

if (cluster.isPrimary) {
  runPrimary().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
} else {
  runWorker();
}

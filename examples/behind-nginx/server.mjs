// One of several echo servers behind nginx (nginx.conf beside this file). Start each with the same secrets:
//
//   export COOKIE_SECRET=$(openssl rand -hex 32) TICKET_KEYS=$(openssl rand -hex 80)
//   node examples/behind-nginx/server.mjs --cert chain.pem --key key.pem --port 5685
//   node examples/behind-nginx/server.mjs --cert chain.pem --key key.pem --port 5686
//
// With one COOKIE_SECRET it does not matter which of them sent a client its cookie; with one TICKET_KEYS a client resumes
// at any of them. Both have to stay secret: who knows TICKET_KEYS can read what resumed sessions say.

import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { listen } from 'qdtls/endpoint';

const { values } = parseArgs({
  options: {
    cert: { type: 'string', default: 'cert.pem' },
    key: { type: 'string', default: 'key.pem' },
    port: { type: 'string', default: '5685' },
  },
});

/** @param {string} name */
function secret(name) {
  const bytes = Buffer.from(process.env[name] ?? '', 'hex');
  if (bytes.length > 0) return bytes;
  console.error(`${name} must be set to bytes in hexadecimal, the same for every server: see the top of this file.`);
  process.exit(1);
}

const endpoint = listen(
  (session) => {
    session.onmessage = (data) => void session.send(`${port}: ${data}`);
  },
  {
    host: '127.0.0.1',
    port: Number(values.port),
    cert: readFileSync(values.cert),
    key: readFileSync(values.key),
    cookieSecret: secret('COOKIE_SECRET'),
    ticketKeys: secret('TICKET_KEYS'),
    // They all come from one host: nginx.
    maxSessionsPerHost: 0,
  },
);

const port = endpoint.address?.port;
console.log(`serving port ${port}`);
const stop = () => void endpoint.close();
process.once('SIGINT', stop).once('SIGTERM', stop);

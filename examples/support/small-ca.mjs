// A small CA: Node makes the keys, the openssl command signs.

import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import path from 'node:path';

/** Where the examples look for what make-certificates.mjs has made. */
export const DEFAULT_FOLDER = 'certificates';

const DAYS = '365';

const ADVICE = `This needs the openssl command, which was not found. To get it:
  Debian, Ubuntu   apt install openssl
  Alpine           apk add openssl
  macOS            it is there: look at your PATH
  Windows          comes with Git for Windows: use its shell "Git Bash"`;

/**
 * Runs openssl in the folder.
 *
 * @param {string} cwd
 * @param {readonly string[]} args
 */
function openssl(cwd, args) {
  try {
    execFileSync('openssl', args, { cwd, stdio: 'pipe' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new Error(ADVICE, { cause: error });
    throw error;
  }
}

/**
 * What the certificates are for. The name of a server is looked for in subjectAltName alone; by extendedKeyUsage, who steals
 * the client's key cannot play the server with it.
 *
 * @param {readonly string[]} hosts
 */
function extensions(hosts) {
  return `[req]
distinguished_name = none
[none]
[ca]
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${hosts.map((host) => `${isIP(host) === 0 ? 'DNS' : 'IP'}:${host}`).join(', ')}
[client]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = clientAuth
`;
}

/**
 * Makes ca.pem, server.pem and client.pem, and the key of each: ca-key.pem, server-key.pem and client-key.pem.
 *
 * @param {string} folder
 * @param {readonly string[]} [hosts] names and addresses that the server is reached by
 */
export function makeCertificates(folder, hosts = ['localhost', '127.0.0.1', '::1']) {
  if (existsSync(path.join(folder, 'ca-key.pem'))) {
    throw new Error(`${folder} holds a CA already: remove it, or name another folder.`);
  }
  mkdirSync(folder, { recursive: true });
  openssl(folder, ['version']); // before there is half a CA
  const subjects = { ca: 'CA of the qdtls examples', server: hosts[0], client: 'sensor-7' };
  writeFileSync(path.join(folder, 'openssl.cnf'), extensions(hosts));
  for (const [name, subject] of Object.entries(subjects)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    // Readable by you alone. Who has ca-key.pem can play anybody: do not keep it where the server runs.
    writeFileSync(path.join(folder, `${name}-key.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const about = ['-new', '-key', `${name}-key.pem`, '-subj', `/CN=${subject}`, '-config', 'openssl.cnf'];
    if (name === 'ca') {
      openssl(folder, ['req', '-x509', ...about, '-days', DAYS, '-extensions', 'ca', '-out', 'ca.pem']);
      continue;
    }
    openssl(folder, ['req', ...about, '-out', 'request.pem']);
    const signer = ['-CA', 'ca.pem', '-CAkey', 'ca-key.pem', '-set_serial', `0x${randomBytes(16).toString('hex')}`];
    const content = ['-days', DAYS, '-extfile', 'openssl.cnf', '-extensions', name];
    openssl(folder, ['x509', '-req', '-in', 'request.pem', ...signer, ...content, '-out', `${name}.pem`]);
  }
  for (const name of ['openssl.cnf', 'request.pem']) rmSync(path.join(folder, name));
}

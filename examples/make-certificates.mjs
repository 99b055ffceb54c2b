// A small CA of your own, and what it signs: a certificate for a server and one for a client.
//
//   node examples/make-certificates.mjs [folder [name or address of the server ...]]
//
// Without arguments: the folder `certificates`, for localhost. It needs the openssl command: Node itself makes keys and reads
// certificates, but cannot make any. What openssl is told is in support/small-ca.mjs.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DEFAULT_FOLDER, makeCertificates } from './support/small-ca.mjs';

const [folder = DEFAULT_FOLDER, ...hosts] = process.argv.slice(2);

try {
  makeCertificates(folder, hosts.length > 0 ? hosts : undefined);
  for (const name of ['ca', 'server', 'client']) {
    const { subject, subjectAltName, validTo } = new X509Certificate(readFileSync(path.join(folder, `${name}.pem`)));
    const purpose = subjectAltName === undefined ? subject : `for ${subjectAltName}`;
    console.log(`${path.join(folder, `${name}.pem`)} and its key ${name}-key.pem: ${purpose}, good until ${validTo}`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';

/** Where the distributions keep the bundle of trusted roots. */
const BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt', // Debian, Ubuntu, Alpine, Arch
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem', // Fedora, RHEL
  '/etc/pki/tls/certs/ca-bundle.crt', // CentOS
  '/etc/ssl/ca-bundle.pem', // SUSE
  '/etc/ssl/cert.pem', // macOS, the BSDs
];

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * The roots this system trusts, as PEM: the file named by SSL_CERT_FILE, else the distribution's bundle, else the
 * list inside Node (tls.rootCertificates); always followed by NODE_EXTRA_CA_CERTS, as for Node's own TLS.
 */
export function systemRootsPem(environment: NodeJS.ProcessEnv = process.env): string {
  const chosen = environment['SSL_CERT_FILE'];
  const extra = environment['NODE_EXTRA_CA_CERTS'];
  const candidates = chosen === undefined || chosen === '' ? BUNDLES : [chosen];
  let roots: string | undefined;
  for (const path of candidates) roots ??= read(path);
  return [roots ?? rootCertificates.join('\n'), extra === undefined ? '' : (read(extra) ?? '')].join('\n');
}

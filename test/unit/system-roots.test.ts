import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { EncodingFormat, QSslCertificate } from '../../lib';
import { systemRootsPem } from '../../lib/internal/system-roots';
import { makeAuthority } from '../support/certificates';
import { ScratchFiles } from '../support/openssl';

const files = new ScratchFiles();
const chosen = makeAuthority({ commonName: 'Chosen Root' });
const extra = makeAuthority({ commonName: 'Extra Root' });
const chosenFile = files.write('chosen.pem', chosen.certificatePem);
const extraFile = files.write('extra.pem', extra.certificatePem);
const missingFile = path.join(path.dirname(chosenFile), 'missing.pem');

afterAll(() => files.remove());

function names(environment: NodeJS.ProcessEnv): string[] {
  const found = QSslCertificate.fromData(systemRootsPem(environment), EncodingFormat.Pem);
  return found.map((certificate) => certificate.subjectDisplayName());
}

describe('systemRootsPem', () => {
  it('is the file that SSL_CERT_FILE names, and nothing else', () => {
    expect(names({ SSL_CERT_FILE: chosenFile })).toEqual(['Chosen Root']);
  });

  it('adds the file that NODE_EXTRA_CA_CERTS names', () => {
    const environment = { SSL_CERT_FILE: chosenFile, NODE_EXTRA_CA_CERTS: extraFile };
    expect(names(environment)).toEqual(['Chosen Root', 'Extra Root']);
  });

  it.each([[{}], [{ SSL_CERT_FILE: '' }]])('is what this system brings with %j', (environment) => {
    const found = names(environment);
    expect(found.length).toBeGreaterThan(50);
    expect(found).not.toContain('Chosen Root');
  });

  it('is the list of Node.js when SSL_CERT_FILE cannot be read', () => {
    expect(names({ SSL_CERT_FILE: missingFile })).toHaveLength(rootCertificates.length);
  });

  it('goes without the extra file when it cannot be read', () => {
    const environment = { SSL_CERT_FILE: chosenFile, NODE_EXTRA_CA_CERTS: missingFile };
    expect(names(environment)).toEqual(['Chosen Root']);
  });
});

import { issueCertificate, type CertificateOptions, type IssuedCertificate } from '../support/certificates';
import { generateKeys } from '../support/keys';
import { believed, disbelieved, runWithCertificates, verdictOf } from '../support/peer-checks';
import { showing, trusting } from '../support/stages';

const key = generateKeys('ec-p256');
const mismatch = disbelieved('HostNameMismatch');

function certificateFor(options: CertificateOptions): IssuedCertificate {
  return issueCertificate({ commonName: [], subject: [['O', 'Tests']], key, ...options });
}

/** What a client that trusts the certificate, and wants the name, thinks of its holder. */
function verdictFor(certificate: IssuedCertificate, name: string): ReturnType<typeof verdictOf> {
  return verdictOf(runWithCertificates(trusting(certificate), showing(certificate), name).client);
}

const certificate = certificateFor({ ipAddresses: ['127.0.0.1', '::1'] });

const goodAddresses = ['127.0.0.1', '::1', '0:0:0:0:0:0:0:1'];
const wrongAddresses = ['10.0.0.1', '::ffff:127.0.0.1', '::2', '127.0.0.1.', 'localhost'];

it.each(goodAddresses)('69. a certificate for 127.0.0.1 and ::1 is good for %s', (name) => {
  expect(verdictFor(certificate, name)).toEqual(believed);
});

it.each(wrongAddresses)('69. a certificate for 127.0.0.1 and ::1 is not good for %s', (name) => {
  expect(verdictFor(certificate, name)).toEqual(mismatch);
});

const good: [pattern: string, name: string][] = [
  ['*.example.com', 'a.example.com'],
  ['*.example.com', 'A.Example.COM'],
  ['f*.example.com', 'foo.example.com'],
  ['example.com', 'example.COM'],
];
const bad: [pattern: string, name: string][] = [
  ['*.example.com', 'a.b.example.com'],
  ['*.example.com', 'example.com'],
  ['f*.example.com', 'bar.example.com'],
  ['*o.example.com', 'foo.example.com'],
  ['f*o.example.com', 'foo.example.com'],
  ['www.*.com', 'www.example.com'],
  ['*.com', 'example.com'],
  ['*', 'localhost'],
  ['*', 'example.com'],
  ['*.*.example.com', 'a.b.example.com'],
  ['xn--*.example.com', 'xn--bcher-kva.example.com'],
  ['xn--*.example.com', 'xn--.example.com'],
  ['*.0.0.1', '127.0.0.1'],
  ['example.com', 'example.com.'],
];

it.each(good)('70. the alternative name %s is good for %s', (pattern, name) => {
  expect(verdictFor(certificateFor({ dnsNames: [pattern] }), name)).toEqual(believed);
});

it.each(good)('70. the common name %s is good for %s', (pattern, name) => {
  expect(verdictFor(certificateFor({ commonName: pattern }), name)).toEqual(believed);
});

it.each(bad)('70. the alternative name %s is not good for %s', (pattern, name) => {
  expect(verdictFor(certificateFor({ dnsNames: [pattern] }), name)).toEqual(mismatch);
});

it.each(bad)('70. the common name %s is not good for %s', (pattern, name) => {
  expect(verdictFor(certificateFor({ commonName: pattern }), name)).toEqual(mismatch);
});

const commonNames = ['My Server', 'localhost', '', '*'];

it.each(commonNames)('71. without a name to verify, "%s" is good for nothing', (commonName) => {
  expect(verdictFor(certificateFor({ commonName }), '')).toEqual(mismatch);
});

it('71. a common name that no host can have is not good for itself', () => {
  expect(verdictFor(certificateFor({ commonName: 'My Server' }), 'My Server')).toEqual(mismatch);
});

it.each([
  ['BOB.ORG', 'bob.org'],
  ['bob.org', 'BOB.ORG'],
])('72. the name %s is that of the certificate for %s', (name, commonName) => {
  expect(verdictFor(certificateFor({ commonName }), name)).toEqual(believed);
});

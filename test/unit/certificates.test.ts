import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { IssuedCertificate } from '../support/certificates';
import {
  expired,
  issueCertificate,
  makeAuthority,
  makeChain,
  makeClientCertificate,
  makeServerCertificate,
  notYetValid,
} from '../support/certificates';
import { fixtureKeys, generateKeys } from '../support/keys';
import type { KeyKind } from '../support/keys';

function x509(issued: IssuedCertificate): X509Certificate {
  return new X509Certificate(issued.certificatePem);
}

describe('the certificate fixtures', () => {
  it.each<KeyKind>(['ec-p256', 'ec-p384', 'ec-p521', 'ed25519', 'rsa-1024', 'rsa-2048'])(
    'sign with a key of kind %s so that node:crypto verifies it',
    (key) => {
      const authority = makeAuthority({ key });
      const server = makeServerCertificate(authority, { key });
      expect(x509(server).verify(x509(authority).publicKey)).toBe(true);
      expect(x509(server).checkIssued(x509(authority))).toBe(true);
      expect(x509(server).checkPrivateKey(server.keys.privateKey)).toBe(true);
      expect(x509(server).verify(generateKeys('ec-p256').publicKey)).toBe(false);
    },
  );

  it('write the names, dates, serial number and purposes that were asked for', () => {
    const issued = issueCertificate({
      commonName: ['one', 'two'],
      subject: [['O', 'Example']],
      dnsNames: ['a.example', '*.b.example'],
      ipAddresses: ['10.0.0.1', '2001:db8::1', '::ffff:10.0.0.1'],
      emailAddresses: ['me@example.com'],
      serialNumber: 'f5:00:01',
      purposes: ['serverAuth', 'clientAuth'],
      notBefore: new Date('2020-02-29T12:34:56Z'),
      notAfter: new Date('2055-01-02T03:04:05Z'),
    });
    const certificate = x509(issued);
    expect(certificate.subject).toBe('CN=one\nCN=two\nO=Example');
    expect(certificate.subjectAltName).toBe(
      'email:me@example.com, DNS:a.example, DNS:*.b.example, IP Address:10.0.0.1, ' +
        'IP Address:2001:DB8:0:0:0:0:0:1, IP Address:0:0:0:0:0:FFFF:A00:1',
    );
    expect(certificate.serialNumber).toBe('F50001');
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2']);
    expect(new Date(certificate.validFrom)).toEqual(new Date('2020-02-29T12:34:56Z'));
    expect(new Date(certificate.validTo)).toEqual(new Date('2055-01-02T03:04:05Z'));
    expect(certificate.ca).toBe(false);
  });

  it('put the leaf and the authorities between into the chain, and not the root', () => {
    const chain = makeChain(2);
    expect(chain.chainPem.match(/BEGIN/g)).toHaveLength(3);
    expect(chain.chainPem.startsWith(chain.certificatePem)).toBe(true);
    expect(chain.chainPem).not.toContain(chain.rootPem);
    expect(makeChain(0).chainPem.match(/BEGIN/g)).toHaveLength(1);
  });

  it('make a certificate longer by the padding', () => {
    const size = (padding: number): number => issueCertificate({ padding }).certificateDer.length;
    expect(size(2000) - size(0)).toBeGreaterThan(1990);
  });

  it('make an RSA key of one size once per process', () => {
    expect(fixtureKeys('rsa-1024')).toBe(fixtureKeys('rsa-1024'));
    expect(fixtureKeys('ec-p256')).not.toBe(fixtureKeys('ec-p256'));
  });
});

const hasOpenSsl = spawnSync('openssl', ['version']).status === 0;

(hasOpenSsl ? describe : describe.skip)('the openssl command', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-certificates-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  function verify(issued: IssuedCertificate, ...options: string[]): string {
    const files = { root: issued.rootPem, chain: issued.chainPem, leaf: issued.certificatePem };
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    const names = ['-CAfile', 'root', '-untrusted', 'chain', 'leaf'];
    const { stdout, stderr } = spawnSync('openssl', ['verify', '-x509_strict', ...options, ...names], {
      cwd: folder,
      encoding: 'utf8',
    });
    return stdout + stderr;
  }

  it.each<KeyKind>(['ec-p256', 'ec-p384', 'ed25519', 'rsa-2048'])('accepts chains of %s keys', (key) => {
    const purpose = ['-purpose', 'sslserver', '-verify_hostname', 'localhost', '-verify_ip', '::1'];
    expect(verify(makeChain(2, { key }), ...purpose.slice(0, 4))).toBe('leaf: OK\n');
    expect(verify(makeChain(2, { key }), '-verify_ip', '::1')).toBe('leaf: OK\n');
  });

  const authority = makeAuthority();
  it.each([
    ['an expired certificate', makeServerCertificate(authority, expired), 'certificate has expired'],
    ['a future one', makeServerCertificate(authority, notYetValid), 'certificate is not yet valid'],
    ['one of another purpose', makeClientCertificate(authority), 'unsuitable certificate purpose'],
    [
      'one from an issuer that is no authority',
      makeServerCertificate(makeServerCertificate(authority)),
      'invalid CA certificate',
    ],
    [
      'a path that is too long',
      makeServerCertificate(makeAuthority({ issuer: makeAuthority({ pathLength: 0 }), commonName: 'Sub' })),
      'path length constraint exceeded',
    ],
  ])('refuses %s', (_, issued, reason) => {
    expect(verify(issued, '-purpose', 'sslserver')).toContain(reason);
  });

  it('reads the encoding without complaint', () => {
    const input = makeServerCertificate(authority).certificateDer;
    const dump = execFileSync('openssl', ['x509', '-inform', 'DER', '-noout', '-text'], { input });
    expect(dump.toString()).toContain('Version: 3 (0x2)');
  });
});

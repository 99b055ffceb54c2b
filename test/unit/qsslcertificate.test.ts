import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { Algorithm } from '../../lib/qcryptographichash';
import { AlternativeNameEntryType, EncodingFormat, KeyAlgorithm } from '../../lib/qssl';
import { QSslCertificate, SubjectInfo } from '../../lib/qsslcertificate';
import type { CertificateOptions } from '../support/certificates';
import { extension, issueCertificate, makeAuthority, makeServerCertificate } from '../support/certificates';
import { bitString, element, ia5String, octetString, printableString } from '../../lib/cli/console/der-writer';
import { callWith, constructWith } from '../support/untyped';

const { Pem, Der } = EncodingFormat;

const authority = makeAuthority({ commonName: 'An Authority', subject: [['O', 'Issuing Org']] });
const server = makeServerCertificate(authority);

function certificate(options: CertificateOptions): QSslCertificate {
  return new QSslCertificate(issueCertificate(options).certificateDer, Der);
}

describe('QSslCertificate', () => {
  describe('without a certificate', () => {
    it.each<[string, QSslCertificate]>([
      ['nothing', new QSslCertificate()],
      ['no bytes', new QSslCertificate('')],
      ['text that is no PEM', new QSslCertificate('no certificate')],
      ['DER taken as PEM', new QSslCertificate(server.certificateDer, Pem)],
      ['PEM taken as DER', new QSslCertificate(server.certificatePem, Der)],
      ['half a DER', new QSslCertificate(server.certificateDer.subarray(0, 200), Der)],
      ['PEM without an end', new QSslCertificate(server.certificatePem.slice(0, -30))],
      ['a private key', new QSslCertificate(server.keyPem)],
    ])('made from %s is null and says nothing', (_, nothing) => {
      expect(nothing.isNull()).toBe(true);
      expect(nothing.isSelfSigned()).toBe(false);
      expect(nothing.isBlacklisted()).toBe(false);
      expect([nothing.version(), nothing.serialNumber(), nothing.toText()]).toEqual(['', '', '']);
      expect([nothing.fingerprint256(), nothing.subjectDisplayName()]).toEqual(['', '']);
      expect(Buffer.concat([nothing.toPem(), nothing.toDer()])).toHaveLength(0);
      expect([nothing.effectiveDate(), nothing.expiryDate(), nothing.x509()]).toEqual([null, null, null]);
      expect(nothing.subjectInfo(SubjectInfo.CommonName)).toEqual([]);
      expect(nothing.subjectAlternativeNames().size).toBe(0);
      expect(nothing.publicKey().isNull()).toBe(true);
      expect(nothing.equals(new QSslCertificate())).toBe(true);
      expect(nothing.equals(new QSslCertificate(server.certificatePem))).toBe(false);
    });
  });

  it('reads the same certificate from PEM in a string, PEM in bytes and DER', () => {
    const { certificatePem, certificateDer } = server;
    const first = new QSslCertificate(certificatePem);
    const others = [
      new QSslCertificate(Buffer.from(certificatePem)),
      new QSslCertificate(certificatePem.replaceAll('\n', '\r\n')),
      new QSslCertificate(`text before\n${certificatePem}text after`),
      new QSslCertificate(certificateDer, Der),
    ];
    for (const other of others) expect(other.equals(first)).toBe(true);
    expect(first.toDer()).toEqual(certificateDer);
    expect(first.toPem().toString()).toBe(certificatePem);
    expect(first.x509()).toBeInstanceOf(X509Certificate);
  });

  it('hands out copies that cannot change it', () => {
    const subject = new QSslCertificate(server.certificatePem);
    subject.toDer().fill(0);
    subject.effectiveDate()?.setTime(0);
    subject.subjectAlternativeNames().clear();
    expect(subject.toDer()).toEqual(server.certificateDer);
    expect(subject.effectiveDate()?.getTime()).not.toBe(0);
    expect(subject.subjectAlternativeNames().size).toBe(2);
  });

  it('does not take a certificate that hides inside another one', () => {
    const hidden = issueCertificate({ commonName: 'hidden' }).certificatePem;
    const outer = issueCertificate({
      commonName: 'outer',
      extensions: [extension('1.3.6.1.4.1.32473.2', octetString(Buffer.from(`\n${hidden}`)))],
    });
    const subject = new QSslCertificate(outer.certificateDer, Der);
    expect(subject.x509()?.subject).toBe('CN=outer');
    expect(subject.subjectDisplayName()).toBe('outer');
  });

  it('can be made from what OpenSSL has decoded before', () => {
    const bytes = Buffer.from(server.certificateDer);
    const subject = QSslCertificate.fromDecoded(bytes);
    bytes.fill(0);
    expect(subject.equals(new QSslCertificate(server.certificatePem))).toBe(true);
    expect(subject.x509()?.subject).toBe('CN=localhost');
    expect(subject.x509()).toBe(subject.x509());
    expect(QSslCertificate.fromDecoded(bytes).isNull()).toBe(true);
  });

  describe('fromData', () => {
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    const open = '-----BEGIN CERTIFICATE-----\nAAAA\n';
    const both = [server.certificateDer, authority.certificateDer];

    it.each<[string, string | Buffer, EncodingFormat]>([
      ['a PEM bundle', server.certificatePem + authority.certificatePem, Pem],
      ['a bundle with keys between', server.certificatePem + server.keyPem + authority.certificatePem, Pem],
      ['a bundle with a broken block', server.certificatePem + broken + authority.certificatePem, Pem],
      ['a bundle with an open block', server.certificatePem + open + authority.certificatePem, Pem],
      ['DER one after the other', Buffer.concat(both), Der],
      ['DER and bytes that are none', Buffer.concat([...both, Buffer.from([0x30, 0x82])]), Der],
    ])('reads %s in order', (_, data, format) => {
      const found = QSslCertificate.fromData(data, format);
      expect(found.map((entry) => entry.toDer())).toEqual(both);
    });

    it('finds nothing in what holds no certificate', () => {
      expect(QSslCertificate.fromData('')).toEqual([]);
      expect(QSslCertificate.fromData(server.keyPem)).toEqual([]);
      expect(QSslCertificate.fromData(Buffer.alloc(64), Der)).toEqual([]);
    });
  });

  describe('fromPath', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-path-'));
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it('reads a file, and every file of a folder in the order of their names', () => {
      writeFileSync(path.join(folder, '2.pem'), server.certificatePem);
      writeFileSync(path.join(folder, '1.pem'), authority.certificatePem + server.certificatePem);
      writeFileSync(path.join(folder, '3.txt'), 'nothing');
      mkdirSync(path.join(folder, '0-folder'));
      const names = (location: string): string[] =>
        QSslCertificate.fromPath(location).map((entry) => entry.subjectDisplayName());
      expect(names(path.join(folder, '2.pem'))).toEqual(['localhost']);
      expect(names(folder)).toEqual(['An Authority', 'localhost', 'localhost']);
    });

    it('finds nothing where nothing is', () => {
      expect(QSslCertificate.fromPath(path.join(folder, 'missing.pem'))).toEqual([]);
    });
  });

  it('reads every root that Node brings as node:crypto does', () => {
    const roots = QSslCertificate.fromData(rootCertificates.join('\n'));
    expect(roots).toHaveLength(rootCertificates.length);
    for (const [index, root] of roots.entries()) {
      const expected = new X509Certificate(rootCertificates[index] ?? '');
      expect(root.fingerprint256()).toBe(expected.fingerprint256.replaceAll(':', '').toLowerCase());
      const serialNumber = expected.serialNumber.toLowerCase().padStart(2, '0');
      expect(root.serialNumber().replaceAll(':', '')).toBe(serialNumber);
      expect(root.effectiveDate()).toEqual(new Date(expected.validFrom));
      expect(root.expiryDate()).toEqual(new Date(expected.validTo));
      const names = root.subjectInfoAttributes().flatMap((type) => {
        return root.subjectInfo(type).map((value) => `${type}=${value}`);
      });
      expect(names.sort()).toEqual(expected.subject.replace(/\\(.)/g, '$1').split('\n').sort());
      expect(root.isSelfSigned()).toBe(true);
      expect(root.isBlacklisted()).toBe(false);
    }
  });

  it('tells the version', () => {
    expect(new QSslCertificate(server.certificatePem).version()).toBe('3');
  });

  it.each([
    ['0a:1b', '0a:1b'],
    ['41', '41'],
    ['0827', '08:27'],
    ['f5c86af36162f13a64f54f6dc9587c06', 'f5:c8:6a:f3:61:62:f1:3a:64:f5:4f:6d:c9:58:7c:06'],
    ['00', '00'],
  ])('writes the serial number %s as %s', (serialNumber, expected) => {
    expect(certificate({ serialNumber }).serialNumber()).toBe(expected);
  });

  it('knows whether it names itself as its issuer', () => {
    expect(new QSslCertificate(authority.certificatePem).isSelfSigned()).toBe(true);
    expect(new QSslCertificate(server.certificatePem).isSelfSigned()).toBe(false);
  });

  it.each([
    ['1999-12-31T23:59:59Z', '2049-12-31T23:59:59Z'],
    ['2020-02-29T12:34:56Z', '2050-01-01T00:00:00Z'],
    ['1950-01-01T00:00:00Z', '9999-12-31T23:59:59Z'],
  ])('reads the dates %s and %s to the second', (notBefore, notAfter) => {
    const subject = certificate({ notBefore: new Date(notBefore), notAfter: new Date(notAfter) });
    expect(subject.effectiveDate()).toEqual(new Date(notBefore));
    expect(subject.expiryDate()).toEqual(new Date(notAfter));
  });

  it('hashes its encoding, with MD5 unless told otherwise', () => {
    const subject = new QSslCertificate(server.certificatePem);
    const hash = (name: string): Buffer => createHash(name).update(server.certificateDer).digest();
    expect(subject.digest()).toEqual(hash('md5'));
    expect(subject.digest(Algorithm.Sha256)).toEqual(hash('sha256'));
    expect(subject.fingerprint256()).toBe(hash('sha256').toString('hex'));
    expect(subject.digest(Algorithm.Blake2b_160)).toHaveLength(0);
  });

  describe('names', () => {
    const subject = certificate({
      commonName: ['first', 'second'],
      subject: [
        ['O', 'Tr\u00e9sor'],
        ['OU', printableString('Unit')],
        ['C', printableString('DE')],
        ['ST', element(0x14, Buffer.from('Th\u00fcringen', 'latin1'))],
        ['L', element(0x1e, Buffer.from('K\u00f6ln', 'utf16le').swap16())],
        ['emailAddress', ia5String('me@example.com')],
        ['serialNumber', element(0x1c, Buffer.from('0001f600', 'hex'))],
        ['1.2.3.4', 'private'],
        ['dnQualifier', bitString(Buffer.from([1]))],
      ],
    });

    it.each<[SubjectInfo | string, string[]]>([
      [SubjectInfo.CommonName, ['first', 'second']],
      ['CN', ['first', 'second']],
      [SubjectInfo.Organization, ['Tr\u00e9sor']],
      [SubjectInfo.OrganizationalUnitName, ['Unit']],
      [SubjectInfo.CountryName, ['DE']],
      [SubjectInfo.StateOrProvinceName, ['Th\u00fcringen']],
      [SubjectInfo.LocalityName, ['K\u00f6ln']],
      [SubjectInfo.EmailAddress, ['me@example.com']],
      [SubjectInfo.SerialNumber, ['\u{1f600}']],
      ['1.2.3.4', ['private']],
      [SubjectInfo.DistinguishedNameQualifier, []],
      ['unknown', []],
    ])('has for the attribute %s the values %j', (attribute, values) => {
      expect(subject.subjectInfo(attribute)).toEqual(values);
      expect(subject.issuerInfo(attribute)).toEqual(values);
    });

    it('lists the attributes, sorted', () => {
      const expected = ['1.2.3.4', 'C', 'CN', 'L', 'O', 'OU', 'ST', 'emailAddress', 'serialNumber'];
      expect(subject.subjectInfoAttributes()).toEqual(expected);
      expect(subject.issuerInfoAttributes()).toEqual(expected);
    });

    it('cannot be told apart wrongly by a line break in a value', () => {
      const crafted = certificate({ commonName: 'a\nCN=bank.example', dnsNames: ['a, DNS:bank.example'] });
      expect(crafted.subjectInfo('CN')).toEqual(['a\nCN=bank.example']);
      const names = crafted.subjectAlternativeNames().get(AlternativeNameEntryType.DnsEntry);
      expect(names).toEqual(['a, DNS:bank.example']);
      expect(crafted.toText()).not.toContain('\nCN=');
    });

    it('are shown by common name, or else organization, or else unit', () => {
      const issued = new QSslCertificate(server.certificatePem);
      expect(issued.subjectDisplayName()).toBe('localhost');
      expect(issued.issuerDisplayName()).toBe('An Authority');
      expect(subject.subjectDisplayName()).toBe('second');
      const ofUnit: CertificateOptions = { commonName: [], subject: [['OU', 'Unit']] };
      expect(certificate(ofUnit).subjectDisplayName()).toBe('Unit');
      const ofOrganization: CertificateOptions = { commonName: [], subject: [['OU', 'Unit'], ['O', 'Org']] };
      expect(certificate(ofOrganization).subjectDisplayName()).toBe('Org');
      expect(certificate({ commonName: [] }).subjectDisplayName()).toBe('');
    });
  });

  it('lists its alternative names by kind, exactly', () => {
    const dnsNames = ['b.example', '*.a.example', 'nul\0.example', ''];
    const names = certificate({
      dnsNames,
      ipAddresses: ['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '::'],
      emailAddresses: ['me@example.com'],
    }).subjectAlternativeNames();
    expect(names.get(AlternativeNameEntryType.DnsEntry)).toEqual(dnsNames);
    expect(names.get(AlternativeNameEntryType.IpAddressEntry)).toEqual([
      ...['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1', '::'],
    ]);
    expect(names.get(AlternativeNameEntryType.EmailEntry)).toEqual(['me@example.com']);
    expect(certificate({}).subjectAlternativeNames().size).toBe(0);
  });

  it('ignores alternative names of other kinds', () => {
    const uri = element(0x86, Buffer.from('https://example.com'));
    const directory = element(0xa4, element(0x30));
    const value = element(0x30, uri, directory, element(0x87, Buffer.alloc(5)));
    const subject = certificate({ extensions: [extension('2.5.29.17', value)] });
    expect(subject.isNull()).toBe(false);
    expect(subject.subjectAlternativeNames().size).toBe(0);
  });

  it('has the public key of its subject', () => {
    const key = new QSslCertificate(server.certificatePem).publicKey();
    expect(key.algorithm()).toBe(KeyAlgorithm.Ec);
    expect(key.length()).toBe(256);
    expect(key.handle()?.equals(server.keys.publicKey)).toBe(true);
  });

  it('describes itself in text', () => {
    const text = new QSslCertificate(server.certificatePem).toText();
    expect(text).toContain('Issuer: CN="An Authority", O="Issuing Org"');
    expect(text).toContain('Alternative names: dns:"localhost", ip:"127.0.0.1", ip:"::1"');
  });

  it('never throws, whatever the bytes', () => {
    const { certificateDer } = server;
    for (let i = 0; i < certificateDer.length; i += 1) {
      const bytes = Buffer.from(certificateDer);
      bytes[i] = (bytes[i] ?? 0) ^ (1 << i % 8);
      const subject = new QSslCertificate(bytes, Der);
      expect(subject.toDer().equals(bytes)).toBe(!subject.isNull());
      expect(new QSslCertificate(certificateDer.subarray(0, i), Der).isNull()).toBe(true);
    }
  });

  it.each<[string, () => unknown, string]>([
    ['data', () => constructWith(QSslCertificate, 5), '"data"'],
    ['a format', () => constructWith(QSslCertificate, '', 'pem'), '"format"'],
    ['data for fromData', () => callWith(QSslCertificate, 'fromData', null), '"data"'],
    ['a path', () => callWith(QSslCertificate, 'fromPath', 1), '"path"'],
    ['an attribute', () => callWith(new QSslCertificate(), 'subjectInfo', 9), '"attribute"'],
    ['a hash', () => callWith(new QSslCertificate(), 'digest', 'md5'), '"method"'],
    ['a certificate', () => callWith(new QSslCertificate(), 'equals', 1), '"other"'],
  ])('refuses what is not %s', (_, action, name) => {
    expect(action).toThrow(name);
  });
});

import { blacklistIncident } from '../../lib/certificate-blacklist';
import { EncodingFormat } from '../../lib/qssl';
import { QSslCertificate } from '../../lib/qsslcertificate';
import type { CertificateOptions } from '../support/certificates';
import { issueCertificate, makeAuthority } from '../support/certificates';

function certificate(options: CertificateOptions): QSslCertificate {
  return new QSslCertificate(issueCertificate(options).certificateDer, EncodingFormat.Der);
}

describe('isBlacklisted', () => {
  it.each([
    ['a Comodo leaf', '047ecbe9fca55f7bd09eae36e10cae1e', 'mail.google.com'],
    ['a serial number with the highest bit set', 'f5c86af36162f13a64f54f6dc9587c06', 'www.google.com'],
    ['the DigiNotar root', '0c76da9c910c4e2c9efe15d058933c4c', 'DigiNotar Root CA'],
    ['a wildcard name', '0827', '*.EGO.GOV.TR'],
    ['a serial number of one byte', '41', 'MD5 Collisions Inc. (http://www.phreedom.org/md5)'],
    ['a name beyond ASCII', '031da7', 'AC DG Tr\u00e9sor SSL'],
    ['an Indian authority', '27b1', 'NIC CA 2014'],
  ])('finds %s by the name of the subject', (_, serialNumber, commonName) => {
    expect(certificate({ serialNumber, commonName }).isBlacklisted()).toBe(true);
  });

  it('finds a certificate by the name of its issuer', () => {
    const issuer = makeAuthority({ commonName: 'UTN-USERFirst-Hardware' });
    const serialNumber = '72032105c50c08573d8ea5304efee8b0';
    expect(certificate({ commonName: 'anything', serialNumber, issuer }).isBlacklisted()).toBe(true);
  });

  it('finds it by any of several common names', () => {
    const commonName = ['x', 'e-islem.kktcmerkezbankasi.org'];
    expect(certificate({ serialNumber: '0864', commonName }).isBlacklisted()).toBe(true);
  });

  it.each<[string, CertificateOptions]>([
    ['the serial number alone', { serialNumber: '0827', commonName: 'example.com' }],
    ['the name alone', { serialNumber: '0828', commonName: '*.EGO.GOV.TR' }],
    ['the name of another entry', { serialNumber: '0827', commonName: 'NIC CA 2014' }],
    ['the name in other letters', { serialNumber: '0827', commonName: '*.ego.gov.tr' }],
    ['a part of the name', { serialNumber: '27b1', commonName: 'NIC CA' }],
    ['the name as organization', { serialNumber: '27b1', commonName: 'x', subject: [['O', 'NIC CA 2014']] }],
  ])('does not go by %s', (_, options) => {
    expect(certificate(options).isBlacklisted()).toBe(false);
  });

  it('knows the incident', () => {
    expect(blacklistIncident('27:92', ['other', 'NIC CA 2011'])).toMatch(/India/);
    expect(blacklistIncident('27:92', [])).toBeNull();
  });
});

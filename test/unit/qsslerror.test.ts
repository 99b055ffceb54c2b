import { EncodingFormat } from '../../lib/qssl';
import { QSslCertificate } from '../../lib/qsslcertificate';
import { QSslError, SslError } from '../../lib/qsslerror';
import { issueCertificate } from '../support/certificates';
import { callWith, constructWith } from '../support/untyped';

function someCertificate(): QSslCertificate {
  return new QSslCertificate(issueCertificate().certificateDer, EncodingFormat.Der);
}

const codes = Object.values(SslError).filter((value) => typeof value === 'number');

describe('QSslError', () => {
  it('has the 38 values of Qt, from -1 to 36', () => {
    expect(codes.sort((a, b) => a - b)).toEqual(Array.from({ length: 38 }, (_, index) => index - 1));
    expect(SslError.OcspSigRequred).toBe(31);
    expect(SslError.CertificateBlacklisted).toBe(24);
  });

  it('is NoError about no certificate unless told otherwise', () => {
    const error = new QSslError();
    expect(error.error()).toBe(SslError.NoError);
    expect(error.certificate().isNull()).toBe(true);
  });

  it('keeps its value and its certificate', () => {
    const certificate = someCertificate();
    const error = new QSslError(SslError.HostNameMismatch, certificate);
    expect(error.error()).toBe(QSslError.HostNameMismatch);
    expect(error.certificate()).toBe(certificate);
  });

  it('has a text of its own for every value', () => {
    const texts = codes.map((code) => new QSslError(code).errorString());
    expect(new Set(texts).size).toBe(38);
    for (const text of texts) expect(text).toMatch(/^[A-Z].{5,}[a-z0-9]$/);
  });

  it('equals another one if value and certificate do', () => {
    const certificate = someCertificate();
    const copy = new QSslCertificate(certificate.toPem());
    const error = new QSslError(SslError.SelfSignedCertificate, certificate);
    expect(error.equals(new QSslError(SslError.SelfSignedCertificate, copy))).toBe(true);
    expect(error.equals(new QSslError(SslError.CertificateExpired, copy))).toBe(false);
    expect(error.equals(new QSslError(SslError.SelfSignedCertificate, someCertificate()))).toBe(false);
    expect(error.equals(new QSslError(SslError.SelfSignedCertificate))).toBe(false);
    const noCertificate = new QSslError(SslError.NoPeerCertificate);
    expect(noCertificate.equals(new QSslError(SslError.NoPeerCertificate, new QSslCertificate()))).toBe(true);
  });

  it.each<[string, () => unknown, string]>([
    ['an error', () => constructWith(QSslError, 37), 'must be a value of QSslError.SslError'],
    ['a certificate', () => constructWith(QSslError, 0, 'PEM'), 'an instance of QSslCertificate'],
    ['another error', () => callWith(new QSslError(), 'equals', 0), '"other"'],
  ])('refuses what is not %s', (_, action, message) => {
    expect(action).toThrow(message);
  });
});

import { checkEnum, checkInstance } from './internal/arguments';
import { QSslCertificate } from './qsslcertificate';

/** What can be wrong with a peer's certificate. Qt: QSslError::SslError */
export enum SslError {
  UnspecifiedError = -1,
  NoError = 0,
  UnableToGetIssuerCertificate = 1,
  UnableToDecryptCertificateSignature = 2,
  UnableToDecodeIssuerPublicKey = 3,
  CertificateSignatureFailed = 4,
  CertificateNotYetValid = 5,
  CertificateExpired = 6,
  InvalidNotBeforeField = 7,
  InvalidNotAfterField = 8,
  SelfSignedCertificate = 9,
  SelfSignedCertificateInChain = 10,
  UnableToGetLocalIssuerCertificate = 11,
  UnableToVerifyFirstCertificate = 12,
  CertificateRevoked = 13,
  InvalidCaCertificate = 14,
  PathLengthExceeded = 15,
  InvalidPurpose = 16,
  CertificateUntrusted = 17,
  CertificateRejected = 18,
  SubjectIssuerMismatch = 19,
  AuthorityIssuerSerialNumberMismatch = 20,
  NoPeerCertificate = 21,
  HostNameMismatch = 22,
  NoSslSupport = 23,
  CertificateBlacklisted = 24,
  CertificateStatusUnknown = 25,
  OcspNoResponseFound = 26,
  OcspMalformedRequest = 27,
  OcspMalformedResponse = 28,
  OcspInternalError = 29,
  OcspTryLater = 30,
  /** Spelt as in Qt. */
  OcspSigRequred = 31,
  OcspUnauthorized = 32,
  OcspResponseCannotBeTrusted = 33,
  OcspResponseCertIdUnknown = 34,
  OcspResponseExpired = 35,
  OcspStatusUnknown = 36,
}

const texts: Readonly<Record<SslError, string>> = {
  [SslError.UnspecifiedError]: 'The certificate failed a check that has no error value of its own',
  [SslError.NoError]: 'No error',
  [SslError.UnableToGetIssuerCertificate]: 'The certificate of an issuer was not found',
  [SslError.UnableToDecryptCertificateSignature]: 'The signature of the certificate could not be decrypted',
  [SslError.UnableToDecodeIssuerPublicKey]: "The issuer's public key could not be read",
  [SslError.CertificateSignatureFailed]: 'The signature of the certificate is wrong',
  [SslError.CertificateNotYetValid]: 'The certificate is not valid yet',
  [SslError.CertificateExpired]: 'The certificate has expired',
  [SslError.InvalidNotBeforeField]: "The start of the certificate's validity is malformed",
  [SslError.InvalidNotAfterField]: "The end of the certificate's validity is malformed",
  [SslError.SelfSignedCertificate]: 'The certificate is self-signed and not among the trusted ones',
  [SslError.SelfSignedCertificateInChain]: 'The root of the certificate chain is not among the trusted ones',
  [SslError.UnableToGetLocalIssuerCertificate]: 'The issuer of a certificate is not among the trusted ones',
  [SslError.UnableToVerifyFirstCertificate]: 'No certificate in the chain could be verified',
  [SslError.CertificateRevoked]: 'The certificate has been revoked',
  [SslError.InvalidCaCertificate]: 'A certificate in the chain must not issue certificates',
  [SslError.PathLengthExceeded]: 'The chain is longer than an authority in it allows',
  [SslError.InvalidPurpose]: 'The certificate was issued for another purpose',
  [SslError.CertificateUntrusted]: 'The root certificate is not trusted for this purpose',
  [SslError.CertificateRejected]: 'The root certificate rejects this purpose',
  [SslError.SubjectIssuerMismatch]: 'The subject of the issuer is not the issuer of the certificate',
  [SslError.AuthorityIssuerSerialNumberMismatch]:
    'The certificate names an issuer by another name and serial number',
  [SslError.NoPeerCertificate]: 'The peer sent no certificate',
  [SslError.HostNameMismatch]: 'The certificate is not for this host name',
  [SslError.NoSslSupport]: 'This platform has no TLS support',
  [SslError.CertificateBlacklisted]: 'The certificate is on the list of compromised ones',
  [SslError.CertificateStatusUnknown]: 'The status of the certificate could not be found out',
  [SslError.OcspNoResponseFound]: 'No OCSP response was sent',
  [SslError.OcspMalformedRequest]: 'The OCSP responder found the request malformed',
  [SslError.OcspMalformedResponse]: 'The OCSP response is malformed',
  [SslError.OcspInternalError]: 'The OCSP responder had an internal error',
  [SslError.OcspTryLater]: 'The OCSP responder asks to try again later',
  [SslError.OcspSigRequred]: 'The OCSP responder asks for a signed request',
  [SslError.OcspUnauthorized]: 'The OCSP responder does not answer this client',
  [SslError.OcspResponseCannotBeTrusted]: 'The signer of the OCSP response is not trusted',
  [SslError.OcspResponseCertIdUnknown]: 'The OCSP response is about another certificate',
  [SslError.OcspResponseExpired]: 'The OCSP response has expired',
  [SslError.OcspStatusUnknown]: 'The OCSP responder does not know the certificate',
};

/**
 * One thing that is wrong with a certificate of the peer, and the certificate; immutable.
 *
 * It is a value, not an `Error`, and is never thrown.
 * Qt: QSslError
 */
export class QSslError {
  static readonly SslError = SslError;
  static readonly UnspecifiedError = SslError.UnspecifiedError;
  static readonly NoError = SslError.NoError;
  static readonly UnableToGetIssuerCertificate = SslError.UnableToGetIssuerCertificate;
  static readonly UnableToDecryptCertificateSignature = SslError.UnableToDecryptCertificateSignature;
  static readonly UnableToDecodeIssuerPublicKey = SslError.UnableToDecodeIssuerPublicKey;
  static readonly CertificateSignatureFailed = SslError.CertificateSignatureFailed;
  static readonly CertificateNotYetValid = SslError.CertificateNotYetValid;
  static readonly CertificateExpired = SslError.CertificateExpired;
  static readonly InvalidNotBeforeField = SslError.InvalidNotBeforeField;
  static readonly InvalidNotAfterField = SslError.InvalidNotAfterField;
  static readonly SelfSignedCertificate = SslError.SelfSignedCertificate;
  static readonly SelfSignedCertificateInChain = SslError.SelfSignedCertificateInChain;
  static readonly UnableToGetLocalIssuerCertificate = SslError.UnableToGetLocalIssuerCertificate;
  static readonly UnableToVerifyFirstCertificate = SslError.UnableToVerifyFirstCertificate;
  static readonly CertificateRevoked = SslError.CertificateRevoked;
  static readonly InvalidCaCertificate = SslError.InvalidCaCertificate;
  static readonly PathLengthExceeded = SslError.PathLengthExceeded;
  static readonly InvalidPurpose = SslError.InvalidPurpose;
  static readonly CertificateUntrusted = SslError.CertificateUntrusted;
  static readonly CertificateRejected = SslError.CertificateRejected;
  static readonly SubjectIssuerMismatch = SslError.SubjectIssuerMismatch;
  static readonly AuthorityIssuerSerialNumberMismatch = SslError.AuthorityIssuerSerialNumberMismatch;
  static readonly NoPeerCertificate = SslError.NoPeerCertificate;
  static readonly HostNameMismatch = SslError.HostNameMismatch;
  static readonly NoSslSupport = SslError.NoSslSupport;
  static readonly CertificateBlacklisted = SslError.CertificateBlacklisted;
  static readonly CertificateStatusUnknown = SslError.CertificateStatusUnknown;
  static readonly OcspNoResponseFound = SslError.OcspNoResponseFound;
  static readonly OcspMalformedRequest = SslError.OcspMalformedRequest;
  static readonly OcspMalformedResponse = SslError.OcspMalformedResponse;
  static readonly OcspInternalError = SslError.OcspInternalError;
  static readonly OcspTryLater = SslError.OcspTryLater;
  static readonly OcspSigRequred = SslError.OcspSigRequred;
  static readonly OcspUnauthorized = SslError.OcspUnauthorized;
  static readonly OcspResponseCannotBeTrusted = SslError.OcspResponseCannotBeTrusted;
  static readonly OcspResponseCertIdUnknown = SslError.OcspResponseCertIdUnknown;
  static readonly OcspResponseExpired = SslError.OcspResponseExpired;
  static readonly OcspStatusUnknown = SslError.OcspStatusUnknown;

  readonly #error: SslError;
  readonly #certificate: QSslCertificate;

  /**
   * Constructs an error about a certificate, or about none.
   *
   * @throws TypeError, RangeError - unless they are an SslError and a QSslCertificate.
   * Qt: QSslError::QSslError(QSslError::SslError, const QSslCertificate &)
   */
  constructor(error: SslError = SslError.NoError, certificate: QSslCertificate = new QSslCertificate()) {
    this.#error = checkEnum(error, SslError, 'error', 'QSslError.SslError');
    this.#certificate = checkInstance(certificate, QSslCertificate, 'certificate');
  }

  /** What is wrong. Qt: QSslError::error */
  error(): SslError {
    return this.#error;
  }

  /**
   * A sentence about the error, in English.
   *
   * Differs from Qt: the wording is ours, and CertificateRevoked and NoSslSupport have a text too.
   * Qt: QSslError::errorString
   */
  errorString(): string {
    return texts[this.#error];
  }

  /**
   * The certificate that the error is about; a null certificate if it is about none.
   * Qt: QSslError::certificate
   */
  certificate(): QSslCertificate {
    return this.#certificate;
  }

  /**
   * True if both have the same value and the same certificate; null certificates are equal.
   *
   * @throws TypeError - unless it is a QSslError.
   * Qt: QSslError::operator==
   */
  equals(other: QSslError): boolean {
    const error = checkInstance(other, QSslError, 'other');
    return this.#error === error.#error && this.#certificate.equals(error.#certificate);
  }
}

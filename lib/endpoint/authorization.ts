import { SslError, type QSslError } from '../qsslerror';

/** OpenSSL's short codes of what is wrong with a certificate, as node:tls has them. */
const codes = new Map<SslError, string>([
  [SslError.NoPeerCertificate, 'UNABLE_TO_GET_ISSUER_CERT'], // what node:dtls says when there is no certificate at all
  [SslError.UnableToGetIssuerCertificate, 'UNABLE_TO_GET_ISSUER_CERT'],
  [SslError.UnableToDecryptCertificateSignature, 'UNABLE_TO_DECRYPT_CERT_SIGNATURE'],
  [SslError.UnableToDecodeIssuerPublicKey, 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
  [SslError.CertificateSignatureFailed, 'CERT_SIGNATURE_FAILURE'],
  [SslError.CertificateNotYetValid, 'CERT_NOT_YET_VALID'],
  [SslError.CertificateExpired, 'CERT_HAS_EXPIRED'],
  [SslError.InvalidNotBeforeField, 'ERROR_IN_CERT_NOT_BEFORE_FIELD'],
  [SslError.InvalidNotAfterField, 'ERROR_IN_CERT_NOT_AFTER_FIELD'],
  [SslError.SelfSignedCertificate, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  [SslError.SelfSignedCertificateInChain, 'SELF_SIGNED_CERT_IN_CHAIN'],
  [SslError.UnableToGetLocalIssuerCertificate, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  [SslError.UnableToVerifyFirstCertificate, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  [SslError.CertificateRevoked, 'CERT_REVOKED'],
  [SslError.InvalidCaCertificate, 'INVALID_CA'],
  [SslError.PathLengthExceeded, 'PATH_LENGTH_EXCEEDED'],
  [SslError.InvalidPurpose, 'INVALID_PURPOSE'],
  [SslError.CertificateUntrusted, 'CERT_UNTRUSTED'],
  [SslError.CertificateRejected, 'CERT_REJECTED'],
  [SslError.HostNameMismatch, 'HOSTNAME_MISMATCH'],
  [SslError.CertificateBlacklisted, 'CERT_REVOKED'],
]);

/** The short code of a verification error. */
export function authorizationCode(error: QSslError): string {
  return codes.get(error.error()) ?? 'UNSPECIFIED';
}

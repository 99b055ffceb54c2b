import { SslError } from './qsslerror';

/** OpenSSL's X509_V_ERR_* codes (x509_vfy.h) and the SslError each becomes. Qt: qx509_openssl.cpp */
const sslErrors = new Map<number, SslError>([
  [2, SslError.UnableToGetIssuerCertificate],
  [4, SslError.UnableToDecryptCertificateSignature],
  [6, SslError.UnableToDecodeIssuerPublicKey],
  [7, SslError.CertificateSignatureFailed],
  [9, SslError.CertificateNotYetValid],
  [10, SslError.CertificateExpired],
  [13, SslError.InvalidNotBeforeField],
  [14, SslError.InvalidNotAfterField],
  [18, SslError.SelfSignedCertificate],
  [19, SslError.SelfSignedCertificateInChain],
  [20, SslError.UnableToGetLocalIssuerCertificate],
  [21, SslError.UnableToVerifyFirstCertificate],
  [23, SslError.CertificateRevoked],
  [24, SslError.InvalidCaCertificate], // X509_V_ERR_INVALID_CA before OpenSSL 3.0
  [25, SslError.PathLengthExceeded],
  [26, SslError.InvalidPurpose],
  [27, SslError.CertificateUntrusted],
  [28, SslError.CertificateRejected],
  [79, SslError.InvalidCaCertificate],
]);

/** The SslError of an X509_V_ERR_* code: UnspecifiedError for one without a counterpart. */
export function sslErrorOf(x509Code: number): SslError {
  return sslErrors.get(x509Code) ?? SslError.UnspecifiedError;
}

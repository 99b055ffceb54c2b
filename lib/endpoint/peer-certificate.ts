import { X509Certificate } from 'node:crypto';
import type { QDtls } from '../qdtls';

/** What the peer sent, leaf first. */
export function chainOf(dtls: QDtls): X509Certificate[] {
  return dtls
    .dtlsConfiguration()
    .peerCertificateChain()
    .map((certificate) => new X509Certificate(certificate.toDer()));
}

/** The peer's own certificate, if it sent one. */
export function leafOf(dtls: QDtls): X509Certificate | undefined {
  const certificate = dtls.dtlsConfiguration().peerCertificate();
  return certificate.isNull() ? undefined : new X509Certificate(certificate.toDer());
}

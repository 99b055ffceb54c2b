import { type QDtls, type QSslCertificate, SslProtocol } from '../index';
import type { Remote } from './remote';

/** `address:port`, with an IPv6 address in brackets. */
export function describeRemote({ address, port }: Remote): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whom a certificate is for, and who says so. */
export function describeCertificate(certificate: QSslCertificate): string {
  const [subject, issuer] = [certificate.subjectDisplayName(), certificate.issuerDisplayName()];
  return `the peer's certificate is for "${subject}", issued by "${issuer}"`;
}

/** A protocol's name. */
export function describeProtocol(protocol: SslProtocol): string {
  if (protocol === SslProtocol.DtlsV1_2) return 'DTLS 1.2';
  return protocol === SslProtocol.DtlsV1_0 ? 'DTLS 1.0' : 'an unknown protocol';
}

/** Cipher and protocol that the two sides agreed on. */
export function describeSession(dtls: QDtls): string {
  return `${dtls.sessionCipher().name()}, ${describeProtocol(dtls.sessionProtocol())}`;
}

import { generateKeyPairSync } from 'node:crypto';
import { QSslConfiguration, type QSslCipher } from '../../lib';
import { issueCertificate, type IssuedCertificate } from './certificates';
import { show } from './credentials';
import { pskConfiguration } from './pair';

/** Certificates by what OpenSSL calls the authentication of a suite, made when they are needed. */
const makers: Readonly<Record<string, () => IssuedCertificate>> = {
  ECDSA: () => issueCertificate({ key: 'ec-p256' }),
  RSA: () => issueCertificate({ key: 'rsa-2048' }),
  DSS: () =>
    issueCertificate({
      key: generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }),
      issuer: issueCertificate({ ca: true }),
    }),
};
const made = new Map<string, IssuedCertificate>();

function certificateFor(authentication: string): IssuedCertificate | undefined {
  const known = made.get(authentication) ?? makers[authentication]?.();
  if (known !== undefined) made.set(authentication, known);
  return known;
}

/** What two sides need to agree on this suite; nobody is verified. */
export function suiteSettings(suite: string): Readonly<Record<'client' | 'server', QSslConfiguration>> {
  const cipher = QSslConfiguration.supportedCiphers().find((candidate) => candidate.name() === suite);
  const certificate = certificateFor(cipher?.authenticationMethod() ?? '');
  const client = pskConfiguration((settings) => settings.setCiphers(suite));
  const server = pskConfiguration((settings) => {
    settings.setCiphers(suite);
    if (certificate !== undefined) show(settings, certificate);
  });
  return { client, server };
}

/** Every suite that a handshake can be had with: SRP needs what no facade of ours offers. */
export function usableSuites(): QSslCipher[] {
  const isUsable = (cipher: QSslCipher): boolean => !cipher.name().startsWith('SRP-');
  return QSslConfiguration.supportedCiphers().filter(isUsable);
}

export const isAead = (cipher: QSslCipher): boolean => !cipher.encryptionMethod().endsWith('-CBC');

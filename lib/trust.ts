import { native } from './internal/native';
import type { NativeTrustStore } from './internal/native-types';
import { systemRootsPem } from './internal/system-roots';
import { EncodingFormat } from './qssl';
import { QSslCertificate } from './qsslcertificate';

let roots: readonly QSslCertificate[] | undefined;
let rootsStore: NativeTrustStore | undefined;

/** The roots this system trusts, read when first asked for. */
export function systemCertificates(): readonly QSslCertificate[] {
  roots ??= QSslCertificate.fromData(systemRootsPem(), EncodingFormat.Pem);
  return roots;
}

function makeStore(certificates: readonly QSslCertificate[]): NativeTrustStore {
  const usable = certificates.filter((certificate) => !certificate.isNull());
  return new native.TrustStore(usable.map((certificate) => certificate.toDer()));
}

/** The X509_STORE of a list of certificates; null stands for the system's roots, which are loaded once. */
export function trustStore(certificates: readonly QSslCertificate[] | null): NativeTrustStore {
  if (certificates !== null) return makeStore(certificates);
  rootsStore ??= makeStore(systemCertificates());
  return rootsStore;
}

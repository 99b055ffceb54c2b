import { native } from './internal/native';
import { advisoriesFor, warnOfAdvisories, type OpenSslAdvisory } from './internal/openssl-advisories';

export type { OpenSslAdvisory } from './internal/openssl-advisories';

const advisories = advisoriesFor(native.opensslVersion);
warnOfAdvisories(native.opensslVersion, advisories);

/**
 * The OpenSSL that does the work, such as `OpenSSL 3.5.9 29 Sep 2026`: the one that a prebuilt addon carries, or the one inside
 * Node when the addon was built from source. Extension.
 * Source: OpenSSL_version(OPENSSL_VERSION)
 */
export function opensslVersion(): string {
  return native.opensslVersion;
}

/**
 * The security advisories about DTLS that apply to this OpenSSL by its version number, and whether this package defends
 * against each on any OpenSSL; docs/security.md says how. For those that are not covered the process gets one warning
 * when the package is loaded (SecurityWarning, code QDTLS_OPENSSL_ADVISORY). Extension.
 */
export function opensslAdvisories(): readonly OpenSslAdvisory[] {
  return advisories.map((advisory) => ({ ...advisory }));
}

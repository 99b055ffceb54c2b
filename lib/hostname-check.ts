import { knownHostName } from './internal/host-name';
import { NameForm, type NativeConnection } from './internal/native-types';
import { AlternativeNameEntryType } from './qssl';
import type { QSslCertificate } from './qsslcertificate';
import { SubjectInfo } from './qsslcertificate';

const prefixPattern = /^([a-z0-9_-]+)\*(\.[^.*]+\.[^*]+)$/i;

/** True if the pattern is `f*.example.com` with at least three labels, and covers the name. */
function matchesPrefixPattern(pattern: string, name: string): boolean {
  const [, prefix, suffix] = prefixPattern.exec(pattern.toLowerCase()) ?? [];
  if (prefix === undefined || suffix === undefined) return false;
  // A star stands for no part of an internationalized label (RFC 6125 section 6.4.3).
  if (prefix.startsWith('xn--') || name.startsWith('xn--')) return false;
  const dot = name.indexOf('.');
  return dot >= prefix.length && name.startsWith(prefix) && name.slice(dot) === suffix;
}

/** Whether a certificate is for a name. OpenSSL: X509_check_host, X509_check_ip_asc */
type NameCheck = Pick<NativeConnection, 'checkHost' | 'checkIp'>;

/** The names that a certificate presents. */
type Presented = () => readonly string[];

/**
 * The names that count: the DNS ones and, only where there are none, the common names (RFC 6125
 * section 6.4.4).
 */
export function presentedNames(certificate: QSslCertificate | undefined): readonly string[] {
  const names = certificate?.subjectAlternativeNames().get(AlternativeNameEntryType.DnsEntry);
  return names ?? certificate?.subjectInfo(SubjectInfo.CommonName) ?? [];
}

function matchesDnsName(names: NameCheck, presented: Presented, name: string): boolean {
  if (names.checkHost(name, NameForm.WholeLabels)) return true;
  // X509_check_host also takes `*o` and `f*o`, and reports one match only, which may hide a better one:
  // it must find a match, and then one of the names must be of the form that Qt takes.
  if (!names.checkHost(name, NameForm.PartsOfLabels)) return false;
  return presented().some((pattern) => matchesPrefixPattern(pattern, name));
}

/**
 * True if the certificate is for the host: an address equals one of its IP names, or the name matches a
 * DNS name or, in a certificate without DNS names, a common name.
 *
 * An address that no IP name holds may still equal a DNS name or a common name, wildcards apart. A wildcard
 * is a star at the end of the first of at least three labels, and stands for a part of one label. False
 * for what is no host name, an empty name among them.
 *
 * Differs from Qt: common names count only where there is no DNS name; an empty name never matches;
 * a common name that is no host name never does.
 * Qt: QSslSocketPrivate::isMatchingHostname; OpenSSL: X509_check_host, X509_check_ip
 * @internal
 */
export function matchesHostName(names: NameCheck, presented: Presented, name: string): boolean {
  const host = knownHostName(name);
  if (host === null) return false;
  if (host.kind === 'dns') return matchesDnsName(names, presented, host.name);
  // An address with a zone (fe80::1%eth0) is not for X509_check_ip, and is in no certificate.
  const isPlain = !host.name.includes('%');
  if (isPlain && names.checkIp(host.name)) return true;
  return names.checkHost(host.name, NameForm.NoWildcards);
}

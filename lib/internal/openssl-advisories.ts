import { isMainThread } from 'node:worker_threads';

/** A security advisory about DTLS that applies to the OpenSSL of this process, by its version number. Extension. */
export interface OpenSslAdvisory {
  /** CVE identifier. */
  readonly id: string;
  /** The nearest later release without the defect. Distributions may have repaired theirs without a new number. */
  readonly fixedIn: string;
  /** Whether this package defends against it on every OpenSSL. */
  readonly covered: boolean;
}

/** An advisory with the first good release of each branch, oldest branch first. */
export interface KnownAdvisory extends Pick<OpenSslAdvisory, 'id' | 'covered'> {
  readonly fixes: readonly string[];
}

/** Those that reach DTLS in OpenSSL 3 and later. */
const KNOWN_ADVISORIES: readonly KnownAdvisory[] = [
  {
    // Records of the next epoch are parked by the hundred: the record guard keeps them itself, within limits.
    id: 'CVE-2026-54874',
    fixes: ['3.0.22', '3.4.7', '3.5.8', '3.6.4', '4.0.2'],
    covered: true,
  },
  {
    // A record too short for nonce and tag ends the association: the record guard drops it.
    id: 'CVE-2026-75806',
    fixes: ['3.0.23', '3.4.8', '3.5.9', '3.6.5', '4.0.3'],
    covered: true,
  },
  {
    // A repetition reads past its message if the timer fires while a write of the handshake is suspended because the
    // transport refused it: the datagram BIO takes all that is written, so that no write is ever suspended.
    id: 'CVE-2026-84782',
    fixes: ['3.0.23', '3.4.8', '3.5.9', '3.6.5', '4.0.3'],
    covered: true,
  },
];

type Version = readonly [major: number, minor: number, patch: number];

function parseVersion(text: string): Version | null {
  const [, major, minor, patch] = /(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return patch === undefined ? null : [Number(major), Number(minor), Number(patch)];
}

function isBefore(left: Version, right: Version): boolean {
  for (const index of [0, 1, 2] as const) {
    if (left[index] !== right[index]) return left[index] < right[index];
  }
  return false;
}

/** The release that helps: of the same branch, or of the next one where a branch has ended without it. */
function fixFor(version: Version, fixes: readonly string[]): string | undefined {
  const parsed = fixes.flatMap((text) => {
    const fix = parseVersion(text);
    return fix === null ? [] : [{ text, fix }];
  });
  const ofBranch = parsed.find(({ fix }) => fix[0] === version[0] && fix[1] === version[1]);
  if (ofBranch !== undefined) return isBefore(version, ofBranch.fix) ? ofBranch.text : undefined;
  return parsed.find(({ fix }) => isBefore(version, fix))?.text;
}

/**
 * The advisories that apply to a version, as `OpenSSL_version()` writes it. None for a text without a version.
 *
 * Source: the CVE records, field "affected"
 */
export function advisoriesFor(openssl: string, known = KNOWN_ADVISORIES): readonly OpenSslAdvisory[] {
  const version = parseVersion(openssl);
  if (version === null) return [];
  return known.flatMap(({ id, fixes, covered }) => {
    const fixedIn = fixFor(version, fixes);
    return fixedIn === undefined ? [] : [{ id, fixedIn, covered }];
  });
}

/**
 * Emits one process warning (SecurityWarning, code QDTLS_OPENSSL_ADVISORY) about what is not covered, and none when all
 * is. Only the main thread speaks: a pool of workers would say the same many times over.
 */
export function warnOfAdvisories(
  openssl: string,
  advisories: readonly OpenSslAdvisory[],
  isSpeaker = isMainThread,
): void {
  const open = advisories.filter(({ covered }) => !covered);
  if (open.length === 0 || !isSpeaker) return;
  const list = open.map(({ id, fixedIn }) => `${id} (repaired in ${fixedIn})`).join(', ');
  process.emitWarning(
    `${openssl} has defects in DTLS that qdtls cannot make up for: ${list}. Use a Node.js with a newer OpenSSL; ` +
      'if yours is repaired under the old number, node --disable-warning=QDTLS_OPENSSL_ADVISORY hides this.',
    { type: 'SecurityWarning', code: 'QDTLS_OPENSSL_ADVISORY' },
  );
}

import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

/** A name in the form in which certificates hold it. */
export interface HostName {
  readonly kind: 'ip' | 'dns';
  /** An address as it was given, or a lower-case name of ASCII labels (RFC 5890 section 2.3.2.1). */
  readonly name: string;
}

const asciiName = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/;
const unusual = /[^A-Za-z0-9_.\u0080-\u{10ffff}-]/u;

let last = '';
let lastParsed: HostName | null = null;

/** parseHostName(), which clients mostly call with the name that they called it with before. */
export function knownHostName(name: string): HostName | null {
  if (name !== last) lastParsed = parseHostName(name);
  last = name;
  return lastParsed;
}

/**
 * Prepares a host name for comparison. Returns null for what is no host name: an empty one, one with an
 * empty label, or one with a character that no host name has.
 */
export function parseHostName(name: string): HostName | null {
  if (isIP(name) !== 0) return { kind: 'ip', name };
  // Before domainToASCII, which reads a URL: it drops tabs and all after a slash, and decodes percent signs.
  if (unusual.test(name)) return null;
  const ascii = /^[\0-\x7f]*$/.test(name) ? name.toLowerCase() : domainToASCII(name);
  // Full-width digits can turn into an address, which the name as given was not.
  if (isIP(ascii) !== 0) return null;
  return asciiName.test(ascii) ? { kind: 'dns', name: ascii } : null;
}

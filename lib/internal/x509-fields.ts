import { SocketAddress } from 'node:net';
import { DerError, DerReader, derObjectIdentifier, derText, derTime, tags } from './der';

// node:crypto gives names and alternative names as text in which a crafted value can imitate another
// attribute, so they are read from the encoding here.

/** One attribute of a distinguished name. */
export interface NameAttribute {
  /** OpenSSL's short name of the type, such as `CN`, or its dotted object identifier. */
  readonly type: string;
  readonly value: string;
}

/** One alternative name of the kinds that Qt knows. */
export interface AlternativeName {
  readonly kind: 'email' | 'dns' | 'ip';
  readonly value: string;
}

/** The fields of a certificate that node:crypto does not give, or does not give exactly. */
export interface X509Fields {
  /** 1, 2 or 3. */
  readonly version: number;
  /** The magnitude as lower-case hexadecimal bytes joined by colons. */
  readonly serialNumber: string;
  readonly issuer: readonly NameAttribute[];
  readonly subject: readonly NameAttribute[];
  /** Null for a malformed time. */
  readonly notBefore: Date | null;
  /** Null for a malformed time. */
  readonly notAfter: Date | null;
  readonly alternativeNames: readonly AlternativeName[];
}

/**
 * Short names as in OpenSSL's objects.h, for the attributes that occur in names (RFC 5280, EV
 * guidelines).
 */
const shortNames: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.13', 'description'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.41', 'name'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.46', 'dnQualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['1.2.840.113549.1.9.2', 'unstructuredName'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionL'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionST'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
]);

const subjectAltName = '2.5.29.17';

/**
 * Reads the fields of a DER certificate (RFC 5280 section 4.1), or returns null if the encoding is not
 * DER.
 */
export function readX509Fields(der: Uint8Array): X509Fields | null {
  try {
    return readCertificate(new DerReader(der).enter(tags.sequence).enter(tags.sequence));
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

function readCertificate(fields: DerReader): X509Fields {
  const version = fields.nextTag === 0xa0 ? readVersion(fields.enter(0xa0)) : 1;
  const serialNumber = readSerialNumber(fields.read(tags.integer).content);
  fields.read(tags.sequence); // signature algorithm
  const issuer = readName(fields.enter(tags.sequence));
  const validity = fields.enter(tags.sequence);
  const notBefore = derTime(validity.read());
  const notAfter = derTime(validity.read());
  const subject = readName(fields.enter(tags.sequence));
  fields.read(tags.sequence); // public key
  const alternativeNames = readAlternativeNames(fields);
  return { version, serialNumber, issuer, subject, notBefore, notAfter, alternativeNames };
}

function readVersion(reader: DerReader): number {
  return (reader.read(tags.integer).content.at(-1) ?? 0) + 1;
}

/** Two's complement to magnitude: Qt shows the bytes of ASN1_INTEGER, which hold no sign. */
function readSerialNumber(content: Buffer): string {
  const negative = (content[0] ?? 0) >= 0x80;
  const value = BigInt(`0x0${content.toString('hex')}`);
  const magnitude = negative ? (1n << BigInt(content.length * 8)) - value : value;
  const digits = magnitude.toString(16);
  const bytes = digits.padStart(digits.length + (digits.length % 2), '0').match(/../g) ?? [];
  return bytes.join(':');
}

function readName(name: DerReader): NameAttribute[] {
  const attributes: NameAttribute[] = [];
  while (!name.done) {
    const set = name.enter(tags.set);
    while (!set.done) {
      const attribute = set.enter(tags.sequence);
      const identifier = derObjectIdentifier(attribute.read(tags.objectIdentifier).content);
      const value = derText(attribute.read());
      if (value !== null) attributes.push({ type: shortNames.get(identifier) ?? identifier, value });
    }
  }
  return attributes;
}

/** Skips to the extensions and reads the alternative names among them. */
function readAlternativeNames(fields: DerReader): AlternativeName[] {
  let extensions: DerReader | null = null;
  while (!fields.done) {
    const { tag, content } = fields.read();
    if (tag === 0xa3) extensions = new DerReader(content).enter(tags.sequence);
  }
  const values: Buffer[] = [];
  while (extensions !== null && !extensions.done) {
    const extension = extensions.enter(tags.sequence);
    const identifier = derObjectIdentifier(extension.read(tags.objectIdentifier).content);
    extension.readOptional(tags.boolean);
    const value = extension.read(tags.octetString).content;
    if (identifier === subjectAltName) values.push(value);
  }
  // RFC 5280 section 4.2 forbids two of a kind, and OpenSSL then reads neither.
  const [value] = values;
  return value === undefined || values.length > 1 ? [] : readGeneralNames(value);
}

function readGeneralNames(encoded: Buffer): AlternativeName[] {
  const names: AlternativeName[] = [];
  const reader = new DerReader(encoded).enter(tags.sequence);
  while (!reader.done) {
    const { tag, content } = reader.read();
    if (tag === 0x81) names.push({ kind: 'email', value: content.toString('latin1') });
    if (tag === 0x82) names.push({ kind: 'dns', value: content.toString('latin1') });
    if (tag === 0x87 && content.length === 4) names.push({ kind: 'ip', value: content.join('.') });
    if (tag === 0x87 && content.length === 16) names.push({ kind: 'ip', value: ipv6Text(content) });
  }
  return names;
}

/** The canonical text of an IPv6 address (RFC 5952). */
function ipv6Text(content: Buffer): string {
  const groups = content.toString('hex').match(/.{4}/g) ?? [];
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address;
}

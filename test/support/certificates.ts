import { createHash, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIPv4, SocketAddress } from 'node:net';
import * as der from '../../lib/cli/console/der-writer';
import type { KeyKind, KeyPair } from './keys';
import { fixtureKeys, privateKeyPem } from './keys';

// X.509 version 3 certificates made at run time (RFC 5280), without the openssl command.

/** One attribute of a name: a short name of `attributeTypes` or a dotted object identifier, and its value. */
export type NameEntry = readonly [type: string, value: string | Buffer];

/** What a certificate is to say. Every field has a default that makes a valid leaf certificate. */
export interface CertificateOptions {
  /** Default: `localhost`. Several make several CN attributes; none, an empty subject. */
  readonly commonName?: string | readonly string[];
  /** Further attributes, after the common names. A Buffer is an encoded value. */
  readonly subject?: readonly NameEntry[];
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  readonly emailAddresses?: readonly string[];
  /** Default: yesterday. */
  readonly notBefore?: Date;
  /** Default: in a year. */
  readonly notAfter?: Date;
  /** Hexadecimal, colons allowed. Default: random. */
  readonly serialNumber?: string;
  /** Extended key usage; absent by default, which allows every purpose. */
  readonly purposes?: readonly ('serverAuth' | 'clientAuth')[];
  /** Whether it may issue certificates. */
  readonly ca?: boolean;
  /** How many authorities may stand below this one. */
  readonly pathLength?: number;
  /** Default: `ec-p256`. */
  readonly key?: KeyKind | KeyPair;
  /** Default: the certificate itself. */
  readonly issuer?: IssuedCertificate;
  /** Makes the certificate about this many bytes longer. */
  readonly padding?: number;
  /** Further extensions, each encoded. */
  readonly extensions?: readonly Buffer[];
}

/** A certificate, its key, and the way up to its root. */
export interface IssuedCertificate {
  readonly certificatePem: string;
  readonly certificateDer: Buffer;
  /** PKCS#8. */
  readonly keyPem: string;
  readonly keys: KeyPair;
  /** What a server or client sends: this certificate first, then the authorities above without the root. */
  readonly chainPem: string;
  /** The self-signed certificate at the top, which the other side has to trust. */
  readonly rootPem: string;
  /** The subject, encoded. */
  readonly subject: Buffer;
  readonly issuer: IssuedCertificate | null;
}

const attributeTypes: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  SN: '2.5.4.4',
  serialNumber: '2.5.4.5',
  C: '2.5.4.6',
  L: '2.5.4.7',
  ST: '2.5.4.8',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  dnQualifier: '2.5.4.46',
  emailAddress: '1.2.840.113549.1.9.1',
};

const purposeTypes = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' };

const day = 86_400_000;

/** Periods of validity to give to a certificate. */
export const expired = { notBefore: new Date(Date.now() - 30 * day), notAfter: new Date(Date.now() - day) };
export const notYetValid = {
  notBefore: new Date(Date.now() + day),
  notAfter: new Date(Date.now() + 30 * day),
};

function encodeName(entries: readonly NameEntry[]): Buffer {
  const attributes = entries.map(([type, value]) => {
    const encoded = typeof value === 'string' ? der.utf8String(value) : value;
    return der.set(der.sequence(der.objectIdentifier(attributeTypes[type] ?? type), encoded));
  });
  return der.sequence(...attributes);
}

function subjectOf(options: CertificateOptions): Buffer {
  const { commonName = 'localhost', subject = [] } = options;
  const commonNames = typeof commonName === 'string' ? [commonName] : commonName;
  return encodeName([...commonNames.map((value): NameEntry => ['CN', value]), ...subject]);
}

/** One extension (RFC 5280 section 4.2). */
export function extension(type: string, value: Buffer, importance: '' | 'critical' = ''): Buffer {
  const flag = importance === 'critical' ? [der.derTrue] : [];
  return der.sequence(der.objectIdentifier(type), ...flag, der.octetString(value));
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  // SocketAddress writes IPv6 addresses in one form, in which `::` and an IPv4 end have to be spelt out.
  const written = new SocketAddress({ family: 'ipv6', address }).address.replace(/[\d.]+\.\d+$/, (end) =>
    addressBytes(end).toString('hex').replace(/^..../, '$&:'),
  );
  const [head = '', tail = ''] = written.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0');
  const all = [...groups(head), ...zeros, ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

function alternativeNames(options: CertificateOptions): Buffer[] {
  const { dnsNames = [], ipAddresses = [], emailAddresses = [] } = options;
  const names = [
    ...emailAddresses.map((name) => der.implicit(1, Buffer.from(name, 'latin1'))),
    ...dnsNames.map((name) => der.implicit(2, Buffer.from(name, 'latin1'))),
    ...ipAddresses.map((address) => der.implicit(7, addressBytes(address))),
  ];
  return names.length === 0 ? [] : [extension('2.5.29.17', der.sequence(...names))];
}

function keyIdentifier(key: KeyObject): Buffer {
  return createHash('sha1').update(key.export({ format: 'der', type: 'spki' })).digest();
}

function extensionsOf(options: CertificateOptions, keys: KeyPair, issuerKeys: KeyPair): Buffer[] {
  const { ca = false, pathLength, purposes = [], padding = 0 } = options;
  const limit = pathLength === undefined ? [] : [der.integer(pathLength.toString(16))];
  const constraints = der.sequence(...(ca ? [der.derTrue, ...limit] : []));
  // keyCertSign and cRLSign; or digitalSignature and keyEncipherment.
  const usage = ca ? der.bitString(Buffer.from([0x06]), 1) : der.bitString(Buffer.from([0xa0]), 5);
  const purposeList = purposes.map((purpose) => der.objectIdentifier(purposeTypes[purpose]));
  return [
    extension('2.5.29.19', constraints, 'critical'),
    extension('2.5.29.15', usage, 'critical'),
    extension('2.5.29.14', der.octetString(keyIdentifier(keys.publicKey))),
    extension('2.5.29.35', der.sequence(der.implicit(0, keyIdentifier(issuerKeys.publicKey)))),
    ...(purposeList.length > 0 ? [extension('2.5.29.37', der.sequence(...purposeList))] : []),
    ...alternativeNames(options),
    // An identifier from the arc for examples (RFC 5612).
    ...(padding > 0 ? [extension('1.3.6.1.4.1.32473.1', der.octetString(randomBytes(padding)))] : []),
    ...(options.extensions ?? []),
  ];
}

function signatureAlgorithm(key: KeyObject): Buffer {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return der.sequence(der.objectIdentifier('1.2.840.113549.1.1.11'), der.element(0x05));
    case 'ed25519':
      return der.sequence(der.objectIdentifier('1.3.101.112'));
    default:
      return der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  }
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Makes a certificate; self-signed unless an issuer is given. */
export function issueCertificate(options: CertificateOptions = {}): IssuedCertificate {
  const { key = 'ec-p256', issuer = null } = options;
  const { notBefore = new Date(Date.now() - day), notAfter = new Date(Date.now() + 365 * day) } = options;
  const serialNumber = options.serialNumber ?? `40${randomBytes(7).toString('hex')}`;
  const keys = typeof key === 'string' ? fixtureKeys(key) : key;
  const issuerKeys = issuer?.keys ?? keys;
  const subject = subjectOf(options);
  const algorithm = signatureAlgorithm(issuerKeys.privateKey);
  const body = der.sequence(
    der.context(0, der.integer('02')),
    der.integer(serialNumber.replaceAll(':', '')),
    algorithm,
    issuer?.subject ?? subject,
    der.sequence(der.time(notBefore), der.time(notAfter)),
    subject,
    keys.publicKey.export({ format: 'der', type: 'spki' }),
    der.context(3, der.sequence(...extensionsOf(options, keys, issuerKeys))),
  );
  const digest = issuerKeys.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const signature = sign(digest, body, issuerKeys.privateKey);
  const certificateDer = der.sequence(body, algorithm, der.bitString(signature));
  const certificatePem = toPem(certificateDer);
  return {
    certificatePem,
    certificateDer,
    keyPem: privateKeyPem(keys),
    keys,
    chainPem: certificatePem + (issuer?.issuer ? issuer.chainPem : ''),
    rootPem: issuer?.rootPem ?? certificatePem,
    subject,
    issuer,
  };
}

/** Makes an authority: a root unless an issuer is given. */
export function makeAuthority(options: CertificateOptions = {}): IssuedCertificate {
  return issueCertificate({ commonName: 'Test Authority', ca: true, ...options });
}

/** Makes a server's certificate for `localhost`, 127.0.0.1 and ::1, unless the options say otherwise. */
export function makeServerCertificate(
  issuer: IssuedCertificate,
  options: CertificateOptions = {},
): IssuedCertificate {
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1', '::1'] };
  return issueCertificate({ ...names, purposes: ['serverAuth'], issuer, ...options });
}

/** Makes a client's certificate. */
export function makeClientCertificate(
  issuer: IssuedCertificate,
  options: CertificateOptions = {},
): IssuedCertificate {
  return issueCertificate({ commonName: 'client', purposes: ['clientAuth'], issuer, ...options });
}

/** Makes a server's certificate below a root and the given number of authorities between. */
export function makeChain(between: number, options: CertificateOptions = {}): IssuedCertificate {
  const { key = 'ec-p256', padding = 0 } = options;
  let authority = makeAuthority({ commonName: 'Test Root', key });
  for (let level = between; level > 0; level -= 1) {
    const commonName = `Test Authority ${level}`;
    authority = makeAuthority({ commonName, issuer: authority, key, padding });
  }
  return makeServerCertificate(authority, options);
}

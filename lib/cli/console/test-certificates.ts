import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIPv4, isIPv6, SocketAddress } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import * as der from './der-writer';

/** A certificate with its private key, both in PEM. */
export interface TestIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

/** An authority of this process alone, and one identity below it for each side. */
export interface TestCertificates {
  readonly authorityPem: string;
  readonly server: TestIdentity;
  readonly client: TestIdentity;
  /** Names and addresses that the server's certificate is for. */
  readonly names: readonly string[];
  /** SHA-256 of the authority's certificate, with colons. */
  readonly fingerprint: string;
  readonly validTo: Date;
}

interface Issuer {
  readonly name: Buffer;
  readonly key: KeyObject;
}

interface Request {
  readonly commonName: string;
  readonly authority?: boolean;
  readonly purpose?: string;
  readonly names?: readonly string[];
  readonly validTo: Date;
}

const DAY = 86_400_000;

/** Long enough for a trial that goes on, short enough that nobody builds on it. */
const LIFETIME = 30 * DAY;

const SERVER_PURPOSE = '1.3.6.1.5.5.7.3.1';
const CLIENT_PURPOSE = '1.3.6.1.5.5.7.3.2';

/** ecdsa-with-SHA256 (RFC 5758 section 3.2). */
const SIGNATURE = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));

function nameOf(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String(commonName))));
}

function extension(type: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.objectIdentifier(type), ...(critical ? [der.derTrue] : []), der.octetString(value));
}

/** The sixteen bytes of an IPv6 address, which may be shortened. */
function ipv6Bytes(address: string): Buffer {
  const [head = '', tail = ''] = new SocketAddress({ family: 'ipv6', address }).address.split('::');
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'));
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return Buffer.from([...before, ...zeros, ...after].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** A name or address as GeneralName (RFC 5280 section 4.2.1.6). */
function generalName(name: string): Buffer {
  if (isIPv4(name)) return der.implicit(7, Buffer.from(name.split('.').map(Number)));
  return isIPv6(name) ? der.implicit(7, ipv6Bytes(name)) : der.implicit(2, Buffer.from(name, 'latin1'));
}

function extensionsOf({ authority = false, purpose, names = [] }: Request): Buffer[] {
  // keyCertSign for an authority, digitalSignature for everyone else.
  const usage = authority ? der.bitString(Buffer.from([0x04]), 2) : der.bitString(Buffer.from([0x80]), 7);
  return [
    extension('2.5.29.19', der.sequence(...(authority ? [der.derTrue] : [])), true),
    extension('2.5.29.15', usage, true),
    ...(purpose === undefined ? [] : [extension('2.5.29.37', der.sequence(der.objectIdentifier(purpose)))]),
    ...(names.length === 0 ? [] : [extension('2.5.29.17', der.sequence(...names.map(generalName)))]),
  ];
}

function toPem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** Makes a certificate (RFC 5280 section 4.1) with a new key; self-signed without an issuer. */
function issue(request: Request, issuer?: Issuer): TestIdentity & Issuer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = nameOf(request.commonName);
  const body = der.sequence(
    der.context(0, der.integer('02')),
    der.integer(`40${randomBytes(15).toString('hex')}`),
    SIGNATURE,
    issuer?.name ?? subject,
    der.sequence(der.time(new Date(Date.now() - DAY)), der.time(request.validTo)),
    subject,
    publicKey.export({ format: 'der', type: 'spki' }),
    der.context(3, der.sequence(...extensionsOf(request))),
  );
  const signature = der.bitString(sign('sha256', body, issuer?.key ?? privateKey));
  return {
    certificatePem: toPem(der.sequence(body, SIGNATURE, signature)),
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    name: subject,
    key: privateKey,
  };
}

/** Everything that clients may call this machine. */
function ownNames(): string[] {
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  // A link-local address means nothing without its zone, which cannot stand in a certificate.
  const addresses = interfaces.map(({ address }) => address).filter((address) => !/^fe80:/i.test(address));
  // A host name may have characters that a certificate cannot.
  const host = /^[\w.-]{1,253}$/.test(hostname()) ? [hostname()] : [];
  return [...new Set(['localhost', ...host, '127.0.0.1', '::1', ...addresses])];
}

/** Makes certificates for trials on this machine: the keys exist in this process only. */
export function makeTestCertificates(): TestCertificates {
  const validTo = new Date(Date.now() + LIFETIME);
  const names = ownNames();
  const authority = issue({ commonName: 'qdtls console test authority', authority: true, validTo });
  const server = issue({ commonName: 'qdtls console test server', purpose: SERVER_PURPOSE, names, validTo }, authority);
  const client = issue({ commonName: 'qdtls console test client', purpose: CLIENT_PURPOSE, validTo }, authority);
  const fingerprint = new X509Certificate(authority.certificatePem).fingerprint256;
  return { authorityPem: authority.certificatePem, server, client, names, fingerprint, validTo };
}

import type { KeyObject } from 'node:crypto';
import { generateKeyPairSync } from 'node:crypto';

/** What a certificate can be made for; the number after `rsa-` is the size of the modulus in bits. */
export type KeyKind = 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519' | `rsa-${number}`;

export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

const curves: Readonly<Record<string, string>> = {
  'ec-p256': 'P-256',
  'ec-p384': 'P-384',
  'ec-p521': 'P-521',
};

/** A new pair of keys. */
export function generateKeys(kind: KeyKind): KeyPair {
  const namedCurve = curves[kind];
  if (namedCurve !== undefined) return generateKeyPairSync('ec', { namedCurve });
  if (kind === 'ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('rsa', { modulusLength: Number(kind.slice('rsa-'.length)) });
}

const cache = new Map<KeyKind, KeyPair>();

/** A pair of keys for a fixture: a new one, but for RSA, which is slow to make, one per size and process. */
export function fixtureKeys(kind: KeyKind): KeyPair {
  if (!kind.startsWith('rsa-')) return generateKeys(kind);
  const keys = cache.get(kind) ?? generateKeys(kind);
  cache.set(kind, keys);
  return keys;
}

/** The private key as PKCS#8 PEM. */
export function privateKeyPem({ privateKey }: KeyPair): string {
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

import { createPrivateKey, createPublicKey, KeyObject } from 'node:crypto';
import { checkEnum, checkInstance, copyBytes, invalidArgumentType, type Bytes } from './internal/arguments';
import { pemBlocks } from './internal/pem';
import { EncodingFormat, KeyAlgorithm, KeyType } from './qssl';

const algorithms: ReadonlyMap<string, KeyAlgorithm> = new Map([
  ['rsa', KeyAlgorithm.Rsa],
  ['rsa-pss', KeyAlgorithm.Rsa],
  ['dsa', KeyAlgorithm.Dsa],
  ['ec', KeyAlgorithm.Ec],
  ['dh', KeyAlgorithm.Dh],
]);

/** Lengths in bits that OpenSSL's EVP_PKEY_bits gives for keys of one fixed size. */
const fixedLengths: ReadonlyMap<string, number> = new Map([
  ['ed25519', 253],
  ['x25519', 253],
  ['ed448', 456],
  ['x448', 448],
]);

/** Runs a decoder of node:crypto; what it cannot decode is null. */
function attempt(decode: () => KeyObject): KeyObject | null {
  try {
    return decode();
  } catch {
    return null;
  }
}

function decodePrivate(key: Buffer, format: EncodingFormat, passphrase: Buffer): KeyObject | null {
  const secret = passphrase.length > 0 ? { passphrase } : {};
  if (format === EncodingFormat.Pem) {
    return attempt(() => createPrivateKey({ key, format: 'pem', ...secret }));
  }
  for (const type of ['pkcs8', 'pkcs1', 'sec1'] as const) {
    const decoded = attempt(() => createPrivateKey({ key, format: 'der', type, ...secret }));
    if (decoded !== null) return decoded;
  }
  return null;
}

function decodePublic(encoded: Buffer, format: EncodingFormat): KeyObject | null {
  // The block is picked here because createPublicKey also takes private keys and certificates.
  const key = format === EncodingFormat.Pem ? pemBlocks(encoded, 'PUBLIC KEY')[0] : encoded;
  return key === undefined ? null : attempt(() => createPublicKey({ key, format: 'der', type: 'spki' }));
}

function algorithmOf(key: KeyObject): KeyAlgorithm {
  return algorithms.get(key.asymmetricKeyType ?? '') ?? KeyAlgorithm.Opaque;
}

function lengthOf(key: KeyObject): number {
  const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (modulusLength !== undefined) return modulusLength;
  const fixed = fixedLengths.get(key.asymmetricKeyType ?? '');
  if (fixed !== undefined) return fixed;
  // The size of a curve is the number in its name: prime256v1, secp384r1, brainpoolP512r1.
  const digits = /\d{3}/.exec(namedCurve ?? '');
  return digits === null ? -1 : Number(digits[0]);
}

/**
 * A private or public key; immutable. A key that cannot be decoded is a null key.
 *
 * Differs from Qt: `clear()` and `swap()` are absent, because a value never changes.
 * Qt: QSslKey
 */
export class QSslKey {
  readonly #key: KeyObject | null;

  /**
   * Constructs a null key or, an extension to Qt, the private or public key of a KeyObject.
   *
   * @throws TypeError - for a secret (symmetric) KeyObject.
   * Qt: QSslKey::QSslKey()
   */
  constructor(key?: KeyObject);
  /**
   * Decodes a key. The result is null if the bytes are no key of that algorithm and type, or the
   * passphrase is wrong or missing.
   *
   * PEM may be PKCS#8, PKCS#1 or SEC 1, encrypted or not; DER may be PKCS#8 (encrypted or not),
   * PKCS#1 or SEC 1. Public keys are SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7).
   *
   * @throws TypeError, RangeError - for values of another kind.
   *
   * Differs from Qt: KeyAlgorithm.Opaque takes a key of any algorithm; with Qt it never gives a key.
   * Qt: QSslKey::QSslKey(const QByteArray &, ...)
   */
  constructor(
    encoded: Bytes,
    algorithm: KeyAlgorithm,
    format?: EncodingFormat,
    type?: KeyType,
    passphrase?: Bytes,
  );
  constructor(
    source?: KeyObject | Bytes,
    algorithm?: KeyAlgorithm,
    format: EncodingFormat = EncodingFormat.Pem,
    type: KeyType = KeyType.PrivateKey,
    passphrase: Bytes = '',
  ) {
    if (source === undefined) {
      this.#key = null;
    } else if (source instanceof KeyObject) {
      if (source.type === 'secret') throw invalidArgumentType('key', 'a private or public KeyObject', source);
      this.#key = source;
    } else {
      const encoded = copyBytes(source, 'encoded');
      checkEnum(algorithm, KeyAlgorithm, 'algorithm', 'KeyAlgorithm');
      checkEnum(format, EncodingFormat, 'format', 'EncodingFormat');
      checkEnum(type, KeyType, 'type', 'KeyType');
      const secret = copyBytes(passphrase, 'passphrase');
      const isPrivate = type === KeyType.PrivateKey;
      const key = isPrivate ? decodePrivate(encoded, format, secret) : decodePublic(encoded, format);
      const fits = key !== null && (algorithm === KeyAlgorithm.Opaque || algorithmOf(key) === algorithm);
      this.#key = fits ? key : null;
    }
  }

  /** True if there is no key. Qt: QSslKey::isNull */
  isNull(): boolean {
    return this.#key === null;
  }

  /**
   * Length in bits; -1 for a null key and for a kind of key whose length is not known.
   * Qt: QSslKey::length
   */
  length(): number {
    return this.#key === null ? -1 : lengthOf(this.#key);
  }

  /** Private or public; PublicKey for a null key. Qt: QSslKey::type */
  type(): KeyType {
    return this.#key?.type === 'private' ? KeyType.PrivateKey : KeyType.PublicKey;
  }

  /**
   * The family of the key; Opaque for a null key and for one that Qt has no name for.
   * Qt: QSslKey::algorithm
   */
  algorithm(): KeyAlgorithm {
    return this.#key === null ? KeyAlgorithm.Opaque : algorithmOf(this.#key);
  }

  /**
   * The key as PEM: PKCS#1 for RSA, SEC 1 for elliptic curves, PKCS#8 for others, and
   * SubjectPublicKeyInfo for public keys. A private key is encrypted if a passphrase is given.
   * Returns an empty Buffer for a null key.
   *
   * @throws TypeError - unless it is a string or bytes.
   *
   * Differs from Qt: encrypted keys are PKCS#8 with AES-256-CBC; Qt's legacy PEM encryption (triple DES,
   * one round of MD5) can be guessed open.
   * Qt: QSslKey::toPem
   */
  toPem(passphrase: Bytes = ''): Buffer {
    const secret = copyBytes(passphrase, 'passphrase');
    const key = this.#key;
    if (key === null) return Buffer.alloc(0);
    if (key.type === 'private' && secret.length > 0) {
      const cipher = { cipher: 'aes-256-cbc', passphrase: secret };
      return Buffer.from(key.export({ format: 'pem', type: 'pkcs8', ...cipher }));
    }
    return Buffer.from(key.export({ format: 'pem', type: this.#plainEncoding(key) }));
  }

  /**
   * The key as DER, in the same structure as an unencrypted PEM; an empty Buffer for a null key.
   *
   * Differs from Qt: takes no passphrase; Qt gives nothing when there is one.
   * Qt: QSslKey::toDer
   */
  toDer(): Buffer {
    const key = this.#key;
    return key === null ? Buffer.alloc(0) : key.export({ format: 'der', type: this.#plainEncoding(key) });
  }

  /** The key as a KeyObject of node:crypto; null for a null key. Qt: QSslKey::handle */
  handle(): KeyObject | null {
    return this.#key;
  }

  /**
   * True if both are the same key, or both are null.
   *
   * @throws TypeError - unless it is a QSslKey.
   * Qt: QSslKey::operator==
   */
  equals(other: QSslKey): boolean {
    const key = checkInstance(other, QSslKey, 'other').#key;
    if (this.#key === null || key === null) return this.#key === key;
    return this.#key.equals(key);
  }

  #plainEncoding(key: KeyObject): 'spki' | 'pkcs1' | 'sec1' | 'pkcs8' {
    if (key.type === 'public') return 'spki';
    if (key.asymmetricKeyType === 'rsa') return 'pkcs1';
    return key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8';
  }
}

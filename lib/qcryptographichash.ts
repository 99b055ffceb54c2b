import { createHash } from 'node:crypto';
import { checkBytes, checkEnum } from './internal/arguments';

/** Hash functions. The Sha3_ names are aliases of the RealSha3_ ones. Qt: QCryptographicHash::Algorithm */
export enum Algorithm {
  /** Broken; not offered by OpenSSL 3 unless its legacy provider is loaded. */
  Md4 = 0,
  /** Broken; kept because it is the default of `QSslCertificate.digest()`. */
  Md5 = 1,
  /** Broken for signatures. */
  Sha1 = 2,
  Sha224 = 3,
  /** The default of cookies. */
  Sha256 = 4,
  Sha384 = 5,
  Sha512 = 6,
  Keccak_224 = 7,
  Keccak_256 = 8,
  Keccak_384 = 9,
  Keccak_512 = 10,
  RealSha3_224 = 11,
  RealSha3_256 = 12,
  RealSha3_384 = 13,
  RealSha3_512 = 14,
  Sha3_224 = RealSha3_224,
  Sha3_256 = RealSha3_256,
  Sha3_384 = RealSha3_384,
  Sha3_512 = RealSha3_512,
  Blake2b_160 = 15,
  Blake2b_256 = 16,
  Blake2b_384 = 17,
  Blake2b_512 = 18,
  Blake2s_128 = 19,
  Blake2s_160 = 20,
  Blake2s_224 = 21,
  Blake2s_256 = 22,
}

interface Digest {
  /** OpenSSL's name; empty where OpenSSL has no such function, as for the shorter BLAKE2 variants. */
  readonly name: string;
  /** Length of the result in bytes. */
  readonly length: number;
}

const digests: Readonly<Record<Algorithm, Digest>> = {
  [Algorithm.Md4]: { name: 'md4', length: 16 },
  [Algorithm.Md5]: { name: 'md5', length: 16 },
  [Algorithm.Sha1]: { name: 'sha1', length: 20 },
  [Algorithm.Sha224]: { name: 'sha224', length: 28 },
  [Algorithm.Sha256]: { name: 'sha256', length: 32 },
  [Algorithm.Sha384]: { name: 'sha384', length: 48 },
  [Algorithm.Sha512]: { name: 'sha512', length: 64 },
  [Algorithm.Keccak_224]: { name: 'keccak-224', length: 28 },
  [Algorithm.Keccak_256]: { name: 'keccak-256', length: 32 },
  [Algorithm.Keccak_384]: { name: 'keccak-384', length: 48 },
  [Algorithm.Keccak_512]: { name: 'keccak-512', length: 64 },
  [Algorithm.RealSha3_224]: { name: 'sha3-224', length: 28 },
  [Algorithm.RealSha3_256]: { name: 'sha3-256', length: 32 },
  [Algorithm.RealSha3_384]: { name: 'sha3-384', length: 48 },
  [Algorithm.RealSha3_512]: { name: 'sha3-512', length: 64 },
  [Algorithm.Blake2b_160]: { name: '', length: 20 },
  [Algorithm.Blake2b_256]: { name: '', length: 32 },
  [Algorithm.Blake2b_384]: { name: '', length: 48 },
  [Algorithm.Blake2b_512]: { name: 'blake2b512', length: 64 },
  [Algorithm.Blake2s_128]: { name: '', length: 16 },
  [Algorithm.Blake2s_160]: { name: '', length: 20 },
  [Algorithm.Blake2s_224]: { name: '', length: 28 },
  [Algorithm.Blake2s_256]: { name: 'blake2s256', length: 32 },
};

function check(method: unknown): Algorithm {
  return checkEnum(method, Algorithm, 'method', 'QCryptographicHash.Algorithm');
}

/**
 * OpenSSL's name of a hash function, in lower case, or '' where OpenSSL has none by any name.
 * @internal
 */
export function opensslDigestName(method: Algorithm): string {
  return digests[method].name;
}

/**
 * Hashes the data (a string counts as UTF-8) and returns the digest.
 *
 * Returns an empty Buffer where this Node has no such function, as Qt does.
 * Qt: QCryptographicHash::hash
 */
function hash(data: string | ArrayBuffer | ArrayBufferView, method: Algorithm): Buffer {
  const bytes = checkBytes(data, 'data');
  const { name } = digests[check(method)];
  try {
    return createHash(name).update(bytes).digest();
  } catch {
    return Buffer.alloc(0);
  }
}

/** Length of a digest in bytes, from 16 to 64. Qt: QCryptographicHash::hashLength */
function hashLength(method: Algorithm): number {
  return digests[check(method)].length;
}

/**
 * True if this Node can compute the hash function.
 *
 * Differs from Qt: false for Keccak (before OpenSSL 3.2) and for BLAKE2 other than Blake2b_512 and
 * Blake2s_256, which Qt computes with code of its own.
 * Qt: QCryptographicHash::supportsAlgorithm
 */
function supportsAlgorithm(method: Algorithm): boolean {
  return hash('', method).length > 0;
}

/**
 * The hash functions by Qt's names, and Qt's static functions over them.
 *
 * Differs from Qt: no incremental hashing; `node:crypto` has it.
 * Qt: QCryptographicHash
 */
export const QCryptographicHash = Object.freeze({
  hash,
  hashLength,
  supportsAlgorithm,
  Algorithm,
  Md4: Algorithm.Md4,
  Md5: Algorithm.Md5,
  Sha1: Algorithm.Sha1,
  Sha224: Algorithm.Sha224,
  Sha256: Algorithm.Sha256,
  Sha384: Algorithm.Sha384,
  Sha512: Algorithm.Sha512,
  Keccak_224: Algorithm.Keccak_224,
  Keccak_256: Algorithm.Keccak_256,
  Keccak_384: Algorithm.Keccak_384,
  Keccak_512: Algorithm.Keccak_512,
  RealSha3_224: Algorithm.RealSha3_224,
  RealSha3_256: Algorithm.RealSha3_256,
  RealSha3_384: Algorithm.RealSha3_384,
  RealSha3_512: Algorithm.RealSha3_512,
  Sha3_224: Algorithm.Sha3_224,
  Sha3_256: Algorithm.Sha3_256,
  Sha3_384: Algorithm.Sha3_384,
  Sha3_512: Algorithm.Sha3_512,
  Blake2b_160: Algorithm.Blake2b_160,
  Blake2b_256: Algorithm.Blake2b_256,
  Blake2b_384: Algorithm.Blake2b_384,
  Blake2b_512: Algorithm.Blake2b_512,
  Blake2s_128: Algorithm.Blake2s_128,
  Blake2s_160: Algorithm.Blake2s_160,
  Blake2s_224: Algorithm.Blake2s_224,
  Blake2s_256: Algorithm.Blake2s_256,
});

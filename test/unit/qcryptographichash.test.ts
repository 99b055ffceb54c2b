import { createHash } from 'node:crypto';
import { Algorithm, opensslDigestName, QCryptographicHash } from '../../lib/qcryptographichash';
import { callWith } from '../support/untyped';

describe('QCryptographicHash', () => {
  it.each<[string, Algorithm, number, number]>([
    ['Md4', Algorithm.Md4, 0, 16],
    ['Md5', Algorithm.Md5, 1, 16],
    ['Sha1', Algorithm.Sha1, 2, 20],
    ['Sha224', Algorithm.Sha224, 3, 28],
    ['Sha256', Algorithm.Sha256, 4, 32],
    ['Sha384', Algorithm.Sha384, 5, 48],
    ['Sha512', Algorithm.Sha512, 6, 64],
    ['Keccak_224', Algorithm.Keccak_224, 7, 28],
    ['Keccak_256', Algorithm.Keccak_256, 8, 32],
    ['Keccak_384', Algorithm.Keccak_384, 9, 48],
    ['Keccak_512', Algorithm.Keccak_512, 10, 64],
    ['RealSha3_224', Algorithm.RealSha3_224, 11, 28],
    ['RealSha3_256', Algorithm.RealSha3_256, 12, 32],
    ['RealSha3_384', Algorithm.RealSha3_384, 13, 48],
    ['RealSha3_512', Algorithm.RealSha3_512, 14, 64],
    ['Sha3_224', Algorithm.Sha3_224, 11, 28],
    ['Sha3_256', Algorithm.Sha3_256, 12, 32],
    ['Sha3_384', Algorithm.Sha3_384, 13, 48],
    ['Sha3_512', Algorithm.Sha3_512, 14, 64],
    ['Blake2b_160', Algorithm.Blake2b_160, 15, 20],
    ['Blake2b_256', Algorithm.Blake2b_256, 16, 32],
    ['Blake2b_384', Algorithm.Blake2b_384, 17, 48],
    ['Blake2b_512', Algorithm.Blake2b_512, 18, 64],
    ['Blake2s_128', Algorithm.Blake2s_128, 19, 16],
    ['Blake2s_160', Algorithm.Blake2s_160, 20, 20],
    ['Blake2s_224', Algorithm.Blake2s_224, 21, 28],
    ['Blake2s_256', Algorithm.Blake2s_256, 22, 32],
  ])('%s (%i) has the value %i and makes %i bytes', (_, algorithm, value, length) => {
    expect(algorithm).toBe(value);
    expect(QCryptographicHash.hashLength(algorithm)).toBe(length);
    const digest = QCryptographicHash.hash('abc', algorithm);
    expect(digest).toHaveLength(QCryptographicHash.supportsAlgorithm(algorithm) ? length : 0);
  });

  it.each<[string, Algorithm]>([
    ['sha1', Algorithm.Sha1],
    ['sha256', Algorithm.Sha256],
    ['sha384', Algorithm.Sha384],
    ['sha3-256', Algorithm.Sha3_256],
    ['blake2b512', Algorithm.Blake2b_512],
    ['blake2s256', Algorithm.Blake2s_256],
  ])('hashes with %s', (name, algorithm) => {
    expect(opensslDigestName(algorithm)).toBe(name);
    expect(QCryptographicHash.supportsAlgorithm(algorithm)).toBe(true);
    const expected = createHash(name).update('abc').digest();
    expect(QCryptographicHash.hash(Buffer.from('abc'), algorithm)).toEqual(expected);
  });

  it('returns nothing for a function that OpenSSL lacks', () => {
    expect(QCryptographicHash.supportsAlgorithm(Algorithm.Blake2b_160)).toBe(false);
    expect(QCryptographicHash.hash('abc', Algorithm.Blake2b_160)).toEqual(Buffer.alloc(0));
  });

  it('refuses what is no algorithm', () => {
    expect(() => callWith(QCryptographicHash, 'hash', 'abc', 23)).toThrow(RangeError);
    expect(() => callWith(QCryptographicHash, 'hashLength', 'Sha256')).toThrow('"method"');
  });
});

import type { KeyObject } from 'node:crypto';
import { createPrivateKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { EncodingFormat, KeyAlgorithm, KeyType } from '../../lib/qssl';
import { QSslKey } from '../../lib/qsslkey';
import { issueCertificate } from '../support/certificates';
import { fixtureKeys, privateKeyPem } from '../support/keys';
import { callWith, constructWith } from '../support/untyped';

const { Pem, Der } = EncodingFormat;
const { PrivateKey, PublicKey } = KeyType;
const { Rsa, Dsa, Ec, Opaque } = KeyAlgorithm;

const rsa = fixtureKeys('rsa-2048');
const ec = fixtureKeys('ec-p256');
const ed25519 = fixtureKeys('ed25519');
const secret = 'pass phrase';

/** An encoded key, its format and the passphrase to try. */
type Source = [Buffer | string, EncodingFormat, string];

type PemType = 'pkcs1' | 'sec1' | 'pkcs8';

function pem(key: KeyObject, type: PemType, cipher?: string): Buffer {
  const encryption = cipher === undefined ? {} : { cipher, passphrase: secret };
  return Buffer.from(key.export({ format: 'pem', type, ...encryption }));
}

function der(key: KeyObject, type: PemType, cipher?: string): Buffer {
  const encryption = cipher === undefined ? {} : { cipher, passphrase: secret };
  return key.export({ format: 'der', type, ...encryption });
}

describe('QSslKey', () => {
  describe('without a key', () => {
    it('is null and says nothing', () => {
      const key = new QSslKey();
      expect(key.isNull()).toBe(true);
      expect(key.length()).toBe(-1);
      expect(key.algorithm()).toBe(Opaque);
      expect(key.type()).toBe(PublicKey);
      expect(key.toPem()).toHaveLength(0);
      expect(key.toDer()).toHaveLength(0);
      expect(key.handle()).toBeNull();
      expect(key.equals(new QSslKey())).toBe(true);
      expect(key.equals(new QSslKey(rsa.privateKey))).toBe(false);
    });
  });

  describe('decoding a private key', () => {
    const aes = 'aes-256-cbc';
    const des = 'des-ede3-cbc';
    it.each<[string, Source, KeyAlgorithm, KeyObject]>([
      ['PKCS#8 PEM of RSA', [pem(rsa.privateKey, 'pkcs8'), Pem, ''], Rsa, rsa.privateKey],
      ['PKCS#1 PEM', [pem(rsa.privateKey, 'pkcs1'), Pem, ''], Rsa, rsa.privateKey],
      ['PKCS#8 PEM of EC', [pem(ec.privateKey, 'pkcs8'), Pem, ''], Ec, ec.privateKey],
      ['PEM in a string', [privateKeyPem(ec), Pem, ''], Ec, ec.privateKey],
      ['SEC 1 PEM', [pem(ec.privateKey, 'sec1'), Pem, ''], Ec, ec.privateKey],
      ['PKCS#8 DER of RSA', [der(rsa.privateKey, 'pkcs8'), Der, ''], Rsa, rsa.privateKey],
      ['PKCS#1 DER', [der(rsa.privateKey, 'pkcs1'), Der, ''], Rsa, rsa.privateKey],
      ['SEC 1 DER', [der(ec.privateKey, 'sec1'), Der, ''], Ec, ec.privateKey],
      ['encrypted PKCS#8 PEM', [pem(rsa.privateKey, 'pkcs8', aes), Pem, secret], Rsa, rsa.privateKey],
      ['encrypted PKCS#8 DER', [der(ec.privateKey, 'pkcs8', aes), Der, secret], Ec, ec.privateKey],
      ['legacy encrypted RSA PEM', [pem(rsa.privateKey, 'pkcs1', aes), Pem, secret], Rsa, rsa.privateKey],
      ['legacy triple DES PEM', [pem(rsa.privateKey, 'pkcs1', des), Pem, secret], Rsa, rsa.privateKey],
      ['legacy encrypted EC PEM', [pem(ec.privateKey, 'sec1', aes), Pem, secret], Ec, ec.privateKey],
      ['an unencrypted key with a passphrase', [privateKeyPem(ec), Pem, secret], Ec, ec.privateKey],
      ['Ed25519 as Opaque', [privateKeyPem(ed25519), Pem, ''], Opaque, ed25519.privateKey],
      ['a key after EC PARAMETERS', [ecWithParameters(), Pem, ''], Ec, ec.privateKey],
    ])('reads %s', (_, [encoded, format, passphrase], algorithm, expected) => {
      const key = new QSslKey(encoded, algorithm, format, PrivateKey, passphrase);
      expect(key.handle()?.equals(expected)).toBe(true);
      expect(key.type()).toBe(PrivateKey);
      expect(key.algorithm()).toBe(algorithm);
    });

    it.each<[string, Buffer | string, KeyAlgorithm, EncodingFormat, string]>([
      ['of another algorithm', privateKeyPem(ec), Rsa, Pem, ''],
      ['under a wrong passphrase', pem(rsa.privateKey, 'pkcs8', aes), Rsa, Pem, 'guess'],
      ['under a missing passphrase', pem(rsa.privateKey, 'pkcs8', aes), Rsa, Pem, ''],
      ['under a wrong legacy passphrase', pem(rsa.privateKey, 'pkcs1', aes), Rsa, Pem, 'guess'],
      ['under a missing legacy passphrase', pem(rsa.privateKey, 'pkcs1', aes), Rsa, Pem, ''],
      ['in the other format', privateKeyPem(ec), Ec, Der, ''],
      ['that is public', Buffer.from(rsa.publicKey.export({ format: 'pem', type: 'spki' })), Rsa, Pem, ''],
      ['that is cut off', der(rsa.privateKey, 'pkcs8').subarray(0, 500), Rsa, Der, ''],
      ['that is no key', 'no key', Ec, Pem, ''],
      ['of no bytes', '', Ec, Der, ''],
    ])('gives a null key for one %s', (_, encoded, algorithm, format, passphrase) => {
      expect(new QSslKey(encoded, algorithm, format, PrivateKey, passphrase).isNull()).toBe(true);
    });
  });

  describe('decoding a public key', () => {
    const spkiPem = Buffer.from(rsa.publicKey.export({ format: 'pem', type: 'spki' }));
    const spkiDer = rsa.publicKey.export({ format: 'der', type: 'spki' });

    it('reads PEM and DER', () => {
      const keys = [new QSslKey(spkiPem, Rsa, Pem, PublicKey), new QSslKey(spkiDer, Rsa, Der, PublicKey)];
      for (const key of keys) {
        expect(key.type()).toBe(PublicKey);
        expect(key.handle()?.equals(rsa.publicKey)).toBe(true);
      }
    });

    it('gives a null key for a private key and for a certificate', () => {
      expect(new QSslKey(privateKeyPem(rsa), Rsa, Pem, PublicKey).isNull()).toBe(true);
      const certificate = issueCertificate({ key: rsa });
      expect(new QSslKey(certificate.certificatePem, Rsa, Pem, PublicKey).isNull()).toBe(true);
      expect(new QSslKey(certificate.certificateDer, Rsa, Der, PublicKey).isNull()).toBe(true);
    });
  });

  it.each<[string, KeyObject, KeyAlgorithm, number]>([
    ['RSA', rsa.privateKey, Rsa, 2048],
    ['RSA of another size', fixtureKeys('rsa-1024').publicKey, Rsa, 1024],
    ['P-256', ec.privateKey, Ec, 256],
    ['P-384', fixtureKeys('ec-p384').publicKey, Ec, 384],
    ['P-521', fixtureKeys('ec-p521').privateKey, Ec, 521],
    ['Ed25519', ed25519.privateKey, Opaque, 253],
    ['DSA', generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey, Dsa, 1024],
  ])('knows algorithm and length of %s', (_, handle, algorithm, length) => {
    const key = new QSslKey(handle);
    expect(key.isNull()).toBe(false);
    expect(key.algorithm()).toBe(algorithm);
    expect(key.length()).toBe(length);
  });

  it.each<[string, KeyObject, string, KeyAlgorithm]>([
    ['RSA', rsa.privateKey, 'RSA PRIVATE KEY', Rsa],
    ['EC', ec.privateKey, 'EC PRIVATE KEY', Ec],
    ['Ed25519', ed25519.privateKey, 'PRIVATE KEY', Opaque],
    ['public', ec.publicKey, 'PUBLIC KEY', Ec],
  ])('writes a %s key so that it can be read again', (_, handle, label, algorithm) => {
    const key = new QSslKey(handle);
    expect(key.toPem().toString()).toContain(`-----BEGIN ${label}-----`);
    expect(new QSslKey(key.toPem(), algorithm, Pem, key.type()).equals(key)).toBe(true);
    expect(new QSslKey(key.toDer(), algorithm, Der, key.type()).equals(key)).toBe(true);
  });

  it('writes an encrypted private key, as PKCS#8', () => {
    const key = new QSslKey(ec.privateKey);
    const encrypted = key.toPem(secret);
    expect(encrypted.toString()).toContain('-----BEGIN ENCRYPTED PRIVATE KEY-----');
    expect(createPrivateKey({ key: encrypted, passphrase: secret }).equals(ec.privateKey)).toBe(true);
    expect(new QSslKey(ec.publicKey).toPem(secret)).toEqual(new QSslKey(ec.publicKey).toPem());
  });

  it('differs from another key, and its private half from its public one', () => {
    expect(new QSslKey(ec.privateKey).equals(new QSslKey(fixtureKeys('ec-p256').privateKey))).toBe(false);
    expect(new QSslKey(ec.privateKey).equals(new QSslKey(ec.publicKey))).toBe(false);
    expect(new QSslKey(ec.privateKey).equals(new QSslKey(privateKeyPem(ec), Ec))).toBe(true);
  });

  it.each<[string, () => unknown, string]>([
    ['a secret KeyObject', () => new QSslKey(createSecretKey(Buffer.alloc(16))), '"key"'],
    ['bytes that are none', () => constructWith(QSslKey, 5, Rsa), '"encoded"'],
    ['a missing algorithm', () => constructWith(QSslKey, 'x'), '"algorithm"'],
    ['a format that is no number', () => constructWith(QSslKey, 'x', Rsa, 'pem'), '"format"'],
    ['a type that is no number', () => constructWith(QSslKey, 'x', Rsa, Pem, null), '"type"'],
    ['a passphrase that is none', () => constructWith(QSslKey, 'x', Rsa, Pem, PrivateKey, 1), '"passphrase"'],
    ['another class', () => callWith(new QSslKey(), 'equals', {}), '"other"'],
  ])('refuses %s with a TypeError', (_, action, name) => {
    expect(action).toThrow(TypeError);
    expect(action).toThrow(name);
  });

  it('refuses an algorithm out of range with a RangeError', () => {
    expect(() => constructWith(QSslKey, 'x', 77)).toThrow(RangeError);
  });
});

/** What `openssl ecparam -genkey` writes: the curve first, then the key. */
function ecWithParameters(): string {
  const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  return parameters + pem(ec.privateKey, 'sec1').toString();
}

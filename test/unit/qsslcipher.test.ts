import { SslProtocol } from '../../lib/qssl';
import { QSslCipher } from '../../lib/qsslcipher';
import { isOpenSsl30 } from '../support/openssl-version';
import { callWith, constructWith } from '../support/untyped';

describe('QSslCipher', () => {
  it.each([
    ['nothing', ''],
    ['an unknown name', 'NO-SUCH-CIPHER'],
    ['a name in other letters', 'ecdhe-rsa-aes128-gcm-sha256'],
    ['a group of suites', 'ALL'],
    ['a list', 'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384'],
    ['a name and more after a NUL', 'ECDHE-RSA-AES128-GCM-SHA256\0'],
  ])('made from %s is null', (_, name) => {
    const cipher = new QSslCipher(name);
    expect(cipher.isNull()).toBe(true);
    expect([cipher.name(), cipher.keyExchangeMethod(), cipher.authenticationMethod()]).toEqual(['', '', '']);
    expect([cipher.encryptionMethod(), cipher.protocolString()]).toEqual(['', '']);
    expect([cipher.usedBits(), cipher.supportedBits()]).toEqual([0, 0]);
    expect(cipher.protocol()).toBe(SslProtocol.UnknownProtocol);
    expect(cipher.equals(new QSslCipher())).toBe(true);
  });

  it.each([
    ['ECDHE-ECDSA-AES128-GCM-SHA256', 128, 'ECDHE', 'ECDSA', 'AES-128-GCM', 'TLSv1.2'],
    ['ECDHE-RSA-CHACHA20-POLY1305', 256, 'ECDHE', 'RSA', 'CHACHA20-POLY1305', 'TLSv1.2'],
    ['PSK-AES128-CCM8', 128, 'PSK', 'PSK', 'AES-128-CCM8', 'TLSv1.2'],
    ['ECDHE-RSA-AES256-SHA384', 256, 'ECDHE', 'RSA', 'AES-256-CBC', 'TLSv1.2'],
    ['ECDHE-RSA-AES128-SHA', 128, 'ECDHE', 'RSA', 'AES-128-CBC', 'TLSv1.0'],
  ])('%s has %i bits, %s, %s, %s and came with %s', (name, bits, ...texts) => {
    const cipher = new QSslCipher(name);
    expect(cipher.isNull()).toBe(false);
    expect(cipher.name()).toBe(name);
    // Later versions of OpenSSL count the shorter tag.
    const used = name.endsWith('CCM8') && !isOpenSsl30 ? 64 : bits;
    expect([cipher.usedBits(), cipher.supportedBits()]).toEqual([used, bits]);
    expect([
      ...[cipher.keyExchangeMethod(), cipher.authenticationMethod(), cipher.encryptionMethod()],
      cipher.protocolString(),
    ]).toEqual(texts);
  });

  it('can be asked for together with its protocol', () => {
    const name = 'ECDHE-RSA-AES128-GCM-SHA256';
    expect(new QSslCipher(name, SslProtocol.TlsV1_2).name()).toBe(name);
    expect(new QSslCipher(name, SslProtocol.TlsV1_0).isNull()).toBe(true);
  });

  it('is what a description from the native layer says', () => {
    const name = 'ECDHE-RSA-AES128-GCM-SHA256';
    const cipher = QSslCipher.fromNative({
      ...{ name, standardName: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', usedBits: 128, supportedBits: 128, aead: true },
      ...{ keyExchange: 'ECDHE', authentication: 'RSA', encryption: 'AES-128-GCM' },
    });
    expect(cipher.equals(new QSslCipher(name))).toBe(true);
    expect(QSslCipher.fromNative(null).isNull()).toBe(true);
  });

  it('differs from another suite', () => {
    const cipher = new QSslCipher('ECDHE-RSA-AES128-GCM-SHA256');
    expect(cipher.equals(new QSslCipher('ECDHE-RSA-AES256-GCM-SHA384'))).toBe(false);
    expect(cipher.equals(new QSslCipher())).toBe(false);
  });

  it('refuses what is no name, no protocol and no cipher', () => {
    expect(() => constructWith(QSslCipher, 5)).toThrow('"name" argument must be a string');
    expect(() => constructWith(QSslCipher, 'x', 99)).toThrow(RangeError);
    expect(() => callWith(new QSslCipher(), 'equals', 'x')).toThrow('"other"');
  });
});

import { getCurves } from 'node:crypto';
import { QSslEllipticCurve } from '../../lib/qsslellipticcurve';
import { callWith } from '../support/untyped';

describe('QSslEllipticCurve', () => {
  it.each([
    ['prime256v1', 'prime256v1'],
    ['P-256', 'prime256v1'],
    ['secp384r1', 'secp384r1'],
    ['P-521', 'secp521r1'],
    ['brainpoolP256r1', 'brainpoolP256r1'],
    ['X25519', 'X25519'],
    ['X448', 'X448'],
  ])('has under the name %s the curve %s', (name, shortName) => {
    const curve = QSslEllipticCurve.fromShortName(name);
    expect(curve.isValid()).toBe(true);
    expect(curve.isTlsNamedCurve()).toBe(true);
    expect(curve.shortName()).toBe(shortName);
    expect(curve.longName()).toBe(shortName);
    expect(curve.equals(QSslEllipticCurve.fromLongName(shortName))).toBe(true);
  });

  it.each(['', 'prime256v2', 'PRIME256V1', 'secp256r1 ', 'RSA', 'constructor'])(
    'is invalid under the name "%s"',
    (name) => {
      for (const curve of [QSslEllipticCurve.fromShortName(name), QSslEllipticCurve.fromLongName(name)]) {
        expect(curve.isValid()).toBe(false);
        expect(curve.isTlsNamedCurve()).toBe(false);
        expect([curve.shortName(), curve.longName()]).toEqual(['', '']);
        expect(curve.equals(new QSslEllipticCurve())).toBe(true);
      }
    },
  );

  it('takes every curve that node:crypto has, by both names', () => {
    for (const name of getCurves()) {
      const curve = QSslEllipticCurve.fromShortName(name);
      expect(curve.shortName()).toBe(name);
      expect(QSslEllipticCurve.fromLongName(curve.longName()).equals(curve)).toBe(true);
    }
    expect(QSslEllipticCurve.fromLongName('ipsec3').shortName()).toBe('Oakley-EC2N-3');
    expect(QSslEllipticCurve.supportedCurves()).toHaveLength(getCurves().length + 2);
  });

  it('knows a curve without a number in TLS', () => {
    expect(QSslEllipticCurve.fromShortName('secp112r1').isTlsNamedCurve()).toBe(false);
  });

  it('differs from another curve', () => {
    const curve = QSslEllipticCurve.fromShortName('P-256');
    expect(curve.equals(QSslEllipticCurve.fromShortName('P-384'))).toBe(false);
    expect(curve.equals(new QSslEllipticCurve())).toBe(false);
  });

  it('refuses what is no name, and what is no curve', () => {
    expect(() => callWith(QSslEllipticCurve, 'fromShortName', 415)).toThrow('"name"');
    expect(() => callWith(QSslEllipticCurve, 'fromLongName')).toThrow(TypeError);
    expect(() => callWith(new QSslEllipticCurve(), 'equals', 'P-256')).toThrow('"other"');
  });
});

import { getCurves } from 'node:crypto';
import { checkInstance, checkString } from './internal/arguments';

/** The curves that have a number in TLS (RFC 8422 section 5.1.1, RFC 7027), by OpenSSL's short names. */
const tlsNames: ReadonlySet<string> = new Set([
  ...['sect163k1', 'sect163r1', 'sect163r2', 'sect193r1', 'sect193r2', 'sect233k1', 'sect233r1'],
  ...['sect239k1', 'sect283k1', 'sect283r1', 'sect409k1', 'sect409r1', 'sect571k1', 'sect571r1'],
  ...['secp160k1', 'secp160r1', 'secp160r2', 'secp192k1', 'prime192v1', 'secp224k1', 'secp224r1'],
  ...['secp256k1', 'prime256v1', 'secp384r1', 'secp521r1'],
  ...['brainpoolP256r1', 'brainpoolP384r1', 'brainpoolP512r1', 'X25519', 'X448'],
]);

/** NIST's names, which OpenSSL takes as well. */
const nistNames: ReadonlyMap<string, string> = new Map([
  ['P-192', 'prime192v1'],
  ['P-224', 'secp224r1'],
  ['P-256', 'prime256v1'],
  ['P-384', 'secp384r1'],
  ['P-521', 'secp521r1'],
]);

/** The curves whose long name in OpenSSL is not the short one. */
const longNames: ReadonlyMap<string, string> = new Map([
  ['Oakley-EC2N-3', 'ipsec3'],
  ['Oakley-EC2N-4', 'ipsec4'],
  ['SM2', 'sm2'],
]);

let available: ReadonlySet<string> | undefined;

function availableNames(): ReadonlySet<string> {
  available ??= new Set([...getCurves(), 'X25519', 'X448']);
  return available;
}

/**
 * An elliptic curve for key exchange; immutable.
 * Qt: QSslEllipticCurve
 */
export class QSslEllipticCurve {
  #shortName = '';

  /**
   * The curve with OpenSSL's short name (`'prime256v1'`, `'X25519'`) or NIST's (`'P-256'`); an invalid
   * curve if this Node has none of that name.
   *
   * @throws TypeError - unless it is a string.
   * Qt: QSslEllipticCurve::fromShortName
   */
  static fromShortName(name: string): QSslEllipticCurve {
    const shortName = nistNames.get(checkString(name, 'name')) ?? name;
    const curve = new QSslEllipticCurve();
    if (availableNames().has(shortName)) curve.#shortName = shortName;
    return curve;
  }

  /**
   * The curve with OpenSSL's long name, which for nearly all curves is the short one; an invalid curve if
   * this Node has none of that name.
   *
   * @throws TypeError - unless it is a string.
   * Qt: QSslEllipticCurve::fromLongName
   */
  static fromLongName(name: string): QSslEllipticCurve {
    checkString(name, 'name');
    const names = [...availableNames()];
    const shortName = names.find((candidate) => (longNames.get(candidate) ?? candidate) === name);
    return QSslEllipticCurve.fromShortName(shortName ?? '');
  }

  /**
   * Every curve that this Node has, for `QSslConfiguration.supportedEllipticCurves()`.
   * @internal
   */
  static supportedCurves(): QSslEllipticCurve[] {
    return Array.from(availableNames(), (name) => QSslEllipticCurve.fromShortName(name));
  }

  /** OpenSSL's short name; '' for an invalid curve. Qt: QSslEllipticCurve::shortName */
  shortName(): string {
    return this.#shortName;
  }

  /** OpenSSL's long name; '' for an invalid curve. Qt: QSslEllipticCurve::longName */
  longName(): string {
    return longNames.get(this.#shortName) ?? this.#shortName;
  }

  /** True for a curve, false for the value of a name that no curve has. Qt: QSslEllipticCurve::isValid */
  isValid(): boolean {
    return this.#shortName !== '';
  }

  /**
   * True if the curve has a number in TLS, and so can be negotiated.
   * Qt: QSslEllipticCurve::isTlsNamedCurve
   */
  isTlsNamedCurve(): boolean {
    return tlsNames.has(this.#shortName);
  }

  /**
   * True if both are the same curve, or both are invalid.
   *
   * @throws TypeError - unless it is a QSslEllipticCurve.
   * Qt: operator==(QSslEllipticCurve, QSslEllipticCurve)
   */
  equals(other: QSslEllipticCurve): boolean {
    return this.#shortName === checkInstance(other, QSslEllipticCurve, 'other').#shortName;
  }
}

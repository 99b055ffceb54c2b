import { checkEnum, checkInstance, checkString } from './internal/arguments';
import { native } from './internal/native';
import type { NativeCipher, NativeConnection } from './internal/native-types';
import { SslProtocol } from './qssl';

const protocolStrings: ReadonlyMap<SslProtocol, string> = new Map([
  [SslProtocol.TlsV1_0, 'TLSv1.0'],
  [SslProtocol.TlsV1_2, 'TLSv1.2'],
]);

/**
 * Suites with an AEAD or a hash of the SHA-2 family came with TLS 1.2 (RFC 5246); those of 1.3 are not
 * for DTLS 1.2.
 */
function protocolOf({ name, aead }: NativeCipher): SslProtocol {
  return aead || /SHA(256|384)$/.test(name) ? SslProtocol.TlsV1_2 : SslProtocol.TlsV1_0;
}

/**
 * A cipher suite; immutable. A name that OpenSSL does not know gives a null cipher.
 * Qt: QSslCipher
 */
export class QSslCipher {
  static readonly #ofConnections = new Map<number, QSslCipher>();

  #cipher: NativeCipher | null = null;

  /**
   * Looks up a suite by OpenSSL's name, such as `'ECDHE-ECDSA-AES128-GCM-SHA256'`; without a name a null
   * cipher. With a protocol the suite must be of that protocol, or the result is null.
   *
   * @throws TypeError, RangeError - unless they are a string and an SslProtocol.
   *
   * Differs from Qt: every suite that OpenSSL has for DTLS can be looked up, `PSK-AES128-CCM8` among
   * them, and not only those of the default list.
   * Qt: QSslCipher::QSslCipher(const QString &)
   */
  constructor(name = '', protocol?: SslProtocol) {
    if (checkString(name, 'name') === '') return;
    if (protocol !== undefined) checkEnum(protocol, SslProtocol, 'protocol', 'SslProtocol');
    const cipher = native.cipherList(name).find((candidate) => candidate.name === name);
    if (cipher === undefined) return;
    if (protocol === undefined || protocolOf(cipher) === protocol) this.#cipher = cipher;
  }

  /**
   * The cipher of a description from the native layer; a null cipher for null.
   * @internal
   */
  static fromNative(cipher: NativeCipher | null): QSslCipher {
    const result = new QSslCipher();
    result.#cipher = cipher;
    return result;
  }

  /**
   * The cipher of an established association. One object for each number: every association has one, and there are few.
   * @internal
   */
  static ofConnection(connection: Pick<NativeConnection, 'cipher'>, number: number): QSslCipher {
    const known = QSslCipher.#ofConnections.get(number);
    if (known !== undefined) return known;
    const cipher = QSslCipher.fromNative(connection.cipher());
    if (!cipher.isNull()) QSslCipher.#ofConnections.set(number, cipher);
    return cipher;
  }

  /** True if there is no cipher. Qt: QSslCipher::isNull */
  isNull(): boolean {
    return this.#cipher === null;
  }

  /** OpenSSL's name; '' for a null cipher. Qt: QSslCipher::name */
  name(): string {
    return this.#cipher?.name ?? '';
  }

  /** IANA's name, such as `'TLS_PSK_WITH_AES_128_CCM_8'`; '' for a null cipher. Extension. Source: SSL_CIPHER_standard_name */
  standardName(): string {
    return this.#cipher?.standardName ?? '';
  }

  /** Bits of the key that the algorithm takes; 0 for a null cipher. Qt: QSslCipher::supportedBits */
  supportedBits(): number {
    return this.#cipher?.supportedBits ?? 0;
  }

  /** Bits of the key that are secret; 0 for a null cipher. Qt: QSslCipher::usedBits */
  usedBits(): number {
    return this.#cipher?.usedBits ?? 0;
  }

  /**
   * How the key is agreed, such as `'ECDHE'` or `'PSK'`; '' for a null cipher.
   *
   * Differs from Qt: `'ECDHE'` and `'DHE'` where Qt says `'ECDH'` and `'DH'`.
   * Qt: QSslCipher::keyExchangeMethod
   */
  keyExchangeMethod(): string {
    return this.#cipher?.keyExchange ?? '';
  }

  /**
   * How the server proves itself, such as `'ECDSA'` or `'PSK'`; '' for a null cipher.
   * Qt: QSslCipher::authenticationMethod
   */
  authenticationMethod(): string {
    return this.#cipher?.authentication ?? '';
  }

  /**
   * How messages are encrypted, such as `'AES-128-GCM'`; '' for a null cipher.
   *
   * Differs from Qt: OpenSSL's name of the algorithm, where Qt says `'AESGCM(128)'`.
   * Qt: QSslCipher::encryptionMethod
   */
  encryptionMethod(): string {
    return this.#cipher?.encryption ?? '';
  }

  /**
   * The version of TLS that the suite came with, not the one of an association (see `sessionProtocol()`
   * of QDtls); UnknownProtocol for a null cipher. Qt: QSslCipher::protocol
   */
  protocol(): SslProtocol {
    return this.#cipher === null ? SslProtocol.UnknownProtocol : protocolOf(this.#cipher);
  }

  /** `protocol()` as a text, such as `'TLSv1.2'`; '' for a null cipher. Qt: QSslCipher::protocolString */
  protocolString(): string {
    return protocolStrings.get(this.protocol()) ?? '';
  }

  /**
   * True if name and protocol are the same, or both are null.
   *
   * @throws TypeError - unless it is a QSslCipher.
   * Qt: QSslCipher::operator==
   */
  equals(other: QSslCipher): boolean {
    const cipher = checkInstance(other, QSslCipher, 'other');
    return this.name() === cipher.name() && this.protocol() === cipher.protocol();
  }
}

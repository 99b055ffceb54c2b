import { change, dataOf } from './configuration-data';
import { checkArrayOf, checkEnum, checkInstance, checkString, copyBytes, argumentOutOfRange } from './internal/arguments';
import { native } from './internal/native';
import { systemCertificates } from './trust';
import { EncodingFormat } from './qssl';
import { QSslCertificate } from './qsslcertificate';
import { QSslCipher } from './qsslcipher';
import { QSslDiffieHellmanParameters } from './qssldiffiehellmanparameters';
import { QSslEllipticCurve } from './qsslellipticcurve';
import { QSslKey } from './qsslkey';

function checkCertificate(value: unknown, name: string): QSslCertificate {
  return checkInstance(value, QSslCertificate, name);
}

/**
 * The half of a QSslConfiguration that says who we are, whom we believe and which algorithms we use. Getters return
 * copies; setters replace the shared settings of this configuration alone.
 */
export abstract class ConfigurationCredentials {
  /** The certificate shown to the peer; a null one if there is none. Qt: QSslConfiguration::localCertificate */
  localCertificate(): QSslCertificate {
    return dataOf(this).localCertificateChain[0] ?? new QSslCertificate();
  }

  /**
   * Sets the certificate shown to the peer, without intermediates. A null certificate removes it.
   *
   * @throws TypeError - unless it is a QSslCertificate.
   * Qt: QSslConfiguration::setLocalCertificate
   */
  setLocalCertificate(certificate: QSslCertificate): void {
    this.setLocalCertificateChain(checkCertificate(certificate, 'certificate').isNull() ? [] : [certificate]);
  }

  /** The certificates shown to the peer, leaf first. Qt: QSslConfiguration::localCertificateChain */
  localCertificateChain(): QSslCertificate[] {
    return [...dataOf(this).localCertificateChain];
  }

  /**
   * Sets the certificates shown to the peer: the leaf, then its issuers. An empty list removes them.
   *
   * @throws TypeError - unless it is an array of QSslCertificate.
   * Qt: QSslConfiguration::setLocalCertificateChain
   */
  setLocalCertificateChain(chain: readonly QSslCertificate[]): void {
    change(this, { localCertificateChain: checkArrayOf(chain, checkCertificate, 'chain') });
  }

  /** The key of the local certificate; a null one if there is none. Qt: QSslConfiguration::privateKey */
  privateKey(): QSslKey {
    return dataOf(this).privateKey;
  }

  /**
   * Sets the key of the local certificate. Whether they go together is found out when a handshake starts
   * (TlsInitializationError).
   *
   * @throws TypeError - unless it is a QSslKey.
   * Qt: QSslConfiguration::setPrivateKey
   */
  setPrivateKey(key: QSslKey): void {
    change(this, { privateKey: checkInstance(key, QSslKey, 'key') });
  }

  /**
   * The certificates that a peer's chain may end in. Until they are set, the roots of this system.
   * Qt: QSslConfiguration::caCertificates
   */
  caCertificates(): QSslCertificate[] {
    return [...(dataOf(this).caCertificates ?? systemCertificates())];
  }

  /**
   * Replaces the certificates that a peer's chain may end in; the roots of this system are not believed any more.
   *
   * @throws TypeError - unless it is an array of QSslCertificate.
   * Qt: QSslConfiguration::setCaCertificates
   */
  setCaCertificates(certificates: readonly QSslCertificate[]): void {
    change(this, { caCertificates: checkArrayOf(certificates, checkCertificate, 'certificates') });
  }

  /** Adds one certificate to those that are believed. @throws TypeError. Qt: QSslConfiguration::addCaCertificate */
  addCaCertificate(certificate: QSslCertificate): void {
    this.setCaCertificates([...this.caCertificates(), checkCertificate(certificate, 'certificate')]);
  }

  /**
   * Adds certificates: an array, or all that a file or directory holds.
   *
   * Returns false if a path gave none; true otherwise (Qt returns nothing for an array).
   * @throws TypeError - for anything else.
   * Qt: QSslConfiguration::addCaCertificates
   */
  addCaCertificates(source: string | readonly QSslCertificate[], format: EncodingFormat = EncodingFormat.Pem): boolean {
    const added =
      typeof source === 'string'
        ? QSslCertificate.fromPath(source, checkEnum(format, EncodingFormat, 'format', 'QSsl.EncodingFormat'))
        : source;
    this.setCaCertificates([...this.caCertificates(), ...checkArrayOf(added, checkCertificate, 'source')]);
    return added.length > 0;
  }

  /** The cipher suites offered or accepted, best first. Qt: QSslConfiguration::ciphers */
  ciphers(): QSslCipher[] {
    return [...(dataOf(this).ciphers ?? defaultCiphers())];
  }

  /**
   * Sets the cipher suites, best first: an array, or a list in OpenSSL's language ("ECDHE+AESGCM",
   * "PSK-AES128-CCM8"; man openssl-ciphers). An empty array means the default list.
   *
   * @throws TypeError - for anything else; RangeError - for a string that selects nothing.
   *
   * Differs from Qt: names outside Qt's default list are known, and a string that selects nothing is an error
   * instead of an empty list.
   * Qt: QSslConfiguration::setCiphers
   */
  setCiphers(ciphers: string | readonly QSslCipher[]): void {
    if (typeof ciphers !== 'string') {
      change(this, { ciphers: checkArrayOf(ciphers, (value, name) => checkInstance(value, QSslCipher, name), 'ciphers') });
      return;
    }
    const selected = ciphers === '' ? [] : native.cipherList(ciphers);
    if (selected.length === 0) {
      throw argumentOutOfRange('ciphers', 'an OpenSSL cipher list that selects a DTLS cipher suite', ciphers);
    }
    change(this, { ciphers: selected.map((cipher) => QSslCipher.fromNative(cipher)) });
  }

  /** The groups for key exchange, best first; empty for OpenSSL's choice. Qt: QSslConfiguration::ellipticCurves */
  ellipticCurves(): QSslEllipticCurve[] {
    return [...dataOf(this).ellipticCurves];
  }

  /**
   * Sets the groups for key exchange, best first. In DTLS 1.2 they limit the curves of ECDSA certificates too.
   *
   * @throws TypeError - unless it is an array of QSslEllipticCurve.
   * Qt: QSslConfiguration::setEllipticCurves
   */
  setEllipticCurves(curves: readonly QSslEllipticCurve[]): void {
    const check = (value: unknown, name: string): QSslEllipticCurve => checkInstance(value, QSslEllipticCurve, name);
    change(this, { ellipticCurves: checkArrayOf(curves, check, 'curves') });
  }

  /** The parameters of a server's DHE suites. Qt: QSslConfiguration::diffieHellmanParameters */
  diffieHellmanParameters(): QSslDiffieHellmanParameters {
    return dataOf(this).diffieHellmanParameters;
  }

  /**
   * Sets the parameters of a server's DHE suites; empty ones let OpenSSL choose.
   *
   * @throws TypeError - unless it is a QSslDiffieHellmanParameters.
   * Qt: QSslConfiguration::setDiffieHellmanParameters
   */
  setDiffieHellmanParameters(parameters: QSslDiffieHellmanParameters): void {
    change(this, { diffieHellmanParameters: checkInstance(parameters, QSslDiffieHellmanParameters, 'parameters') });
  }

  /** What a server tells its clients about the key it wants. Qt: QSslConfiguration::preSharedKeyIdentityHint */
  preSharedKeyIdentityHint(): Buffer {
    return Buffer.from(dataOf(this).preSharedKeyIdentityHint);
  }

  /**
   * Sets what a server tells its clients about the key it wants: at most 256 bytes, without NUL. Longer hints fail
   * the start of the handshake (TlsInitializationError).
   *
   * @throws TypeError - unless it is a string (UTF-8) or bytes.
   *
   * Differs from Qt: there a hint that is too long is silently not sent.
   * Qt: QSslConfiguration::setPreSharedKeyIdentityHint
   */
  setPreSharedKeyIdentityHint(hint: string | NodeJS.ArrayBufferView | ArrayBuffer): void {
    change(this, { preSharedKeyIdentityHint: copyBytes(hint, 'hint') });
  }

  /** Settings of OpenSSL by name, applied last. Qt: QSslConfiguration::backendConfiguration */
  backendConfiguration(): Map<string, string> {
    return new Map(dataOf(this).backendConfiguration);
  }

  /**
   * Replaces the settings of OpenSSL by name, in the syntax of its configuration files ("CipherString", "MinProtocol"
   * ...; man SSL_CONF_cmd). An unknown name or a bad value fails the start of the handshake (TlsInitializationError).
   *
   * @throws TypeError - unless it is a Map of strings.
   * Qt: QSslConfiguration::setBackendConfiguration
   */
  setBackendConfiguration(options: ReadonlyMap<string, string> = new Map()): void {
    const pairs = checkArrayOf([...checkInstance<ReadonlyMap<string, string>>(options, Map, 'options')], checkPair, 'options');
    change(this, { backendConfiguration: new Map(pairs) });
  }

  /** Sets one of them. @throws TypeError. Qt: QSslConfiguration::setBackendConfigurationOption */
  setBackendConfigurationOption(name: string, value: string): void {
    this.setBackendConfiguration(new Map([...dataOf(this).backendConfiguration, checkPair([name, value], 'option')]));
  }
}

function checkPair(value: unknown, name: string): [string, string] {
  const pair: readonly unknown[] = Array.isArray(value) ? value : [];
  const [key, text] = pair;
  return [checkString(key, `${name}.name`), checkString(text, `${name}.value`)];
}

let defaults: readonly QSslCipher[] | undefined;

function defaultCiphers(): readonly QSslCipher[] {
  defaults ??= native.cipherList('').map((cipher) => QSslCipher.fromNative(cipher));
  return defaults;
}

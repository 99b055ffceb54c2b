import {
  boxOf,
  change,
  dataOf,
  defaults,
  emptyData,
  fillBox,
  sameData,
} from './configuration-data';
import { ConfigurationExtensions } from './configuration-extensions';
import { checkBoolean, checkEnum, checkInstance, checkUint, type Bytes } from './internal/arguments';
import { native } from './internal/native';
import { checkNextProtocols, NO_NEXT_PROTOCOL, sameNextProtocol } from './next-protocol';
import { NextProtocolNegotiationStatus, SslOption, SslProtocol } from './qssl';
import { QSslCertificate } from './qsslcertificate';
import { QSslCipher } from './qsslcipher';
import { QSslEllipticCurve } from './qsslellipticcurve';
import { QSslKey } from './qsslkey';
import { PeerVerifyMode } from './qsslsocket';
import { systemCertificates } from './trust';

/**
 * The settings of an association. A value: assigning one to an object copies it, and what is changed afterwards
 * changes nothing there. Start from `QSslConfiguration.defaultDtlsConfiguration()`.
 * Qt: QSslConfiguration
 */
export class QSslConfiguration extends ConfigurationExtensions {
  static readonly NextProtocolNegotiationStatus = NextProtocolNegotiationStatus;

  /**
   * Makes a null configuration, or a copy of another one (in C++ the copy constructor).
   *
   * @throws TypeError - unless `other` is absent or a QSslConfiguration.
   * Qt: QSslConfiguration::QSslConfiguration
   */
  constructor(other?: QSslConfiguration) {
    super();
    const from = other === undefined ? undefined : boxOf(checkInstance(other, QSslConfiguration, 'other'));
    fillBox(this, { data: emptyData, peerChain: [], nextProtocol: NO_NEXT_PROTOCOL, ticketLifetime: -1, ...from });
  }

  /** A copy of what new objects start with. Qt: QSslConfiguration::defaultDtlsConfiguration */
  static defaultDtlsConfiguration(): QSslConfiguration {
    const configuration = new QSslConfiguration();
    boxOf(configuration).data = defaults.dtls;
    return configuration;
  }

  /**
   * Sets what objects made from now on start with (in this thread).
   *
   * @throws TypeError - unless it is a QSslConfiguration.
   * Qt: QSslConfiguration::setDefaultDtlsConfiguration
   */
  static setDefaultDtlsConfiguration(configuration: QSslConfiguration): void {
    defaults.dtls = dataOf(checkInstance(configuration, QSslConfiguration, 'configuration'));
  }

  /** Every cipher suite that this OpenSSL has for DTLS. Qt: QSslConfiguration::supportedCiphers */
  static supportedCiphers(): QSslCipher[] {
    return native.cipherList('ALL:COMPLEMENTOFALL:!aNULL:!eNULL').map((cipher) => QSslCipher.fromNative(cipher));
  }

  /** Every group for key exchange that this OpenSSL has. Qt: QSslConfiguration::supportedEllipticCurves */
  static supportedEllipticCurves(): QSslEllipticCurve[] {
    return QSslEllipticCurve.supportedCurves();
  }

  /** The roots that this system trusts. Qt: QSslConfiguration::systemCaCertificates */
  static systemCaCertificates(): QSslCertificate[] {
    return [...systemCertificates()];
  }

  /** Whether nothing was set since `new QSslConfiguration()`. Qt: QSslConfiguration::isNull */
  isNull(): boolean {
    const { data, peerChain, nextProtocol } = boxOf(this);
    return peerChain.length === 0 && sameNextProtocol(nextProtocol, NO_NEXT_PROTOCOL) && sameData(data, emptyData);
  }

  /**
   * Whether settings, peer certificates and agreed protocol are the same.
   *
   * @throws TypeError - unless it is a QSslConfiguration.
   * Qt: QSslConfiguration::operator==
   */
  equals(other: QSslConfiguration): boolean {
    const theirs = boxOf(checkInstance(other, QSslConfiguration, 'other'));
    const ours = boxOf(this);
    const samePeer =
      ours.peerChain.length === theirs.peerChain.length &&
      ours.peerChain.every((certificate, index) => theirs.peerChain[index]?.equals(certificate));
    return samePeer && sameNextProtocol(ours.nextProtocol, theirs.nextProtocol) && sameData(ours.data, theirs.data);
  }

  /** The protocol versions allowed. Qt: QSslConfiguration::protocol */
  protocol(): SslProtocol {
    return dataOf(this).protocol;
  }

  /**
   * Sets the protocol versions allowed: DtlsV1_0, DtlsV1_0OrLater, DtlsV1_2 or DtlsV1_2OrLater. Others are stored and
   * fail the start of the handshake (TlsInitializationError).
   *
   * @throws TypeError, RangeError - unless it is an SslProtocol.
   * Qt: QSslConfiguration::setProtocol
   */
  setProtocol(protocol: SslProtocol): void {
    change(this, { protocol: checkEnum(protocol, SslProtocol, 'protocol', 'QSsl.SslProtocol') });
  }

  /** How strictly the peer's certificate is examined. Qt: QSslConfiguration::peerVerifyMode */
  peerVerifyMode(): PeerVerifyMode {
    return dataOf(this).peerVerifyMode;
  }

  /** Sets how strictly. @throws TypeError, RangeError. Qt: QSslConfiguration::setPeerVerifyMode */
  setPeerVerifyMode(mode: PeerVerifyMode): void {
    change(this, { peerVerifyMode: checkEnum(mode, PeerVerifyMode, 'mode', 'QSslSocket.PeerVerifyMode') });
  }

  /** How many issuers a chain may have; 0 for OpenSSL's limit. Qt: QSslConfiguration::peerVerifyDepth */
  peerVerifyDepth(): number {
    return dataOf(this).peerVerifyDepth;
  }

  /**
   * Sets how many issuers a chain may have, 0 to 100; 0 for OpenSSL's limit.
   *
   * @throws TypeError, RangeError - for anything else (Qt ignores negative numbers).
   * Qt: QSslConfiguration::setPeerVerifyDepth
   */
  setPeerVerifyDepth(depth: number): void {
    change(this, { peerVerifyDepth: checkUint(depth, 'depth', { max: 100 }) });
  }

  /** Whether a server demands a verified hello. Qt: QSslConfiguration::dtlsCookieVerificationEnabled */
  dtlsCookieVerificationEnabled(): boolean {
    return dataOf(this).dtlsCookieVerificationEnabled;
  }

  /**
   * Sets whether a server demands a hello that QDtlsClientVerifier verified. Without it anybody can make a server
   * send certificates to a forged address.
   *
   * @throws TypeError - unless it is a boolean.
   * Qt: QSslConfiguration::setDtlsCookieVerificationEnabled
   */
  setDtlsCookieVerificationEnabled(enable: boolean): void {
    change(this, { dtlsCookieVerificationEnabled: checkBoolean(enable, 'enable') });
  }

  /** Whether a switch is on. @throws TypeError, RangeError. Qt: QSslConfiguration::testSslOption */
  testSslOption(option: SslOption): boolean {
    return (dataOf(this).sslOptions & checkEnum(option, SslOption, 'option', 'QSsl.SslOption')) !== 0;
  }

  /** Turns a switch on or off. @throws TypeError, RangeError. Qt: QSslConfiguration::setSslOption */
  setSslOption(option: SslOption, on: boolean): void {
    const bit: number = checkEnum(option, SslOption, 'option', 'QSsl.SslOption');
    const options = checkBoolean(on, 'on') ? dataOf(this).sslOptions | bit : dataOf(this).sslOptions & ~bit;
    change(this, { sslOptions: options });
  }

  /** The application protocols offered or accepted (ALPN), best first. Qt: QSslConfiguration::allowedNextProtocols */
  allowedNextProtocols(): Buffer[] {
    return dataOf(this).allowedNextProtocols.map((name) => Buffer.from(name));
  }

  /**
   * Sets the application protocols (ALPN), best first, each of 1 to 255 bytes, as in "coap"; an empty array turns ALPN
   * off. A client offers them. A server selects by its own order; it refuses a client that offers others only, with the
   * alert "no application protocol" (unauthenticated: a client of ours names it when its deadline is over), and serves
   * one that offers none.
   *
   * @throws TypeError - unless it is an array of strings (UTF-8) or bytes; RangeError - for empty or longer names, and
   *   for more than 65535 bytes in all.
   *
   * Differs from Qt: there the client's order wins, a client that offers others only is answered with one that it did not
   * offer, and names of no good length are left out with a warning.
   * Qt: QSslConfiguration::setAllowedNextProtocols
   * Source: RFC 7301
   */
  setAllowedNextProtocols(protocols: readonly Bytes[]): void {
    change(this, { allowedNextProtocols: checkNextProtocols(protocols) });
  }

  /**
   * The agreed application protocol, in what `QDtls.dtlsConfiguration()` returned after a handshake; empty if there is
   * none.
   *
   * Differs from Qt: there it stays empty for DTLS.
   * Qt: QSslConfiguration::nextNegotiatedProtocol
   */
  nextNegotiatedProtocol(): Buffer {
    return Buffer.from(boxOf(this).nextProtocol.name);
  }

  /**
   * What came of the application protocols, in what `QDtls.dtlsConfiguration()` returned after a handshake: None where
   * none are set (or no handshake has ended), Unsupported where the peer has none, Negotiated otherwise.
   *
   * Differs from Qt: there it stays None for DTLS.
   * Qt: QSslConfiguration::nextProtocolNegotiationStatus
   */
  nextProtocolNegotiationStatus(): NextProtocolNegotiationStatus {
    return boxOf(this).nextProtocol.status;
  }

  /** Always null, as in Qt for DTLS: ask `QDtls.sessionCipher()`. Qt: QSslConfiguration::sessionCipher */
  sessionCipher(): QSslCipher {
    return new QSslCipher();
  }

  /** Always UnknownProtocol, as in Qt for DTLS: ask `QDtls.sessionProtocol()`. Qt: QSslConfiguration::sessionProtocol */
  sessionProtocol(): SslProtocol {
    return SslProtocol.UnknownProtocol;
  }

  /** Always null, as in Qt for DTLS. Qt: QSslConfiguration::ephemeralServerKey */
  ephemeralServerKey(): QSslKey {
    return new QSslKey();
  }

  /** The peer's certificate; a null one before a handshake. Qt: QSslConfiguration::peerCertificate */
  peerCertificate(): QSslCertificate {
    return boxOf(this).peerChain[0] ?? new QSslCertificate();
  }

  /** The certificates the peer sent, leaf first. Qt: QSslConfiguration::peerCertificateChain */
  peerCertificateChain(): QSslCertificate[] {
    return [...boxOf(this).peerChain];
  }

  /** Stored; DTLS ignores it, as in Qt. Qt: QSslConfiguration::handshakeMustInterruptOnError */
  handshakeMustInterruptOnError(): boolean {
    return dataOf(this).handshakeMustInterruptOnError;
  }

  /** Stored; DTLS ignores it, as in Qt. @throws TypeError. Qt: QSslConfiguration::setHandshakeMustInterruptOnError */
  setHandshakeMustInterruptOnError(interrupt: boolean): void {
    change(this, { handshakeMustInterruptOnError: checkBoolean(interrupt, 'interrupt') });
  }

  /** Stored; DTLS ignores it, as in Qt. Qt: QSslConfiguration::missingCertificateIsFatal */
  missingCertificateIsFatal(): boolean {
    return dataOf(this).missingCertificateIsFatal;
  }

  /** Stored; DTLS ignores it, as in Qt. @throws TypeError. Qt: QSslConfiguration::setMissingCertificateIsFatal */
  setMissingCertificateIsFatal(cannotRecover: boolean): void {
    change(this, { missingCertificateIsFatal: checkBoolean(cannotRecover, 'cannotRecover') });
  }

  /** Stored; DTLS ignores it, as in Qt. Qt: QSslConfiguration::ocspStaplingEnabled */
  ocspStaplingEnabled(): boolean {
    return dataOf(this).ocspStaplingEnabled;
  }

  /** Stored; DTLS ignores it, as in Qt. @throws TypeError. Qt: QSslConfiguration::setOcspStaplingEnabled */
  setOcspStaplingEnabled(enable: boolean): void {
    change(this, { ocspStaplingEnabled: checkBoolean(enable, 'enable') });
  }
}

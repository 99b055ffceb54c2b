import type { X509Certificate } from 'node:crypto';
import { blacklistIncident } from './certificate-blacklist';
import { checkBytes, checkEnum, checkInstance, checkString } from './internal/arguments';
import { certificateText } from './internal/certificate-text';
import { readFilesAt } from './internal/files';
import { pemText } from './internal/pem';
import type { X509Content } from './internal/x509-content';
import { readX509Content, x509ContentsOfDer, x509ContentsOfPem } from './internal/x509-content';
import type { AlternativeName, NameAttribute } from './internal/x509-fields';
import { Algorithm, QCryptographicHash } from './qcryptographichash';
import { AlternativeNameEntryType, EncodingFormat } from './qssl';
import { QSslKey } from './qsslkey';

/** The attributes of a name that have an enum value. Qt: QSslCertificate::SubjectInfo */
export enum SubjectInfo {
  Organization = 0,
  CommonName = 1,
  LocalityName = 2,
  OrganizationalUnitName = 3,
  CountryName = 4,
  StateOrProvinceName = 5,
  DistinguishedNameQualifier = 6,
  SerialNumber = 7,
  EmailAddress = 8,
}

const attributeTypes: Readonly<Record<SubjectInfo, string>> = {
  [SubjectInfo.Organization]: 'O',
  [SubjectInfo.CommonName]: 'CN',
  [SubjectInfo.LocalityName]: 'L',
  [SubjectInfo.OrganizationalUnitName]: 'OU',
  [SubjectInfo.CountryName]: 'C',
  [SubjectInfo.StateOrProvinceName]: 'ST',
  [SubjectInfo.DistinguishedNameQualifier]: 'dnQualifier',
  [SubjectInfo.SerialNumber]: 'serialNumber',
  [SubjectInfo.EmailAddress]: 'emailAddress',
};

const entryTypes: Readonly<Record<AlternativeName['kind'], AlternativeNameEntryType>> = {
  email: AlternativeNameEntryType.EmailEntry,
  dns: AlternativeNameEntryType.DnsEntry,
  ip: AlternativeNameEntryType.IpAddressEntry,
};

function decodeAll(bytes: Uint8Array, format: EncodingFormat): X509Content[] {
  return format === EncodingFormat.Pem ? x509ContentsOfPem(bytes) : x509ContentsOfDer(bytes);
}

function valuesOf(attributes: readonly NameAttribute[], attribute: unknown): string[] {
  const type =
    typeof attribute === 'string'
      ? attribute
      : attributeTypes[checkEnum(attribute, SubjectInfo, 'attribute', 'SubjectInfo or a string')];
  return attributes.filter((entry) => entry.type === type).map(({ value }) => value);
}

function typesOf(attributes: readonly NameAttribute[]): string[] {
  return [...new Set(attributes.map(({ type }) => type))].sort();
}

function displayName(attributes: readonly NameAttribute[]): string {
  for (const type of ['CN', 'O', 'OU']) {
    // The last one is the most specific one, and what Qt shows.
    const value = attributes.findLast((entry) => entry.type === type)?.value;
    if (value !== undefined) return value;
  }
  return '';
}

/**
 * An X.509 certificate; immutable. What cannot be decoded is a null certificate, whose methods return
 * empty values.
 *
 * Differs from Qt: a certificate that is BER but not DER is null (RFC 5280 section 4.1 asks for DER).
 * `clear()` and `swap()` are absent, because a value never changes; so are `fromDevice()`, `verify()`,
 * `importPkcs12()` and `extensions()`.
 * Qt: QSslCertificate
 */
export class QSslCertificate {
  static readonly SubjectInfo = SubjectInfo;
  static readonly Organization = SubjectInfo.Organization;
  static readonly CommonName = SubjectInfo.CommonName;
  static readonly LocalityName = SubjectInfo.LocalityName;
  static readonly OrganizationalUnitName = SubjectInfo.OrganizationalUnitName;
  static readonly CountryName = SubjectInfo.CountryName;
  static readonly StateOrProvinceName = SubjectInfo.StateOrProvinceName;
  static readonly DistinguishedNameQualifier = SubjectInfo.DistinguishedNameQualifier;
  static readonly SerialNumber = SubjectInfo.SerialNumber;
  static readonly EmailAddress = SubjectInfo.EmailAddress;

  #content: X509Content | null;

  /**
   * Decodes the first certificate in the data; a null certificate if there is none.
   *
   * @throws TypeError, RangeError - for data that is not bytes, and a format that is no EncodingFormat.
   * Qt: QSslCertificate::QSslCertificate(const QByteArray &, QSsl::EncodingFormat)
   */
  constructor(
    data: string | ArrayBuffer | ArrayBufferView = '',
    format: EncodingFormat = EncodingFormat.Pem,
  ) {
    checkEnum(format, EncodingFormat, 'format', 'EncodingFormat');
    this.#content = decodeAll(checkBytes(data, 'data'), format)[0] ?? null;
  }

  /**
   * Decodes all certificates in the data, in order: every PEM block, or DER encodings one after the
   * other. Blocks that hold no certificate are passed over; the result is empty if there is none.
   *
   * @throws TypeError, RangeError - for data that is not bytes, and a format that is no EncodingFormat.
   * Qt: QSslCertificate::fromData
   */
  static fromData(
    data: string | ArrayBuffer | ArrayBufferView,
    format: EncodingFormat = EncodingFormat.Pem,
  ): QSslCertificate[] {
    checkEnum(format, EncodingFormat, 'format', 'EncodingFormat');
    return decodeAll(checkBytes(data, 'data'), format).map((content) => QSslCertificate.#of(content));
  }

  /**
   * The certificate of an encoding that OpenSSL has decoded before, as it does with a peer's. Copies it.
   * @internal
   */
  static fromDecoded(der: Uint8Array): QSslCertificate {
    return QSslCertificate.#of(readX509Content(Buffer.from(der)));
  }

  static #of(content: X509Content | null): QSslCertificate {
    const certificate = new QSslCertificate();
    certificate.#content = content;
    return certificate;
  }

  /**
   * Decodes all certificates in a file, or in every file directly in a folder in the order of the file
   * names. The result is empty if there is none or nothing can be read.
   *
   * @throws TypeError, RangeError - for a path that is no string, and a format that is no EncodingFormat.
   *
   * Differs from Qt: a folder can be named as it is, and there are no patterns.
   * Qt: QSslCertificate::fromPath
   */
  static fromPath(path: string, format: EncodingFormat = EncodingFormat.Pem): QSslCertificate[] {
    checkEnum(format, EncodingFormat, 'format', 'EncodingFormat');
    return readFilesAt(checkString(path, 'path')).flatMap((data) => QSslCertificate.fromData(data, format));
  }

  /** True if there is no certificate. Qt: QSslCertificate::isNull */
  isNull(): boolean {
    return this.#content === null;
  }

  /**
   * True if the certificate names itself as its issuer (OpenSSL: X509_check_issued).
   * Qt: QSslCertificate::isSelfSigned
   */
  isSelfSigned(): boolean {
    const x509 = this.x509();
    return x509 !== null && x509.checkIssued(x509);
  }

  /**
   * True if the certificate is one of about forty that were issued or used by attackers from 2008 to
   * 2014. It is no replacement for revocation lists. Qt: QSslCertificate::isBlacklisted
   */
  isBlacklisted(): boolean {
    const names = [...this.subjectInfo(SubjectInfo.CommonName), ...this.issuerInfo(SubjectInfo.CommonName)];
    return blacklistIncident(this.serialNumber(), names) !== null;
  }

  /** The version, `'3'` for nearly every certificate; '' for a null one. Qt: QSslCertificate::version */
  version(): string {
    return this.#content?.fields.version.toString() ?? '';
  }

  /**
   * The serial number as lower-case hexadecimal bytes joined by colons, such as `'0a:1b'`; '' for a null
   * certificate. Qt: QSslCertificate::serialNumber
   */
  serialNumber(): string {
    return this.#content?.fields.serialNumber ?? '';
  }

  /**
   * The hash of the DER encoding. Returns an empty Buffer where this Node lacks the hash function, and
   * the hash of no bytes for a null certificate.
   *
   * @throws TypeError, RangeError - unless it is an Algorithm.
   * Qt: QSslCertificate::digest
   */
  digest(algorithm: Algorithm = Algorithm.Md5): Buffer {
    return QCryptographicHash.hash(this.toDer(), algorithm);
  }

  /** The SHA-256 hash of the DER encoding in hexadecimal; '' for a null certificate. Extension. */
  fingerprint256(): string {
    return this.isNull() ? '' : this.digest(Algorithm.Sha256).toString('hex');
  }

  /** The certificate as a PEM block; empty for a null certificate. Qt: QSslCertificate::toPem */
  toPem(): Buffer {
    const content = this.#content;
    return Buffer.from(content === null ? '' : pemText(content.der, 'CERTIFICATE'));
  }

  /** The certificate as DER; empty for a null certificate. Qt: QSslCertificate::toDer */
  toDer(): Buffer {
    return Buffer.from(this.#content?.der ?? '');
  }

  /**
   * A description for people to read; '' for a null certificate.
   *
   * Differs from Qt: the layout is ours and shorter than OpenSSL's X509_print.
   * Qt: QSslCertificate::toText
   */
  toText(): string {
    const { x509, fields } = this.#content ?? {};
    return x509 && fields ? certificateText(x509, fields) : '';
  }

  /** The first instant of validity; null for a null certificate. Qt: QSslCertificate::effectiveDate */
  effectiveDate(): Date | null {
    const time = this.#content?.fields.notBefore ?? null;
    return time === null ? null : new Date(time);
  }

  /** The last instant of validity; null for a null certificate. Qt: QSslCertificate::expiryDate */
  expiryDate(): Date | null {
    const time = this.#content?.fields.notAfter ?? null;
    return time === null ? null : new Date(time);
  }

  /**
   * The issuer's values of an attribute, given as a SubjectInfo, as OpenSSL's short name (`'CN'`) or as a
   * dotted object identifier; empty if it has none.
   *
   * @throws TypeError, RangeError - unless it is a SubjectInfo or a string.
   *
   * Differs from Qt: several values come in the order of the certificate, which Qt reverses.
   * Qt: QSslCertificate::issuerInfo
   */
  issuerInfo(attribute: SubjectInfo | string): string[] {
    return valuesOf(this.#content?.fields.issuer ?? [], attribute);
  }

  /**
   * The subject's values of an attribute, as `issuerInfo()` has the issuer's.
   *
   * @throws TypeError, RangeError - unless it is a SubjectInfo or a string.
   * Qt: QSslCertificate::subjectInfo
   */
  subjectInfo(attribute: SubjectInfo | string): string[] {
    return valuesOf(this.#content?.fields.subject ?? [], attribute);
  }

  /** The attributes that the issuer has, sorted. Qt: QSslCertificate::issuerInfoAttributes */
  issuerInfoAttributes(): string[] {
    return typesOf(this.#content?.fields.issuer ?? []);
  }

  /** The attributes that the subject has, sorted. Qt: QSslCertificate::subjectInfoAttributes */
  subjectInfoAttributes(): string[] {
    return typesOf(this.#content?.fields.subject ?? []);
  }

  /**
   * The issuer's common name, or else its organization, or else its unit.
   * Qt: QSslCertificate::issuerDisplayName
   */
  issuerDisplayName(): string {
    return displayName(this.#content?.fields.issuer ?? []);
  }

  /**
   * The subject's common name, or else its organization, or else its unit.
   * Qt: QSslCertificate::subjectDisplayName
   */
  subjectDisplayName(): string {
    return displayName(this.#content?.fields.subject ?? []);
  }

  /**
   * The alternative names of the subject by kind, in the order of the certificate. A kind without a name
   * has no entry. Qt: QSslCertificate::subjectAlternativeNames
   */
  subjectAlternativeNames(): Map<AlternativeNameEntryType, string[]> {
    const names = new Map<AlternativeNameEntryType, string[]>();
    for (const { kind, value } of this.#content?.fields.alternativeNames ?? []) {
      const values = names.get(entryTypes[kind]);
      if (values === undefined) names.set(entryTypes[kind], [value]);
      else values.push(value);
    }
    return names;
  }

  /** The public key of the subject; a null key for a null certificate. Qt: QSslCertificate::publicKey */
  publicKey(): QSslKey {
    try {
      return new QSslKey(this.x509()?.publicKey);
    } catch {
      return new QSslKey();
    }
  }

  /**
   * The certificate as node:crypto has it, null for a null certificate. Extension, in the
   * place of Qt's `handle()`.
   */
  x509(): X509Certificate | null {
    return this.#content?.x509 ?? null;
  }

  /**
   * True if both are the same certificate, byte by byte, or both are null.
   *
   * @throws TypeError - unless it is a QSslCertificate.
   * Qt: QSslCertificate::operator==
   */
  equals(other: QSslCertificate): boolean {
    const content = checkInstance(other, QSslCertificate, 'other').#content;
    if (this.#content === null || content === null) return this.#content === content;
    return this.#content.der.equals(content.der);
  }
}

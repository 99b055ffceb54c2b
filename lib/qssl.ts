/**
 * Protocol versions. QDtls takes the four DTLS ones; the rest exist because QSslConfiguration serves
 * TLS as well in Qt. Qt: QSsl::SslProtocol
 */
export enum SslProtocol {
  /** The version is not known: no handshake has finished. */
  UnknownProtocol = -1,
  TlsV1_0 = 0,
  TlsV1_1 = 1,
  TlsV1_2 = 2,
  AnyProtocol = 3,
  /** Versions thought secure: what a default-constructed configuration holds. Not usable for DTLS. */
  SecureProtocols = 4,
  TlsV1_0OrLater = 5,
  TlsV1_1OrLater = 6,
  TlsV1_2OrLater = 7,
  /** DTLS 1.0 only. Deprecated by RFC 8996. */
  DtlsV1_0 = 8,
  /** DTLS 1.0 and later. Deprecated by RFC 8996. */
  DtlsV1_0OrLater = 9,
  /** DTLS 1.2 only (RFC 6347). */
  DtlsV1_2 = 10,
  /** DTLS 1.2 and later: the default. */
  DtlsV1_2OrLater = 11,
  TlsV1_3 = 12,
  TlsV1_3OrLater = 13,
}

/** The two halves of a key pair. Qt: QSsl::KeyType */
export enum KeyType {
  PrivateKey = 0,
  PublicKey = 1,
}

/** How a certificate or a key is written down. Qt: QSsl::EncodingFormat */
export enum EncodingFormat {
  /** Base64 between BEGIN and END lines (RFC 7468). */
  Pem = 0,
  /** Binary ASN.1 (X.690). */
  Der = 1,
}

/** Families of keys. Qt: QSsl::KeyAlgorithm */
export enum KeyAlgorithm {
  /** Any other kind, such as Ed25519. */
  Opaque = 0,
  Rsa = 1,
  Dsa = 2,
  /** Elliptic curves over prime fields, such as P-256. */
  Ec = 3,
  /** Diffie-Hellman. */
  Dh = 4,
}

/** Kinds of subject alternative names. Qt: QSsl::AlternativeNameEntryType */
export enum AlternativeNameEntryType {
  EmailEntry = 0,
  DnsEntry = 1,
  IpAddressEntry = 2,
}

/** Switches of a configuration, to be combined with `|`. Qt: QSsl::SslOption */
export enum SslOption {
  SslOptionDisableEmptyFragments = 0x01,
  /** A server issues no session tickets (RFC 5077). */
  SslOptionDisableSessionTickets = 0x02,
  SslOptionDisableCompression = 0x04,
  /** A client sends no server name (RFC 6066 section 3). */
  SslOptionDisableServerNameIndication = 0x08,
  SslOptionDisableLegacyRenegotiation = 0x10,
  SslOptionDisableSessionSharing = 0x20,
  /** Sessions are neither kept nor continued (RFC 5077): on by default, as in Qt. */
  SslOptionDisableSessionPersistence = 0x40,
  /** The client's order of cipher suites wins instead of the server's. */
  SslOptionDisableServerCipherPreference = 0x80,
}

/**
 * The outcome of negotiating an application protocol (ALPN, RFC 7301). Qt declares it in
 * QSslConfiguration. Qt: QSslConfiguration::NextProtocolNegotiationStatus
 */
export enum NextProtocolNegotiationStatus {
  /** Nothing was negotiated. */
  NextProtocolNegotiationNone = 0,
  /** Both sides agreed on a protocol. */
  NextProtocolNegotiationNegotiated = 1,
  /** The two lists have nothing in common. */
  NextProtocolNegotiationUnsupported = 2,
}

/** The enums of Qt's namespace QSsl and, as in C++, all their values side by side. Qt: namespace QSsl */
export const QSsl = Object.freeze({
  SslProtocol,
  UnknownProtocol: SslProtocol.UnknownProtocol,
  TlsV1_0: SslProtocol.TlsV1_0,
  TlsV1_1: SslProtocol.TlsV1_1,
  TlsV1_2: SslProtocol.TlsV1_2,
  AnyProtocol: SslProtocol.AnyProtocol,
  SecureProtocols: SslProtocol.SecureProtocols,
  TlsV1_0OrLater: SslProtocol.TlsV1_0OrLater,
  TlsV1_1OrLater: SslProtocol.TlsV1_1OrLater,
  TlsV1_2OrLater: SslProtocol.TlsV1_2OrLater,
  DtlsV1_0: SslProtocol.DtlsV1_0,
  DtlsV1_0OrLater: SslProtocol.DtlsV1_0OrLater,
  DtlsV1_2: SslProtocol.DtlsV1_2,
  DtlsV1_2OrLater: SslProtocol.DtlsV1_2OrLater,
  TlsV1_3: SslProtocol.TlsV1_3,
  TlsV1_3OrLater: SslProtocol.TlsV1_3OrLater,

  KeyType,
  PrivateKey: KeyType.PrivateKey,
  PublicKey: KeyType.PublicKey,

  EncodingFormat,
  Pem: EncodingFormat.Pem,
  Der: EncodingFormat.Der,

  KeyAlgorithm,
  Opaque: KeyAlgorithm.Opaque,
  Rsa: KeyAlgorithm.Rsa,
  Dsa: KeyAlgorithm.Dsa,
  Ec: KeyAlgorithm.Ec,
  Dh: KeyAlgorithm.Dh,

  AlternativeNameEntryType,
  EmailEntry: AlternativeNameEntryType.EmailEntry,
  DnsEntry: AlternativeNameEntryType.DnsEntry,
  IpAddressEntry: AlternativeNameEntryType.IpAddressEntry,

  SslOption,
  SslOptionDisableEmptyFragments: SslOption.SslOptionDisableEmptyFragments,
  SslOptionDisableSessionTickets: SslOption.SslOptionDisableSessionTickets,
  SslOptionDisableCompression: SslOption.SslOptionDisableCompression,
  SslOptionDisableServerNameIndication: SslOption.SslOptionDisableServerNameIndication,
  SslOptionDisableLegacyRenegotiation: SslOption.SslOptionDisableLegacyRenegotiation,
  SslOptionDisableSessionSharing: SslOption.SslOptionDisableSessionSharing,
  SslOptionDisableSessionPersistence: SslOption.SslOptionDisableSessionPersistence,
  SslOptionDisableServerCipherPreference: SslOption.SslOptionDisableServerCipherPreference,
});

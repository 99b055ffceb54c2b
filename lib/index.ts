/**
 * Qt's classes for DTLS over OpenSSL, for datagrams that stay in your hands.
 *
 * @module qdtls
 */
export type { Bytes } from './internal/arguments';
export type { DatagramSocket, SendCallback } from './internal/datagram-socket';
export type { HandshakeLimits } from './dtls-association';
export type { QDtlsEvents } from './dtls-channel';
export type { DroppedRecords, QDtlsStatistics } from './statistics';
export type { GeneratorParametersLike } from './dtls-settings';
export { GeneratorParameters, type CookieOptions } from './generatorparameters';
export { HandshakeState } from './handshake-state';
export { opensslAdvisories, opensslVersion, type OpenSslAdvisory } from './openssl-version';
export { Algorithm, QCryptographicHash } from './qcryptographichash';
export { QDtls } from './qdtls';
export { QDtlsClientVerifier, type QDtlsClientVerifierEvents, type QDtlsClientVerifierStatistics } from './qdtlsclientverifier';
export { QDtlsError } from './qdtlserror';
export { QDtlsServerNameRequest } from './qdtlsservernamerequest';
export {
  AlternativeNameEntryType,
  EncodingFormat,
  KeyAlgorithm,
  KeyType,
  NextProtocolNegotiationStatus,
  QSsl,
  SslOption,
  SslProtocol,
} from './qssl';
export { QSslCertificate, SubjectInfo } from './qsslcertificate';
export { QSslCipher } from './qsslcipher';
export { QSslConfiguration } from './qsslconfiguration';
export { DiffieHellmanError, QSslDiffieHellmanParameters } from './qssldiffiehellmanparameters';
export { QSslEllipticCurve } from './qsslellipticcurve';
export { QSslError, SslError } from './qsslerror';
export { QSslKey } from './qsslkey';
export { QSslPreSharedKeyAuthenticator, type PreSharedKeyRequest } from './qsslpresharedkeyauthenticator';
export { PeerVerifyMode, QSslSocket, SslMode } from './qsslsocket';

import { QCryptographicHash } from '../../lib/qcryptographichash';
import { QDtlsError } from '../../lib/qdtlserror';
import { NextProtocolNegotiationStatus, QSsl } from '../../lib/qssl';
import { QSslCertificate } from '../../lib/qsslcertificate';
import { QSslDiffieHellmanParameters } from '../../lib/qssldiffiehellmanparameters';
import { QSslError } from '../../lib/qsslerror';
import { QSslSocket } from '../../lib/qsslsocket';

type NumericEnum = Readonly<Record<string, string | number>>;

function isMember(entry: [string, string | number]): entry is [string, number] {
  return typeof entry[1] === 'number';
}

function membersOf(values: NumericEnum): Record<string, number> {
  return Object.fromEntries(Object.entries(values).filter(isMember));
}

describe('the enums', () => {
  it.each<[string, NumericEnum, Record<string, number>]>([
    [
      'QSsl.SslProtocol',
      QSsl.SslProtocol,
      {
        UnknownProtocol: -1,
        ...{ TlsV1_0: 0, TlsV1_1: 1, TlsV1_2: 2, AnyProtocol: 3, SecureProtocols: 4, TlsV1_0OrLater: 5 },
        ...{ TlsV1_1OrLater: 6, TlsV1_2OrLater: 7, DtlsV1_0: 8, DtlsV1_0OrLater: 9, DtlsV1_2: 10 },
        ...{ DtlsV1_2OrLater: 11, TlsV1_3: 12, TlsV1_3OrLater: 13 },
      },
    ],
    ['QSsl.KeyType', QSsl.KeyType, { PrivateKey: 0, PublicKey: 1 }],
    ['QSsl.EncodingFormat', QSsl.EncodingFormat, { Pem: 0, Der: 1 }],
    ['QSsl.KeyAlgorithm', QSsl.KeyAlgorithm, { Opaque: 0, Rsa: 1, Dsa: 2, Ec: 3, Dh: 4 }],
    [
      'QSsl.AlternativeNameEntryType',
      QSsl.AlternativeNameEntryType,
      { EmailEntry: 0, DnsEntry: 1, IpAddressEntry: 2 },
    ],
    [
      'QSsl.SslOption',
      QSsl.SslOption,
      {
        ...{ SslOptionDisableEmptyFragments: 1, SslOptionDisableSessionTickets: 2 },
        ...{ SslOptionDisableCompression: 4, SslOptionDisableServerNameIndication: 8 },
        ...{ SslOptionDisableLegacyRenegotiation: 16, SslOptionDisableSessionSharing: 32 },
        ...{ SslOptionDisableSessionPersistence: 64, SslOptionDisableServerCipherPreference: 128 },
      },
    ],
    [
      'NextProtocolNegotiationStatus',
      NextProtocolNegotiationStatus,
      {
        NextProtocolNegotiationNone: 0,
        NextProtocolNegotiationNegotiated: 1,
        NextProtocolNegotiationUnsupported: 2,
      },
    ],
    ['QSslSocket.SslMode', QSslSocket.SslMode, { UnencryptedMode: 0, SslClientMode: 1, SslServerMode: 2 }],
    [
      'QSslSocket.PeerVerifyMode',
      QSslSocket.PeerVerifyMode,
      { VerifyNone: 0, QueryPeer: 1, VerifyPeer: 2, AutoVerifyPeer: 3 },
    ],
    [
      'QDtlsError',
      QDtlsError,
      {
        ...{ NoError: 0, InvalidInputParameters: 1, InvalidOperation: 2, UnderlyingSocketError: 3 },
        ...{ RemoteClosedConnectionError: 4, PeerVerificationError: 5, TlsInitializationError: 6 },
        ...{ TlsFatalError: 7, TlsNonFatalError: 8 },
      },
    ],
    [
      'QSslDiffieHellmanParameters.Error',
      QSslDiffieHellmanParameters.Error,
      { NoError: 0, InvalidInputDataError: 1, UnsafeParametersError: 2 },
    ],
  ])('%s has the values of Qt', (_, actual, expected) => {
    expect(membersOf(actual)).toEqual(expected);
  });

  it.each<[string, object, NumericEnum[]]>([
    [
      'QSsl',
      QSsl,
      [
        ...[QSsl.SslProtocol, QSsl.KeyType, QSsl.EncodingFormat, QSsl.KeyAlgorithm],
        ...[QSsl.AlternativeNameEntryType, QSsl.SslOption],
      ],
    ],
    ['QSslSocket', QSslSocket, [QSslSocket.SslMode, QSslSocket.PeerVerifyMode]],
    ['QCryptographicHash', QCryptographicHash, [QCryptographicHash.Algorithm]],
    ['QSslError', QSslError, [QSslError.SslError]],
    ['QSslCertificate', QSslCertificate, [QSslCertificate.SubjectInfo]],
    ['QSslDiffieHellmanParameters', QSslDiffieHellmanParameters, [QSslDiffieHellmanParameters.Error]],
  ])('%s has every value of its enums side by side', (_, holder, enums) => {
    const values = Object.fromEntries(Object.entries(holder));
    for (const members of enums) expect(values).toMatchObject(membersOf(members));
  });
});

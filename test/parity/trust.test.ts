import { PeerVerifyMode, QSslCertificate, QSslError, SslError, type QSslConfiguration } from '../../lib';
import {
  expired,
  issueCertificate,
  makeAuthority,
  makeClientCertificate,
  makeServerCertificate,
  type IssuedCertificate,
} from '../support/certificates';
import { messagesOf } from '../support/handshake-messages';
import { configuration, pskConfiguration, type Pair } from '../support/pair';
import {
  believed,
  certificatePair,
  disbelieved,
  runWithCertificates,
  verdictOf,
} from '../support/peer-checks';
import { certificateOf, SERVER_NAME, showing, statusOf, trusting } from '../support/stages';

const CERTIFICATE_REQUEST = 13; // RFC 5246 section 7.4.4

const { VerifyNone, QueryPeer, VerifyPeer, AutoVerifyPeer } = PeerVerifyMode;
const authority = makeAuthority();
const server = makeServerCertificate(authority);

function verifying(mode: PeerVerifyMode, ...trusted: readonly IssuedCertificate[]): QSslConfiguration {
  return configuration((settings) => {
    settings.setPeerVerifyMode(mode);
    settings.setCaCertificates(trusted.map(certificateOf));
  });
}

it.each([
  ['AutoVerifyPeer', AutoVerifyPeer],
  ['QueryPeer', QueryPeer],
  ['VerifyNone', VerifyNone],
  ['VerifyPeer', VerifyPeer],
])('62. a server of a trusted authority is believed with %s', (_name, mode) => {
  const pair = runWithCertificates(verifying(mode, authority), showing(server), SERVER_NAME);
  const { client } = pair;
  expect(verdictOf(client)).toEqual(believed);
  expect(statusOf(client).error).toBe('NoError');
  expect(client.dtlsConfiguration().peerCertificate().equals(certificateOf(server))).toBe(true);
  expect(verdictOf(pair.server)).toEqual(believed);
});

it.each([
  ['VerifyPeer', VerifyPeer],
  ['AutoVerifyPeer', AutoVerifyPeer],
])('62. a server with the wrong name is not believed with %s', (_name, mode) => {
  const { client } = runWithCertificates(verifying(mode, authority), showing(server), 'example.com');
  expect(verdictOf(client)).toEqual(disbelieved('HostNameMismatch'));
});

it.each([
  ['no authority', []],
  ['another authority of the same name', [makeAuthority()]],
])('62. a server is not believed with VerifyPeer and %s', (_name, trusted) => {
  const { client } = runWithCertificates(verifying(VerifyPeer, ...trusted), showing(server), SERVER_NAME);
  expect(verdictOf(client).state).toBe('PeerVerificationFailed');
  expect(verdictOf(client).errors).not.toEqual([]);
});

it.each([
  ['QueryPeer', QueryPeer],
  ['VerifyNone', VerifyNone],
])('62. a server is believed with %s, whatever is wrong with it', (_name, mode) => {
  const { client } = runWithCertificates(verifying(mode), showing(server), 'example.com');
  expect(verdictOf(client)).toEqual(believed);
});

it('63. a server of an unknown authority has no issuer and cannot be verified', () => {
  const { client } = runWithCertificates(trusting(), showing(server), SERVER_NAME);
  expect(verdictOf(client)).toEqual(
    disbelieved('UnableToGetLocalIssuerCertificate', 'UnableToVerifyFirstCertificate'),
  );
  for (const error of client.peerVerificationErrors()) {
    expect(error.certificate().equals(certificateOf(server))).toBe(true);
  }
});

it('63. a server that sends its unknown authority too has a self-signed certificate in its chain', () => {
  const withRoot = showing(server);
  withRoot.setLocalCertificateChain([certificateOf(server), certificateOf(authority)]);
  const { client } = runWithCertificates(trusting(), withRoot, SERVER_NAME);
  expect(verdictOf(client)).toEqual(disbelieved('SelfSignedCertificateInChain'));
  expect(client.peerVerificationErrors()[0]?.certificate().equals(certificateOf(authority))).toBe(true);
  expect(client.dtlsConfiguration().peerCertificateChain()).toHaveLength(2);
});

it('64. a server whose certificate has expired is not believed', () => {
  const old = makeServerCertificate(authority, expired);
  const { client } = runWithCertificates(trusting(authority), showing(old), SERVER_NAME);
  expect(verdictOf(client)).toEqual(disbelieved('CertificateExpired'));
});

it('64. a server whose certificate is for clients is not believed', () => {
  const wrong = makeServerCertificate(authority, { purposes: ['clientAuth'] });
  const { client } = runWithCertificates(trusting(authority), showing(wrong), SERVER_NAME);
  expect(verdictOf(client)).toEqual(disbelieved('InvalidPurpose'));
});

// Serial number and name of a certificate that was issued fraudulently in 2011.
it('68. a server with a blacklisted certificate is not believed, whoever vouches for it', () => {
  const serialNumber = 'f5:c8:6a:f3:61:62:f1:3a:64:f5:4f:6d:c9:58:7c:06';
  const commonName = 'www.google.com';
  const stolen = makeServerCertificate(authority, { serialNumber, commonName, dnsNames: [commonName] });
  const { client } = runWithCertificates(trusting(authority), showing(stolen), commonName);
  expect(verdictOf(client)).toEqual(disbelieved('CertificateBlacklisted'));
  expect(client.peerVerificationErrors()[0]?.certificate().equals(certificateOf(stolen))).toBe(true);
});

const anyServer = pskConfiguration();

function asking(mode: PeerVerifyMode, ...trusted: readonly IssuedCertificate[]): QSslConfiguration {
  const settings = showing(server);
  settings.setPeerVerifyMode(mode);
  settings.setCaCertificates(trusted.map(certificateOf));
  return settings;
}

/** Whether the server's first flight asks the client for a certificate. */
function asksForCertificate(mode: PeerVerifyMode): boolean {
  const pair = certificatePair({ client: anyServer, server: asking(mode, authority) });
  pair.start();
  pair.deliverToServer(pair.clientSocket.take());
  return messagesOf(...pair.serverSocket.takeAll()).some(({ type }) => type === CERTIFICATE_REQUEST);
}

function meet(mode: PeerVerifyMode, client: QSslConfiguration = anyServer): Pair {
  return runWithCertificates(client, asking(mode, authority));
}

it('65. a client without certificate fails with VerifyPeer, and is itself complete', () => {
  const pair = meet(VerifyPeer);
  expect(asksForCertificate(VerifyPeer)).toBe(true);
  expect(statusOf(pair.server)).toEqual({ state: 'PeerVerificationFailed', error: 'PeerVerificationError' });
  expect(verdictOf(pair.server)).toEqual(disbelieved('NoPeerCertificate'));
  expect(pair.server.peerVerificationErrors()[0]?.certificate().isNull()).toBe(true);
  expect(verdictOf(pair.client)).toEqual(believed);
});

it.each([
  ['QueryPeer', QueryPeer, true],
  ['AutoVerifyPeer', AutoVerifyPeer, true],
  ['VerifyNone', VerifyNone, false],
])('65. a client without certificate is taken with %s', (_name, mode, asks) => {
  const pair = meet(mode);
  expect(asksForCertificate(mode)).toBe(asks);
  expect(verdictOf(pair.server)).toEqual(believed);
  expect(pair.server.dtlsConfiguration().peerCertificate().isNull()).toBe(true);
  expect(verdictOf(pair.client)).toEqual(believed);
});

const intermediate = makeAuthority({ commonName: 'Intermediate', issuer: authority });

it.each([
  ['a valid client certificate', makeClientCertificate(authority), 1],
  ['a valid client certificate and the authority between', makeClientCertificate(intermediate), 2],
])('66. %s is taken with VerifyPeer, and the server sees what was sent', (_name, issued, length) => {
  const pair = meet(VerifyPeer, showing(issued));
  expect(verdictOf(pair.server)).toEqual(believed);
  const sent = QSslCertificate.fromData(issued.chainPem).map((each) => each.toPem());
  const seen = pair.server.dtlsConfiguration().peerCertificateChain();
  expect(sent).toHaveLength(length);
  expect(seen.map((each) => each.toPem())).toEqual(sent);
  expect(pair.server.dtlsConfiguration().peerCertificate().equals(certificateOf(issued))).toBe(true);
});

it.each([
  ['a self-signed certificate', issueCertificate({ commonName: 'client' }), 'SelfSignedCertificate'],
  ['a certificate for servers', makeServerCertificate(authority), 'InvalidPurpose'],
] as const)('66. %s is not believed with VerifyPeer', (_name, issued, error) => {
  const pair = meet(VerifyPeer, showing(issued));
  expect(verdictOf(pair.server)).toEqual(disbelieved(error));
  expect(pair.server.dtlsConfiguration().peerCertificate().equals(certificateOf(issued))).toBe(true);
});

it('67. a server goes on with a client without certificate once that is ignored', () => {
  const pair = meet(VerifyPeer);
  pair.server.ignoreVerificationErrors([new QSslError(SslError.NoPeerCertificate)]);
  expect(pair.server.resumeHandshake(pair.serverSocket)).toBe(true);
  expect(verdictOf(pair.server)).toEqual(believed);
  pair.server.writeDatagramEncrypted(pair.serverSocket, 'welcome');
  pair.settle();
  expect(pair.received.client).toEqual(['welcome']);
});

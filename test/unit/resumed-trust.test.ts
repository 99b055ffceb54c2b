import { randomBytes } from 'node:crypto';
import { PeerVerifyMode, type QSslConfiguration } from '../../lib';
import { expired, issueCertificate, makeAuthority, makeClientCertificate, makeServerCertificate } from '../support/certificates';
import { demand, show } from '../support/credentials';
import { believed, certificatePair, disbelieved, verdictOf } from '../support/peer-checks';
import { configuration, pskConfiguration, type Pair } from '../support/pair';
import { anew, persistent, resumed, reused, runTwice, ticketOf, withTicket } from '../support/sessions';
import { certificateOf, SERVER_NAME, selfSigned, showing, trusting } from '../support/stages';

const certificate = selfSigned();
const root = makeAuthority();
const clientCertificate = makeClientCertificate(root);
const keys = randomBytes(80);

const server = (): QSslConfiguration => persistent(showing(certificate));
const verifying = (): QSslConfiguration => persistent(trusting(certificate));
const credulous = (): QSslConfiguration => persistent(pskConfiguration());
const inquiring = (): QSslConfiguration => {
  const settings = credulous();
  settings.setPeerVerifyMode(PeerVerifyMode.QueryPeer);
  return settings;
};

function named(settings: QSslConfiguration, context = ''): QSslConfiguration {
  settings.setSessionIdContext(context);
  return settings;
}

describe('a client that resumes', () => {
  it('checks the name of the certificate again', () => {
    const [first, second] = runTwice(
      { client: verifying(), server: server(), name: SERVER_NAME },
      { client: verifying(), server: server(), name: 'another.example' },
    );
    expect(verdictOf(first.client)).toEqual(believed);
    expect(reused(second)).toEqual(resumed);
    expect(verdictOf(second.client)).toEqual(disbelieved('HostNameMismatch'));
  });

  // Nothing was checked then, so that the session says nothing is wrong.
  describe.each([
    ['', 'without a session id context'],
    ['one application', 'whatever the session id context says'],
  ])('with the context "%s"', (context, title) => {
    it.each([
      ['VerifyNone', credulous],
      ['QueryPeer', inquiring],
    ])(`does not offer a session made with %s when it verifies, ${title}`, (_, careless) => {
      const stranger = persistent(showing(selfSigned()));
      const [first, second] = runTwice(
        { client: named(careless(), context), server: stranger, name: SERVER_NAME },
        { client: named(verifying(), context), server: stranger, name: SERVER_NAME },
      );
      expect(ticketOf(first).length).toBeGreaterThan(0);
      expect(reused(second)).toEqual(anew);
      expect(verdictOf(second.client)).toEqual(disbelieved('SelfSignedCertificate'));
    });

    it(`does not offer a session made with other CA certificates, ${title}`, () => {
      const other = persistent(trusting(selfSigned()));
      const [, second] = runTwice(
        { client: named(verifying(), context), server: server(), name: SERVER_NAME },
        { client: named(other, context), server: server(), name: SERVER_NAME },
      );
      expect(reused(second)).toEqual(anew);
      expect(verdictOf(second.client)).toEqual(disbelieved('SelfSignedCertificate'));
    });
  });

  it('does not offer a session made with another certificate of its own', () => {
    const withOwn = (issued: typeof clientCertificate): QSslConfiguration => {
      const settings = verifying();
      show(settings, issued);
      return settings;
    };
    const options = { server: server(), name: SERVER_NAME };
    const [, second] = runTwice(
      { ...options, client: withOwn(clientCertificate) },
      { ...options, client: withOwn(makeClientCertificate(root)) },
    );
    expect(reused(second)).toEqual(anew);
  });

  it('complains again about what was wrong in the full handshake', () => {
    const stranger = persistent(showing(selfSigned()));
    const first = certificatePair({ client: verifying(), server: stranger, name: SERVER_NAME });
    first.run();
    const errors = first.client.peerVerificationErrors();
    expect(verdictOf(first.client)).toEqual(disbelieved('SelfSignedCertificate'));
    expect(ticketOf(first)).toHaveLength(0); // nobody keeps the session of a peer that is not believed
    first.client.ignoreVerificationErrors(errors);
    expect(first.client.resumeHandshake(first.clientSocket)).toBe(true);

    const again = (): Pair =>
      certificatePair({ client: withTicket(verifying(), ticketOf(first)), server: stranger, name: SERVER_NAME });
    const second = again().run();
    expect(reused(second)).toEqual(resumed);
    expect(verdictOf(second.client)).toEqual(disbelieved('SelfSignedCertificate'));
    expect(second.client.peerVerificationErrors()).toEqual(errors);

    const third = again();
    third.client.ignoreVerificationErrors(errors);
    third.run();
    expect(reused(third)).toEqual(resumed);
    expect(third.client.isConnectionEncrypted()).toBe(true);
  });

  it('complains about the last thing that was wrong with a chain, and a list of all of them covers it', () => {
    const unknown = makeServerCertificate(makeAuthority());
    const stranger = persistent(showing(unknown));
    const [first] = runTwice({ client: verifying(), server: stranger, name: SERVER_NAME });
    const errors = first.client.peerVerificationErrors();
    expect(errors.length).toBeGreaterThan(1);
    first.client.ignoreVerificationErrors(errors);
    first.client.resumeHandshake(first.clientSocket);
    const again = certificatePair({ client: first.client.dtlsConfiguration(), server: stranger, name: SERVER_NAME });
    again.client.ignoreVerificationErrors(errors);
    again.run();
    expect(reused(again)).toEqual(resumed);
    expect(again.client.isConnectionEncrypted()).toBe(true);
  });

  it('notices that the certificate has expired meanwhile', () => {
    const old = issueCertificate({ dnsNames: [SERVER_NAME], ...expired });
    const options = { client: persistent(trusting(old)), server: persistent(showing(old)), name: SERVER_NAME };
    const first = certificatePair(options).run();
    first.client.ignoreVerificationErrors(first.client.peerVerificationErrors());
    expect(first.client.resumeHandshake(first.clientSocket)).toBe(true);

    // As if it had been good then: X509_V_ERR_CERT_HAS_EXPIRED, 10, becomes X509_V_OK in field 5 of the session.
    const ticket = ticketOf(first);
    const result = ticket.indexOf(Buffer.from('a50302010a', 'hex'));
    expect(result).toBeGreaterThan(0);
    ticket.writeUInt8(0, result + 4);
    const second = certificatePair({ ...options, client: withTicket(options.client, ticket) }).run();
    expect(reused(second)).toEqual(resumed);
    expect(verdictOf(second.client)).toEqual(disbelieved('CertificateExpired'));
  });
});

describe('a server that resumes', () => {
  const asking = (change: (settings: QSslConfiguration) => void = () => undefined): QSslConfiguration =>
    configuration((settings) => {
      persistent(settings);
      settings.setSessionTicketKeys(keys);
      show(settings, certificate);
      demand(settings, clientCertificate);
      change(settings);
    });
  const mode = (verifyMode: PeerVerifyMode) => (settings: QSslConfiguration): void => settings.setPeerVerifyMode(verifyMode);
  const shows = (issued = clientCertificate): QSslConfiguration => {
    const settings = verifying();
    show(settings, issued);
    return settings;
  };
  const run = (client: QSslConfiguration, first: QSslConfiguration, second = first): readonly [Pair, Pair] =>
    runTwice({ client, server: first, name: SERVER_NAME }, { client, server: second, name: SERVER_NAME });

  it('believes a client that it has believed, and knows its certificate', () => {
    const [first, second] = run(shows(), asking());
    expect([verdictOf(first.server), verdictOf(second.server)]).toEqual([believed, believed]);
    expect(reused(second)).toEqual(resumed);
    expect(second.server.dtlsConfiguration().peerCertificate().equals(certificateOf(clientCertificate))).toBe(true);
  });

  it.each([
    ['VerifyNone', PeerVerifyMode.VerifyNone],
    ['QueryPeer', PeerVerifyMode.QueryPeer],
  ])('does not take a session that a server with %s made', (_, careless) => {
    for (const context of ['', 'one application']) {
      const [, second] = run(
        verifying(),
        named(asking(mode(careless)), context),
        named(asking(), context),
      );
      expect(reused(second)).toEqual(anew);
      expect(verdictOf(second.server)).toEqual(disbelieved('NoPeerCertificate'));
    }
  });

  it('does not take a session that a server with other CA certificates made', () => {
    const [, second] = run(shows(), asking(), asking((settings) => settings.setCaCertificates([certificateOf(certificate)])));
    expect(reused(second)).toEqual(anew);
    expect(verdictOf(second.server).state).toBe('PeerVerificationFailed');
  });

  it('does not take a session that a server with another certificate made', () => {
    const other = makeServerCertificate(root);
    const both = persistent(trusting(certificate, root));
    const [, second] = run(both, asking(mode(PeerVerifyMode.VerifyNone)), asking((settings) => {
      mode(PeerVerifyMode.VerifyNone)(settings);
      show(settings, other);
    }));
    expect(reused(second)).toEqual(anew);
    expect(second.client.dtlsConfiguration().peerCertificate().equals(certificateOf(other))).toBe(true);
  });

  it('misses a certificate again', () => {
    const [first, second] = run(verifying(), asking());
    expect(verdictOf(first.server)).toEqual(disbelieved('NoPeerCertificate'));
    expect(reused(second)).toEqual(resumed);
    expect(verdictOf(second.server)).toEqual(disbelieved('NoPeerCertificate'));
  });

  it('complains again about a client that it did not believe', () => {
    const stranger = issueCertificate({ commonName: 'stranger' });
    const [first, second] = run(shows(stranger), asking());
    expect(verdictOf(first.server)).toEqual(disbelieved('SelfSignedCertificate'));
    expect(reused(second)).toEqual(resumed);
    expect(verdictOf(second.server)).toEqual(disbelieved('SelfSignedCertificate'));
    expect(second.server.peerVerificationErrors()[0]?.certificate().equals(certificateOf(stranger))).toBe(true);
  });
});

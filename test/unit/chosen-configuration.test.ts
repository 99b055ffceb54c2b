import { randomBytes } from 'node:crypto';
import { PeerVerifyMode, QSslConfiguration, QSslEllipticCurve, SslProtocol } from '../../lib';
import { makeAuthority, makeClientCertificate } from '../support/certificates';
import { demand, show } from '../support/credentials';
import { meter, scene, sensor, trustingBoth, type NameListener } from '../support/name-choices';
import { answerPsk, pskConfiguration, type Pair } from '../support/pair';
import { believed, disbelieved, verdictOf } from '../support/peer-checks';
import { anew, persistent, resumed, reused, ticketOf, withTicket } from '../support/sessions';
import { certificateOf, statusOf } from '../support/stages';

const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };
const FAILED = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };

describe('what follows the chosen configuration', () => {
  const root = makeAuthority();
  const clientCertificate = makeClientCertificate(root);
  const changed = (change: (settings: QSslConfiguration) => void): QSslConfiguration => {
    const settings = new QSslConfiguration(meter.server);
    change(settings);
    return settings;
  };
  const chooseThis = (settings: QSslConfiguration): NameListener => (request) => request.setConfiguration(settings);

  it('whether and by whom the client is verified', () => {
    const strict = changed((settings) => demand(settings, clientCertificate));
    const client = trustingBoth();
    show(client, clientCertificate);
    const known = scene({ listener: chooseThis(strict), client }).run();
    expect(verdictOf(known.server)).toEqual(believed);
    expect(known.server.dtlsConfiguration().peerCertificate().equals(certificateOf(clientCertificate))).toBe(true);
    expect(known.server.dtlsConfiguration().peerVerifyMode()).toBe(PeerVerifyMode.VerifyPeer);
    expect(verdictOf(scene({ listener: chooseThis(strict) }).run().server)).toEqual(disbelieved('NoPeerCertificate'));
  });

  it('that nobody is asked for a certificate any more', () => {
    const strict = new QSslConfiguration(sensor.server);
    demand(strict, clientCertificate);
    const client = trustingBoth();
    show(client, clientCertificate);
    const pair = scene({ listener: chooseThis(meter.server), server: strict, client }).run();
    expect(verdictOf(pair.server)).toEqual(believed);
    expect(pair.server.dtlsConfiguration().peerCertificate().isNull()).toBe(true);
  });

  it('cipher suites', () => {
    const suite = 'ECDHE-ECDSA-CHACHA20-POLY1305';
    const pair = scene({ listener: chooseThis(changed((settings) => settings.setCiphers(suite))) }).run();
    expect(pair.server.sessionCipher().name()).toBe(suite);
  });

  it.each([
    ['set only there', [], ['secp521r1'], 'secp521r1'],
    ['set differently', ['prime256v1'], ['secp521r1'], 'secp521r1'],
    ['set only before', ['prime256v1'], [], 'secp521r1'],
  ])('curves %s', (_, before, after, curve) => {
    const curves = (names: readonly string[]): QSslEllipticCurve[] => names.map((name) => QSslEllipticCurve.fromShortName(name));
    const own = new QSslConfiguration(sensor.server);
    own.setEllipticCurves(curves(before));
    const client = trustingBoth();
    client.setEllipticCurves(curves([curve, 'secp384r1']));
    const chosen = pskConfiguration((settings) => {
      settings.setCiphers('ECDHE-PSK-CHACHA20-POLY1305');
      settings.setEllipticCurves(curves(after));
    });
    client.setCiphers('ECDHE-PSK-CHACHA20-POLY1305');
    client.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
    const pair = scene({ listener: chooseThis(chosen), server: own, client });
    for (const side of [pair.client, pair.server]) side.on('pskRequired', answerPsk);
    pair.run();
    expect(statusOf(pair.server)).toEqual(COMPLETE);
  });

  it('protocol versions', () => {
    const own = new QSslConfiguration(sensor.server);
    own.setProtocol(SslProtocol.DtlsV1_2);
    const pair = scene({ listener: chooseThis(changed((settings) => settings.setProtocol(SslProtocol.DtlsV1_0))), server: own });
    pair.run();
    expect(statusOf(pair.server)).toEqual(FAILED);
    // 1.0 has no suite with authenticated encryption; OpenSSL 3.5 does not get as far as to look for one.
    expect(pair.server.dtlsErrorString()).toMatch(/no shared cipher|unsupported protocol/);
  });

  it('the hint for a pre-shared key', () => {
    const chosen = pskConfiguration((settings) => settings.setPreSharedKeyIdentityHint('the meter'));
    const pair = scene({ listener: chooseThis(chosen), client: pskConfiguration(), server: pskConfiguration() });
    const hints: string[] = [];
    for (const side of [pair.client, pair.server]) {
      side.on('pskRequired', (authenticator) => {
        hints.push(authenticator.identityHint().toString());
        answerPsk(authenticator);
      });
    }
    pair.run();
    expect(statusOf(pair.server)).toEqual(COMPLETE);
    expect(hints).toEqual(['the meter', 'the meter']);
  });

  it('the sessions: each is continued under the identity that it was made with', () => {
    const keys = randomBytes(80);
    const own = new QSslConfiguration(sensor.server);
    const chosen = changed(persistent);
    persistent(own);
    for (const settings of [own, chosen]) settings.setSessionTicketKeys(keys);
    const run = (ticket: Buffer, identity: QSslConfiguration): Pair =>
      scene({ listener: chooseThis(identity), server: own, client: withTicket(persistent(trustingBoth()), ticket) }).run();
    const first = run(Buffer.alloc(0), chosen);
    expect(verdictOf(first.client)).toEqual(believed);
    const second = run(ticketOf(first), chosen);
    expect(reused(second)).toEqual(resumed);
    expect(reused(run(ticketOf(first), own))).toEqual(anew);
    expect(reused(run(ticketOf(first), meter.server))).toEqual(anew);
  });
});

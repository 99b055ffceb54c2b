import { HandshakeState, SslError, type QSslConfiguration, type QSslPreSharedKeyAuthenticator } from '../../lib';
import { expired, makeAuthority, makeServerCertificate } from '../support/certificates';
import { Command, stopCommands } from '../support/command';
import { demand, makeCredentials, opensslPsk, show, showArguments } from '../support/credentials';
import { LOOPBACK, LoopbackServer, openClient, type LiveAssociation, type SetUp } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { configuration, pskConfiguration } from '../support/pair';

const trusted = makeCredentials('ec-p256');
const strange = makeCredentials('ec-p256');
const files = new ScratchFiles();
const believe = (root: string): string[] => ['-CAfile', files.write('root.pem', root)];
const sockets: { close: () => void }[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await stopCommands();
});

afterAll(() => files.remove());

/** A server with a certificate. */
function server(change: (settings: QSslConfiguration) => void = () => undefined): QSslConfiguration {
  return configuration((settings) => {
    show(settings, trusted.server);
    change(settings);
  });
}

/** A client that believes in one root. */
function client(change: (settings: QSslConfiguration) => void = () => undefined): QSslConfiguration {
  return configuration((settings) => {
    demand(settings, trusted.server);
    change(settings);
  });
}

/** Believes alerts that nobody signed, as Qt does. */
const obeying: SetUp = (dtls) => dtls.setObeyUnauthenticatedAlerts(true);

/** Ignores them, and does not wait long. */
const impatient: SetUp = (dtls) => dtls.setHandshakeDeadline(1500);

async function open(settings: QSslConfiguration, setUp: SetUp = obeying): Promise<LoopbackServer> {
  const opened = await LoopbackServer.open(settings, { setUp });
  sockets.push(opened.socket);
  return opened;
}

async function connect(port: number, settings: QSslConfiguration, setUp: SetUp = obeying): Promise<LiveAssociation> {
  const opened = await openClient(port, settings, { setUp });
  sockets.push(opened.socket);
  opened.start();
  return opened;
}

describe('a server', () => {
  it.each([
    {
      name: 'a client that does not believe its certificate',
      settings: server(),
      args: () => [...believe(strange.server.rootPem), '-verify_return_error'],
      failure: /^TlsFatalError: .*unknown ca/,
      heard: /unable to get local issuer certificate/,
    },
    {
      name: 'a client with no suite in common',
      settings: server((own) => own.setCiphers('ECDHE-ECDSA-AES128-GCM-SHA256')),
      args: () => ['-cipher', 'ECDHE-ECDSA-CHACHA20-POLY1305'],
      failure: /^TlsFatalError: .*no shared cipher/,
      heard: /alert handshake failure/,
    },
    {
      name: 'a client that shows a certificate of a stranger',
      settings: server((own) => demand(own, trusted.client)),
      args: () => [...believe(trusted.server.rootPem), ...showArguments(strange.client, files)],
      failure: /^PeerVerificationError: .*issuer of a certificate/,
      heard: /Verify return code: 0/,
    },
    {
      name: 'a client that shows no certificate where one is demanded',
      settings: server((own) => demand(own, trusted.client)),
      args: () => believe(trusted.server.rootPem),
      failure: /^PeerVerificationError: .*certificate/,
      heard: /Verify return code: 0/,
    },
    {
      name: 'a client with a server\'s certificate',
      settings: server((own) => demand(own, trusted.client)),
      args: () => [...believe(trusted.server.rootPem), ...showArguments(trusted.server, files)],
      failure: /^PeerVerificationError: .*purpose/,
      heard: /Verify return code: 0/,
    },
  ])('says why it refuses $name', async ({ settings, args, failure, heard }) => {
    const opened = await open(settings);
    const command = OpensslPeer.client(opened.port, ...args());
    const association = await opened.client();
    expect(await association.failed()).toMatch(failure);
    await command.waitFor(heard);
    expect(association.dtls.isConnectionEncrypted()).toBe(false);
  });

  it('waits for its deadline when a client does not believe its certificate, and says what it heard, by default', async () => {
    const opened = await open(server(), impatient);
    const args = [...believe(strange.server.rootPem), '-verify_return_error'];
    const command = OpensslPeer.client(opened.port, ...args);
    const association = await opened.client();
    await command.waitFor(/unable to get local issuer certificate/);
    await association.until(() => Object.keys(association.dtls.statistics().alertsReceived).length > 0, 'an alert');
    expect(association.dtls.handshakeState()).toBe(HandshakeState.HandshakeInProgress);
    await association.until(() => association.dtls.handshakeState() === HandshakeState.HandshakeNotStarted, 'the deadline');
    expect(association.dtls.dtlsErrorString()).toMatch(/1500 ms.*unauthenticated alert said "unknown CA"/);
  });

  it('says why it refuses a client of DTLS 1.0', async () => {
    const opened = await open(server());
    const args = ['-dtls1', '-connect', `${LOOPBACK}:${opened.port}`, '-cipher', 'ALL:@SECLEVEL=0'];
    const command = new Command('openssl', ['s_client', ...args]);
    expect(await (await opened.client()).failed()).toMatch(/^TlsFatalError: .*unsupported protocol/);
    await command.waitFor(/alert protocol version/);
  });

  it('refuses a client whose identity has no key', async () => {
    const identities: string[] = [];
    const refuse = (authenticator: QSslPreSharedKeyAuthenticator): void => {
      identities.push(authenticator.identity().toString());
      authenticator.setPreSharedKey('');
    };
    const opened = await LoopbackServer.open(
      pskConfiguration((own) => own.setPreSharedKeyIdentityHint('ask the gatekeeper')),
    );
    sockets.push(opened.socket);
    const command = OpensslPeer.client(opened.port, '-cipher', 'PSK-AES128-GCM-SHA256', ...opensslPsk);
    const association = await opened.client();
    association.dtls.on('pskRequired', refuse);
    expect(await association.failed()).toMatch(/^TlsFatalError: .*psk identity not found/);
    expect(identities).toEqual(['alice']);
    await command.waitFor(/unknown psk identity/);
  });
});

describe('a client', () => {
  const below = (options: object): string[] =>
    showArguments(makeServerCertificate(makeAuthority(), options), files);

  it.each([
    ['a server below an unknown root', () => showArguments(strange.server, files), SslError.UnableToGetLocalIssuerCertificate],
    ['a self-signed server', () => showArguments(makeAuthority({ ca: false }), files), SslError.SelfSignedCertificate],
    ['an expired server', () => below(expired), SslError.CertificateExpired],
    ['a server of another name', () => below({ commonName: 'other', dnsNames: ['other'] }), SslError.HostNameMismatch],
    ['a server with a client\'s certificate', () => showArguments(trusted.client, files), SslError.InvalidPurpose],
  ])('says why it refuses %s, and lets it go', async (_, args, error) => {
    const command = await OpensslPeer.server(...args());
    const opened = await connect(command.port, client());
    expect(await opened.failed()).toMatch(/^PeerVerificationError: /);
    expect(opened.dtls.handshakeState()).toBe(HandshakeState.PeerVerificationFailed);
    expect(opened.dtls.peerVerificationErrors().map((found) => found.error())).toContain(error);
    expect(opened.dtls.abortHandshake(opened.socket)).toBe(true);
    await command.waitFor(/^DONE$/m); // it was told
  });

  it('goes on with a server that it was told to believe all the same', async () => {
    const command = await OpensslPeer.server(...showArguments(strange.server, files));
    const opened = await connect(command.port, client());
    await opened.failed();
    opened.dtls.ignoreVerificationErrors(opened.dtls.peerVerificationErrors());
    expect(opened.dtls.resumeHandshake(opened.socket)).toBe(true);
    opened.say('after all\n');
    await command.waitFor(/after all/);
  });

  describe.each([
    ['demands a certificate it has not', ['-Verify', '5', '-verify_return_error'], /handshake failure/],
    ['has no suite in common', ['-cipher', 'ECDHE-ECDSA-AES256-GCM-SHA384'], /handshake failure/],
  ])('of a server that %s', (_, args, reason) => {
    const settings = client((own) => own.setCiphers('ECDHE-ECDSA-AES128-GCM-SHA256'));
    const listen = (): Promise<OpensslPeer> => OpensslPeer.server(...showArguments(trusted.server, files), ...args);

    it('says what it heard, if it obeys', async () => {
      const opened = await connect((await listen()).port, settings);
      const failure = await opened.failed();
      expect(failure).toMatch(/^TlsFatalError: /);
      expect(failure).toMatch(reason);
      expect(opened.dtls.handshakeState()).toBe(HandshakeState.HandshakeNotStarted);
    });

    it('waits for its deadline and says what it heard, by default', async () => {
      const opened = await connect((await listen()).port, settings, impatient);
      const ended = (): boolean => opened.dtls.handshakeState() === HandshakeState.HandshakeNotStarted;
      await opened.until(ended, 'the deadline');
      expect(opened.dtls.dtlsErrorString()).toMatch(/1500 ms.*unauthenticated alert said/);
      expect(opened.dtls.dtlsErrorString()).toMatch(reason);
    });
  });

  it('is told the hint of a server with a pre-shared key', async () => {
    const hint = ['-psk_hint', 'use your own'];
    const command = await OpensslPeer.server('-nocert', '-cipher', 'PSK-AES128-GCM-SHA256', ...opensslPsk, ...hint);
    const opened = await openClient(command.port, pskConfiguration());
    sockets.push(opened.socket);
    const hints: string[] = [];
    opened.dtls.on('pskRequired', (authenticator) => hints.push(authenticator.identityHint().toString()));
    opened.start();
    await opened.encrypted();
    expect(hints).toEqual(['use your own']);
  });
});

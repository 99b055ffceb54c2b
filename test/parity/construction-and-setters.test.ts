import {
  GeneratorParameters,
  PeerVerifyMode,
  QCryptographicHash,
  QDtls,
  QDtlsClientVerifier,
  QDtlsError,
  QSslConfiguration,
  QSslError,
  SslError,
  SslMode,
  SslProtocol,
  type HandshakeState,
} from '../../lib';
import { configuration } from '../support/pair';
import { stages, statusOf, type Status } from '../support/stages';

const NEW: Status = { state: 'HandshakeNotStarted', error: 'NoError' };
const REFUSED_INPUT: Status = { state: 'HandshakeNotStarted', error: 'InvalidInputParameters' };

const roles: [name: string, mode: SslMode][] = [
  ['client', SslMode.SslClientMode],
  ['server', SslMode.SslServerMode],
];

type State = keyof typeof HandshakeState;
const begun: State[] = ['HandshakeInProgress', 'PeerVerificationFailed', 'HandshakeComplete'];

function newClient(): QDtls {
  return new QDtls(SslMode.SslClientMode);
}

/** A client whose last operation failed with InvalidInputParameters. */
function clientWithError(): QDtls {
  const client = newClient();
  client.setPeer('', 1);
  expect(client.dtlsError()).toBe(QDtlsError.InvalidInputParameters);
  expect(client.dtlsErrorString()).not.toBe('');
  return client;
}

function peerOf(dtls: QDtls): [address: string, port: number, name: string] {
  return [dtls.peerAddress(), dtls.peerPort(), dtls.peerVerificationName()];
}

const original = QSslConfiguration.defaultDtlsConfiguration();
afterEach(() => QSslConfiguration.setDefaultDtlsConfiguration(original));

it.each(roles)('1. a new %s has no peer, no session and no error, and a cookie secret', (_name, mode) => {
  const dtls = new QDtls(mode);
  expect(peerOf(dtls)).toEqual(['', 0, '']);
  expect(dtls.sslMode()).toBe(mode);
  expect(dtls.mtuHint()).toBe(0);
  expect(dtls.cookieGeneratorParameters().hash).toBe(QCryptographicHash.Sha256);
  expect(dtls.cookieGeneratorParameters().secret.length).toBeGreaterThan(0);
  expect(dtls.handshakeState()).toBe(QDtls.HandshakeNotStarted);
  expect(dtls.isConnectionEncrypted()).toBe(false);
  expect(dtls.sessionCipher().isNull()).toBe(true);
  expect(dtls.sessionProtocol()).toBe(SslProtocol.UnknownProtocol);
  expect(dtls.dtlsError()).toBe(QDtlsError.NoError);
  expect(dtls.dtlsErrorString()).toBe('');
  expect(dtls.peerVerificationErrors()).toEqual([]);
});

it.each(roles)('2. a new %s has the default DTLS configuration', (_name, mode) => {
  expect(new QDtls(mode).dtlsConfiguration().equals(QSslConfiguration.defaultDtlsConfiguration())).toBe(true);
});

it('3. the default configuration wants DTLS 1.2, cookies, verified peers and ciphers from 128 bits', () => {
  const defaults = QSslConfiguration.defaultDtlsConfiguration();
  expect(defaults.protocol()).toBe(11);
  expect(defaults.dtlsCookieVerificationEnabled()).toBe(true);
  expect(defaults.peerVerifyMode()).toBe(PeerVerifyMode.AutoVerifyPeer);
  expect(defaults.ciphers().length).toBeGreaterThan(0);
  expect(defaults.ciphers().filter((cipher) => cipher.usedBits() < 128)).toEqual([]);
});

it('4. setDtlsConfiguration before the handshake stores the configuration', () => {
  const client = newClient();
  const changed = configuration((settings) => {
    settings.setProtocol(SslProtocol.DtlsV1_2);
    settings.setDtlsCookieVerificationEnabled(false);
  });
  expect(client.setDtlsConfiguration(changed)).toBe(true);
  expect(statusOf(client)).toEqual(NEW);
  expect(client.dtlsConfiguration().equals(changed)).toBe(true);
  expect(client.dtlsConfiguration().protocol()).toBe(10);
  expect(client.dtlsConfiguration().dtlsCookieVerificationEnabled()).toBe(false);
});

it('5. setDtlsConfiguration in HandshakeInProgress is refused and keeps the old configuration', () => {
  const { client } = stages.HandshakeInProgress();
  const before = client.dtlsConfiguration();
  const other = configuration((settings) => settings.setProtocol(SslProtocol.DtlsV1_2));
  expect(client.setDtlsConfiguration(other)).toBe(false);
  expect(statusOf(client)).toEqual({ state: 'HandshakeInProgress', error: 'InvalidOperation' });
  expect(client.dtlsConfiguration().equals(before)).toBe(true);
});

it('6. setPeer refuses a null address and changes nothing', () => {
  const client = newClient();
  expect(client.setPeer('', 22334, 'name')).toBe(false);
  expect(statusOf(client)).toEqual(REFUSED_INPUT);
  expect(peerOf(client)).toEqual(['', 0, '']);
});

const unsupported = ['255.255.255.255', '224.0.0.0', '239.255.255.255', 'ff02::1'];

it.each(unsupported)('7. setPeer refuses %s', (address) => {
  const client = newClient();
  expect(client.setPeer(address, 22334)).toBe(false);
  expect(statusOf(client)).toEqual(REFUSED_INPUT);
  expect(peerOf(client)).toEqual(['', 0, '']);
});

it.each(['0.0.0.0', '::', '240.0.0.1'])('8. setPeer takes %s', (address) => {
  const client = newClient();
  expect(client.setPeer(address, 22334)).toBe(true);
  expect(statusOf(client)).toEqual(NEW);
  expect(client.peerAddress()).toBe(address);
});

it('9. setPeer without a name resets the name', () => {
  const client = newClient();
  client.setPeer('127.0.0.1', 5, 'n1');
  expect(client.peerVerificationName()).toBe('n1');
  expect(client.setPeer('127.0.0.2', 6)).toBe(true);
  expect(peerOf(client)).toEqual(['127.0.0.2', 6, '']);
});

it('10. setPeer that fails keeps the old address, port and name', () => {
  const client = newClient();
  client.setPeer('127.0.0.1', 5, 'n1');
  expect(client.setPeer('', 6, 'n2')).toBe(false);
  expect(peerOf(client)).toEqual(['127.0.0.1', 5, 'n1']);
});

it.each(begun)('11. setPeer and setPeerVerificationName are refused in %s', (state) => {
  const { client } = stages[state]();
  const before = peerOf(client);
  expect(client.setPeer('127.0.0.3', 7, 'other')).toBe(false);
  expect(statusOf(client)).toEqual({ state, error: 'InvalidOperation' });
  expect(peerOf(client)).toEqual(before);

  client.shutdown(null);
  expect(client.dtlsError()).toBe(QDtlsError.InvalidInputParameters);
  expect(client.setPeerVerificationName('other')).toBe(false);
  expect(statusOf(client)).toEqual({ state, error: 'InvalidOperation' });
  expect(peerOf(client)).toEqual(before);
});

it('12. a successful setPeerVerificationName clears the error', () => {
  const client = clientWithError();
  expect(client.setPeerVerificationName('name')).toBe(true);
  expect(client.dtlsError()).toBe(QDtlsError.NoError);
  expect(client.dtlsErrorString()).toBe('');
});

it('13. setMtuHint and ignoreVerificationErrors leave the error as it is', () => {
  const client = clientWithError();
  const text = client.dtlsErrorString();
  client.setMtuHint(999);
  expect([client.dtlsError(), client.dtlsErrorString()]).toEqual([QDtlsError.InvalidInputParameters, text]);
  client.ignoreVerificationErrors([new QSslError(SslError.HostNameMismatch)]);
  expect([client.dtlsError(), client.dtlsErrorString()]).toEqual([QDtlsError.InvalidInputParameters, text]);
});

it.each<State>(['HandshakeNotStarted', ...begun])('14. setMtuHint works in %s', (state) => {
  const { client } = stages[state]();
  client.setMtuHint(999);
  expect(client.mtuHint()).toBe(999);
  expect(statusOf(client).state).toBe(state);
});

it('15. setCookieGeneratorParameters refuses an empty secret and keeps the old parameters', () => {
  const client = newClient();
  const before = client.cookieGeneratorParameters();
  const withoutSecret = new GeneratorParameters(QCryptographicHash.Sha1, '');
  expect(client.setCookieGeneratorParameters(withoutSecret)).toBe(false);
  expect(statusOf(client)).toEqual(REFUSED_INPUT);
  expect(client.cookieGeneratorParameters().hash).toBe(before.hash);
  expect(client.cookieGeneratorParameters().secret).toEqual(before.secret);
});

it('16. setCookieGeneratorParameters stores valid parameters and returns true, not after the start', () => {
  const parameters = new GeneratorParameters(QCryptographicHash.Sha1, 'secret');
  const client = clientWithError();
  expect(client.setCookieGeneratorParameters(parameters)).toBe(true);
  expect(statusOf(client)).toEqual(NEW);
  expect(client.cookieGeneratorParameters().hash).toBe(QCryptographicHash.Sha1);
  expect(client.cookieGeneratorParameters().secret.toString()).toBe('secret');

  const { client: busy } = stages.HandshakeInProgress();
  expect(busy.setCookieGeneratorParameters(parameters)).toBe(false);
  expect(statusOf(busy)).toEqual({ state: 'HandshakeInProgress', error: 'InvalidOperation' });
});

it('17. a verifier and an association start with the same secret of 32 bytes', () => {
  const { secret } = new QDtlsClientVerifier().cookieGeneratorParameters();
  expect(secret.length).toBe(32);
  expect(new QDtls(SslMode.SslServerMode).cookieGeneratorParameters().secret).toEqual(secret);
});

it('18. default GeneratorParameters are Sha1 and an empty secret', () => {
  const parameters = new GeneratorParameters();
  expect(parameters.hash).toBe(QCryptographicHash.Sha1);
  expect(parameters.secret.length).toBe(0);
});

it('19. setDefaultDtlsConfiguration affects objects made later and no others', () => {
  const before = newClient();
  const custom = configuration((settings) => {
    settings.setProtocol(SslProtocol.DtlsV1_2);
    settings.setDtlsCookieVerificationEnabled(false);
  });
  QSslConfiguration.setDefaultDtlsConfiguration(custom);
  expect(newClient().dtlsConfiguration().equals(custom)).toBe(true);
  expect(before.dtlsConfiguration().equals(original)).toBe(true);
  expect(custom.equals(original)).toBe(false);
});

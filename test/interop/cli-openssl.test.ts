import { makeAuthority, makeClientCertificate, makeServerCertificate } from '../support/certificates';
import { qdtls, qdtlsServer } from '../support/cli';
import { stopCommands } from '../support/command';
import { OpensslPeer, ScratchFiles } from '../support/openssl';

const PSK = '1a2b3c4d5e6f';

const files = new ScratchFiles();
const authority = makeAuthority({ key: 'ec-p256' });
const issued = {
  server: makeServerCertificate(authority, { key: 'ec-p256' }),
  client: makeClientCertificate(authority, { key: 'ec-p256' }),
};
const ca = files.write('ca.pem', issued.server.rootPem);
const stranger = files.write('stranger.pem', makeServerCertificate(makeAuthority()).rootPem);
const serverCert = files.write('server.pem', issued.server.chainPem);
const serverKey = files.write('server.key', issued.server.keyPem);
const clientCert = files.write('client.pem', issued.client.chainPem);
const clientKey = files.write('client.key', issued.client.keyPem);

afterEach(stopCommands);
afterAll(() => files.remove());

describe('qdtls server', () => {
  it.each([
    ['a pre-shared key', [], ['-psk', PSK]],
    ['a pre-shared key, without cookies', ['--no-cookies'], ['-psk', PSK]],
    ['PSK-AES128-CCM8', ['--ciphers', 'PSK-AES128-CCM8'], ['-psk', PSK, '-cipher', 'PSK-AES128-CCM8']],
    ['a certificate', ['--cert', serverCert, '--key', serverKey], ['-CAfile', ca, '-verify_return_error']],
    [
      'certificates on both sides',
      ['--cert', serverCert, '--key', serverKey, '--require-client-cert', '--ca', ca],
      ['-CAfile', ca, '-verify_return_error', '-cert', clientCert, '-key', clientKey],
    ],
    [
      'a certificate in small fragments',
      ['--cert', serverCert, '--key', serverKey, '--mtu', '256'],
      ['-CAfile', ca, '-verify_return_error'],
    ],
  ])('acknowledges every line of openssl s_client with %s', async (_name, own, theirs) => {
    const { server, port } = await qdtlsServer(...own);
    const client = OpensslPeer.client(Number(port), ...theirs);
    await server.waitFor(/handshake complete, encrypted with \S+, DTLS 1\.2/);
    client.type('one line');
    await client.waitFor(/9 bytes received, ACK/);
    client.type('another line');
    await client.waitFor(/13 bytes received, ACK/);
    client.type('Q');
    await server.waitFor(/close_notify received/);
  });

  const disbelieving = ['-CAfile', stranger, '-verify_return_error'];

  it('warns of the alert of an openssl s_client that does not believe it, and forgets it by its deadline', async () => {
    const { server, port } = await qdtlsServer('--cert', serverCert, '--key', serverKey, '--handshake-deadline', '1s');
    OpensslPeer.client(Number(port), ...disbelieving);
    await server.waitFor(/warning .*an unauthenticated alert says "unknown CA": it may be forged/);
    await server.waitFor(/did not finish within 1000 ms; an unauthenticated alert said "unknown CA"/);
    await server.waitFor(/forgotten, it may try again/);
  });

  it('believes the alert of an openssl s_client that does not believe it, if told to', async () => {
    const { server, port } = await qdtlsServer('--cert', serverCert, '--key', serverKey, '--obey-alerts');
    OpensslPeer.client(Number(port), ...disbelieving);
    await server.waitFor(/error .*handshake: .*unknown ca/i);
    await server.waitFor(/forgotten, it may try again/);
  });

  it('refuses an openssl s_client without the certificate that it requires', async () => {
    const { server, port } = await qdtlsServer(
      ...['--cert', serverCert, '--key', serverKey, '--require-client-cert', '--ca', ca],
    );
    OpensslPeer.client(Number(port), '-CAfile', ca);
    await server.waitFor(/the peer's certificate is not accepted/);
    await server.waitFor(/forgotten, it may try again/);
  });
});

describe('qdtls client', () => {
  it.each([
    ['a pre-shared key', ['-nocert', '-psk', PSK], []],
    ['a pre-shared key and a cookie', ['-listen', '-nocert', '-psk', PSK], []],
    ['a certificate', ['-cert', serverCert, '-key', serverKey], ['--ca', ca]],
    [
      'certificates on both sides and a cookie',
      ['-listen', '-cert', serverCert, '-key', serverKey, '-CAfile', ca, '-Verify', '1'],
      ['--ca', ca, '--cert', clientCert, '--key', clientKey],
    ],
    ['a certificate that it need not trust', ['-cert', serverCert, '-key', serverKey], ['--insecure']],
  ])('gets its answer from openssl s_server with %s', async (_name, serverArguments, clientArguments) => {
    const server = await OpensslPeer.server(...serverArguments);
    const client = qdtls('client', '--port', String(server.port), '--count', '1', ...clientArguments);
    await server.waitFor(/please acknowledge ping 0/);
    server.type('a line and ACK');
    expect(await client.end()).toBe(0);
    expect(client.output).toContain('1 ping sent, 1 acknowledged');
  });

  it.each([
    ['the authority is unknown', []],
    ['the name is another', ['--ca', ca, '--name', 'other.example']],
  ])('refuses the certificate of openssl s_server when %s', async (_name, clientArguments) => {
    const server = await OpensslPeer.server('-cert', serverCert, '-key', serverKey);
    const client = qdtls('client', '--port', String(server.port), '--name', 'localhost', ...clientArguments);
    expect(await client.end()).toBe(1);
    expect(client.output).toContain("the peer's certificate is not accepted");
    expect(client.output).toContain('trust the server with --ca FILE');
  });
});

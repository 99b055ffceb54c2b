// Uses the installed package as people do, in whatever runs JavaScript: handshake, data and close, by certificate and by
// pre-shared key, with the facade and with the endpoint. Prints what it found as JSON; throws at the first failure.
//
//   node trial.cjs IDENTITY.json    with { certificate, key } in PEM for localhost

const { readFileSync } = require('node:fs');
const {
  KeyAlgorithm, opensslVersion, PeerVerifyMode, QDtls, QDtlsClientVerifier, QSslCertificate, QSslConfiguration, QSslKey, SslMode,
} = require('qdtls');
const { connect, listen } = require('qdtls/endpoint');

const HOST = '127.0.0.1';
const IDENTITY = 'trial';
const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const DEADLINE_MS = 20_000;
const [, , file = ''] = process.argv;
/** @type {{ certificate: string, key: string }} */
const identity = JSON.parse(readFileSync(file, 'utf8'));

/**
 * @param {unknown} condition
 * @param {string} message
 */
function must(condition, message) {
  if (!condition) throw new Error(message);
}

/** Datagrams on their way. */
class Wire {
  /** @type {Buffer[]} */
  datagrams = [];

  /**
   * @param {Uint8Array} datagram
   * @param {...unknown} rest
   */
  send(datagram, ...rest) {
    this.datagrams.push(Buffer.from(datagram));
    const callback = rest.at(-1);
    if (typeof callback === 'function') process.nextTick(callback, null);
  }
}

function byCertificate() {
  const [certificate] = QSslCertificate.fromData(identity.certificate);
  if (certificate === undefined) throw new Error('the certificate cannot be read');
  const [server, client] = [QSslConfiguration.defaultDtlsConfiguration(), QSslConfiguration.defaultDtlsConfiguration()];
  server.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
  server.setLocalCertificate(certificate);
  server.setPrivateKey(new QSslKey(identity.key, KeyAlgorithm.Ec));
  client.setCaCertificates([certificate]);
  return { server, client };
}

function byKey() {
  const configuration = QSslConfiguration.defaultDtlsConfiguration();
  configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
  configuration.setCiphers('ECDHE-PSK-CHACHA20-POLY1305');
  return { server: configuration, client: configuration };
}

/**
 * Carries datagrams until both ends are quiet.
 *
 * @param {readonly [InstanceType<typeof QDtls>, Wire, Wire][]} ends each with its way in and its way out
 */
function settle(ends) {
  while (ends.some(([, inbound]) => inbound.datagrams.length > 0)) {
    for (const [end, inbound, outbound] of ends) {
      const datagram = inbound.datagrams.shift();
      if (datagram === undefined) continue;
      if (end.isConnectionEncrypted()) end.decryptDatagram(outbound, datagram);
      else end.doHandshake(outbound, datagram);
    }
  }
}

/** @param {{ server: InstanceType<typeof QSslConfiguration>, client: InstanceType<typeof QSslConfiguration> }} settings */
function tryFacade(settings) {
  const [toServer, toClient] = [new Wire(), new Wire()];
  const [client, server] = [new QDtls(SslMode.SslClientMode), new QDtls(SslMode.SslServerMode)];
  client.setDtlsConfiguration(settings.client);
  server.setDtlsConfiguration(settings.server);
  client.setPeer(HOST, 5684, 'localhost');
  server.setPeer(HOST, 40_000);
  for (const end of [client, server]) {
    end.on('pskRequired', (psk) => {
      psk.setIdentity(IDENTITY);
      psk.setPreSharedKey(KEY);
    });
  }
  client.doHandshake(toServer);
  const verifier = new QDtlsClientVerifier();
  must(!verifier.verifyClient(toClient, toServer.datagrams.shift() ?? '', HOST, 40_000), 'a hello without a cookie was believed');
  client.doHandshake(toServer, toClient.datagrams.shift());
  const hello = toServer.datagrams.shift() ?? '';
  must(verifier.verifyClient(toClient, hello, HOST, 40_000), 'a cookie was not believed');
  server.doHandshake(toClient, hello);
  settle([[client, toClient, toServer], [server, toServer, toClient]]);
  must(client.isConnectionEncrypted() && server.isConnectionEncrypted(), `no handshake: ${client.dtlsErrorString()}`);
  client.writeDatagramEncrypted(toServer, 'ping');
  must(server.decryptDatagram(toClient, toServer.datagrams.shift() ?? '').toString() === 'ping', 'a message did not arrive');
  const suite = client.sessionCipher().name();
  client.shutdown(toServer);
  settle([[server, toServer, toClient]]);
  must(!server.isConnectionEncrypted(), 'the close was not noticed');
  return suite;
}

/**
 * @param {Partial<import('qdtls/endpoint').ListenOptions>} serverOptions
 * @param {import('qdtls/endpoint').ConnectOptions} clientOptions
 */
async function tryEndpoint(serverOptions, clientOptions) {
  const server = listen((session) => {
    session.onmessage = (data) => void session.send(data);
  }, { host: HOST, port: 0, ...serverOptions });
  // Node binds at once, Bun a little later.
  while (server.address === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
  const session = connect(HOST, server.address.port, clientOptions);
  await session.opened;
  const answer = new Promise((resolve) => {
    session.onmessage = resolve;
  });
  session.send('ping');
  must(String(await answer) === 'ping', 'a message was not answered');
  const { standardName } = session.cipher;
  await session.close();
  await server.close();
  return standardName;
}

async function main() {
  const facade = [tryFacade(byCertificate()), tryFacade(byKey())];
  const endpoint = [
    await tryEndpoint({ cert: identity.certificate, key: identity.key }, { ca: identity.certificate, servername: 'localhost' }),
    await tryEndpoint({ psk: { [IDENTITY]: KEY } }, { psk: { identity: IDENTITY, key: KEY } }),
  ];
  console.log(JSON.stringify({ openssl: opensslVersion(), facade, endpoint }));
}

setTimeout(() => {
  console.error('the trial takes too long');
  process.exit(1);
}, DEADLINE_MS);
main().then(
  // Deno goes on when every socket is closed.
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);

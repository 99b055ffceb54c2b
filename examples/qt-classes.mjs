// Qt's classes, as in its "secure UDP" examples: every datagram goes through your hands and your own socket.
//
//   node examples/qt-classes.mjs                    both here
//   node examples/qt-classes.mjs server             in one terminal
//   node examples/qt-classes.mjs client             in another

import { createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { PeerVerifyMode, QDtls, QDtlsClientVerifier, QSslConfiguration, SslMode } from 'qdtls';
import { play } from './support/roles.mjs';

const configuration = QSslConfiguration.defaultDtlsConfiguration();
configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone); // the key is the proof: there is no certificate to verify

/**
 * @param {SslMode} mode
 * @param {import('node:dgram').Socket} socket
 * @param {{ address: string, port: number }} peer
 */
function makeAssociation(mode, socket, { address, port }) {
  const dtls = new QDtls(mode);
  dtls.setDtlsConfiguration(configuration);
  dtls.setPeer(address, port);
  dtls.on('pskRequired', (psk) => {
    if (mode === SslMode.SslClientMode) psk.setIdentity('sensor-7');
    psk.setPreSharedKey(Buffer.from('1a2b3c4d5e6f', 'hex'));
  });
  dtls.on('handshakeTimeout', () => dtls.handleTimeout(socket)); // something got lost: say it again
  return dtls;
}

/**
 * Gives an association a datagram of its peer, and returns the messages that were in it.
 *
 * @param {QDtls} dtls
 * @param {import('node:dgram').Socket} socket
 * @param {Buffer} datagram
 */
function receive(dtls, socket, datagram) {
  if (!dtls.isConnectionEncrypted()) {
    dtls.doHandshake(socket, datagram);
    return [];
  }
  const messages = [dtls.decryptDatagram(socket, datagram)];
  while (dtls.hasPendingDatagrams()) messages.push(dtls.nextPendingDatagram());
  return messages.filter(({ length }) => length > 0);
}

await play({
  async serve({ host, port }) {
    const socket = createSocket('udp4');
    const verifier = new QDtlsClientVerifier(); // strangers prove their address before they cost anything
    /** @type {Map<string, QDtls>} */
    const clients = new Map();
    socket.on('message', (datagram, from) => {
      const name = `${from.address}:${from.port}`;
      let dtls = clients.get(name);
      if (dtls === undefined) {
        if (!verifier.verifyClient(socket, datagram, from.address, from.port)) return; // a cookie was sent, or it is noise
        dtls = makeAssociation(SslMode.SslServerMode, socket, from);
        dtls.on('handshakeStateChanged', (state) => {
          if (state === QDtls.HandshakeNotStarted) clients.delete(name); // over, for whatever reason
        });
        clients.set(name, dtls);
      }
      for (const message of receive(dtls, socket, datagram)) dtls.writeDatagramEncrypted(socket, `you said: ${message}`);
    });
    await once(socket.bind(port, host), 'listening');
    return { address: socket.address(), close: () => socket.close() };
  },

  async visit({ host, port }) {
    const { address } = await lookup(host, { family: 4 }); // setPeer() takes addresses alone
    const socket = createSocket('udp4');
    const dtls = makeAssociation(SslMode.SslClientMode, socket, { address, port });
    dtls.on('handshakeStateChanged', (state) => {
      if (state === QDtls.HandshakeComplete) dtls.writeDatagramEncrypted(socket, 'hello');
      // Later, because dgram forgets what it has not sent yet when it is closed: the goodbye of shutdown().
      if (state === QDtls.HandshakeNotStarted) setImmediate(() => socket.close());
    });
    socket.on('message', (datagram) => {
      for (const message of receive(dtls, socket, datagram)) {
        console.log(`client: ${message}, encrypted with ${dtls.sessionCipher().name()}`);
        dtls.shutdown(socket);
      }
    });
    dtls.doHandshake(socket);
    await once(socket, 'close');
    if (dtls.dtlsErrorString() !== '') throw new Error(dtls.dtlsErrorString());
  },
});

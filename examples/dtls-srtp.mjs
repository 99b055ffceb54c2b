// Keys for media, as WebRTC makes them: the DTLS handshake agrees on an SRTP profile, and both sides cut four keys out of
// what it leaves behind (RFC 5764). The packets themselves are the work of an SRTP library, on the same socket.
//
//   node examples/dtls-srtp.mjs                     both here
//
//   node examples/make-certificates.mjs             once: makes the folder `certificates`
//   node examples/dtls-srtp.mjs server              in one terminal
//   node examples/dtls-srtp.mjs client              in another

import { X509Certificate } from 'node:crypto';
import { connect, listen } from 'qdtls/endpoint';
import { certificateFile } from './support/certificate-files.mjs';
import { play } from './support/roles.mjs';

/** Bytes of a master key and of a master salt (RFC 5764 section 4.1.2, RFC 7714 section 12). */
const SIZES = new Map([
  ['SRTP_AEAD_AES_256_GCM', { key: 32, salt: 12 }],
  ['SRTP_AEAD_AES_128_GCM', { key: 16, salt: 12 }],
  ['SRTP_AES128_CM_SHA1_80', { key: 16, salt: 14 }],
]);
const srtp = [...SIZES.keys()].join(':'); // best first

/**
 * The keys of an open session, the same on both sides. Each side protects with its own and opens with the other's.
 *
 * @param {import('qdtls/endpoint').DTLSSession} session
 */
function srtpKeys(session) {
  const size = SIZES.get(session.srtpProfile ?? '');
  if (size === undefined) throw new Error('the peer has no SRTP profile in common with us');
  const material = session.exportKeyingMaterial(2 * (size.key + size.salt), 'EXTRACTOR-dtls_srtp');
  let start = 0;
  /** @param {number} length */
  const next = (length) => material.subarray(start, (start += length));
  // In this order: RFC 5764 section 4.2.
  const [clientKey, serverKey] = [next(size.key), next(size.key)];
  const [clientSalt, serverSalt] = [next(size.salt), next(size.salt)];
  return { client: { key: clientKey, salt: clientSalt }, server: { key: serverKey, salt: serverSalt } };
}

/**
 * @param {string} who
 * @param {import('qdtls/endpoint').DTLSSession} session
 */
function show(who, session) {
  const { client, server } = srtpKeys(session);
  /** @param {{ key: Buffer, salt: Buffer }} keys whose beginning is enough to compare: they are secrets */
  const text = ({ key, salt }) => `${key.toString('hex', 0, 4)}... with salt ${salt.toString('hex', 0, 4)}...`;
  console.log(`${who}: ${session.srtpProfile}, client writes with ${text(client)}, server with ${text(server)}`);
}

/**
 * Browsers show certificates that nobody has signed: the one to expect is named in the session description (a=fingerprint).
 *
 * @param {string} name
 * @returns {import('qdtls/endpoint').VerifyPeer}
 */
function expecting(name) {
  const { fingerprint256 } = new X509Certificate(certificateFile(name));
  return (certificate) => certificate?.fingerprint256 === fingerprint256;
}

await play({
  serve: ({ host, port }) =>
    listen(
      (session) => {
        session.onhandshake = () => show('server', session);
      },
      {
        ...{ host, port, cert: certificateFile('server.pem'), key: certificateFile('server-key.pem'), srtp },
        ...{ requestCert: true, verifyPeer: expecting('client.pem') },
      },
    ),

  async visit({ host, port }) {
    const identity = { cert: certificateFile('client.pem'), key: certificateFile('client-key.pem') };
    const session = connect(host, port, { ...identity, srtp, verifyPeer: expecting('server.pem') });
    await session.opened;
    show('client', session);
    await session.close();
  },
});

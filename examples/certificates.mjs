// A server that shows a certificate, and a client that checks it: the name, the dates, and who has signed it.
//
//   node examples/certificates.mjs                  both here, with certificates for this one run
//
//   node examples/make-certificates.mjs             once: makes the folder `certificates`
//   node examples/certificates.mjs server           in one terminal
//   node examples/certificates.mjs client           in another

import { connect, listen } from 'qdtls/endpoint';
import { certificateFile } from './support/certificate-files.mjs';
import { play } from './support/roles.mjs';

await play({
  serve: ({ host, port }) =>
    listen(
      (session) => {
        session.onmessage = (message) => session.send(`you said: ${message}`);
      },
      { host, port, cert: certificateFile('server.pem'), key: certificateFile('server-key.pem') },
    ),

  async visit({ host, port }) {
    // The certificate has to be good for `host`, or for `servername` if that is given. A server with a certificate of a
    // public CA needs no `ca`: without it, the client trusts whom this system trusts.
    const session = connect(host, port, { ca: certificateFile('ca.pem'), handshakeTimeout: 5000 });
    await session.opened; // rejects when the certificate does not pass: error.code says why
    console.log(`client: this is ${session.peerX509Certificate?.subjectAltName}, signed by a CA that I trust`);
    session.send('hello');
    for await (const message of session) {
      console.log(`client: ${message}`);
      await session.close();
    }

    const stranger = connect(host, port); // trusts this system's CAs: ours is none of them
    const error = await stranger.opened.catch((reason) => reason);
    console.log(`client without our CA: ${error.code}, nothing was said`);
  },
});

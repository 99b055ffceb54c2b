// Both sides show a certificate: the server lets in whom its own small CA has signed, and knows them by name.
//
//   node examples/mutual-tls.mjs                    both here, with a CA for this one run
//
//   node examples/make-certificates.mjs             once: makes the folder `certificates`
//   node examples/mutual-tls.mjs server             in one terminal
//   node examples/mutual-tls.mjs client             in another

import { connect, listen } from 'qdtls/endpoint';
import { certificateFile } from './support/certificate-files.mjs';
import { play } from './support/roles.mjs';

await play({
  serve: ({ host, port }) =>
    listen(
      (session) => {
        // The handshake is complete only when the client's certificate has passed.
        session.onhandshake = () => session.send(`welcome, ${session.peerX509Certificate?.subject}`);
        session.onerror = (error) => console.log(`server: refused ${session.remoteAddress.address}: ${error.message}`);
      },
      {
        ...{ host, port, cert: certificateFile('server.pem'), key: certificateFile('server-key.pem') },
        ...{ requestCert: true, ca: certificateFile('ca.pem') }, // whoever is not signed by this CA is refused
      },
    ),

  async visit({ host, port }) {
    /**
     * @param {string} name
     * @param {import('qdtls/endpoint').ConnectOptions} identity
     */
    const knock = async (name, identity) => {
      const session = connect(host, port, { ca: certificateFile('ca.pem'), ...identity });
      let welcome = 'shown the door';
      for await (const message of session) {
        welcome = String(message);
        await session.close();
      }
      console.log(`${name}: ${welcome}`);
    };
    await knock('client', { cert: certificateFile('client.pem'), key: certificateFile('client-key.pem') });
    // Its handshake is complete before the server has decided, which may take time. Then it hears a goodbye, and no welcome.
    await knock('client without a certificate', {});
  },
});

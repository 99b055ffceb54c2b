// Coming back without a full handshake: the server seals what it needs to remember into a ticket, the client keeps it.
//
//   node examples/resumption.mjs                    both here
//
//   node examples/make-certificates.mjs             once: makes the folder `certificates`
//   node examples/resumption.mjs server             in one terminal
//   node examples/resumption.mjs client             in another

import { connect, listen } from 'qdtls/endpoint';
import { certificateFile } from './support/certificate-files.mjs';
import { play } from './support/roles.mjs';

await play({
  serve: ({ host, port }) =>
    listen(
      (session) => {
        session.onhandshake = () => console.log(`server: ${session.reused ? 'knows this client' : 'a new client'}`);
      },
      // Nothing to turn on. Servers that shall open each other's tickets, or their own after a restart, share `ticketKeys`.
      { host, port, cert: certificateFile('server.pem'), key: certificateFile('server-key.pem') },
    ),

  async visit({ host, port }) {
    /** @param {import('qdtls/endpoint').ConnectOptions} options */
    const call = async (options) => {
      const session = connect(host, port, { ca: certificateFile('ca.pem'), ...options });
      await session.opened;
      const { bytesReceived, bytesSent } = session.endpoint.stats;
      const kind = session.reused ? 'resumed' : 'full';
      console.log(`client: ${kind} handshake, ${bytesSent} bytes sent, ${bytesReceived} received, authorized: ${session.authorized}`);
      const ticket = session.session; // a secret: who has it can take this client's place
      await session.close();
      return ticket;
    };
    const session = await call({});
    if (session === undefined) throw new Error('the server gave no ticket');
    await call({ session });
  },
});

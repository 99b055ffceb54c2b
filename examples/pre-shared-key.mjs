// The smallest server and the smallest client. Both know a key in advance, so nobody needs a certificate.
//
//   node examples/pre-shared-key.mjs                both here
//   node examples/pre-shared-key.mjs server         in one terminal
//   node examples/pre-shared-key.mjs client         in another

import { connect, listen } from 'qdtls/endpoint';
import { play } from './support/roles.mjs';

// This one is known to everybody. Make your own, one for each device: openssl rand -hex 32
const identity = 'sensor-7';
const key = Buffer.from('1a2b3c4d5e6f', 'hex');

await play({
  // The function is called once for each client. A session is the conversation with one of them.
  serve: ({ host, port }) =>
    listen(
      (session) => {
        session.onmessage = (message) => session.send(`you said: ${message}`);
      },
      { host, port, psk: { [identity]: key } },
    ),

  async visit({ host, port }) {
    // With UDP nobody says that nobody is there, and a wrong key is silence too. A minute, if you do not say how long.
    const session = connect(host, port, { psk: { identity, key }, handshakeTimeout: 5000 });
    await session.opened; // or rejects
    console.log(`client: encrypted with ${session.cipher.name}`);
    session.send('hello');
    for await (const message of session) {
      console.log(`client: ${message}`);
      await session.close(); // ends the loop, and tells the server
    }
  },
});

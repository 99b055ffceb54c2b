// Keys that live in a database: the handshake of each device waits until its key has been found, the others go on.
//
//   node examples/psk-database.mjs                  both here
//   node examples/psk-database.mjs server           in one terminal
//   node examples/psk-database.mjs client           in another

import { setTimeout as delay } from 'node:timers/promises';
import { connect, listen } from 'qdtls/endpoint';
import { play } from './support/roles.mjs';

const devices = new Map([
  ['door-1', Buffer.from('6f1d3a90c2b74e58', 'hex')],
  ['lamp-2', Buffer.from('a4c80b7715de9f32', 'hex')],
]);

/**
 * Stands for a query: slow, and undefined for a device that it does not know.
 *
 * @param {string} identity
 */
async function findKey(identity) {
  console.log(`server: looking for ${identity}`);
  await delay(300);
  return devices.get(identity);
}

await play({
  serve: ({ host, port }) =>
    listen(
      (session) => {
        // The callback above is called before the handshake, which fails for a device that was not found.
        session.onhandshake = () => session.send('welcome');
      },
      { host, port, psk: findKey },
    ),

  async visit({ host, port }) {
    /** @param {string} identity */
    const knock = async (identity) => {
      const key = devices.get(identity) ?? 'a guess';
      // A refusal is an alert that nobody has signed yet, which anybody could forge. So the client goes on hoping until its
      // time is over; `obeyAlerts: true` would believe the alert at once.
      const session = connect(host, port, { psk: { identity, key }, handshakeTimeout: 2000 });
      session.onmessage = (message) => {
        console.log(`${identity}: ${message}`);
        session.close();
      };
      const error = await session.closed.catch((reason) => reason);
      if (error !== undefined) console.log(`${identity}: ${error.code}: ${error.cause?.message}`);
    };
    await Promise.all(['door-1', 'lamp-2', 'intruder'].map(knock));
  },
});

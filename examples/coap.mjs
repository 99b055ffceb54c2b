// CoAP over DTLS ("coaps") with the package `coap`: it takes toSocket() for an ordinary UDP socket.
//
//   npm install coap
//   node examples/coap.mjs                          both here
//   node examples/coap.mjs server                   in one terminal
//   node examples/coap.mjs client                   in another
//
// The usual port is 5684. libcoap's client can visit too:
//   coap-client -m get -u sensor-7 -k secretPSK coaps://127.0.0.1:22334/temperature

import { Agent, createServer } from 'coap';
import { connect, listen } from 'qdtls/endpoint';
import { play } from './support/roles.mjs';

const identity = 'sensor-7';
const key = 'secretPSK';

await play({
  serve({ host, port }) {
    const endpoint = listen(() => undefined, { host, port, psk: { [identity]: key } });
    const server = createServer((request, response) => {
      response.end(request.url === '/temperature' ? '21.5 °C' : 'nothing here');
    });
    server.listen(endpoint.toSocket()); // one server for all sessions
    endpoint.once('close', () => server.close());
    return endpoint;
  },

  async visit({ host, port }) {
    const session = connect(host, port, { psk: { identity, key } });
    await session.opened;
    const agent = new Agent({ socket: session.toSocket() });
    await new Promise((resolve, reject) => {
      const request = agent.request({ hostname: session.remoteAddress.address, port, pathname: '/temperature' });
      request.on('error', reject).on('response', (response) => {
        console.log(`client: ${response.code} ${response.payload}`);
        resolve(undefined);
      });
      request.end();
    });
    await session.close();
  },
});

import { once } from 'node:events';
import { handshakeOf, HandshakeType, onlyRecordOf } from '../support/dtls-records';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair } from '../support/pair';
import { statusOf } from '../support/stages';

// Who verifies a client looks at the first record of a datagram, and remembers nothing (RFC 6347 section 4.2.1).
it('a hello that is repeated just when its answer comes does not hide the one with the cookie', async () => {
  const pair = new Pair();
  pair.client.setRetransmissionTimeouts({ initial: 200, maximum: 60_000 });
  pair.client.doHandshake(pair.clientSocket);
  const hello = pair.clientSocket.take();
  await once(pair.client, 'handshakeTimeout'); // OpenSSL repeats the hello in the step that reads the answer
  pair.verifier.verifyClient(pair.serverSocket, hello, CLIENT_ADDRESS, CLIENT_PORT);
  pair.client.doHandshake(pair.clientSocket, pair.serverSocket.take());

  const hellos = pair.clientSocket.takeAll();
  const numbers = hellos.map((datagram) => handshakeOf(onlyRecordOf(datagram)));
  expect(numbers).toMatchObject([
    { type: HandshakeType.ClientHello, messageSequence: 0 },
    { type: HandshakeType.ClientHello, messageSequence: 1 },
  ]);
  const verified = hellos.filter((datagram) => pair.verifier.verifyClient(pair.serverSocket, datagram, CLIENT_ADDRESS, CLIENT_PORT));
  expect(verified).toEqual(hellos.slice(1));
  pair.serverSocket.takeAll();
  for (const datagram of verified) pair.server.doHandshake(pair.serverSocket, datagram);
  pair.settle();
  expect([statusOf(pair.client).state, statusOf(pair.server).state]).toEqual(Array(2).fill('HandshakeComplete'));
});

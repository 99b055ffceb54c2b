import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { pskConfiguration } from '../support/pair';
import { answerAfter } from '../support/slow-keys';
import { statusOf } from '../support/stages';

const CLIENTS = 100;
const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };

it('a hundred clients wait on one server for keys of 300 ms, while an interval of 10 ms goes on', async () => {
  const server = await LoopbackServer.open(pskConfiguration(), { answer: answerAfter(300) });
  const clients: LiveAssociation[] = [];
  let ticks = 0;
  const clock = setInterval(() => (ticks += 1), 10);
  try {
    for (let index = 0; index < CLIENTS; index += 1) {
      clients.push(await openClient(server.port, pskConfiguration(), { answer: answerAfter(index % 2 === 0 ? 0 : 300) }));
    }
    ticks = 0;
    const began = performance.now();
    for (const client of clients) client.start();
    await Promise.all(clients.map((client) => client.encrypted()));
    const elapsed = performance.now() - began;
    // One after the other they would take 45 seconds.
    expect(elapsed).toBeGreaterThan(595);
    expect(elapsed).toBeLessThan(15_000);
    expect(ticks).toBeGreaterThan(20);

    for (const [index, client] of clients.entries()) {
      client.say(`from client ${index}`);
      const peer = server.associations.find(({ dtls }) => dtls.peerPort() === client.socket.port);
      await peer?.heard(`from client ${index}`);
      expect(statusOf(client.dtls)).toEqual(COMPLETE);
      expect(peer?.failures).toEqual([]);
    }
    expect(server.associations).toHaveLength(CLIENTS);
  } finally {
    clearInterval(clock);
    for (const { socket } of [server, ...clients]) socket.close();
  }
});

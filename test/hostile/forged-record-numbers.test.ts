import { ContentType, makeRecord } from '../support/dtls-records';
import { makeMessage } from '../support/handshake-messages';
import { LivePair } from '../support/live-pair';
import { statusOf } from '../support/stages';

const CERTIFICATE = 11; // RFC 5246 section 7.4
const HELLO_VERIFY_REQUEST = 3; // RFC 6347 section 4.3.2
const HANDSHAKE: number = ContentType.Handshake;
const HIGHEST = 2 ** 48 - 1;
const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };

const forgeries: [string, (recordNumber: number) => Buffer][] = [
  ['a ChangeCipherSpec before its time', (number) => makeRecord(ContentType.ChangeCipherSpec, Buffer.from([1]), 0, number)],
  ['a message that is far ahead', (number) => makeRecord(HANDSHAKE, makeMessage(CERTIFICATE, 15, Buffer.alloc(10)), 0, number)],
  ['a message that is long past', (number) => makeRecord(HANDSHAKE, makeMessage(HELLO_VERIFY_REQUEST, 0, Buffer.alloc(10)), 0, number)],
];
const rows = forgeries.flatMap(([name, make]) =>
  [0, 1, 100, HIGHEST].flatMap((number) =>
    (['client', 'server'] as const).map((side) => ({ name, number, side, datagram: make(number) })),
  ),
);

/** A pair whose server has begun. */
async function begun(): Promise<LivePair> {
  const pair = new LivePair();
  for (const dtls of [pair.client, pair.server]) dtls.setRetransmissionTimeouts({ initial: 50, maximum: 200 });
  pair.start();
  await pair.until(() => statusOf(pair.server).state === 'HandshakeInProgress');
  return pair;
}

// RFC 6347 section 4.1.2.6: a replay window is for records whose integrity was checked. Nobody has signed these.
describe('an unencrypted record that anybody can forge', () => {
  it.each(rows)('does not make a $side deaf to what is genuine: $name, number $number', async ({ side, datagram }) => {
    const pair = await begun();
    pair[side].doHandshake(side === 'client' ? pair.clientSocket : pair.serverSocket, datagram);
    await pair.encrypted();
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
    await pair.until(() => pair.received.server.length === 1);
  });
});

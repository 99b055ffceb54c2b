import { ContentType, HandshakeType, makeRecord } from '../support/dtls-records';
import { makeMessage } from '../support/handshake-messages';
import { answerPsk, Pair, pskConfiguration } from '../support/pair';
import { statusOf } from '../support/stages';

const SERVER_KEY_EXCHANGE = 12; // RFC 5246 section 7.4
const SERVER_HELLO_DONE = 14;
const CLIENT_KEY_EXCHANGE = 16;
const HANDSHAKE: number = ContentType.Handshake;
const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };

/** A field with its length before it. */
function field(text: string): Buffer {
  const bytes = Buffer.concat([Buffer.alloc(2), Buffer.from(text)]);
  bytes.writeUInt16BE(text.length);
  return bytes;
}

/** A ServerHello with another suite than the genuine one: none of pre-shared keys. */
function serverHello(): Buffer {
  return Buffer.concat([Buffer.from('fefd', 'hex'), Buffer.alloc(33), Buffer.from('c02b00', 'hex')]);
}

// With the message number that is due they cannot be told from genuine ones, and end the handshake at worst.
describe('a forged message whose number is not due', () => {
  it.each([0, 1, 9, 15])('of a client, number %i, asks for nobody and does no harm', (number) => {
    const settings = pskConfiguration((own) => own.setPreSharedKeyIdentityHint('the hint'));
    const pair = new Pair({ server: settings, psk: false });
    const asked: string[] = [];
    pair.client.on('pskRequired', answerPsk);
    pair.server.on('pskRequired', (authenticator) => {
      asked.push(authenticator.identity().toString());
      answerPsk(authenticator);
    });
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    pair.server.doHandshake(pair.serverSocket, makeRecord(HANDSHAKE, makeMessage(CLIENT_KEY_EXCHANGE, number, field('mallory')), 0, 5));
    pair.settle();
    expect(asked).toEqual(['alice']);
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  const messages: [string, number, Buffer][] = [
    ['ServerHello', HandshakeType.ServerHello, serverHello()],
    ['ServerKeyExchange', SERVER_KEY_EXCHANGE, field('another hint')],
    ['ServerHelloDone', SERVER_HELLO_DONE, Buffer.alloc(0)],
  ];
  const rows = messages.flatMap(([name, type, body]) => [0, 5, 15].map((number) => ({ name, type, body, number })));

  it.each(rows)('of a server, $name number $number, does no harm and does not change the hint', ({ type, body, number }) => {
    const settings = pskConfiguration((own) => own.setPreSharedKeyIdentityHint('the hint'));
    const pair = new Pair({ server: settings, psk: false });
    const hints: string[] = [];
    pair.server.on('pskRequired', answerPsk);
    pair.client.on('pskRequired', (authenticator) => {
      hints.push(authenticator.identityHint().toString());
      answerPsk(authenticator);
    });
    pair.start();
    pair.client.doHandshake(pair.clientSocket, makeRecord(HANDSHAKE, makeMessage(type, number, body), 0, 5));
    pair.settle();
    expect(hints).toEqual(['the hint']);
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });
});

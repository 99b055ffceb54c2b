import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { tapSend } from '../support/dgram-tap';
import { Pair } from '../support/pair';
import { statusOf } from '../support/stages';
import { Watch } from '../support/watch';

// Messages through a connected dgram.Socket lie in memory that is used again as soon as the system has them.

let pair: Pair;
let receiver: Socket;
let sender: Socket;
let other: Socket;

beforeEach(async () => {
  [receiver, sender, other] = [createSocket('udp4'), createSocket('udp4'), createSocket('udp4')];
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  pair = new Pair();
  pair.client.setPeer('127.0.0.1', port);
  pair.run();
  for (const socket of [sender, other]) {
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
  }
});

afterEach(() => {
  jest.restoreAllMocks();
  tapSend(null);
  for (const socket of [receiver, sender, other]) socket.close();
});

function write(texts: readonly string[]): void {
  for (const text of texts) pair.client.writeDatagramEncrypted(sender, text);
}

/** What the server makes of datagrams. */
function opened(datagrams: readonly Uint8Array[]): string[] {
  return datagrams.map((datagram) => pair.server.decryptDatagram(pair.serverSocket, datagram).toString());
}

describe('the datagrams that dgram is given', () => {
  const texts = ['one', 'two', 'three', 'four'];

  /** Has dgram do nothing but keep them, and say that so many of them wait. */
  function keep({ waiting, failure }: { waiting: number; failure?: Error }): Uint8Array[] {
    const kept: Uint8Array[] = [];
    tapSend((datagram) => {
      if (datagram instanceof Uint8Array) kept.push(datagram);
      if (failure !== undefined) throw failure;
    });
    jest.spyOn(Socket.prototype, 'getSendQueueCount').mockReturnValue(waiting);
    return kept;
  }

  it('lie in one place when none of them waits, and those of one length are one view', () => {
    const kept = keep({ waiting: 0 });
    write(texts);
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBe(1);
    expect(new Set(kept.map(({ byteOffset }) => byteOffset)).size).toBe(1);
    expect(kept[0]).toBe(kept[1]);
    expect(kept[0]?.length).toBeLessThan(kept[2]?.length ?? 0);
  });

  it('lie in places of their own when they wait, and are what they were', () => {
    const kept = keep({ waiting: 1 });
    write(texts);
    expect(opened(kept)).toEqual(texts);
  });

  it('keep no more than their own memory when many wait', () => {
    const kept = keep({ waiting: 1 });
    write(Array<string>(1000).fill('x'));
    expect(new Set(kept.map(({ buffer }) => buffer)).size).toBeLessThan(3); // of 64 KiB
  });

  it('are left alone when dgram threw', () => {
    const kept = keep({ waiting: 0, failure: new Error('no') });
    write(texts);
    expect(opened(kept)).toEqual(texts);
  });
});

describe('a send() that is put in between later, and keeps what it is given,', () => {
  const texts = ['one', 'two', 'tri'];

  it.each(['on the socket', 'on the prototype'])('finds it as it was: %s', (where) => {
    write(['before']);
    const kept: Uint8Array[] = [];
    const send = (datagram: unknown): void => {
      if (datagram instanceof Uint8Array) kept.push(datagram);
    };
    if (where === 'on the socket') Reflect.set(sender, 'send', send);
    else jest.spyOn(Socket.prototype, 'send').mockImplementation(send);
    write(texts);
    expect(opened(kept)).toEqual(texts);
  });
});

it('through a socket that has been closed are an UnderlyingSocketError', async () => {
  const closed = createSocket('udp4');
  closed.connect(receiver.address().port, '127.0.0.1');
  await once(closed, 'connect');
  expect(pair.client.writeDatagramEncrypted(closed, 'open')).toBe(4);
  closed.close();
  expect(pair.client.writeDatagramEncrypted(closed, 'closed')).toBe(-1);
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
});

it('arrive as they were written, one too that is looked up because its socket has been disconnected', async () => {
  const change = new Watch();
  const received: Buffer[] = [];
  receiver.on('message', (datagram) => {
    received.push(datagram);
    change.notify();
  });
  const texts = ['connected', 'by lookup, which takes dgram a tick', 'through another socket meanwhile', 'by lookup again'];
  for (const [index, text] of texts.entries()) {
    pair.client.writeDatagramEncrypted(index === 2 ? other : sender, text);
    if (index === 0) sender.disconnect();
  }
  await change.until(() => received.length === texts.length, () => `${received.length} datagrams`);
  expect(opened(received).sort()).toEqual([...texts].sort());
  expect(pair.client.dtlsErrorString()).toBe('');
});

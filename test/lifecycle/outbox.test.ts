import { createSocket, Socket } from 'node:dgram';
import { once } from 'node:events';
import { Pair } from '../support/pair';
import { Watch } from '../support/watch';

// Messages through a connected dgram.Socket lie in memory that is used again as soon as the system has them.

let pair: Pair;
let receiver: Socket;
let sender: Socket;

beforeEach(async () => {
  [receiver, sender] = [createSocket('udp4'), createSocket('udp4')];
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address();
  pair = new Pair();
  pair.client.setPeer('127.0.0.1', port);
  pair.run();
  sender.connect(port, '127.0.0.1');
  await once(sender, 'connect');
});

afterEach(() => {
  jest.restoreAllMocks();
  for (const socket of [receiver, sender]) socket.close();
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
    jest.spyOn(Socket.prototype, 'send').mockImplementation((datagram: unknown) => {
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

  it('are left alone when dgram threw', () => {
    const kept = keep({ waiting: 0, failure: new Error('no') });
    write(texts);
    expect(opened(kept)).toEqual(texts);
  });
});

it('arrive as they were written, one too that is looked up because its socket has been disconnected', async () => {
  const change = new Watch();
  const received: Buffer[] = [];
  receiver.on('message', (datagram) => {
    received.push(datagram);
    change.notify();
  });
  const other = createSocket('udp4');
  other.connect(receiver.address().port, '127.0.0.1');
  await once(other, 'connect');
  const texts = ['connected', 'by lookup, which takes dgram a tick', 'through another socket meanwhile', 'by lookup again'];
  for (const [index, text] of texts.entries()) {
    pair.client.writeDatagramEncrypted(index === 2 ? other : sender, text);
    if (index === 0) sender.disconnect();
  }
  await change.until(() => received.length === texts.length, () => `${received.length} datagrams`);
  expect(opened(received).sort()).toEqual([...texts].sort());
  expect(pair.client.dtlsErrorString()).toBe('');
  other.close();
});

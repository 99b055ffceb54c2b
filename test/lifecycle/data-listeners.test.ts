import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { QDtls, QDtlsError } from '../../lib';
import { native } from '../../lib/internal/native';
import { Pair, pairWithLostFlight, pskConfiguration, repeatedFlight } from '../support/pair';

/** A message, and behind it in the same datagram the end of the association. */
function lastWords(pair: Pair, text = 'last words'): Buffer {
  const message = pair.client.encryptDatagram(text);
  pair.client.shutdown(pair.clientSocket);
  return Buffer.concat([message, pair.clientSocket.take()]);
}

function throwing(pair: Pair): void {
  pair.server.once('handshakeStateChanged', () => {
    throw new Error('of a listener');
  });
}

describe('a listener that throws when data end the association', () => {
  it('leaves the message waiting', () => {
    const pair = new Pair().run();
    throwing(pair);
    expect(() => pair.server.decryptDatagram(pair.serverSocket, lastWords(pair))).toThrow('of a listener');
    expect(pair.server.nextPendingDatagram().toString()).toBe('last words');
  });

  it('keeps no other association of a batch from being heard', () => {
    const pairs = [new Pair().run(), new Pair().run(), new Pair().run()];
    const heard: number[] = [];
    const datagrams = pairs.map((pair, index) => {
      pair.server.on('handshakeStateChanged', () => heard.push(index));
      throwing(pair);
      return lastWords(pair);
    });
    const lengths = Int32Array.from(datagrams, (datagram) => datagram.length);
    const sizes = new Int32Array(3);
    const servers = pairs.map(({ server }) => server);
    expect(() => QDtls.decryptMany(servers, Buffer.concat(datagrams), lengths, sizes)).toThrow('of a listener');
    expect(heard).toEqual([0, 1, 2]);
    expect(Array.from(sizes)).toEqual([10, 10, 10]);
  });
});

describe('a socket that calls back from inside send()', () => {
  it('does not disturb the order of messages in a batch', async () => {
    const [lost, other] = [pairWithLostFlight(), new Pair().run()];
    const received: string[] = [];
    const third = other.client.encryptDatagram('three');
    const calling = {
      send: () => {
        const message = other.server.decryptDatagram(other.serverSocket, Buffer.from(third));
        if (message.length > 0) received.push(message.toString());
      },
    };
    lost.server.decryptDatagram(calling, Buffer.from('garbage')); // answers go there from now on
    const flight = await repeatedFlight(lost.client, lost.clientSocket);
    const both = Buffer.concat([other.client.encryptDatagram('one'), other.client.encryptDatagram('two')]);
    const datagrams = [...flight, both];
    const lengths = Int32Array.from(datagrams, (datagram) => datagram.length);
    const sizes = new Int32Array(datagrams.length);
    const region = Buffer.concat(datagrams);
    const associations = datagrams.map((_, index) => (index < flight.length ? lost.server : other.server));
    QDtls.decryptMany(associations, region, lengths, sizes);
    const offset = region.length - both.length;
    expect(region.toString('utf8', offset, offset + (sizes.at(-1) ?? 0))).toBe('one');
    while (other.server.hasPendingDatagrams()) received.push(other.server.nextPendingDatagram().toString());
    expect(received.slice(0, 2)).toEqual(['two', 'three']);
  });
});

it('decryptDatagramInto tells of the end before it tells that there was no room', () => {
  const pair = new Pair().run();
  expect(pair.server.decryptDatagramInto(lastWords(pair), Buffer.alloc(3))).toBe(-1);
  expect(pair.server.dtlsError()).toBe(QDtlsError.RemoteClosedConnectionError);
  expect(pair.server.nextPendingDatagram().toString()).toBe('last words');
});

it('a suite without encryption has its size, too', () => {
  const plain = pskConfiguration((settings) => {
    settings.setBackendConfigurationOption('CipherString', 'PSK-NULL-SHA256:@SECLEVEL=0');
  });
  const { client, server } = new Pair({ client: plain, server: plain }).run();
  expect(client.sessionCipher().name()).toBe('PSK-NULL-SHA256');
  const needed = client.encryptDatagram('hello').length;
  expect(client.encryptDatagramInto('hello', Buffer.alloc(needed - 1))).toBe(-1);
  const out = Buffer.alloc(needed);
  expect(client.encryptDatagramInto('hello', out)).toBe(needed);
  expect(server.decryptDatagramInPlace(out).toString()).toBe('hello');
});

it('associations of one configuration share a context for each role, through collections of garbage', () => {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('there is no gc()');
  const settings = pskConfiguration((configuration) => configuration.setCiphers('PSK-AES256-GCM-SHA384'));
  const kept = [new Pair({ client: settings, server: settings }).run()];
  const before = native.contextsCreated();
  for (let index = 0; index < 5; index += 1) {
    Reflect.apply(collect, undefined, []);
    kept.push(new Pair({ client: settings, server: settings }).run());
  }
  expect(native.contextsCreated()).toBe(before);
  expect(kept.every(({ client }) => client.isConnectionEncrypted())).toBe(true);
});

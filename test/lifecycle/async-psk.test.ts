import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { type QSslConfiguration, type QSslPreSharedKeyAuthenticator } from '../../lib';
import { LivePair } from '../support/live-pair';
import { answerPsk, Pair, PSK, pskConfiguration } from '../support/pair';
import { pending, settled, SlowKeys } from '../support/slow-keys';
import { statusOf } from '../support/stages';
import { NO_REPETITION } from '../support/timers';
import { thrownBy } from '../support/faulty-socket';
import { callWith } from '../support/untyped';

type Side = 'client' | 'server';

/** Of a clock in the same event loop, until a key comes: none if the handshake stood in its way. */
const TICKS = 30;
const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };
const sides: Side[] = ['client', 'server'];
const other = { client: 'server', server: 'client' } as const;

function suite(name: string): { client: QSslConfiguration; server: QSslConfiguration } {
  const settings = pskConfiguration((own) => own.setCiphers(name));
  return { client: settings, server: settings };
}

/** Both sides are encrypted, and a message arrives each way. */
async function expectConversation(pair: LivePair): Promise<void> {
  await pair.encrypted();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
  pair.server.writeDatagramEncrypted(pair.serverSocket, 'pong');
  await pair.until(() => pair.received.client.length + pair.received.server.length === 2);
  expect(pair.received).toEqual({ client: ['pong'], server: ['ping'] });
}

describe.each([
  'PSK-AES128-GCM-SHA256',
  'DHE-PSK-AES128-GCM-SHA256',
  'ECDHE-PSK-CHACHA20-POLY1305',
  'PSK-AES128-CCM8',
])('%s with a key that comes 30 ticks of 10 ms later', (name) => {
  it.each([
    ['on the server', ['server']],
    ['on the client', ['client']],
    ['on both sides', ['client', 'server']],
  ] satisfies [string, Side[]][])('%s completes, and the event loop runs meanwhile', async (_, slow) => {
    const pair = new LivePair({ ...suite(name), psk: false });
    const asked = { client: 0, server: 0 };
    const clock = new EventEmitter();
    const interval = setInterval(() => clock.emit('tick'), 10);
    let ticks = 0;
    clock.on('tick', () => (ticks += 1));
    const afterTicks = async (authenticator: QSslPreSharedKeyAuthenticator): Promise<void> => {
      for (const last = ticks + TICKS; ticks < last; ) await once(clock, 'tick');
      answerPsk(authenticator);
    };
    for (const side of sides) {
      pair[side].setRetransmissionTimeouts(NO_REPETITION);
      pair[side].on('pskRequired', () => (asked[side] += 1));
      pair[side].on('pskRequired', (authenticator) => {
        if (slow.includes(side)) authenticator.waitUntil(afterTicks(authenticator));
        else answerPsk(authenticator);
      });
    }
    pair.start();
    await pair.encrypted();
    clearInterval(interval);

    expect(ticks).toBeGreaterThanOrEqual(slow.length * TICKS);
    expect(asked).toEqual({ client: 1, server: 1 });
    expect(pair.timeouts).toEqual({ client: 0, server: 0 });
    for (const dtls of [pair.client, pair.server]) {
      expect(dtls.sessionCipher().name()).toBe(name);
      expect(dtls.statistics().retransmissions).toBe(0);
    }
    await expectConversation(pair);
  });
});

it('1,000 handshakes wait for their keys at the same time, and all complete', async () => {
  const pairs = Array.from({ length: 1000 }, () => new LivePair({ ...suite('PSK-AES128-GCM-SHA256'), psk: false }));
  const database = pending();
  let asked = 0;
  for (const [index, pair] of pairs.entries()) {
    const key = Buffer.from(`the key of client ${index}`);
    pair.client.on('pskRequired', (authenticator) => {
      authenticator.setIdentity(`client ${index}`);
      authenticator.setPreSharedKey(key);
    });
    pair.server.on('pskRequired', (authenticator) => {
      const identity = authenticator.identity().toString();
      asked += 1;
      if (asked === pairs.length) setTimeout(database.resolve, 300);
      authenticator.waitUntil(database.promise.then(() => authenticator.setPreSharedKey(`the key of ${identity}`)));
    });
    pair.start();
    if (index % 50 === 0) await settled();
  }
  await Promise.all(pairs.map((pair) => pair.encrypted()));
  for (const pair of pairs) {
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
  }
  await Promise.all(pairs.map((pair) => pair.until(() => pair.received.server.length === 1)));
  expect(asked).toBe(1000);
}, 60_000);

describe.each(sides)('waitUntil() on the %s', (side) => {
  function waitingPair(): LivePair {
    const pair = new LivePair({ ...suite('PSK-AES128-GCM-SHA256'), psk: false });
    pair[other[side]].on('pskRequired', answerPsk);
    return pair;
  }

  it('lets doHandshake return true, and sends nothing, while the key is on its way', async () => {
    const pair = new Pair({ psk: false });
    const keys = new SlowKeys();
    pair[side].on('pskRequired', keys.listener);
    pair[other[side]].on('pskRequired', answerPsk);
    const outcomes: unknown[] = [];
    const dtls = pair[side];
    const socket = side === 'client' ? pair.clientSocket : pair.serverSocket;
    const doHandshake = dtls.doHandshake.bind(dtls);
    dtls.doHandshake = (...args) => {
      const outcome = doHandshake(...args);
      outcomes.push(outcome);
      return outcome;
    };
    pair.run();
    expect(new Set(outcomes)).toEqual(new Set([true]));
    expect(statusOf(dtls)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    expect(socket.sent).toEqual([]);
    keys.answer();
    await settled();
    pair.settle();
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  it('takes a key that was set before it', async () => {
    const pair = waitingPair();
    const key = pending();
    pair[side].on('pskRequired', (authenticator) => {
      answerPsk(authenticator);
      authenticator.waitUntil(key.promise);
    });
    pair.start();
    setTimeout(key.resolve, 20);
    await expectConversation(pair);
  });

  it('takes what was set last, by whom it may be', async () => {
    const pair = waitingPair();
    pair[side].on('pskRequired', (authenticator) => {
      const key = pending();
      authenticator.setPreSharedKey('first');
      authenticator.waitUntil(key.promise);
      authenticator.setPreSharedKey('second');
      void delay(10)
        .then(() => authenticator.setPreSharedKey('third'))
        .then(() => delay(10))
        .then(() => answerPsk(authenticator))
        .then(() => delay(40))
        .then(key.resolve);
    });
    pair.start();
    await expectConversation(pair);
  });

  it('fails for want of a key that is set after the promise has settled', async () => {
    const pair = waitingPair();
    const keys = new SlowKeys();
    pair[side].on('pskRequired', keys.listener);
    pair.start();
    await pair.until(() => keys.asked.length === 1);
    keys.resolve();
    await pair.over(side);
    keys.asked.forEach(answerPsk);
    await settled();
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
    expect(pair[side].dtlsErrorString()).toContain('psk identity not found');
  });

  it('waits for every promise of every listener', async () => {
    const pair = waitingPair();
    const keys = [new SlowKeys(), new SlowKeys(), new SlowKeys()];
    for (const { listener } of keys) pair[side].on('pskRequired', listener);
    pair.start();
    await pair.until(() => keys.every(({ asked }) => asked.length === 1));
    for (const each of keys) {
      expect(statusOf(pair[side])).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
      each.answer();
      await settled();
    }
    await expectConversation(pair);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an object without then', {}],
    ['a function', () => Promise.resolve()],
  ])('refuses %s, in the name of the listener', (_name, value) => {
    const pair = new Pair();
    const errors: unknown[] = [];
    pair[side].on('pskRequired', (authenticator) => {
      errors.push(thrownBy(() => callWith(authenticator, 'waitUntil', value))?.value);
    });
    pair.run();
    expect(errors).toEqual([expect.any(TypeError)]);
    expect(String(errors[0])).toContain('"promise"');
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  it('is refused when the event is over, and changes nothing', () => {
    const pair = new Pair();
    const kept: QSslPreSharedKeyAuthenticator[] = [];
    pair[side].on('pskRequired', (authenticator) => kept.push(authenticator));
    pair.run();
    expect(() => kept[0]?.waitUntil(Promise.resolve())).toThrow(TypeError);
    expect(() => kept[0]?.waitUntil(Promise.resolve())).toThrow('while pskRequired is emitted');
    expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  it('is refused while the handshake waits already', async () => {
    const pair = waitingPair();
    const keys = new SlowKeys();
    pair[side].on('pskRequired', keys.listener);
    pair.start();
    await pair.until(() => keys.asked.length === 1);
    expect(() => keys.asked[0]?.waitUntil(Promise.resolve())).toThrow('while pskRequired is emitted');
    keys.answer();
    await expectConversation(pair);
  });

  it('takes anything with a then method, also one that settles at once', async () => {
    const pair = waitingPair();
    pair[side].on('pskRequired', (authenticator) => {
      const thenable: PromiseLike<unknown> = {
        then: (...[fulfilled]) => {
          answerPsk(authenticator);
          return Promise.resolve(undefined).then(fulfilled);
        },
      };
      authenticator.waitUntil(thenable);
      authenticator.waitUntil(Promise.resolve());
    });
    pair.start();
    await expectConversation(pair);
  });
});

it('a key that comes later is wiped from the authenticator when it was used', async () => {
  const pair = new LivePair({ psk: false });
  const keys = new SlowKeys();
  pair.client.on('pskRequired', answerPsk);
  pair.server.on('pskRequired', keys.listener);
  pair.start();
  await pair.until(() => keys.asked.length === 1);
  keys.answer();
  expect(keys.asked[0]?.preSharedKey()).toEqual(PSK);
  await pair.encrypted();
  expect(keys.asked[0]?.preSharedKey()).toHaveLength(0);
});

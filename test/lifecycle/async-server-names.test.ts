import { QSslConfiguration, type QDtlsServerNameRequest } from '../../lib';
import { thrownBy } from '../support/faulty-socket';
import { choose, liveScene, meter, scene, sensor, shown, type NameListener } from '../support/name-choices';
import { believed, verdictOf } from '../support/peer-checks';
import { pending, settled } from '../support/slow-keys';
import { statusOf } from '../support/stages';
import { callWith } from '../support/untyped';

const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };
const FAILED = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };

describe('serverNameRequired', () => {
  it('lets a server be two, chosen at once', () => {
    for (const identity of [sensor, meter]) {
      const pair = scene({ listener: choose, name: identity.name }).run();
      expect([verdictOf(pair.client), verdictOf(pair.server)]).toEqual([believed, believed]);
      expect(shown(pair)).toEqual(identity.issued.certificateDer);
      expect(pair.server.serverName()).toBe(identity.name);
    }
  });

  it('lets it choose later, while the event loop runs', async () => {
    const database = pending();
    const pair = liveScene({
      listener: (request) => request.waitUntil(database.promise.then(() => choose(request))),
    });
    pair.start();
    await pair.until(() => statusOf(pair.server).state === 'HandshakeInProgress');
    for (let turns = 0; turns < 5; turns += 1) await settled();
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    expect(pair.server.serverName()).toBe(meter.name);
    database.resolve();
    await pair.encrypted();
    expect(shown(pair)).toEqual(meter.issued.certificateDer);
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
    await pair.until(() => pair.received.server.length === 1);
  });

  it('goes on as before when nothing is decided', () => {
    const asked = jest.fn();
    const pair = scene({ listener: asked, name: 'unknown.example', verifies: sensor.name }).run();
    expect(asked).toHaveBeenCalledTimes(1);
    expect(verdictOf(pair.client)).toEqual(believed);
    expect(shown(pair)).toEqual(sensor.issued.certificateDer);
  });

  it('comes without a name when the client sent none', () => {
    const names: string[] = [];
    const pair = scene({ listener: (request) => names.push(request.serverName()), name: '', verifies: sensor.name }).run();
    expect(names).toEqual(['']);
    expect(verdictOf(pair.client)).toEqual(believed);
  });

  it('does not come for a listener that was added when the handshake had begun', () => {
    const pair = scene({ name: sensor.name });
    const asked = jest.fn();
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    pair.server.on('serverNameRequired', asked);
    pair.settle();
    expect(asked).not.toHaveBeenCalled();
    expect(statusOf(pair.server)).toEqual(COMPLETE);
  });

  it('has the name of a hello in several datagrams', async () => {
    const name = `${'long.'.repeat(40)}example`;
    const names: string[] = [];
    const pair = liveScene({
      name,
      verifies: meter.name,
      listener: (request) => {
        names.push(request.serverName());
        request.setConfiguration(meter.server);
      },
    });
    pair.client.setMtuHint(256);
    pair.start();
    expect(pair.clientSocket.sent.length).toBeGreaterThan(1);
    await pair.encrypted();
    expect(names).toEqual([name]);
    expect(shown(pair)).toEqual(meter.issued.certificateDer);
  });

  it('takes what was decided last', () => {
    const listener: NameListener = (request) => {
      request.refuse();
      request.setConfiguration(sensor.server);
      choose(request);
    };
    const pair = scene({ listener }).run();
    expect(shown(pair)).toEqual(meter.issued.certificateDer);
  });

  it('ignores what is decided when the event is over', async () => {
    const kept: QDtlsServerNameRequest[] = [];
    const pair = liveScene({ listener: (request) => kept.push(request), verifies: sensor.name });
    pair.start();
    await pair.encrypted();
    kept[0]?.refuse();
    expect(() => kept[0]?.waitUntil(Promise.resolve())).toThrow('while serverNameRequired is emitted');
    expect(shown(pair)).toEqual(sensor.issued.certificateDer);
  });

  it.each<[string, unknown]>([
    ['undefined', undefined],
    ['a function', () => Promise.resolve()],
  ])('waitUntil() refuses %s, and setConfiguration() what is none', (_, value) => {
    const thrown: unknown[] = [];
    scene({
      listener: (request) => {
        for (const method of ['waitUntil', 'setConfiguration'] as const) {
          thrown.push(thrownBy(() => callWith(request, method, value))?.value);
        }
      },
    }).run();
    expect(thrown).toEqual([expect.any(TypeError), expect.any(TypeError)]);
  });
});

describe('the handshake fails', () => {
  it('when the name is refused, and the client is told unrecognized_name', () => {
    const pair = scene({ listener: (request) => request.refuse() });
    pair.client.setObeyUnauthenticatedAlerts(true);
    pair.run();
    expect(statusOf(pair.server)).toEqual(FAILED);
    expect(pair.server.dtlsErrorString()).toBe('the handshake failed: the server name was refused');
    expect(pair.server.statistics().alertsSent).toEqual({ 'unrecognized name': 1 });
    expect(statusOf(pair.client)).toEqual(FAILED);
  });

  it.each([
    ['an Error', new Error('the database is gone'), 'the database is gone'],
    ['null', null, 'null'],
  ])('when a promise is rejected with %s', async (_, reason, text) => {
    const database = pending();
    const pair = liveScene({
      listener: (request) => {
        request.waitUntil(database.promise);
        database.reject(reason);
      },
    });
    pair.start();
    await pair.over('server');
    expect(statusOf(pair.server)).toEqual(FAILED);
    expect(pair.server.dtlsErrorString()).toContain('the configuration for the server name could not be fetched: ');
    expect(pair.server.dtlsErrorString()).toContain(text);
    expect(pair.thrown).toEqual([]);
  });

  it.each([
    ['an Error', new Error('thrown by a listener')],
    ['null', null],
  ])('when a listener throws %s, which is raised', (_, thrown) => {
    const pair = scene({
      listener: (request) => {
        choose(request);
        throw thrown;
      },
    });
    pair.start();
    expect(thrownBy(() => pair.deliverToServer(pair.clientSocket.take()))).toEqual({ value: thrown });
    expect(statusOf(pair.server)).toEqual(FAILED);
    expect(pair.server.dtlsErrorString()).toMatch(/the server name could not be fetched: .*(thrown by a listener|null)/);
  });

  it('when the configuration cannot be used', () => {
    const broken = new QSslConfiguration(meter.server);
    broken.setBackendConfigurationOption('Nonsense', 'yes');
    const pair = scene({ listener: (request) => request.setConfiguration(broken) }).run();
    expect(statusOf(pair.server)).toEqual(FAILED);
    expect(pair.server.dtlsErrorString()).toContain('the backend option "Nonsense" is unknown');
  });

  it('when a listener ends it', () => {
    const pair = scene({ listener: () => pair.server.abortHandshake(pair.serverSocket) });
    pair.start();
    expect(pair.server.doHandshake(pair.serverSocket, pair.clientSocket.take())).toBe(false);
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeNotStarted', error: 'InvalidOperation' });
  });

  it('when it is ended while it waits, and the answer then goes nowhere', async () => {
    const database = pending();
    const pair = liveScene({ listener: (request) => request.waitUntil(database.promise.then(() => choose(request))) });
    pair.start();
    await pair.until(() => statusOf(pair.server).state === 'HandshakeInProgress');
    pair.server.abortHandshake(pair.serverSocket);
    database.resolve();
    await settled();
    expect(statusOf(pair.server).state).toBe('HandshakeNotStarted');
    expect(pair.serverSocket.sent).toEqual([]);
  });

  it('when its deadline comes first', async () => {
    const pair = liveScene({ listener: (request) => request.waitUntil(pending().promise) });
    pair.server.setHandshakeDeadline(30);
    pair.start();
    await pair.over('server');
    expect(statusOf(pair.server)).toEqual(FAILED);
    expect(pair.server.dtlsErrorString()).toContain('within 30 ms');
  });
});

it('hellos that are repeated while a server waits change nothing, and are limited', async () => {
  const database = pending();
  const pair = scene({ listener: (request) => request.waitUntil(database.promise.then(() => choose(request))) });
  pair.start();
  const hello = pair.clientSocket.take();
  for (let i = 0; i < 500; i += 1) pair.deliverToServer(Buffer.from(hello));
  expect(statusOf(pair.server)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  expect(pair.serverSocket.sent).toEqual([]);
  database.resolve();
  await settled();
  pair.settle();
  expect([statusOf(pair.client), statusOf(pair.server)]).toEqual([COMPLETE, COMPLETE]);
});

it('the same object can be asked again, from its own configuration', async () => {
  const names: string[] = [];
  const own = sensor.server;
  const pair = scene({
    listener: (request) => {
      names.push(request.serverName());
      choose(request);
    },
  }).run();
  expect(pair.server.dtlsConfiguration().equals(own)).toBe(false);
  pair.client.shutdown(pair.clientSocket);
  pair.settle();
  await settled();
  expect(pair.server.dtlsConfiguration().equals(own)).toBe(true);
  pair.client.setPeer('127.0.0.1', 22334, sensor.name);
  pair.client.setServerName('nobody.example');
  pair.server.setPeer('127.0.0.1', 40001);
  pair.run();
  expect(names).toEqual([meter.name, 'nobody.example']);
  expect(shown(pair)).toEqual(sensor.issued.certificateDer);
});

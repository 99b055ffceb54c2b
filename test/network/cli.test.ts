import { ask } from '../support/console-page';
import { qdtls, qdtlsServer } from '../support/cli';
import { stopCommands } from '../support/command';

/** A port that was free a moment ago. */
async function freePort(): Promise<string> {
  const { server, port } = await qdtlsServer();
  server.signal('SIGTERM');
  await server.end();
  return port;
}

afterEach(stopCommands);

describe('qdtls', () => {
  it.each([
    [['server', '--port', 'abc'], 'The --port option must be a port number from 0 to 65535, but "abc"'],
    [['client', '--wat'], 'an option that "qdtls client --help" lists, but the unknown option --wat'],
    [['serve'], 'one of the commands server, client, demo and console, but "serve" was given.'],
    [['server', '--cert', '/no/such.pem'], 'The --cert option must name a file that can be read, but '],
    [['client', '--ca', __filename], 'The --ca option must name a file with PEM certificates, but '],
    [['server', '--ciphers', 'NONSENSE'], 'The --ciphers option must be an OpenSSL cipher list'],
  ])('ends %j with one sentence and exit code 2', async (args, sentence) => {
    const child = qdtls(...args);
    expect(await child.end()).toBe(2);
    expect(child.output).toContain(sentence);
    expect(child.output.trimEnd()).not.toContain('\n');
  });

  it.each([[['--help']], [['--version']], [['server', '--help']], [['client', '--port', 'x', '--help']]])(
    'answers %j with exit code 0',
    async (args) => {
      const child = qdtls(...args);
      expect(await child.end()).toBe(0);
      expect(child.output).not.toBe('');
    },
  );
});

describe('qdtls demo', () => {
  it('shows a whole conversation and ends by itself with exit code 0', async () => {
    const demo = qdtls('demo', '--for', '3s', '--ping-interval', '300ms');
    const exitCode = await demo.end();
    expect(demo.output).toMatch(/info +server 127\.0\.0\.1:\d+ +not verified yet, cookie sent/);
    expect(demo.output).toMatch(/info +server 127\.0\.0\.1:\d+ +verified, handshake starts/);
    for (const name of ['Alice \\(clone number 0\\)', 'Alice \\(clone number 1\\)']) {
      expect(demo.output).toMatch(new RegExp(`info +${name} +handshake complete, .* \\S+, DTLS 1\\.2`));
      expect(demo.output).toMatch(new RegExp(`data +${name} +received ".*ACK"`));
      const counts = new RegExp(`${name}: (\\d+) pings? sent, (\\d+) acknowledged`);
      const [, sent, acknowledged] = counts.exec(demo.output) ?? [];
      expect(Number(sent)).toBeGreaterThanOrEqual(4);
      expect(acknowledged).toBe(sent);
    }
    expect(demo.output.match(/server 127\.0\.0\.1:\d+ +close_notify received/g)).toHaveLength(2);
    expect(exitCode).toBe(0);
  });

  it('ends cleanly with exit code 0 after SIGINT, also when npm repeats the signal', async () => {
    const demo = qdtls('demo');
    await demo.waitFor(/data +Alice \(clone number 1\) +received ".*ACK"/);
    demo.signal('SIGINT');
    demo.signal('SIGINT');
    expect(await demo.end()).toBe(0);
    expect(demo.output.match(/Alice \(clone number \d\) +close_notify sent/g)).toHaveLength(2);
    expect(demo.output.match(/server \S+ +close_notify received/g)).toHaveLength(2);
  });

  it('ends with exit code 1 and says why when it has no time for a handshake', async () => {
    const demo = qdtls('demo', '--for', '1ms');
    expect(await demo.end()).toBe(1);
    expect(demo.output.match(/Alice \(clone number \d\): the handshake was not completed/g)).toHaveLength(2);
    expect(demo.output).toContain('the demo failed: not every ping of every client was acknowledged');
  });

  it('shows itself in a page with --console', async () => {
    const demo = qdtls('demo', '--console');
    const [, address = ''] = await demo.waitFor(/the console is at (http:\S+)/);
    await demo.waitFor(/data +Alice \(clone number 1\) +received ".*ACK"/);
    expect(await ask(address)).toMatchObject({ status: 200 });
    demo.signal('SIGINT');
    expect(await demo.end()).toBe(0);
  });

  it('writes no colours into a pipe', async () => {
    const demo = qdtls('demo', '--for', '100ms');
    await demo.end();
    expect(demo.output).not.toContain('\u001b');
  });
});

describe('qdtls server and qdtls client', () => {
  it('exchange pings and acknowledgements over several connections', async () => {
    const { server, port } = await qdtlsServer();
    const pings = ['--connections', '3', '--count', '2', '--ping-interval', '50ms'];
    const client = qdtls('client', '--port', port, ...pings);
    expect(await client.end()).toBe(0);
    expect(client.output.match(/2 pings sent, 2 acknowledged, closed by us/g)).toHaveLength(3);
    await server.waitFor(/PSK identity is "Alice \(clone number 2\)"/);
    server.signal('SIGINT');
    expect(await server.end()).toBe(0);
    expect(server.output.match(/close_notify received/g)).toHaveLength(3);
  });

  it('work without cookies and over IPv6', async () => {
    const server = qdtls('server', '--address', '::1', '--port', '0', '--no-cookies');
    const [, port = ''] = await server.waitFor(/listening on \[::1\]:(\d+)/);
    const client = qdtls('client', '--host', '::1', '--port', port, '--count', '1', '--message', 'my text');
    expect(await client.end()).toBe(0);
    expect(server.output).toContain('received "my text" (7 bytes: 6d 79 20 74 65 78 74)');
    expect(server.output).not.toContain('cookie sent');
  });

  it('say goodbye to the client when the server gets SIGINT', async () => {
    const { server, port } = await qdtlsServer();
    const client = qdtls('client', '--port', port);
    await client.waitFor(/received ".*ACK"/);
    server.signal('SIGINT');
    expect(await server.end()).toBe(0);
    expect(server.output).toContain('close_notify sent');
    expect(await client.end()).toBe(0);
    expect(client.output).toContain('close_notify received, the peer closed the connection');
  });

  it('say goodbye to the server when the client gets SIGTERM', async () => {
    const { server, port } = await qdtlsServer();
    const client = qdtls('client', '--port', port);
    await client.waitFor(/received ".*ACK"/);
    client.signal('SIGTERM');
    expect(await client.end()).toBe(0);
    await server.waitFor(/close_notify received/);
  });

  it('serve a client that was killed and starts again on the same port', async () => {
    const { server, port } = await qdtlsServer();
    const localPort = await freePort();
    const first = qdtls('client', '--port', port, '--local-port', localPort);
    await first.waitFor(/received ".*ACK"/);
    first.signal('SIGKILL');
    await first.end();
    const second = qdtls('client', '--port', port, '--local-port', localPort, '--count', '1');
    expect(await second.end()).toBe(0);
    expect(server.output).toContain(`127.0.0.1:${localPort}`);
    expect(server.output).toContain('the client has started again, its earlier connection is dropped');
  });

  it('forget a client that failed, so that it is served when it tries again', async () => {
    const { server, port } = await qdtlsServer('--psk-identity', 'right');
    const localPort = await freePort();
    const common = ['client', '--port', port, '--local-port', localPort, '--count', '1'];
    const refused = qdtls(...common, '--psk-identity', 'wrong', '--handshake-deadline', '2s');
    expect(await refused.end()).toBe(1);
    await server.waitFor(/forgotten, it may try again/);
    const accepted = qdtls(...common, '--psk-identity', 'right');
    expect(await accepted.end()).toBe(0);
  });

  it('warn of an alert that they ignore, and name it when the deadline is over', async () => {
    const { port } = await qdtlsServer('--psk-identity', 'right');
    const client = qdtls('client', '--port', port, '--psk-identity', 'wrong', '--handshake-deadline', '2s');
    expect(await client.end()).toBe(1);
    expect(client.output).toMatch(/warning .*an unauthenticated alert says "unknown PSK identity": it may be forged/);
    expect(client.output).toMatch(/error .*did not finish within 2000 ms.*"unknown PSK identity"/);
    expect(client.output).toMatch(/the handshake was not completed/);
  });

  it('end a handshake with an alert that they obey', async () => {
    const { port } = await qdtlsServer('--psk-identity', 'right');
    const client = qdtls('client', '--port', port, '--psk-identity', 'wrong', '--obey-alerts', '--handshake-deadline', '1h');
    expect(await client.end()).toBe(1);
    expect(client.output).toMatch(/error .*handshake: .*unknown psk identity/i);
    expect(client.output).not.toContain('may be forged');
  });
});

describe('qdtls client', () => {
  it('ends with exit code 1 and says why when the address cannot be used', async () => {
    const client = qdtls('client', '--host', '255.255.255.255');
    expect(await client.end()).toBe(1);
    expect(client.output).toContain('cannot connect to 255.255.255.255:22334');
  });

  it('ends with exit code 1 when its time is over without a handshake', async () => {
    const client = qdtls('client', '--port', await freePort(), '--for', '300ms');
    expect(await client.end()).toBe(1);
    expect(client.output).toContain('the handshake was not completed');
  });
});

describe('qdtls server', () => {
  it('ends with exit code 1 and says why when its port is taken', async () => {
    const { port } = await qdtlsServer();
    const second = qdtls('server', '--address', '127.0.0.1', '--port', port);
    expect(await second.end()).toBe(1);
    expect(second.output).toContain('EADDRINUSE');
  });
});

describe('qdtls console', () => {
  it('prints the address of its page, serves it, and ends with exit code 0 after SIGTERM', async () => {
    const console = qdtls('console');
    const [, address = ''] = await console.waitFor(/the console is at (http:\/\/127\.0\.0\.1:\d+\/\S+\/)/);
    const page = await ask(address);
    expect(page.body).toContain('<title>qdtls console</title>');
    console.signal('SIGTERM');
    expect(await console.end()).toBe(0);
  });

  it('ends with exit code 1 and says why when its port is taken', async () => {
    const first = qdtls('console');
    const [, port = ''] = await first.waitFor(/127\.0\.0\.1:(\d+)/);
    const second = qdtls('console', '--port', port);
    expect(await second.end()).toBe(1);
    expect(second.output).toContain('EADDRINUSE');
  });
});

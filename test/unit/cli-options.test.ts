import { COMMANDS, isCommandName } from '../../lib/cli/commands';
import { formatDuration, LONGEST_DURATION, parseDuration } from '../../lib/cli/durations';
import { commandHelp } from '../../lib/cli/help';
import { EXAMPLE_KEY, readClientOptions, readConsoleOptions, readDemoOptions, readServerOptions } from '../../lib/cli/options';
import { UsageError } from '../../lib/cli/usage-error';

/** The message of the UsageError that the action throws. */
function usageError(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error('no UsageError was thrown');
}

describe('parseDuration', () => {
  it.each([
    ['1ms', 1],
    ['500ms', 500],
    ['5s', 5000],
    ['1.5s', 1500],
    ['1m', 60_000],
    ['2h', 7_200_000],
    [`${LONGEST_DURATION}ms`, LONGEST_DURATION],
  ])('reads %s as %i milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '5', 's', '5 s', '-5s', '+5s', '0s', '0.0004s', '5d', '5S', '1e3ms', '1s2', '600h', '.5s'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('is the inverse of formatDuration', () => {
    for (const text of ['1ms', '999ms', '1500ms', '5s', '90s', '1m', '1h']) {
      expect(formatDuration(parseDuration(text) ?? 0)).toBe(text);
    }
  });
});

describe('readServerOptions', () => {
  it("gives Qt's example port and key, cookies and no limits without arguments", () => {
    expect(readServerOptions([])).toMatchObject({
      address: '0.0.0.0',
      port: 22334,
      cookies: true,
      requireClientCertificate: false,
      mtu: 0,
      handshakeDeadline: 10_000,
      obeyAlerts: false,
      runFor: null,
      credentials: { psk: EXAMPLE_KEY, pskIdentity: null, certificateFile: null, ciphers: null },
    });
  });

  it('takes values after a space and after an equals sign, and the last of several', () => {
    const args = ['--port', '1', '--port=5684', '--address', '::1', '--mtu=256', '--for', '1m'];
    const options = readServerOptions(args);
    expect(options).toMatchObject({ port: 5684, address: '::1', mtu: 256, runFor: 60_000 });
  });

  it('knows --host as another name of --address', () => {
    expect(readServerOptions(['--host', '127.0.0.1']).address).toBe('127.0.0.1');
  });

  it('turns cookies off', () => {
    expect(readServerOptions(['--no-cookies']).cookies).toBe(false);
  });

  it.each([
    ['server', readServerOptions],
    ['client', readClientOptions],
  ])('takes how a %s leads its handshakes', (_name, readOptions) => {
    const options = readOptions(['--obey-alerts', '--handshake-deadline', '1.5s', '--mtu', '1200']);
    expect(options).toMatchObject({ obeyAlerts: true, handshakeDeadline: 1500, mtu: 1200 });
  });

  it('does not serve the public example key beside a certificate', () => {
    expect(readServerOptions(['--cert', 'a.pem']).credentials.psk).toBeNull();
    const both = readServerOptions(['--cert', 'a.pem', '--psk', 'FF00']);
    expect(both.credentials.psk).toEqual(Buffer.from([255, 0]));
  });

  it.each([
    [['--port', 'abc'], '--port', 'a port number from 0 to 65535', '"abc"'],
    [['--port', '65536'], '--port', 'a port number from 0 to 65535', '"65536"'],
    [['--port', '-1'], '--port', 'a port number from 0 to 65535', '"-1"'],
    [['--port'], '--port', 'must have a value', 'nothing was given'],
    [['--port', '--no-cookies'], '--port', 'must have a value', '"--no-cookies" follows it'],
    [['--address', 'localhost'], '--address', 'an IPv4 or IPv6 address', '"localhost"'],
    [['--mtu', '255'], '--mtu', 'a number of bytes from 256 to 65535', '"255"'],
    [['--for', '5'], '--for', 'a duration with its unit', '"5"'],
    [['--for', '0s'], '--for', 'a duration with its unit', '"0s"'],
    [['--handshake-deadline', '0s'], '--handshake-deadline', 'a duration with its unit', '"0s"'],
    [['--obey-alerts=yes'], '--obey-alerts', 'without a value', '"yes"'],
    [['--psk', '123'], '--psk', 'hexadecimal digits', 'a text of 3 characters'],
    [['--psk', ''], '--psk', 'hexadecimal digits', 'a text of 0 characters'],
    [['--psk', '00'.repeat(513)], '--psk', '1 to 512 bytes', 'a text of 1026 characters'],
    [['--psk-identity', 'x'.repeat(256)], '--psk-identity', '1 to 255 bytes', 'xxx'],
    [['--ciphers='], '--ciphers', 'a text that is not empty', '""'],
    [['--no-cookies=yes'], '--no-cookies', 'without a value', '"yes"'],
    [['--key', 'a.key'], '--key', 'come with --cert', '--cert was not given'],
    [['--passphrase', 'secret'], '--passphrase', 'come with --cert', '--cert was not given'],
    [['--ca', 'a.pem'], '--ca', 'come with --require-client-cert', 'was not given'],
    [['--require-client-cert'], '--require-client-cert', 'come with --cert', 'was not given'],
    [['--cert', 'a.pem', '--psk-identity', 'me'], '--psk-identity', 'come with --psk', 'was not given'],
    [['--wat'], '--wat', 'an option that "qdtls server --help" lists', 'unknown option'],
    [['--insecure'], '--insecure', 'an option that "qdtls server --help" lists', 'unknown option'],
    [['-x'], '-x', 'an option that "qdtls server --help" lists', 'unknown option'],
    [['stray'], '"stray"', 'expects only options', 'was given'],
    [['--', '--port'], '"--port"', 'expects only options', 'was given'],
  ])('answers %j with one sentence: option, expectation, value', (args, option, expectation, received) => {
    const message = usageError(() => readServerOptions(args));
    expect(message).toContain(option);
    expect(message).toContain(expectation);
    expect(message).toContain(received);
    expect(message).toMatch(/^[^\n]*\.$/);
  });

  it('never repeats a secret', () => {
    expect(usageError(() => readServerOptions(['--psk', 'my secret']))).not.toContain('secret');
  });
});

describe('readClientOptions', () => {
  it('pings the example server on this machine every five seconds without arguments', () => {
    expect(readClientOptions([])).toMatchObject({
      host: '127.0.0.1',
      port: 22334,
      localPort: 0,
      connections: 1,
      pingInterval: 5000,
      message: null,
      count: null,
      verificationName: null,
      insecure: false,
      credentials: { psk: EXAMPLE_KEY },
      mtu: 0,
      handshakeDeadline: 10_000,
      obeyAlerts: false,
      runFor: null,
    });
  });

  it.each([[['--ca', 'a.pem']], [['--cert', 'a.pem']], [['--name', 'server.example']], [['--insecure']]])(
    'relies on certificates alone with %j',
    (args) => {
      expect(readClientOptions(args).credentials.psk).toBeNull();
    },
  );

  it('takes a message that begins with a dash after an equals sign', () => {
    expect(readClientOptions(['--message=-hello-']).message).toBe('-hello-');
  });

  it.each([
    [['--port', '0'], '--port', 'from 1 to 65535', '"0"'],
    [['--connections', '0'], '--connections', 'from 1 to 1000', '"0"'],
    [['--count', '1.5'], '--count', 'a number of pings', '"1.5"'],
    [['--ping-interval', '5ms'], '--ping-interval', 'from 10ms', '"5ms"'],
    [['--host', 'a b'], '--host', 'a host name or an IP address', '"a b"'],
    [['--psk', '00', '--ca', 'a.pem'], '--psk', 'come without --ca', 'both were given'],
    [['--insecure', '--name', 'a'], '--insecure', 'come without --name', 'both were given'],
    [['--local-port', '65535', '--connections', '2'], '--local-port', 'a port for each connection', '65535'],
  ])('answers %j with one sentence: option, expectation, value', (args, option, expectation, received) => {
    const message = usageError(() => readClientOptions(args));
    expect(message).toContain(option);
    expect(message).toContain(expectation);
    expect(message).toContain(received);
  });
});

describe('readConsoleOptions', () => {
  it('opens the page at any free port until it is stopped, without arguments', () => {
    expect(readConsoleOptions([])).toEqual({ port: 0, runFor: null });
    expect(readConsoleOptions(['--port', '8080', '--for', '1m'])).toEqual({ port: 8080, runFor: 60_000 });
  });

  it('has no option that opens the page to other machines', () => {
    expect(usageError(() => readConsoleOptions(['--address', '0.0.0.0']))).toContain('unknown option --address');
  });
});

describe('readDemoOptions', () => {
  it('pings every second on any free port until it is stopped, without arguments', () => {
    const defaults = { port: 0, connections: 1, pingInterval: 1000, mtu: 0, console: false, runFor: null };
    expect(readDemoOptions([])).toEqual(defaults);
  });

  it('runs for a time', () => {
    expect(readDemoOptions(['--for', '500ms']).runFor).toBe(500);
  });
});

describe('commandHelp', () => {
  const names = Object.keys(COMMANDS).filter(isCommandName);

  it.each(names)('shows every option of %s, within 104 columns', (name) => {
    const help = commandHelp(name);
    for (const { options } of COMMANDS[name].groups) {
      for (const { name: option } of options) expect(help).toContain(`  --${option}`);
    }
    for (const line of help.split('\n')) expect(line.length).toBeLessThanOrEqual(104);
  });
});

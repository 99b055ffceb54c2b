import { readFileSync, statSync } from 'node:fs';
import { X509Certificate } from 'node:crypto';
import { Command, stopCommands } from '../support/command';
import { example, startExample } from '../support/examples';
import { ScratchFiles } from '../support/openssl';

let files: ScratchFiles;

beforeEach(() => {
  files = new ScratchFiles();
});

afterEach(async () => {
  await stopCommands();
  files.remove();
});

async function makeCertificates(...args: readonly string[]): Promise<Command> {
  const command = startExample('make-certificates', args, files.folder);
  await command.end();
  return command;
}

/** Its server on a free port, and that port. */
async function startServer(name: string): Promise<{ server: Command; port: string }> {
  const server = startExample(name, ['server', '0'], files.folder);
  const [, port = ''] = await server.waitFor(/^server: listening on 127\.0\.0\.1 port (\d+)$/m);
  return { server, port };
}

/** What its client prints, who has ended well. */
async function visit(name: string, port: string): Promise<string> {
  const client = startExample(name, ['client', port], files.folder);
  expect([await client.end(), client.output]).toEqual([0, expect.any(String)]);
  return client.output;
}

const examples = [
  ['pre-shared-key', /^client: you said: hello$/m],
  ['certificates', /^client: you said: hello$/m],
  ['mutual-tls', /^client: welcome, CN=sensor-7$/m],
  ['psk-database', /^door-1: welcome$/m],
  ['resumption', /^client: resumed handshake/m],
  ['coap', /^client: 2\.05 21\.5 °C$/m],
  ['dtls-srtp', /^client: SRTP_AEAD_AES_256_GCM, client writes with /m],
  ['qt-classes', /^client: you said: hello/m],
] as const;

describe('an example between two terminals', () => {
  it.each(examples)('serves one client after the other until Ctrl-C: %s', async (name, promise) => {
    await makeCertificates();
    const { server, port } = await startServer(name);
    expect(await visit(name, port)).toMatch(promise);
    expect(await visit(name, port)).toMatch(promise);
    server.signal('SIGINT');
    expect(await server.end()).toBe(0);
  });

  it('says which command makes the certificates that it misses', async () => {
    const server = startExample('certificates', ['server', '0'], files.folder);
    expect(await server.end()).toBe(1);
    expect(server.output).toBe('server: There is no certificates/server.pem. To make it: node examples/make-certificates.mjs\n');
  });

  it('says that nobody is there, in a line', async () => {
    const client = startExample('pre-shared-key', ['client', '1'], files.folder);
    expect(await client.end()).toBe(1);
    expect(client.output).toBe('client: DTLS handshake timeout. the handshake did not finish within 5000 ms\n');
  });

  it('refuses a role that there is not', async () => {
    const command = startExample('pre-shared-key', ['sever'], files.folder);
    expect(await command.end()).toBe(1);
    expect(command.output).toBe('sever: The role is "server" or "client", not "sever".\n');
  });
});

describe('make-certificates.mjs', () => {
  function read(name: string): X509Certificate {
    return new X509Certificate(readFileSync(files.path(name)));
  }

  it('signs for the names and addresses it is given, and nothing for others', async () => {
    await makeCertificates('own', 'server.example.com', '192.0.2.7');
    const [ca, server, client] = [read('own/ca.pem'), read('own/server.pem'), read('own/client.pem')];
    expect([server.checkHost('server.example.com'), server.checkIP('192.0.2.7')]).toEqual(['server.example.com', '192.0.2.7']);
    expect([server.checkHost('localhost'), server.checkIP('127.0.0.1')]).toEqual([undefined, undefined]);
    expect([ca.ca, server.ca, client.ca]).toEqual([true, false, false]);
    for (const certificate of [ca, server, client]) expect(certificate.verify(ca.publicKey)).toBe(true);
    expect([server.keyUsage, client.keyUsage]).toEqual([['1.3.6.1.5.5.7.3.1'], ['1.3.6.1.5.5.7.3.2']]);
  });

  (process.platform === 'win32' ? it.skip : it)('lets nobody else read the keys', async () => {
    await makeCertificates('own');
    for (const name of ['ca', 'server', 'client']) expect(statSync(files.path(`own/${name}-key.pem`)).mode & 0o777).toBe(0o600);
  });

  it('does not overwrite a CA', async () => {
    await makeCertificates('own');
    const key = files.read('own/ca-key.pem');
    const again = await makeCertificates('own');
    expect(await again.exited).toBe(1);
    expect(again.output.trim()).toBe('own holds a CA already: remove it, or name another folder.');
    expect(files.read('own/ca-key.pem')).toBe(key);
  });

  it('says how to get openssl where it is missing, and can be run again when it is there', async () => {
    const environment = { ...process.env, PATH: files.folder };
    const command = new Command(process.execPath, [example('make-certificates.mjs'), 'own'], environment, files.folder);
    expect(await command.end()).toBe(1);
    expect(command.output).toMatch(/^This needs the openssl command, which was not found\. To get it:\n {2}Debian, Ubuntu {3}apt install openssl\n/);
    expect(await (await makeCertificates('own')).exited).toBe(0);
  });
});

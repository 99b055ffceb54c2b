import dgram from 'node:dgram';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, listen } from '../../lib/endpoint';
import { clientTrust, closeEverything, HOST, portOf, serve, serveEcho, serverIdentity } from '../support/endpoints';
import { ScratchFiles } from '../support/openssl';
import { thrownBy, type CodedError } from '../support/refusals';

const files = new ScratchFiles();

afterEach(closeEverything);
afterAll(() => files.remove());

/** Fails unless the port can be had. */
async function expectFree(port: number): Promise<void> {
  const probe = dgram.createSocket('udp4').bind(port, HOST);
  await once(probe, 'listening');
  probe.close();
}

/** Watches the sockets that are made from now on; what it returns waits until they are closed. */
function watchSockets(): () => Promise<void> {
  const spy = jest.spyOn(dgram, 'createSocket');
  return async () => {
    const made = spy.mock.results.flatMap(({ type, value }) => (type === 'return' ? [value] : []));
    spy.mockRestore();
    expect(made).toHaveLength(1);
    await Promise.all(made.map((socket) => once(socket, 'close')));
  };
}

function expectInUse(error: CodedError): void {
  expect(error).toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
  expect(error.errno).toBeLessThan(0);
}

describe('an address in use', () => {
  it('makes listen() throw with what the system says, and leaves no socket and no file', async () => {
    const port = portOf(serveEcho());
    const keyLogFile = files.path('in-use.log');
    const allClosed = watchSockets();
    expectInUse(thrownBy(() => listen(() => undefined, { ...serverIdentity, host: HOST, port, keyLogFile })));
    await allClosed();
    expect(existsSync(keyLogFile)).toBe(false);
  });

  it('makes connect() to a literal throw likewise', async () => {
    const port = portOf(serveEcho());
    const keyLogFile = files.path('in-use.log');
    const allClosed = watchSockets();
    const options = { ...clientTrust, bindHost: HOST, bindPort: port, keyLogFile };
    expectInUse(thrownBy(() => connect(HOST, 4433, options)));
    await allClosed();
    expect(existsSync(keyLogFile)).toBe(false);
  });

  it('rejects opened when the host is a name', async () => {
    const bindPort = portOf(serveEcho());
    const lookup = (_name: string, _options: unknown, done: (error: null, address: string, family: number) => void): void => {
      done(null, HOST, 4);
    };
    const session = connect('server.example', 4433, { ...clientTrust, bindHost: HOST, bindPort, lookup });
    await expect(session.opened).rejects.toMatchObject({ code: 'EADDRINUSE', syscall: 'bind' });
    await session.endpoint.closed;
  });

  it('is one that is not of this machine, too', () => {
    const error = thrownBy(() => listen(() => undefined, { ...serverIdentity, host: '192.0.2.1', port: 0 }));
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL', syscall: 'bind' });
  });
});

describe('a key log that cannot be written', () => {
  it('makes listen() throw, and the port is free again', async () => {
    const port = portOf(serveEcho());
    await closeEverything();
    const keyLogFile = files.path('missing/keys.log');
    const allClosed = watchSockets();
    const error = thrownBy(() => listen(() => undefined, { ...serverIdentity, host: HOST, port, keyLogFile }));
    expect(error).toMatchObject({ code: 'ENOENT', syscall: 'open' });
    await allClosed();
    await expectFree(port);
  });

  it('makes connect() throw, and leaves no socket', async () => {
    const allClosed = watchSockets();
    const error = thrownBy(() => connect(HOST, 4433, { ...clientTrust, keyLogFile: files.path('missing/keys.log') }));
    expect(error).toMatchObject({ code: 'ENOENT' });
    await allClosed();
  });
});

describe('what is opened', () => {
  it('is a file of the key log only when everything else is right', async () => {
    const keyLogFile = files.path('keys.log');
    thrownBy(() => serve(() => undefined, { keyLogFile, srtp: 'NOPE' }));
    expect(existsSync(keyLogFile)).toBe(false);
    const endpoint = serve(() => undefined, { keyLogFile });
    expect(existsSync(keyLogFile)).toBe(true);
    await endpoint.close();
  });

  it('is closed when the session is given up in the turn it was made in', async () => {
    const allClosed = watchSockets();
    const session = connect(HOST, 4433, clientTrust);
    expect(session.endpoint.address).toMatchObject({ address: '0.0.0.0', family: 'IPv4' });
    session.destroy();
    await allClosed();
    expect(session.endpoint.address).toBeUndefined();
  });

  it('is an IPv4 socket although ipv6Only is set, which has no effect there', () => {
    expect(serve(() => undefined, { ipv6Only: true }).address).toMatchObject({ address: HOST });
  });
});

import { connect, type DTLSSession } from '../../lib/endpoint';
import { Command, stopCommands } from '../support/command';
import { ask, clientTrust, closeEverything, HOST, rejection, serverIdentity, serveEcho } from '../support/endpoints';
import { example } from '../support/examples';
import { inParallel } from '../support/lossy-peers';
import { ScratchFiles } from '../support/openssl';
import { canSharePort, isReusePortOffered, REUSE_PORT_UNAVAILABLE } from '../support/shared-port';

const CLIENTS = 60;
const WORKERS = 3;
const AT_ONCE = 20;

if (!canSharePort) {
  process.stdout.write(`skipped: processes that share a port. It needs Node 22.12 or 23.1, not ${process.version}, and no macOS or Windows\n`);
}

let files: ScratchFiles;
let primary: Command | null = null;
const sessions: DTLSSession[] = [];

beforeEach(() => {
  files = new ScratchFiles();
});

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close().catch(() => undefined)));
  primary?.signal('SIGTERM');
  await primary?.exited; // its workers end with it
  primary = null;
  await stopCommands();
  await closeEverything();
  files.remove();
});

function startExample(): Command {
  const cert = files.write('cert.pem', serverIdentity.cert);
  const key = files.write('key.pem', serverIdentity.key);
  const args = ['--cert', cert, '--key', key, '--port', '0', '--workers', String(WORKERS)];
  primary = new Command(process.execPath, [example('cluster-server.mjs'), ...args]);
  return primary;
}

async function join(port: number, ticket?: Buffer): Promise<DTLSSession> {
  const session = connect(HOST, port, { ...clientTrust, ...(ticket === undefined ? {} : { session: ticket }) });
  sessions.push(session);
  await session.opened;
  return session;
}

/** The process that answers. */
async function processOf(session: DTLSSession): Promise<string> {
  const [process = ''] = (await ask(session, 'hello')).split(': ');
  return process;
}

/** Resolves to the port when so many processes have begun to serve it. */
async function served(command: Command, processes = WORKERS): Promise<number> {
  const [, port = ''] = await command.waitFor(new RegExp(`(?:process \\d+ serves port (\\d+)\\s+){${processes}}`));
  return Number(port);
}

(canSharePort ? describe : describe.skip)('the processes of the cluster example', () => {
  it('share the clients of one port, each of whom stays with one', async () => {
    const port = await served(startExample());
    const servers = new Set<string>();
    await inParallel(CLIENTS, AT_ONCE, async () => {
      const session = await join(port);
      const server = await processOf(session);
      expect(await processOf(session)).toBe(server);
      servers.add(server);
    });
    expect(servers.size).toBe(WORKERS);
  });

  it("resume each other's sessions", async () => {
    const port = await served(startExample());
    const first = await join(port);
    const server = await processOf(first);
    const { session: ticket } = first;
    const crossed: DTLSSession[] = [];
    // Each attempt has a port of its own, and so a chance to meet another process.
    for (let attempt = 0; attempt < CLIENTS && crossed.length === 0; attempt += 1) {
      const session = await join(port, ticket);
      expect(session.reused).toBe(true);
      if ((await processOf(session)) !== server) crossed.push(session);
    }
    expect(crossed).toHaveLength(1);
  });

  it('are replaced when one ends, by one that knows the same secrets', async () => {
    const command = startExample();
    const first = await join(await served(command));
    const { session: ticket } = first;
    process.kill(Number(await processOf(first)), 'SIGKILL');
    const port = await served(command, WORKERS + 1);
    const again = await join(port, ticket);
    expect(again.reused).toBe(true);
    expect(await processOf(again)).toMatch(/^\d+$/);
  });
});

(isReusePortOffered ? describe.skip : describe)('where Node has no reusePort', () => {
  it('listen() says so', async () => {
    expect(() => serveEcho({ reusePort: true })).toThrow(REUSE_PORT_UNAVAILABLE);
    const attempt = Promise.resolve().then(() => serveEcho({ reusePort: true }).closed);
    expect(await rejection(attempt)).toMatchObject({ code: 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM' });
  });

  it('so does the cluster example, and starts nothing', async () => {
    const command = startExample();
    expect(await command.end()).toBe(1);
    expect(command.output).toMatch(REUSE_PORT_UNAVAILABLE);
    expect(command.output.trim().split('\n')).toHaveLength(1);
  });
});

import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type DTLSSession } from '../../lib/endpoint';
import { Command, stopCommands } from '../support/command';
import { ask, clientTrust, HOST, serverIdentity } from '../support/endpoints';
import { example, exampleText } from '../support/examples';
import { inParallel } from '../support/lossy-peers';
import { Nginx, whyWithoutNginx, withReplaced } from '../support/nginx';
import { ScratchFiles } from '../support/openssl';

const CLIENTS = 200;
const AT_ONCE = 20;
const PATIENCE = 90_000;
/** nginx finds out that a server is gone by datagrams that are refused: clients repeat theirs. */
const IMPATIENT = { retransmission: { initial: 100, maximum: 400 }, handshakeTimeout: 30_000 };

const reason = whyWithoutNginx();
if (reason !== null) process.stdout.write(`skipped: servers behind nginx. ${reason}\n`);

interface Server {
  readonly port: string;
  readonly command: Command;
}

/** A client, the server that answers it, and what it resumes with. */
interface Client {
  session: DTLSSession;
  server: string;
  readonly ticket: Buffer | undefined;
}

let files: ScratchFiles;
let nginx: Nginx | null = null;
const clients: Client[] = [];

beforeEach(() => {
  files = new ScratchFiles();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map(({ session }) => session.close().catch(() => undefined)));
  await nginx?.stop();
  nginx = null;
  await stopCommands();
  files.remove();
});

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, HOST);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** Servers of the example, on free ports, that share their secrets. */
function startServers(count: number): Promise<Server[]> {
  const cert = files.write('cert.pem', serverIdentity.cert);
  const key = files.write('key.pem', serverIdentity.key);
  const secrets = { COOKIE_SECRET: randomBytes(32).toString('hex'), TICKET_KEYS: randomBytes(80).toString('hex') };
  const script = example('behind-nginx', 'server.mjs');
  const starting = Array.from({ length: count }, async () => {
    const args = [script, '--cert', cert, '--key', key, '--port', '0'];
    const command = new Command(process.execPath, args, { ...process.env, ...secrets });
    const [, port = ''] = await command.waitFor(/serving port (\d+)/);
    return { port, command };
  });
  return Promise.all(starting);
}

/** nginx as in the example, before these servers. Resolves to its port. */
async function startNginx([first, second]: readonly Server[]): Promise<number> {
  const port = await freePort();
  const text = exampleText('behind-nginx', 'nginx.conf');
  const ports = { ':5684 ': `:${port} `, ':5685 ': `:${first?.port} `, ':5686 ': `:${second?.port} ` };
  nginx = await Nginx.start(files, withReplaced(text, ports));
  return port;
}

async function join(port: number, ticket?: Buffer): Promise<Client> {
  const resumption = ticket === undefined ? {} : { session: ticket };
  const session = connect(HOST, port, { ...clientTrust, ...IMPATIENT, ...resumption });
  await session.opened;
  return { session, server: await serverOf(session), ticket: session.session };
}

/** The port of the server that answers. */
async function serverOf(session: DTLSSession): Promise<string> {
  const [server = ''] = (await ask(session, 'hello')).split(': ');
  return server;
}

function count(server: string): number {
  return clients.filter((client) => client.server === server).length;
}

(reason === null ? describe : describe.skip)('two servers of the example behind nginx', () => {
  it('serve 200 clients, who resume at the other one when one is killed', async () => {
    const servers = await startServers(2);
    const [killed, left] = servers;
    if (killed === undefined || left === undefined) throw new Error('there are not two servers');
    const port = await startNginx(servers);
    await inParallel(CLIENTS, AT_ONCE, async () => void clients.push(await join(port)));
    expect(count(killed.port) + count(left.port)).toBe(CLIENTS);
    // Their ports are chance's, and so is who serves them.
    expect(Math.min(count(killed.port), count(left.port))).toBeGreaterThan(CLIENTS / 10);
    expect(clients.some(({ session }) => session.reused)).toBe(false);

    killed.command.signal('SIGKILL');
    await killed.command.exited;
    const orphans = clients.filter(({ server }) => server === killed.port);
    await inParallel(orphans.length, AT_ONCE, async (index) => {
      const orphan = orphans[index];
      if (orphan === undefined) return;
      orphan.session.destroy();
      const { session, server } = await join(port, orphan.ticket);
      Object.assign(orphan, { session, server });
    });
    expect(count(left.port)).toBe(CLIENTS);
    expect(orphans.filter(({ session }) => session.reused)).toHaveLength(orphans.length);
    // Nobody else has noticed.
    for (const { session } of clients) expect(await serverOf(session)).toBe(left.port);
  }, PATIENCE);
});

describe('a server of the example', () => {
  it('says what to do when it is given no secrets', async () => {
    const script = example('behind-nginx', 'server.mjs');
    const cert = files.write('cert.pem', serverIdentity.cert);
    const key = files.write('key.pem', serverIdentity.key);
    const command = new Command(process.execPath, [script, '--cert', cert, '--key', key, '--port', '0']);
    expect(await command.end()).toBe(1);
    expect(command.output).toContain('COOKIE_SECRET must be set');
  });
});

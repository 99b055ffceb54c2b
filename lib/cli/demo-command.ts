import { setTimeout as delay } from 'node:timers/promises';
import { ClientGroup, connectionName, describeSummary } from './client-group';
import { clientConfiguration, serverConfiguration } from './configuration';
import { Console } from './console/console';
import { openPage } from './console/console-command';
import type { PageServer } from './console/page-server';
import { waitForEnding } from './ending';
import { messageOf } from './error-text';
import { forwardLog, logEntry } from './log';
import { DEFAULT_HANDSHAKE, type DemoOptions, EXAMPLE_CREDENTIALS, readDemoOptions } from './options';
import { preSharedKeyOf } from './psk';
import type { Remote } from './remote';
import { SecureUdpClient } from './secure-udp-client';
import { SecureUdpServer } from './secure-udp-server';
import { StopSignal } from './stop-signal';
import type { TerminalLog } from './terminal-log';

const LOOPBACK = '127.0.0.1';
const CLIENTS = 2;

/** Milliseconds for the server to see every close_notify, so that a demo shows a whole conversation. */
const GOODBYE_TIME = 500;

function createServer({ mtu }: DemoOptions, log: TerminalLog): SecureUdpServer {
  const server = new SecureUdpServer({
    configuration: serverConfiguration({
      credentials: EXAMPLE_CREDENTIALS,
      cookies: true,
      requireClientCertificate: false,
    }),
    psk: preSharedKeyOf(EXAMPLE_CREDENTIALS),
    ...DEFAULT_HANDSHAKE,
    mtu,
  });
  forwardLog(server, log.labelled('server'));
  return server;
}

function createClients(options: DemoOptions, remote: Remote, log: TerminalLog): ClientGroup {
  const { connections, pingInterval, mtu } = options;
  const configuration = clientConfiguration({ credentials: EXAMPLE_CREDENTIALS, insecure: false });
  const clients = Array.from({ length: CLIENTS * connections }, (_, index) => {
    return new SecureUdpClient({
      name: connectionName(index),
      remote,
      verificationName: '',
      configuration,
      psk: preSharedKeyOf(EXAMPLE_CREDENTIALS),
      pingInterval,
      message: null,
      count: null,
      ...DEFAULT_HANDSHAKE,
      mtu,
      localPort: 0,
    });
  });
  for (const client of clients) forwardLog(client, log);
  return new ClientGroup(clients);
}

/** The page that shows a demo, and what is behind it. */
interface DemoPage {
  readonly shown: Console;
  readonly page: PageServer | null;
}

/** Opens a page with the demo's server and clients in it; null when none is asked for. */
async function showDemo(
  { console: wanted }: DemoOptions,
  { server, group, remote }: { server: SecureUdpServer; group: ClientGroup; remote: Remote },
  log: TerminalLog,
): Promise<DemoPage | null> {
  if (!wanted) return null;
  const shown = new Console();
  forwardLog(server, shown.log.sink('server'));
  for (const client of group.clients) forwardLog(client, shown.log.sink('client'));
  const place = { port: String(remote.port) };
  shown.fillForms({ server: { ...place, address: remote.address }, client: { ...place, host: remote.address } });
  shown.server.adopt(server, remote);
  shown.clients.adopt(group.clients);
  return { shown, page: await openPage(shown, 0, log) };
}

/** Closes the clients first and the server when it has seen them go. */
async function sayGoodbye(group: ClientGroup, server: SecureUdpServer): Promise<void> {
  await group.close();
  const deadline = performance.now() + GOODBYE_TIME;
  while (server.peers().length > 0 && performance.now() < deadline) await delay(5);
  await server.close();
}

/** Logs what became of each connection, and returns whether every ping of each was acknowledged. */
function report(group: ClientGroup, log: TerminalLog): boolean {
  const outcomes = group.summaries().map((summary) => {
    const good = summary.pingsSent > 0 && summary.acknowledged === summary.pingsSent;
    log.log(logEntry(good ? 'info' : 'error', '', describeSummary(summary)));
    return good;
  });
  return outcomes.every((good) => good);
}

/** `qdtls demo`: resolves to the exit code, throws UsageError for a wrong command line. */
export async function runDemo(args: readonly string[], log: TerminalLog): Promise<number> {
  const options = readDemoOptions(args);
  const server = createServer(options, log);
  const stop = new StopSignal();
  let remote: Remote;
  try {
    remote = await server.listen(LOOPBACK, options.port);
  } catch (error) {
    log.log(logEntry('error', '', `cannot listen on ${LOOPBACK}:${options.port}: ${messageOf(error)}`));
    return 1;
  }
  const group = createClients(options, remote, log);
  const demoPage = await showDemo(options, { server, group, remote }, log);
  group.start();
  // Who shuts down connections in a page goes on there.
  const work = demoPage === null ? group.allDone() : undefined;
  const ending = await waitForEnding(stop, options.runFor, work);
  if (ending === 'time') {
    group.finish();
    await waitForEnding(stop, null, group.allDone());
  }
  await sayGoodbye(group, server);
  await demoPage?.page?.close();
  await demoPage?.shown.close();
  const good = report(group, log);
  if (!good && ending !== 'signal') {
    log.log(logEntry('error', '', 'the demo failed: not every ping of every client was acknowledged'));
  }
  return good || ending === 'signal' ? 0 : 1;
}

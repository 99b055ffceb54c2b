import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { QSslConfiguration } from '../index';
import { ClientGroup, connectionName, describeSummary } from './client-group';
import { clientConfiguration } from './configuration';
import { waitForEnding } from './ending';
import { messageOf } from './error-text';
import { forwardLog, type LogSink, logEntry } from './log';
import { type ClientOptions, readClientOptions } from './options';
import { preSharedKeyOf } from './psk';
import { SecureUdpClient } from './secure-udp-client';
import { StopSignal } from './stop-signal';

const TRUST_ADVICE =
  'trust the server with --ca FILE (its certificate or its authority), name it as its certificate does ' +
  'with --name NAME, or accept whoever answers with --insecure';

/** The first address of a host; null, with a log line, when there is none. */
async function resolveHost(host: string, log: LogSink): Promise<string | null> {
  if (isIP(host) !== 0) return host;
  log.log(logEntry('info', '', `looking up ${host}`));
  try {
    const { address } = await lookup(host);
    log.log(logEntry('info', '', `${host} has the address ${address}`));
    return address;
  } catch (error) {
    log.log(logEntry('error', '', `cannot find ${host}: ${messageOf(error)}`));
    return null;
  }
}

function createGroup(
  options: ClientOptions,
  configuration: QSslConfiguration,
  address: string,
  log: LogSink,
): ClientGroup {
  const { host, port, localPort, connections, verificationName, credentials } = options;
  const clients = Array.from({ length: connections }, (_, index) => {
    return new SecureUdpClient({
      ...options,
      name: connectionName(index),
      remote: { address, port },
      verificationName: verificationName ?? host,
      configuration,
      psk: preSharedKeyOf(credentials),
      localPort: localPort === 0 ? 0 : localPort + index,
    });
  });
  for (const client of clients) forwardLog(client, log);
  return new ClientGroup(clients);
}

/** Logs what became of each connection, and returns whether all went well. */
function report(group: ClientGroup, log: LogSink): boolean {
  const outcomes = group.summaries().map((summary) => {
    const good = summary.session !== '' && summary.pingsSent > 0 && summary.answers >= summary.pingsSent;
    log.log(logEntry(good ? 'info' : 'error', '', describeSummary(summary)));
    return good;
  });
  if (group.summaries().some(({ state }) => state === 'unverified')) {
    log.log(logEntry('info', '', TRUST_ADVICE));
  }
  return outcomes.every((good) => good);
}

/** `qdtls client`: resolves to the exit code, throws UsageError for a wrong command line. */
export async function runClient(args: readonly string[], log: LogSink): Promise<number> {
  const options = readClientOptions(args);
  const configuration = clientConfiguration(options);
  const stop = new StopSignal();
  const address = await resolveHost(options.host, log);
  if (address === null) return 1;
  const group = createGroup(options, configuration, address, log);
  group.start();
  const ending = await waitForEnding(stop, options.runFor, group.allDone());
  if (ending === 'time') {
    group.finish();
    await waitForEnding(stop, null, group.allDone());
  }
  await group.close();
  const good = report(group, log);
  return good || ending === 'signal' ? 0 : 1;
}

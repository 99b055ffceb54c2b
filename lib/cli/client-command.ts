import { ClientGroup, describeSummary } from './client-group';
import { createClients, resolveHost } from './clients';
import { clientConfiguration } from './configuration';
import { waitForEnding } from './ending';
import { forwardLog, type LogSink, logEntry } from './log';
import { readClientOptions } from './options';
import { StopSignal } from './stop-signal';

const TRUST_ADVICE =
  'trust the server with --ca FILE (its certificate or its authority), name it as its certificate does ' +
  'with --name NAME, or accept whoever answers with --insecure';

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
  const clients = createClients(options, configuration, address);
  for (const client of clients) forwardLog(client, log);
  const group = new ClientGroup(clients);
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

import { waitForEnding } from '../ending';
import { messageOf } from '../error-text';
import { logEntry, type LogSink } from '../log';
import { readConsoleOptions } from '../options';
import { StopSignal } from '../stop-signal';
import { Console } from './console';
import { PageServer } from './page-server';

/** Opens the page and logs its address; null, with a log line, when its port cannot be used. */
export async function openPage(shown: Console, port: number, log: LogSink): Promise<PageServer | null> {
  const page = new PageServer(shown);
  try {
    const address = await page.listen(port);
    log.log(logEntry('info', '', `the console is at ${address} (open it in a browser on this machine)`));
    return page;
  } catch (error) {
    log.log(logEntry('error', '', `cannot open the console at port ${port}: ${messageOf(error)}`));
    return null;
  }
}

/** `qdtls console`: resolves to the exit code, throws UsageError for a wrong command line. */
export async function runConsole(args: readonly string[], log: LogSink): Promise<number> {
  const { port, runFor } = readConsoleOptions(args);
  const shown = new Console();
  const page = await openPage(shown, port, log);
  if (page !== null) {
    await waitForEnding(new StopSignal(), runFor);
    await page.close();
  }
  await shown.close();
  return page === null ? 1 : 0;
}

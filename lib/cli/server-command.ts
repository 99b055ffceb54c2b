import { serverConfiguration } from './configuration';
import { describeRemote } from './describe';
import { waitForEnding } from './ending';
import { messageOf } from './error-text';
import { forwardLog, logEntry, type LogSink } from './log';
import { readServerOptions } from './options';
import { preSharedKeyOf } from './psk';
import { SecureUdpServer } from './secure-udp-server';
import { StopSignal } from './stop-signal';

/** `qdtls server`: resolves to the exit code, throws UsageError for a wrong command line. */
export async function runServer(args: readonly string[], log: LogSink): Promise<number> {
  const options = readServerOptions(args);
  const place = { address: options.address, port: options.port };
  const server = new SecureUdpServer({
    ...options,
    configuration: serverConfiguration(options),
    psk: preSharedKeyOf(options.credentials),
  });
  forwardLog(server, log);
  const stop = new StopSignal();
  try {
    await server.listen(place.address, place.port);
  } catch (error) {
    log.log(logEntry('error', '', `cannot listen on ${describeRemote(place)}: ${messageOf(error)}`));
    return 1;
  }
  await waitForEnding(stop, options.runFor);
  await server.close();
  return 0;
}

import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { QSslConfiguration } from '../index';
import { connectionName } from './client-group';
import { messageOf } from './error-text';
import { type LogSink, logEntry } from './log';
import type { ClientOptions } from './options';
import { preSharedKeyOf } from './psk';
import { SecureUdpClient } from './secure-udp-client';

/** The first address of a host; null, with a log line, when there is none. */
export async function resolveHost(host: string, log: LogSink): Promise<string | null> {
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

/** The clients that the options ask for, not yet started; their names count up from `firstNumber`. */
export function createClients(
  options: ClientOptions,
  configuration: QSslConfiguration,
  address: string,
  firstNumber = 0,
): SecureUdpClient[] {
  const { host, port, localPort, connections, verificationName, credentials } = options;
  return Array.from({ length: connections }, (_, index) => {
    return new SecureUdpClient({
      ...options,
      name: connectionName(firstNumber + index),
      remote: { address, port },
      verificationName: verificationName ?? host,
      configuration,
      psk: preSharedKeyOf(credentials),
      localPort: localPort === 0 ? 0 : localPort + index,
    });
  });
}

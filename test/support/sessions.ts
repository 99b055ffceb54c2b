import { SslOption, type QSslConfiguration } from '../../lib';
import { certificatePair } from './peer-checks';
import type { Pair} from './pair';
import { type PairOptions } from './pair';

/** Turns session persistence on: sessions are kept and continued. */
export function persistent(settings: QSslConfiguration, ticket: Buffer = Buffer.alloc(0)): QSslConfiguration {
  settings.setSslOption(SslOption.SslOptionDisableSessionPersistence, false);
  settings.setSessionTicket(ticket);
  return settings;
}

/** The session that a pair's client was given. */
export function ticketOf({ client }: Pair): Buffer {
  return client.dtlsConfiguration().sessionTicket();
}

/** Whether each side says that an earlier session was continued. */
export function reused({ client, server }: Pair): readonly [client: boolean, server: boolean] {
  return [client.isSessionReused(), server.isSessionReused()];
}

export const resumed = [true, true];
export const anew = [false, false];

/** Runs a handshake by certificates, and another one in which the client offers its session. */
export function runTwice(first: PairOptions, second: PairOptions = first): readonly [first: Pair, second: Pair] {
  const earlier = certificatePair(first).run();
  const later = certificatePair(second);
  later.client.setDtlsConfiguration(withTicket(later.client.dtlsConfiguration(), ticketOf(earlier)));
  return [earlier, later.run()];
}

/** The same configuration, offering this session. */
export function withTicket(settings: QSslConfiguration, ticket: Buffer): QSslConfiguration {
  settings.setSessionTicket(ticket);
  return settings;
}

import { dataOf } from '../../lib/configuration-data';
import { native } from '../../lib/internal/native';
import type { NativeConnection } from '../../lib/internal/native-types';
import { SslMode } from '../../lib/qsslsocket';
import { contextFor } from '../../lib/tls-context';
import { pskConfiguration } from './pair';

/** A native connection of its own, and how it is called. */
export function makeConnection(): { connection: NativeConnection; dispose: () => void; slot: number; generation: number } {
  const made = contextFor(dataOf(pskConfiguration()), SslMode.SslClientMode);
  if ('problem' in made) throw new Error(made.problem);
  const connection = new native.Connection(made.context, 1400, 65_536, 12, false, 1000, 60_000);
  const [slot = -1, generation = -1] = native.box;
  return { connection, dispose: () => connection.dispose(), slot, generation };
}

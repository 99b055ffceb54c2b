import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { QDtls, SslMode } from '../../lib';
import { MemorySocket } from './memory-socket';
import { SERVER_ADDRESS, SERVER_PORT } from './pair';

const SHORTEST = { initial: 20, maximum: 20 };

/** The longest timeouts that there are, for a side that no test expects to repeat anything: none lasts so long. */
export const NO_REPETITION = { initial: 60_000, maximum: 60_000 };

/** Sets them: where a hello that is repeated would be answered again, for example. */
export function patient(dtls: QDtls): void {
  dtls.setRetransmissionTimeouts(NO_REPETITION);
}

/**
 * Resolves when an object that starts now, with the shortest timeouts, has signalled three times (60 ms).
 * The first signal of others that started before, with the same timeouts, is overdue then.
 */
export async function timersHaveRun(): Promise<void> {
  const witness = new QDtls(SslMode.SslClientMode);
  const socket = new MemorySocket();
  witness.setPeer(SERVER_ADDRESS, SERVER_PORT);
  witness.setRetransmissionTimeouts(SHORTEST);
  witness.doHandshake(socket);
  for (let signals = 0; signals < 3; signals += 1) {
    await once(witness, 'handshakeTimeout');
    witness.handleTimeout(socket);
  }
  witness.abortHandshake(socket);
}

/** Resolves when garbage collection has taken all of them; rejects when it does not, time after time. */
export async function collected(objects: readonly WeakRef<object>[]): Promise<void> {
  setFlagsFromString('--expose-gc');
  for (let attempt = 0; objects.some((object) => object.deref() !== undefined); attempt += 1) {
    if (attempt === 50) throw new Error('something still holds an object that nobody needs');
    await timersHaveRun();
    runInNewContext('gc()');
  }
}

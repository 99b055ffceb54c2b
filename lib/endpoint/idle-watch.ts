import { coded } from './errors';
import type { SessionCore } from './session-core';

/** How many times a session is looked at before it is taken for dead. */
const SWEEPS = 4;

/** Ends sessions whose peer has been silent: one timer for all of them, and a message costs nothing but setting a number to 0. */
export class IdleWatch {
  readonly #timer: NodeJS.Timeout;

  /** @param timeout - Milliseconds without a message; noticed at most a quarter of it later. */
  constructor(timeout: number, sessions: () => Iterable<SessionCore>) {
    this.#timer = setInterval(() => {
      for (const core of [...sessions()]) this.#look(core, timeout);
    }, Math.max(1, Math.floor(timeout / SWEEPS)));
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(core: SessionCore, timeout: number): void {
    if (!core.association.isOpen) return;
    core.idleSweeps += 1;
    if (core.idleSweeps <= SWEEPS) return;
    core.close(coded(`No message for ${timeout} ms`, 'ERR_DTLS_IDLE_TIMEOUT'));
  }
}

import type { QDtls } from '../../lib';
import type { Pair } from './pair';
import { statusOf } from './stages';

/** Milliseconds that the handshakes of these tests may take, on a clock that does not run by itself. */
const DEADLINE = 5000;

/** Lets both sides believe alerts that nobody signed, as Qt does. Before the handshake. */
export function obeyingAlerts(pair: Pair): Pair {
  for (const dtls of [pair.client, pair.server]) dtls.setObeyUnauthenticatedAlerts(true);
  return pair;
}

/** Runs a test on a clock of its own, without waiting; what the sockets in memory owe a callback is not a timer of ours. */
export function onOwnClock(test: () => void): void {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
  try {
    test();
  } finally {
    jest.useRealTimers();
  }
}

/** Gives both sides a deadline that expectIgnoredAlert() reaches. Before the handshake, on the test's own clock. */
export function withDeadline(pair: Pair): Pair {
  for (const dtls of [pair.client, pair.server]) dtls.setHandshakeDeadline(DEADLINE);
  return pair;
}

/**
 * Expects that a side in its handshake has ignored and counted one alert of this name, sends nothing because of it,
 * and names it when the handshake ends by its deadline.
 */
export function expectIgnoredAlert(dtls: QDtls, sent: readonly Buffer[], name: string): void {
  expect(statusOf(dtls)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
  expect(sent).toEqual([]);
  expect(dtls.statistics().alertsReceived).toEqual({ [name]: 1 });
  expect(dtls.statistics().recordsDropped.unauthenticatedAlert).toBe(1);

  const states: number[] = [];
  dtls.on('handshakeStateChanged', (state) => states.push(state));
  jest.advanceTimersByTime(DEADLINE - 1);
  expect(statusOf(dtls).state).toBe('HandshakeInProgress');
  jest.advanceTimersByTime(1);
  expect(statusOf(dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
  expect(states).toEqual([dtls.handshakeState()]);
  expect(dtls.dtlsErrorString()).toContain(`${DEADLINE} ms`);
  expect(dtls.dtlsErrorString()).toContain(`"${name}"`);
  expect(dtls.statistics().alertsReceived).toEqual({ [name]: 1 });
}

import type { StopSignal } from './stop-signal';

/** Why a command stops waiting: a signal came, its time is over, or its work is done. */
export type Ending = 'signal' | 'time' | 'done';

/** Waits for the first of: a stop signal, `runFor` milliseconds (null: no limit), the end of the work. */
export async function waitForEnding(
  stop: StopSignal,
  runFor: number | null,
  work?: Promise<void>,
): Promise<Ending> {
  let timer: NodeJS.Timeout | undefined;
  const endings = [stop.requested.then((): Ending => 'signal')];
  if (work !== undefined) endings.push(work.then((): Ending => 'done'));
  if (runFor !== null) {
    endings.push(
      new Promise((resolve) => {
        timer = setTimeout(() => resolve('time'), runFor);
      }),
    );
  }
  try {
    return await Promise.race(endings);
  } finally {
    clearTimeout(timer);
  }
}

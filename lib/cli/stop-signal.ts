/** Signals that ask a program to end; a closed terminal sends SIGHUP. */
const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * One Ctrl-C may come more than once: from the terminal to every process of the group, and again from npm,
 * which passes on what it gets. Only one that comes later than this many milliseconds is a second wish of
 * the user.
 */
const SAME_WISH = 500;

/** Exit code of a program that a second Ctrl-C ends: 128 and the number of SIGINT, as shells have it. */
const INTERRUPTED = 130;

/** The first request to end is a promise; a second one ends the process at once. */
export class StopSignal {
  readonly requested: Promise<void>;
  #firstTime = 0;
  #resolve: () => void = () => undefined;

  constructor() {
    this.requested = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    for (const signal of SIGNALS) process.on(signal, () => this.#onSignal());
  }

  #onSignal(): void {
    const now = performance.now();
    if (this.#firstTime === 0) {
      this.#firstTime = now;
      this.#resolve();
    } else if (now - this.#firstTime > SAME_WISH) process.exit(INTERRUPTED);
  }
}

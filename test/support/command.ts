import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { Watch } from './watch';

const running = new Set<Command>();

/** Another program whose output a test reads and at whose keyboard it types. */
export class Command {
  /** The exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #name: string;
  readonly #watch = new Watch();
  #output = '';
  #failure = '';

  /** Starts a program, in this folder unless another one is named. One that does not exist fails the first waitFor(). */
  constructor(program: string, args: readonly string[], environment = environmentOf(program), folder?: string) {
    this.#name = `${program} ${args.join(' ')}`;
    this.#child = spawn(program, args, { env: environment, ...(folder === undefined ? {} : { cwd: folder }) });
    this.#child.on('error', (error) => (this.#failure = error.message));
    this.#child.stdin.on('error', () => undefined); // it may end while it is spoken to
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#watch.notify();
      });
    }
    running.add(this);
    this.exited = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        running.delete(this);
        this.#watch.notify();
        resolve(code);
      });
    });
  }

  /** Everything written to standard output and standard error so far. */
  get output(): string {
    return this.#output;
  }

  /** Resolves to the first match in the output; rejects with the output when none comes in time. */
  async waitFor(pattern: RegExp, patience?: number): Promise<RegExpExecArray> {
    const complaint = (): string => this.#complaint(`wrote no ${String(pattern)}`);
    await this.#watch.until(() => pattern.test(this.#output) || !running.has(this), complaint, patience);
    const match = pattern.exec(this.#output);
    if (match === null) throw new Error(complaint());
    return match;
  }

  /** Resolves to the exit code; rejects with the output when the program goes on. */
  async end(patience?: number): Promise<number | null> {
    await this.#watch.until(() => !running.has(this), () => this.#complaint('goes on'), patience);
    return this.exited;
  }

  /** Types a line. */
  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  /** Ends its standard input, as Ctrl-D does. */
  hangUp(): void {
    this.#child.stdin.end();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  #complaint(what: string): string {
    return `${this.#name} ${what}. ${this.#failure}\n${this.#output}`;
  }
}

/** A sanitizer's runtime that was put into this process is for our addon, not for other people's programs. */
function environmentOf(program: string): NodeJS.ProcessEnv {
  return program === process.execPath ? process.env : { ...process.env, LD_PRELOAD: undefined };
}

/** Kills every program that still runs: for afterEach(). */
export async function stopCommands(): Promise<void> {
  const commands = [...running];
  for (const command of commands) command.signal('SIGKILL');
  await Promise.all(commands.map((command) => command.exited));
}

import type { DataEntry, LogEntry, LogLevel, LogSink } from './log';

/** Where lines go: process.stdout, or anything with its `write`. */
export interface LineOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  hasColors?(): boolean;
}

/** Most bytes of one message that are shown as text, and in hexadecimal. */
const SHOWN_AS_TEXT = 256;
const SHOWN_AS_HEX = 16;

const CONNECTION_WIDTH = 24;
const LEVEL_WIDTH = 8;

/**
 * Qt's colours (Crimson, DarkOrange, DarkBlue, DarkMagenta) as entries of the 256-colour palette; the two
 * dark ones are lighter here, because they cannot be read on a black background.
 */
const COLOURS: Readonly<Record<LogLevel | 'data', number>> = {
  error: 161,
  warning: 208,
  info: 69,
  data: 133,
};

/**
 * Whether colours are wanted and understood there (https://no-color.org: NO_COLOR set to anything but '').
 */
export function wantsColour(output: LineOutput, environment: NodeJS.ProcessEnv): boolean {
  const refused = (environment['NO_COLOR'] ?? '') !== '';
  return output.isTTY === true && !refused && output.hasColors?.() === true;
}

/** The text with control characters escaped: what a peer sends must not steer the terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]/gu, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return character === '\n' ? '\\n' : `\\u{${code}}`;
  });
}

function clock(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const milliseconds = String(time.getMilliseconds()).padStart(3, '0');
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${milliseconds}`;
}

function hex(data: Buffer): string {
  const bytes = data.subarray(0, SHOWN_AS_HEX).toString('hex').replace(/(..)(?!$)/g, '$1 ');
  return data.length > SHOWN_AS_HEX ? `${bytes} ...` : bytes;
}

/**
 * Writes each entry as a line: time, level, connection, text; of a message also its bytes in hexadecimal.
 */
export class TerminalLog implements LogSink {
  readonly #output: LineOutput;
  readonly #coloured: boolean;

  constructor(output: LineOutput, coloured: boolean) {
    this.#output = output;
    this.#coloured = coloured;
  }

  log({ time, level, connection, text }: LogEntry): void {
    this.#line(time, level, connection, printable(text));
  }

  data({ time, direction, connection, data }: DataEntry): void {
    const text = printable(data.subarray(0, SHOWN_AS_TEXT).toString('utf8'));
    const shown = data.length > SHOWN_AS_TEXT ? `"${text}" ...` : `"${text}"`;
    this.#line(time, 'data', connection, `${direction} ${shown} (${data.length} bytes: ${hex(data)})`);
  }

  /**
   * A log that puts a label, such as "server", before every connection: for several sources on one
   * terminal.
   */
  labelled(label: string): LogSink {
    const named = (connection: string): string => (connection === '' ? label : `${label} ${connection}`);
    return {
      log: (entry) => this.log({ ...entry, connection: named(entry.connection) }),
      data: (entry) => this.data({ ...entry, connection: named(entry.connection) }),
    };
  }

  #line(time: Date, level: LogLevel | 'data', connection: string, text: string): void {
    const column = printable(connection).padEnd(CONNECTION_WIDTH);
    const line = `${clock(time)} ${level.padEnd(LEVEL_WIDTH)}${column} ${text}`;
    this.#output.write(this.#coloured ? `\u001b[38;5;${COLOURS[level]}m${line}\u001b[39m\n` : `${line}\n`);
  }
}

import type { DataEntry, LogEntry, LogLevel, LogSink } from '../log';
import { meaningOf } from './meanings';

export type Side = 'server' | 'client';

/** A message as the page shows it; long ones are cut. */
export interface ShownData {
  readonly direction: 'received' | 'sent';
  /** Bytes of the whole message. */
  readonly size: number;
  readonly hex: string;
  readonly text: string;
}

/** One line of the log. */
export interface LogLine {
  /** Counts up by one. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly side: Side;
  readonly level: LogLevel | 'data';
  readonly connection: string;
  readonly text: string;
  /** What an error means, in words; '' when there is nothing to explain. */
  readonly meaning: string;
  readonly data: ShownData | null;
}

/** Most bytes of one message that are shown. */
const SHOWN_BYTES = 256;

/** Lines that are kept for pages that come later; messages apart, so that a flood of them washes no error away. */
const KEPT_LINES = 1000;
const KEPT_MESSAGES = 300;

function shown({ direction, data }: DataEntry): ShownData {
  const beginning = data.subarray(0, SHOWN_BYTES);
  const hex = beginning.toString('hex').replace(/(..)(?!$)/g, '$1 ');
  return { direction, size: data.length, hex, text: beginning.toString('utf8') };
}

/** The last lines of both sides, numbered. */
export class LogHistory {
  readonly #tell: (line: LogLine) => void;
  #lines: LogLine[] = [];
  #messages: LogLine[] = [];
  #count = 0;

  /** @param tell is called with each new line. */
  constructor(tell: (line: LogLine) => void) {
    this.#tell = tell;
  }

  lines(): readonly LogLine[] {
    const kept = [...this.#lines.slice(-KEPT_LINES), ...this.#messages.slice(-KEPT_MESSAGES)];
    return kept.sort((one, other) => one.number - other.number);
  }

  /** Where one side writes its entries. */
  sink(side: Side): LogSink {
    return {
      log: ({ time, level, connection, text }: LogEntry) => {
        const meaning = meaningOf(level, text);
        this.#add({ time: time.getTime(), side, level, connection, text, meaning, data: null });
      },
      data: (entry: DataEntry) => {
        const { time, connection, direction, data } = entry;
        const text = `${direction} ${data.length} bytes`;
        this.#add({ time: time.getTime(), side, level: 'data', connection, text, meaning: '', data: shown(entry) });
      },
    };
  }

  clear(): void {
    this.#lines = [];
    this.#messages = [];
  }

  #add(line: Omit<LogLine, 'number'>): void {
    this.#count += 1;
    const numbered = { number: this.#count, ...line };
    // Cut seldom: moving a thousand lines for each new one would cost more than the line.
    if (line.data === null) {
      this.#lines.push(numbered);
      if (this.#lines.length > 2 * KEPT_LINES) this.#lines = this.#lines.slice(-KEPT_LINES);
    } else {
      this.#messages.push(numbered);
      if (this.#messages.length > 2 * KEPT_MESSAGES) this.#messages = this.#messages.slice(-KEPT_MESSAGES);
    }
    this.#tell(numbered);
  }
}

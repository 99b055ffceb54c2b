/**
 * What the server and the client tell about themselves: entries for people, without any idea of how they
 * are shown.
 */

export type LogLevel = 'error' | 'warning' | 'info';

export interface LogEntry {
  readonly time: Date;
  readonly level: LogLevel;
  /** The connection's name, the peer's address and port, or '' for what concerns none of them. */
  readonly connection: string;
  readonly text: string;
}

/** One plaintext that went through an association. */
export interface DataEntry {
  readonly time: Date;
  readonly direction: 'received' | 'sent';
  readonly connection: string;
  readonly data: Buffer;
}

/** Events of everything that tells log and data entries. */
export interface LogEvents {
  log: [entry: LogEntry];
  data: [entry: DataEntry];
}

/** Receives log and data entries. */
export interface LogSink {
  log(entry: LogEntry): void;
  data(entry: DataEntry): void;
}

export interface LogSource {
  on(event: 'log', listener: (entry: LogEntry) => void): unknown;
  on(event: 'data', listener: (entry: DataEntry) => void): unknown;
}

/** Passes the entries of a source on to a sink, for as long as the source lives. */
export function forwardLog(source: LogSource, sink: LogSink): void {
  source.on('log', (entry) => sink.log(entry));
  source.on('data', (entry) => sink.data(entry));
}

/** An entry of this moment. */
export function logEntry(level: LogLevel, connection: string, text: string): LogEntry {
  return { time: new Date(), level, connection, text };
}

/** A data entry of this moment. */
export function dataEntry(direction: DataEntry['direction'], connection: string, data: Buffer): DataEntry {
  return { time: new Date(), direction, connection, data };
}

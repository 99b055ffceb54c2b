import type { AssociationStatus } from '../association-status';
import type { ClientSummary } from '../secure-udp-client';
import type { Fields } from './fields';
import type { LogLine } from './log-history';
import type { Sample } from './sampler';

/** What the page is told, as JSON. Times are milliseconds since 1970. */

/** One association of either side. */
export interface AssociationRow {
  /** Unique among both sides, and the same for as long as it lives. */
  readonly id: string;
  readonly name: string;
  readonly peer: string;
  readonly state: AssociationState;
  readonly status: AssociationStatus | null;
  readonly pings: { readonly sent: number; readonly acknowledged: number } | null;
  /** Milliseconds between the last ping that was answered and its answer; null when none was. */
  readonly roundTrip: number | null;
}

/** 'connecting' and 'encrypted', or why it is over. */
export type AssociationState = ClientSummary['state'];

export interface ServerState {
  /** 'stopped' admits no new clients, but serves those that are there. */
  readonly listening: 'closed' | 'open' | 'stopped';
  /** Address and port, or ''. */
  readonly place: string;
  readonly associations: readonly AssociationRow[];
}

export interface TestCertificatesState {
  readonly names: readonly string[];
  readonly fingerprint: string;
  readonly validTo: number;
}

export interface ConsoleState {
  readonly server: ServerState;
  readonly clients: readonly AssociationRow[];
  readonly testCertificates: TestCertificatesState | null;
}

/** What a page gets when it comes: everything. */
export interface Snapshot {
  readonly state: ConsoleState;
  readonly lines: readonly LogLine[];
  readonly samples: readonly Sample[];
  /** What the forms hold, by side. */
  readonly forms: Readonly<Record<'server' | 'client', Fields>>;
  /** Versions to show. */
  readonly about: string;
}

/** What a page gets from then on. */
export interface Update {
  readonly state?: ConsoleState;
  readonly lines?: readonly LogLine[];
  readonly samples?: readonly Sample[];
  /** Lines that were left out because there were too many at once. */
  readonly skipped?: number;
}

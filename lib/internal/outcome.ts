import type { NativeOutcome, NativeStatus } from './native-types';

/** What became of the association in one step: `Outcome` in native/core/outcome.h. */
export interface Outcome {
  readonly status: NativeStatus;
  /** A sentence for Failed and Refused, else ''. */
  readonly reason: string;
  /** To be sent, in this order. */
  readonly datagrams: readonly Buffer[];
  /** Application data received, in this order. */
  readonly plaintexts: readonly Buffer[];
}

const NONE: readonly Buffer[] = [];

/** Gives the parts of a native outcome their names. */
export function outcomeOf([status, reason, count, ...buffers]: NativeOutcome): Outcome {
  if (buffers.length === count) return { status, reason, datagrams: buffers, plaintexts: NONE };
  return { status, reason, datagrams: buffers.slice(0, count), plaintexts: buffers.slice(count) };
}

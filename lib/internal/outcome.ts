import { indices } from './mailbox';
import { native } from './native';
import { NativeStatus, type NativeOutcome } from './native-types';
import { takeParts } from './record-calls';

/** How an association stands after a step. */
export interface Standing {
  /** Milliseconds until handleTimeout() is due, or -1. */
  readonly timeout: number;
  /** SSL_version(). */
  readonly version: number;
  /** The number that the cipher suite goes by in messages; 0 before there is one. */
  readonly cipher: number;
  /** The peer has sent a certificate. */
  readonly hasPeer: boolean;
  /** How many entries NativeConnection.verification() has. */
  readonly complaints: number;
  /** One of its certificates has a serial number that NativeModule.watchSerials() named. */
  readonly isWatched: boolean;
}

/** What became of the association in one step: `Outcome` in native/core/outcome.h. */
export interface Outcome {
  readonly standing: Standing;
  readonly status: NativeStatus;
  /** A sentence for Failed and Refused, else ''. */
  readonly reason: string;
  /** To be sent, in this order. */
  readonly datagrams: readonly Buffer[];
  /** Application data received, in this order. */
  readonly plaintexts: readonly Buffer[];
}

const { RESULT, DATAGRAMS, PARTS, TIMEOUT, VERSION, CIPHER, HAS_PEER, COMPLAINTS, WATCHED } = indices;

/** By number. */
const STATUSES = [
  NativeStatus.InProgress,
  NativeStatus.Established,
  NativeStatus.Closed,
  NativeStatus.Failed,
  NativeStatus.Refused,
  NativeStatus.WantsPsk,
  NativeStatus.WantsContext,
] as const;

const NONE: readonly Buffer[] = [];
const { box } = native;

function standing(): Standing {
  return {
    timeout: box[TIMEOUT] ?? -1,
    version: box[VERSION] ?? 0,
    cipher: box[CIPHER] ?? 0,
    hasPeer: box[HAS_PEER] === 1,
    complaints: box[COMPLAINTS] ?? 0,
    isWatched: box[WATCHED] === 1,
  };
}

function named(status: NativeStatus, reason: string, count: number, buffers: readonly Buffer[]): Outcome {
  const isAllDatagrams = buffers.length === count;
  const datagrams = isAllDatagrams ? buffers : buffers.slice(0, count);
  const plaintexts = isAllDatagrams ? NONE : buffers.slice(count);
  return { standing: standing(), status, reason, datagrams, plaintexts };
}

/** What the native step that was just taken came to. */
export function outcomeOf(list: NativeOutcome | undefined): Outcome {
  if (list !== undefined) {
    const [status, reason, count, ...buffers] = list;
    return named(status, reason, count, buffers);
  }
  const status = STATUSES[box[RESULT] ?? -1] ?? NativeStatus.Failed;
  const count = box[PARTS] ?? 0;
  return named(status, '', box[DATAGRAMS] ?? 0, count === 0 ? NONE : takeParts(count));
}

import type { NativeStatistics } from './internal/native-types';

/** Counts of records that had no effect, by reason. Extension. */
export interface DroppedRecords {
  /** A header cut off, a length that does not add up, a fragment outside its message. */
  readonly malformed: number;
  /** No content type of DTLS, or one that cannot stand in its epoch. */
  readonly unknownType: number;
  /** No version of DTLS. */
  readonly version: number;
  /** Too short for the nonce and tag of its cipher suite. */
  readonly tooShort: number;
  /** Not encrypted, after the change to encryption: late handshake records, and forgeries. */
  readonly oldEpoch: number;
  /** Of an epoch that cannot have begun. */
  readonly futureEpoch: number;
  /** More than `setHandshakeLimits()` allows. */
  readonly overLimit: number;
  /** An alert during the handshake that nobody signed. */
  readonly unauthenticatedAlert: number;
  /** Asks for a renegotiation after one was refused. */
  readonly renegotiation: number;
  /** What was received before, or is too old to tell: application data, and a flight to who had a client's address before. */
  readonly replayed: number;
  /** Application data that was not sealed with the key of this association. */
  readonly undecryptable: number;
}

/** What went through an association since its handshake began. Counts of datagrams, bytes (UDP payload) and records. Extension. */
export interface QDtlsStatistics {
  /** Given by the caller, whatever was in them. */
  readonly datagramsReceived: number;
  /** Theirs. */
  readonly bytesReceived: number;
  /** Handed to the socket. */
  readonly datagramsSent: number;
  /** Theirs. */
  readonly bytesSent: number;
  /** Flights sent again because their time was over. */
  readonly retransmissions: number;
  /** Without an effect, by reason. */
  readonly recordsDropped: DroppedRecords;
  /** By OpenSSL's name, such as "handshake failure"; those that were ignored included. */
  readonly alertsReceived: Readonly<Record<string, number>>;
  /** Likewise. */
  readonly alertsSent: Readonly<Record<string, number>>;
}

/** The statistics of an association that never began. */
export const noStatistics: NativeStatistics = {
  datagramsReceived: 0,
  bytesReceived: 0,
  datagramsSent: 0,
  bytesSent: 0,
  retransmissions: 0,
  alertsReceived: {},
  alertsSent: {},
  dropped: [],
};

/** Gives the native counters their names. */
export function namedStatistics(counters: NativeStatistics): QDtlsStatistics {
  const { dropped, ...rest } = counters;
  const [malformed = 0, unknownType = 0, version = 0, tooShort = 0, oldEpoch = 0] = dropped;
  const [futureEpoch = 0, overLimit = 0, unauthenticatedAlert = 0] = dropped.slice(5);
  const [renegotiation = 0, replayed = 0, undecryptable = 0] = dropped.slice(8);
  return {
    ...rest,
    recordsDropped: {
      malformed,
      unknownType,
      version,
      tooShort,
      oldEpoch,
      futureEpoch,
      overLimit,
      unauthenticatedAlert,
      renegotiation,
      replayed,
      undecryptable,
    },
  };
}

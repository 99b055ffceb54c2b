import type { AssociationRow } from './snapshot';

/** What one association did in one second. */
export interface Rates {
  readonly id: string;
  /** Datagrams. */
  readonly received: number;
  readonly sent: number;
  /** Milliseconds, the mean of the pings answered in that second; null when there were none. */
  readonly roundTrip: number | null;
}

/** One point of the plots; associations that did nothing are left out. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly rates: readonly Rates[];
}

/** Seconds that the plots reach back. */
const KEPT_SAMPLES = 120;

type Counts = Pick<Rates, 'received' | 'sent'>;

/** Turns counters into datagrams per second. */
export class Sampler {
  #before = new Map<string, Counts>();
  #samples: Sample[] = [];

  samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes the next sample; expects to be called once a second. */
  take(rows: readonly AssociationRow[], roundTripOf: (id: string) => number | null): Sample {
    const counts = new Map<string, Counts>();
    const rates = rows.map((row): Rates => {
      const now = countsOf(row);
      counts.set(row.id, now);
      const before = this.#before.get(row.id);
      // A client that starts again at its address has counters that start again.
      const known = before !== undefined && before.received <= now.received && before.sent <= now.sent;
      const { received, sent } = known ? before : { received: 0, sent: 0 };
      return { id: row.id, received: now.received - received, sent: now.sent - sent, roundTrip: roundTripOf(row.id) };
    });
    this.#before = counts;
    const active = rates.filter(({ received, sent, roundTrip }) => received + sent > 0 || roundTrip !== null);
    const sample = { time: Date.now(), rates: active };
    this.#samples = [...this.#samples, sample].slice(-KEPT_SAMPLES);
    return sample;
  }
}

function countsOf({ status }: AssociationRow): Counts {
  const { datagramsReceived = 0, datagramsSent = 0 } = status?.statistics ?? {};
  return { received: datagramsReceived, sent: datagramsSent };
}

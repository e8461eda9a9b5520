import { landRaw, type RawObservation } from '../../books/land-raw';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/open-database';

/** Observations kept in memory before they are landed; at most so much of either. */
const mostObservations = 1000;
const mostBytes = 8_000_000;

/** Fields that belong to an answer: a summary asked for in another range has another id. */
const passingFields: Readonly<Record<string, string>> = { 'billing.meter_event_summary': 'id' };

interface Pending {
  object: string;
  apiVersion: string | null;
  observations: RawObservation[];
}

/**
 * Takes observations as they come and lands them in lots: memory stays flat, no transaction is open
 * while Stripe is asked, and whoever is killed has lost a lot at most, which is read again.
 */
export class RawBuffer {
  /** Landings so far, of every object. */
  readonly extractIds: string[] = [];
  newVersions = 0n;
  deletions = 0n;
  private readonly pending = new Map<string, Pending>();
  private count = 0;
  private bytes = 0;

  constructor(
    private readonly database: Pick<Database, 'app'>,
    private readonly account: string,
    private readonly clock: Clock,
  ) {}

  async add(
    object: string,
    apiVersion: string | null,
    observation: Omit<RawObservation, 'observedAt'>,
  ): Promise<void> {
    const key = `${object} ${apiVersion}`;
    const pending = this.pending.get(key) ?? { object, apiVersion, observations: [] };
    pending.observations.push({ ...observation, observedAt: this.clock.now() });
    this.pending.set(key, pending);
    this.count += 1;
    this.bytes += observation.payload.length;
    if (this.count >= mostObservations || this.bytes >= mostBytes) await this.flush();
  }

  /** Lands what is pending; parts before what they belong to, so that no object is seen without. */
  async flush(): Promise<void> {
    const all = [...this.pending.values()].sort(
      (a, b) => b.object.split('.').length - a.object.split('.').length,
    );
    this.pending.clear();
    [this.count, this.bytes] = [0, 0];
    for (const { object, apiVersion, observations } of all) {
      const passingField = passingFields[object];
      const read = { source: 'stripe', account: this.account, object, apiVersion, observations };
      const landing = await landRaw(
        this.database,
        passingField === undefined ? read : { ...read, passingField },
        { clock: this.clock },
      );
      this.extractIds.push(landing.extractId);
      this.newVersions += BigInt(landing.newVersions);
      this.deletions += BigInt(landing.deletions);
    }
  }
}

import { landRaw, type RawObservation } from '../../books/land-raw';
import type { Clock } from '../../platform/clock';
import type { Database } from '../../platform/database/open-database';
import { LotShares } from './lot-shares';

/** Fields that belong to an answer: a summary asked for in another range has another id. */
const passingFields: Readonly<Record<string, string>> = { 'billing.meter_event_summary': 'id' };

interface Pending {
  object: string;
  apiVersion: string | null;
  observations: RawObservation[];
}

interface BufferMeans {
  database: Pick<Database, 'app'>;
  account: string;
  clock: Clock;
  /** With whom it shares what may be held. */
  shares?: LotShares;
  /** Told of every lot once all of it is landed. */
  landed?: (extractIds: readonly string[]) => void;
}

/**
 * Takes observations as they come and lands them in lots, one after the other: while a lot is
 * landed, the next one fills. Memory stays flat at two lots of its share, no transaction is open
 * while Stripe is asked, and whoever is killed has lost two lots at most, which are read again: a
 * window is recorded after a flush. What lands fails where it is waited for: with a later
 * observation, or the flush.
 */
export class RawBuffer {
  /** Landings so far, of every object. */
  readonly extractIds: string[] = [];
  newVersions = 0n;
  deletions = 0n;
  private pending = new Map<string, Pending>();
  private count = 0;
  private bytes = 0;
  private landing: Promise<void> = Promise.resolve();
  private readonly shares: LotShares;
  private readonly leave: () => void;

  constructor(private readonly means: BufferMeans) {
    this.shares = means.shares ?? new LotShares();
    this.leave = this.shares.join();
  }

  async add(
    object: string,
    apiVersion: string | null,
    observation: Omit<RawObservation, 'observedAt'>,
  ): Promise<void> {
    const key = `${object} ${apiVersion}`;
    const pending = this.pending.get(key) ?? { object, apiVersion, observations: [] };
    pending.observations.push({ ...observation, observedAt: this.means.clock.now() });
    this.pending.set(key, pending);
    this.count += 1;
    this.bytes += observation.payload.length;
    const most = this.shares.most();
    if (this.count >= most.observations || this.bytes >= most.bytes) await this.begin();
  }

  /** Lands what is pending, and waits for all that was begun. */
  async flush(): Promise<void> {
    await this.begin();
    await this.landing;
  }

  /** Gives its share back and waits for the lot that is being landed, flushed or not. */
  async settle(): Promise<void> {
    this.leave();
    await this.landing.catch(() => undefined);
  }

  /** Begins to land what is pending once the lot before it is landed. */
  private async begin(): Promise<void> {
    const lot = this.pending;
    this.pending = new Map();
    [this.count, this.bytes] = [0, 0];
    const before = this.landing;
    this.landing = before.then(() => this.land([...lot.values()]));
    // Its failure is told by whoever waits for it next, which may be later than it happens.
    this.landing.catch(() => undefined);
    await before;
  }

  /** Parts before what they belong to, so that no object is seen without. */
  private async land(lot: Pending[]): Promise<void> {
    const { database, account, clock, landed } = this.means;
    const extractIds: string[] = [];
    const all = lot.sort((a, b) => b.object.split('.').length - a.object.split('.').length);
    for (const { object, apiVersion, observations } of all) {
      const passingField = passingFields[object];
      const read = { source: 'stripe', account, object, apiVersion, observations };
      const landing = await landRaw(
        database,
        passingField === undefined ? read : { ...read, passingField },
        { clock },
      );
      extractIds.push(landing.extractId);
      this.newVersions += BigInt(landing.newVersions);
      this.deletions += BigInt(landing.deletions);
    }
    this.extractIds.push(...extractIds);
    landed?.(extractIds);
  }
}

import { DAY } from '../../kit/instants';
import { eventDays } from '../render/render-events';
import type { EntityId } from '../../truth/company';
import type { RecordTable, StoredRecord } from '../store/record-table';
import type { StripeStore } from '../store/stripe-store';
import type { FaultPlan } from './faults';

/** One account's objects as a request sees them: now, and under the faults that are set. */
export class AccountView {
  constructor(
    private readonly store: StripeStore,
    readonly entity: EntityId,
    readonly now: number,
    readonly plan: FaultPlan,
    private readonly removed: ReadonlySet<string>,
  ) {}

  table(collection: string): RecordTable {
    return this.store.collection(this.entity, collection);
  }

  shows(collection: string, rank: number): boolean {
    const table = this.table(collection);
    if (collection === 'events' && table.createdAt(rank) <= this.now - eventDays * DAY)
      return false;
    if (!this.plan.shows(table, rank, this.now)) return false;
    return this.removed.size === 0 || !this.removed.has(table.read(rank).id);
  }

  isRemoved(id: string): boolean {
    return this.removed.has(id);
  }

  find(collection: string, id: string): StoredRecord | null {
    const table = this.table(collection);
    const rank = table.rankOf(id);
    return rank === null || !this.shows(collection, rank) ? null : table.read(rank);
  }

  /** Objects with this value, in the order of their list. */
  *having(collection: string, key: string, value: string): Generator<StoredRecord> {
    const table = this.table(collection);
    for (const rank of table.ranksWith(key, value))
      if (this.shows(collection, rank)) yield table.read(rank);
  }
}

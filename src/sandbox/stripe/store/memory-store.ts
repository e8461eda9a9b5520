import type { EntityId } from '../../truth/company';
import type { StripeRecord } from '../../world/records';
import { RecordTable } from './record-table';
import { partCollections, sharedCollections, type StripeStore } from './stripe-store';

interface Held {
  ids: Set<string>;
  records: StripeRecord[];
  table: RecordTable;
}

/** Objects in memory, for a small world and for tests; more may be added while it is served. */
export class MemoryStore implements StripeStore {
  private readonly held = new Map<string, Held>();

  constructor(records: Iterable<StripeRecord> = []) {
    for (const record of records) this.add(record);
  }

  /** Throws RangeError on an id that is there already, but for what customers share. */
  add(record: StripeRecord): void {
    const { entity, collection, id, created, filters } = record;
    const { ids, records, table } = this.of(entity, collection);
    if (ids.has(id)) {
      if (sharedCollections.has(collection)) return;
      throw new RangeError(`${collection} has ${id} already`);
    }
    ids.add(id);
    records.push(record);
    table.add(id, created, Object.entries(filters));
  }

  collection(entity: EntityId, name: string): RecordTable {
    return this.of(entity, name).table;
  }

  private of(entity: EntityId, name: string): Held {
    const key = `${entity}/${name}`;
    const known = this.held.get(key);
    if (known) return known;
    const records: StripeRecord[] = [];
    const table = new RecordTable((row) => {
      const record = records[row];
      if (record === undefined) throw new RangeError(`${key} has no row ${row}`);
      return record;
    }, partCollections.has(name));
    const held = { ids: new Set<string>(), records, table };
    this.held.set(key, held);
    return held;
  }
}

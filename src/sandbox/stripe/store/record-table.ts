/** A record as it is read back. */
export interface StoredRecord {
  id: string;
  created: number;
  object: object;
}

/** Two hashes of 32 bits: as one number of 64 they tell apart some millions of texts. */
function hashOf(text: string): [number, number] {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return [a >>> 0, b >>> 0];
}

/** Numbers of 32 bits, growing. */
class Column {
  private numbers = new Uint32Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.numbers.length) {
      const grown = new Uint32Array(this.length * 2);
      grown.set(this.numbers);
      this.numbers = grown;
    }
    this.numbers[this.length] = value;
    this.length += 1;
  }

  at(i: number): number {
    return this.numbers[i] ?? 0;
  }
}

interface Order {
  /** Rank to row. */
  rows: Uint32Array;
  /** Row to rank. */
  ranks: Uint32Array;
  /** Rows by the hash of their id. */
  byId: Uint32Array;
  /** Filter entries by hash, then rank. */
  byFilter: Uint32Array;
}

/**
 * One collection of an account in the order of its list: newest first, objects of one second in an
 * order of their own; lines of a document as they were written. Ids and filter values are kept as
 * hashes of 64 bits, so that millions of records take tens of megabytes; a record found by id is
 * compared with the id itself. A rank is a place on the whole list: 0 is its head.
 */
export class RecordTable {
  private readonly created = new Column();
  private readonly idHigh = new Column();
  private readonly idLow = new Column();
  private readonly filterRow = new Column();
  private readonly filterHigh = new Column();
  private readonly filterLow = new Column();
  private order: Order | null = null;

  constructor(
    private readonly readRow: (row: number) => StoredRecord,
    private readonly asWritten: boolean,
  ) {}

  get size(): number {
    return this.created.length;
  }

  /** Adds the record that `readRow` gives for the next row. */
  add(id: string, created: number, filters: Iterable<readonly [string, string]>): void {
    const row = this.created.length;
    this.created.push(created);
    const [high, low] = hashOf(id);
    this.idHigh.push(high);
    this.idLow.push(low);
    for (const [key, value] of filters) {
      const [filterHigh, filterLow] = hashOf(`${key}=${value}`);
      this.filterRow.push(row);
      this.filterHigh.push(filterHigh);
      this.filterLow.push(filterLow);
    }
    this.order = null;
  }

  read(rank: number): StoredRecord {
    return this.readRow(this.sorted().rows[rank] ?? 0);
  }

  createdAt(rank: number): number {
    return this.created.at(this.sorted().rows[rank] ?? 0);
  }

  /** A number of 32 bits that is the record's own. */
  markOf(rank: number): number {
    return this.idLow.at(this.sorted().rows[rank] ?? 0);
  }

  /** Where the record with this id stands; null when there is none. */
  rankOf(id: string): number | null {
    const { byId, ranks } = this.sorted();
    const [high, low] = hashOf(id);
    const compare = (row: number): number => this.idHigh.at(row) - high || this.idLow.at(row) - low;
    for (let i = firstAtLeast(byId, compare); i < byId.length; i += 1) {
      const row = byId[i] ?? 0;
      if (compare(row) !== 0) return null;
      if (this.readRow(row).id === id) return ranks[row] ?? null;
    }
    return null;
  }

  find(id: string): StoredRecord | null {
    const rank = this.rankOf(id);
    return rank === null ? null : this.read(rank);
  }

  /** Ranks of the records with this value, ascending. */
  ranksWith(key: string, value: string): Uint32Array {
    const { byFilter, ranks } = this.sorted();
    const [high, low] = hashOf(`${key}=${value}`);
    const compare = (entry: number): number =>
      this.filterHigh.at(entry) - high || this.filterLow.at(entry) - low;
    const found: number[] = [];
    for (let i = firstAtLeast(byFilter, compare); i < byFilter.length; i += 1) {
      const entry = byFilter[i] ?? 0;
      if (compare(entry) !== 0) break;
      found.push(ranks[this.filterRow.at(entry)] ?? 0);
    }
    return Uint32Array.from(found).sort();
  }

  /** The first rank whose record is no younger than `at`, by the order of the list. */
  firstCreatedBefore(at: number): number {
    const { rows } = this.sorted();
    return firstIndex(rows.length, (rank) => this.created.at(rows[rank] ?? 0) < at);
  }

  private sorted(): Order {
    return (this.order ??= this.sort());
  }

  private sort(): Order {
    const all = Uint32Array.from({ length: this.size }, (_, i) => i);
    const { created, idHigh, idLow, filterHigh, filterLow, filterRow } = this;
    const rows = this.asWritten
      ? all.slice()
      : all
          .slice()
          .sort(
            (a, b) =>
              created.at(b) - created.at(a) ||
              idHigh.at(a) - idHigh.at(b) ||
              idLow.at(a) - idLow.at(b),
          );
    const ranks = new Uint32Array(rows.length);
    rows.forEach((row, rank) => (ranks[row] = rank));
    const byId = all
      .slice()
      .sort((a, b) => idHigh.at(a) - idHigh.at(b) || idLow.at(a) - idLow.at(b));
    const byFilter = Uint32Array.from({ length: filterRow.length }, (_, i) => i).sort(
      (a, b) => filterHigh.at(a) - filterHigh.at(b) || filterLow.at(a) - filterLow.at(b),
    );
    return { rows, ranks, byId, byFilter };
  }
}

/** The first index for which it holds, where it holds for all after one. */
function firstIndex(length: number, holds: (i: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const firstAtLeast = (sorted: Uint32Array, compare: (value: number) => number): number =>
  firstIndex(sorted.length, (i) => compare(sorted[i] ?? 0) >= 0);

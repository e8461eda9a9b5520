import type { RecordTable, StoredRecord } from '../store/record-table';
import type { AccountView } from './account-view';
import { integerOf, rangeOf, textOf, type Params, type Range } from './parse-params';
import { invalidRequest, resourceMissing } from './stripe-error';

/** What a list is asked for. */
export interface ListQuery {
  collection: string;
  noun: string;
  /** Stored values that must be there: any of several. */
  having: readonly { key: string; values: readonly string[] }[];
  params: Params;
  /** Number of the request, for its faults. */
  request: number;
  /** Ranges of fields of the object, such as arrival_date. */
  fieldRanges: readonly { field: string; range: Range }[];
}

export interface Page {
  records: StoredRecord[];
  hasMore: boolean;
}

function limitOf(params: Params): number {
  const limit = integerOf(params, 'limit') ?? 10;
  if (limit < 1)
    throw invalidRequest(
      'parameter_invalid_integer',
      'This value must be greater than or equal to 1.',
      'limit',
    );
  if (limit > 100)
    throw invalidRequest(
      'parameter_invalid_integer',
      `This value must be less than or equal to 100 (it currently is '${limit}').`,
      'limit',
    );
  return limit;
}

/** Ranks of the list, ascending; null stands for all. */
function candidates(table: RecordTable, { having }: ListQuery): Uint32Array | null {
  let found: Uint32Array | null = null;
  for (const { key, values } of having) {
    const ranks = unite(values.map((value) => table.ranksWith(key, value)));
    found = found === null ? ranks : intersect(found, ranks);
  }
  return found;
}

function unite(lists: readonly Uint32Array[]): Uint32Array {
  const [only] = lists;
  if (lists.length === 1 && only) return only;
  return Uint32Array.from(new Set(lists.flatMap((list) => [...list]))).sort();
}

function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const within = new Set(b);
  return a.filter((rank) => within.has(rank));
}

/** The list as places: each has a rank, and all are of the range of `created`. */
class Places {
  readonly length: number;
  private readonly first: number;

  constructor(
    table: RecordTable,
    private readonly ranks: Uint32Array | null,
    range: Range | null,
  ) {
    // A list is newest first: what is created before the range's end begins at the first rank.
    const from = range ? table.firstCreatedBefore(range.before) : 0;
    const to = range ? table.firstCreatedBefore(range.from) : table.size;
    this.first = ranks === null ? from : firstAtLeast(ranks, from);
    const end = ranks === null ? to : firstAtLeast(ranks, to);
    this.length = Math.max(end - this.first, 0);
  }

  rankAt(place: number): number {
    const i = this.first + place;
    return this.ranks === null ? i : (this.ranks[i] ?? 0);
  }

  /** The first place whose rank is greater. */
  after(rank: number): number {
    const i = this.ranks === null ? rank + 1 : firstAtLeast(this.ranks, rank + 1);
    return Math.max(i - this.first, 0);
  }

  /** Whether the list would hold this rank, were it not for the range of `created`. */
  holds(rank: number): boolean {
    return this.ranks === null || this.ranks[firstAtLeast(this.ranks, rank)] === rank;
  }
}

function firstAtLeast(sorted: Uint32Array, value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) >= value) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** One page of a list, newest first, as `starting_after` or `ending_before` ask for it. */
export function listPage(view: AccountView, query: ListQuery): Page {
  const { collection, params } = query;
  const limit = limitOf(params);
  const table = view.table(collection);
  view.plan.notePage(table);
  const range = rangeOf(params, 'created');
  const places = new Places(table, candidates(table, query), range);
  const [after, before] = [textOf(params.starting_after), textOf(params.ending_before)];
  if (before !== null) return pageBefore(view, query, places, { cursor: before, limit });
  const cursor = after === null ? null : cursorRank(view, query, places, after, 'starting_after');
  if (cursor !== null && losesBurst(view, table, places, cursor, range))
    return { records: [], hasMore: false };
  const start = cursor === null ? 0 : places.after(cursor);
  const records: StoredRecord[] = [];
  for (let place = start; place < places.length; place += 1) {
    const record = recordAt(view, query, places.rankAt(place));
    if (record === null) continue;
    if (records.length === limit)
      return { records: repeated(view, query, cursor, records), hasMore: true };
    records.push(record);
  }
  return { records: repeated(view, query, cursor, records), hasMore: false };
}

function pageBefore(
  view: AccountView,
  query: ListQuery,
  places: Places,
  { cursor, limit }: { cursor: string; limit: number },
): Page {
  const rank = cursorRank(view, query, places, cursor, 'ending_before');
  const records: StoredRecord[] = [];
  const last = Math.min(places.after(rank - 1), places.length);
  for (let place = last - 1; place >= 0; place -= 1) {
    const record = recordAt(view, query, places.rankAt(place));
    if (record === null) continue;
    if (records.length === limit) return { records: records.reverse(), hasMore: true };
    records.push(record);
  }
  return { records: records.reverse(), hasMore: false };
}

function recordAt(view: AccountView, query: ListQuery, rank: number): StoredRecord | null {
  if (!view.shows(query.collection, rank)) return null;
  const record = view.table(query.collection).read(rank);
  const within = query.fieldRanges.every(({ field, range }) => {
    const value: unknown = Reflect.get(record.object, field);
    return typeof value === 'number' && value >= range.from && value < range.before;
  });
  return within ? record : null;
}

/** The cursor must be on the list still; one deleted since, or of another state, is not. */
function cursorRank(
  view: AccountView,
  { collection, noun }: ListQuery,
  places: Places,
  id: string,
  param: string,
): number {
  const rank = view.table(collection).rankOf(id);
  if (rank === null || !places.holds(rank) || !view.shows(collection, rank))
    throw resourceMissing(noun, id, param);
  return rank;
}

function losesBurst(
  view: AccountView,
  table: RecordTable,
  places: Places,
  cursor: number,
  range: Range | null,
): boolean {
  if (!view.plan.losesBursts || range === null || range.before === range.from + 1) return false;
  const created = table.createdAt(cursor);
  if (created + 1 < range.before) return false;
  const next = places.after(cursor);
  return next < places.length && table.createdAt(places.rankAt(next)) === created;
}

function repeated(
  view: AccountView,
  { collection, request }: ListQuery,
  cursor: number | null,
  records: StoredRecord[],
): StoredRecord[] {
  if (cursor === null || !view.plan.repeatsRow(request)) return records;
  return [view.table(collection).read(cursor), ...records];
}

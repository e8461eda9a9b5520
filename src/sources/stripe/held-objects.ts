import type { Knex } from 'knex';
import type { KnownWindow, Span } from './plan-windows';
import type { InstantField } from './read-window';

const iso = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Every window of one kind of object as its last read left it, oldest first. */
export async function knownWindows(
  database: Knex,
  account: string,
  object: string,
): Promise<KnownWindow[]> {
  const result = await database.raw<{ rows: KnownWindow[] }>(
    `select ${iso('from_at')} as "from", ${iso('to_at')} as "to", state,
       read_no::int as "readNo", id_set_sha256 as "idSetSha256",
       ${iso('finished_at')} as "finishedAt"
     from tieout.last_window_reads where source = 'stripe' and account = ? and object = ?
     order by from_at, to_at`,
    [account, object],
  );
  return result.rows;
}

/** When the account was last read at all; null when it never was. */
export async function lastReadAt(database: Knex, account: string): Promise<string | null> {
  const result = await database.raw<{ rows: { at: string | null }[] }>(
    `select ${iso('max(started_at)')} as at from books.source_window_reads
     where source = 'stripe' and account = ?`,
    [account],
  );
  return result.rows[0]?.at ?? null;
}

/** The latest version of every object of a kind that is not known to be deleted. */
const latest = `select distinct on (object_id) object_id, is_deleted, payload
  from books.raw_objects where source = 'stripe' and account = ? and object = ?
  order by object_id, observed_at desc, raw_id desc`;

export type HeldInstant = InstantField | 'start_time';

/** Ids of the objects held that lie in a window: what a whole read of it must have shown. */
export async function heldIds(
  database: Knex,
  { account, object, instant }: { account: string; object: string; instant: HeldInstant },
  { from, to }: Span,
): Promise<string[]> {
  const result = await database.raw<{ rows: { id: string }[] }>(
    `select object_id as id from (${latest}) held where not is_deleted
       and (payload::json ->> ?::text)::bigint >= extract(epoch from ?::timestamptz)
       and (payload::json ->> ?::text)::bigint < extract(epoch from ?::timestamptz)
     order by object_id`,
    [account, object, instant, from, instant, to],
  );
  return result.rows.map(({ id }) => id);
}

/** The next ids, in byte order, of what is held of a kind. */
export async function* heldObjects(
  database: Knex,
  account: string,
  object: string,
): AsyncGenerator<string[]> {
  for (let after = ''; ;) {
    const result = await database.raw<{ rows: { id: string; isDeleted: boolean }[] }>(
      `select i.object_id as id, r.is_deleted as "isDeleted" from (
         select distinct object_id from books.raw_objects
         where source = 'stripe' and account = ? and object = ? and object_id > ?
         order by object_id limit 1000) i
       cross join lateral (
         select is_deleted from books.raw_objects
         where source = 'stripe' and account = ? and object = ? and object_id = i.object_id
         order by observed_at desc, raw_id desc limit 1) r
       order by 1`,
      [account, object, after, account, object],
    );
    const last = result.rows.at(-1);
    if (last === undefined) return;
    const there = result.rows.filter(({ isDeleted }) => !isDeleted).map(({ id }) => id);
    if (there.length > 0) yield there;
    after = last.id;
  }
}

/** Different texts that a path leads to in what is held of a kind. */
export async function heldValues(
  database: Knex,
  { account, object }: { account: string; object: string },
  path: readonly string[],
): Promise<string[]> {
  const result = await database.raw<{ rows: { value: string }[] }>(
    `select distinct payload::json #>> ?::text[] as value from (${latest}) held
     where not is_deleted and payload::json #>> ?::text[] is not null order by 1`,
    [[...path], account, object, [...path]],
  );
  return result.rows.map(({ value }) => value);
}

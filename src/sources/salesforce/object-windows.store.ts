import type { Knex } from 'knex';
import type { CurrencyTotal } from '../../books/record-extract';
import type { WindowStream } from '../../books/source-windows';
import type { InstantRange } from './soql';

/** A window as its last read left it. */
export interface KnownWindow extends InstantRange {
  state: 'open' | 'closed';
  idSetSha256: string;
  totals: readonly CurrencyTotal[];
  finishedAt: string;
}

const iso = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Every window of an object, in order. */
export async function knownWindows(
  database: Knex,
  { source, account, object }: WindowStream,
): Promise<KnownWindow[]> {
  const result = await database.raw<{ rows: KnownWindow[] }>(
    `select ${iso('from_at')} as "from", ${iso('to_at')} as "to", state,
       id_set_sha256 as "idSetSha256", totals, ${iso('finished_at')} as "finishedAt"
     from tieout.last_window_reads where source = ? and account = ? and object = ?
     order by from_at, to_at`,
    [source, account, object],
  );
  return result.rows;
}

/**
 * What we know of the records whose stamp lay in a window once: those whose latest version still
 * lies in it, and those that have moved to a later one since. Deleted for good is neither.
 */
export async function idsOfWindow(
  database: Knex,
  { source, account, object }: WindowStream,
  stamp: string,
  { from, to }: InstantRange,
): Promise<{ there: string[]; moved: string[] }> {
  const result = await database.raw<{ rows: { id: string; moved: boolean }[] }>(
    `with versions as (
       select object_id, observed_at, raw_id, is_deleted, case when not is_deleted
         then (payload::json ->> ?)::timestamptz end as stamp
       from books.raw_objects where source = ? and account = ? and object = ?
     ), latest as (
       select distinct on (object_id) object_id, stamp, is_deleted from versions
       order by object_id, observed_at desc, raw_id desc
     )
     select object_id as id, l.stamp >= ?::timestamptz as moved from latest l
     where not is_deleted and l.stamp >= ?::timestamptz and (l.stamp < ?::timestamptz or exists (
       select from versions v where v.object_id = l.object_id
         and v.stamp >= ?::timestamptz and v.stamp < ?::timestamptz))`,
    [stamp, source, account, object, to, from, to, from, to],
  );
  const ids = (moved: boolean): string[] =>
    result.rows.filter((row) => row.moved === moved).map(({ id }) => id);
  return { there: ids(false), moved: ids(true) };
}

/** When the ids of an object were last compared in full; null when never. */
export async function lastCompared(
  database: Knex,
  { source, account, object }: WindowStream,
): Promise<string | null> {
  const result = await database.raw<{ rows: { at: string | null }[] }>(
    `select ${iso('max(landed_at)')} as at from books.raw_extracts
     where source = ? and account = ? and object = ?`,
    [source, account, object],
  );
  return result.rows[0]?.at ?? null;
}

import type { Knex } from 'knex';
import { quoteName } from '../core/sql-text';
import type { BooksTable } from './books-tables';

/** Where staged rows come from. */
export interface Origin {
  source: string;
  /** '' for files. */
  account: string;
  object: string;
}

export interface MergeTask {
  table: BooksTable;
  /** Names of the business columns that were staged. */
  columns: readonly string[];
  origin: Origin;
  landedAt: string;
  /**
   * `content`: the staged rows are all that the origin has, and what it no longer has ends; each
   * row is an object of its own, and its key is staged as the object's id. `objects`: they are all
   * rows of the objects in tieout.staged_objects, each with its object's id, extract and hash.
   */
  of: { content: { extractId: string } } | 'objects';
}

/** Counts as text. inserted + changed + unchanged = rows. */
export interface MergeCounts {
  rows: string;
  /** Keys that had no current row. */
  inserted: string;
  /** Keys whose row differs: the old version is closed, the new one current. */
  changed: string;
  unchanged: string;
  /** Keys that left the source: closed, and nothing in their place. */
  closed: string;
}

export const stagingOf = (table: BooksTable): string => `tieout.staged_${table.name}`;

/** SQL that holds for the version `v` and the staged row `s` of one key. */
export const sameKey = (table: BooksTable): string =>
  table.key.map((name) => `v.${quoteName(name)} = s.${quoteName(name)}`).join(' and ');

/**
 * Makes the staged rows the current ones of their origin: new keys begin, changed rows are
 * replaced, absent ones end. A key that another origin holds breaks the unique index of current
 * rows: the error is for the caller to explain.
 */
export async function mergeStaged(trx: Knex, task: MergeTask): Promise<MergeCounts> {
  const ended = await endVersions(trx, task);
  const [rows, begun] = await beginVersions(trx, task);
  const inserted = begun - ended.changed;
  return {
    rows: String(rows),
    inserted: String(inserted),
    changed: String(ended.changed),
    unchanged: String(rows - begun),
    closed: String(ended.closed),
  };
}

async function endVersions(
  trx: Knex,
  task: MergeTask,
): Promise<{ changed: bigint; closed: bigint }> {
  const { origin, landedAt } = task;
  const ended = await trx.raw<{ rows: { changed: string; closed: string }[] }>(
    task.of === 'objects' ? endOfObjects(task) : endOfContent(task),
    task.of === 'objects'
      ? [origin.source, origin.account, origin.object, landedAt]
      : [landedAt, origin.source, origin.account, origin.object],
  );
  const { changed, closed } = ended.rows[0] ?? { changed: '0', closed: '0' };
  return { changed: BigInt(changed), closed: BigInt(closed) };
}

function endOfContent({ table }: MergeTask): string {
  const staging = stagingOf(table);
  return `with ended as (
       update books.${table.versions} v set sys_to = ?::timestamptz
       where v.sys_to = 'infinity' and v.source = ? and v.source_account = ?
         and v.source_object = ? and not exists (
           select from ${staging} s where ${sameKey(table)}
             and v.payload_sha256 = s.payload_sha256)
       returning ${table.key.map((name) => `v.${quoteName(name)}`).join(', ')}
     ) select count(s.payload_sha256) as changed, count(*) - count(s.payload_sha256) as closed
       from ended v left join ${staging} s on ${sameKey(table)}`;
}

/**
 * OFFSET and the places of rows keep both steps lookups, one for each object and one for each row
 * that ends: of a table whose numbers the planner does not know, it would read all rows.
 */
function endOfObjects({ table }: MergeTask): string {
  const key = table.key.map((name) => `v.${quoteName(name)}`).join(', ');
  return `with held as materialized (
       select v.* from tieout.staged_objects t cross join lateral (
         select v.ctid as place, ${key}, v.payload_sha256, v.source_id
         from books.${table.versions} v
         where v.sys_to = 'infinity' and v.${quoteName(table.objectColumn)} = t.object_id
           and v.source = ? and v.source_account = ? and v.source_object = ? offset 0) v
     ), gone as materialized (
       select v.place, s.payload_sha256 as becomes
       from held v left join ${stagingOf(table)} s on ${sameKey(table)}
       where s.payload_sha256 is distinct from v.payload_sha256
         or s.source_id is distinct from v.source_id
     ), ended as (
       update books.${table.versions} v set sys_to = ?::timestamptz from gone
       where v.ctid = gone.place
     ) select count(becomes) as changed, count(*) - count(becomes) as closed from gone`;
}

/** The number of staged rows, and of those that begin a version. */
async function beginVersions(trx: Knex, task: MergeTask): Promise<[bigint, bigint]> {
  const { table, origin, of } = task;
  const staging = stagingOf(table);
  const given = task.columns.map(quoteName);
  // OFFSET keeps it a lookup by key for each row: of a table that was never analyzed the planner
  // believes that it is empty, and would read all of it.
  const [extract, sameObject] =
    of === 'objects' ? ['s.extract_id', 'and v.source_id = s.source_id offset 0'] : ['?::uuid', ''];
  const begun = await trx.raw<{ rowCount: number }>(
    `insert into books.${table.versions} (${given.join(', ')}, source, source_account,
       source_object, source_id, extract_id, raw_sha256, payload_sha256, sys_from)
     select ${given.map((name) => `s.${name}`).join(', ')}, ?, ?, ?, s.source_id, ${extract},
       s.raw_sha256, s.payload_sha256, ?::timestamptz
     from ${staging} s where not exists (
       select from books.${table.versions} v where v.sys_to = 'infinity' and v.source = ?
         and v.source_account = ? and v.source_object = ? and ${sameKey(table)} ${sameObject})`,
    [
      ...[origin.source, origin.account, origin.object],
      ...(of === 'objects' ? [] : [of.content.extractId]),
      task.landedAt,
      ...[origin.source, origin.account, origin.object],
    ],
  );
  const staged = await trx.raw<{ rows: { n: string }[] }>(`select count(*) as n from ${staging}`);
  return [BigInt(staged.rows[0]?.n ?? '0'), BigInt(begun.rowCount)];
}

/**
 * The instant at which rows of these tables become current: now, or just after their last landing
 * when the clock stood still or went back. Until the transaction ends nobody else lands in them.
 */
export async function claimLanding(
  trx: Knex,
  tables: readonly BooksTable[],
  now: string,
): Promise<string> {
  const names = tables.map(({ name }) => name).sort();
  // One row after the other, in the order of their names: two landings never wait for each other.
  const claimed = await trx.raw<{ rows: { at: string }[] }>(
    `insert into tieout.last_landings as l (table_name, landed_at)
       select name, ?::timestamptz from unnest(?::text[]) with ordinality as t (name, n) order by n
     on conflict (table_name) do update
       set landed_at = greatest(excluded.landed_at, l.landed_at + interval '1 microsecond')
     returning landed_at as at`,
    [now, names],
  );
  const at =
    claimed.rows
      .map((row) => row.at)
      .sort()
      .at(-1) ?? now;
  if (new Set(claimed.rows.map((row) => row.at)).size > 1)
    await trx.raw(
      `update tieout.last_landings set landed_at = ?::timestamptz
       where table_name = any (?::text[])`,
      [at, names],
    );
  return at;
}

import type { Knex } from 'knex';
import { quoteName } from '../core/sql-text';
import type { Database } from '../platform/database/open-database';
import { booksTable, type BooksTable } from './books-tables';
import {
  deriveBatch,
  noCounts,
  stageBatch,
  type DeriveCounts,
  type DeriveJob,
  type StagedBatch,
} from './derive-batch';
import { add, asText, type DeriveMeans } from './derive-books';
import type { ObjectMapping } from './mapping';
import { sameKey, stagingOf, type Origin } from './merge-staged';
import { idsOfObject } from './raw-objects';

const batchSize = 1000;
const mostListed = 100;

/** A row that does not stand in the books as the raw object says. */
export interface RowDifference {
  table: string;
  /** The key's values, `/` between them. */
  key: string;
  object: string;
  objectId: string;
  /** Not in the books; in the books only; in both, not the same. */
  kind: 'missing' | 'extra' | 'differs';
}

export interface Rebuild {
  objects: string;
  rows: string;
  problems: string;
  differences: string;
  /** The first hundred. */
  listed: RowDifference[];
}

/**
 * Derives every row of one account again from the latest raw objects. With `check`, compares with
 * what stands in the books, column by column, and changes nothing; else makes the books so. Objects
 * that cannot be mapped are counted as problems, and their rows are left alone.
 */
export async function rebuildBooks<Context>(
  database: Pick<Database, 'app'>,
  job: DeriveJob<Context>,
  { clock, progress, check }: DeriveMeans & { check: boolean },
): Promise<Rebuild> {
  const counts = noCounts();
  const found: RowDifference[] = [];
  for (const mapping of job.mappings) {
    for (let after = ''; ;) {
      const ids = await idsOfObject(database.app, job, mapping.object, after, batchSize);
      const last = ids.at(-1);
      if (last === undefined) break;
      const work = { job, mapping, ids, clock };
      add(counts, await (check ? compare(database, work, found) : derive(database, work)));
      progress?.(mapping.object, counts);
      after = last;
    }
    if (check) found.push(...(await rowsWithoutObject(database.app, job, mapping)));
  }
  const { objects, rows, problems } = asText(counts);
  const differences = check ? String(found.length) : String(changes(counts));
  return { objects, rows, problems, differences, listed: found.slice(0, mostListed) };
}

const changes = ({ inserted, changed, closed }: DeriveCounts): bigint =>
  inserted + changed + closed;

interface Work<Context> {
  job: DeriveJob<Context>;
  mapping: ObjectMapping<Context>;
  ids: readonly string[];
  clock: DeriveMeans['clock'];
}

function derive<Context>(
  { app }: Pick<Database, 'app'>,
  { job, mapping, ids, clock }: Work<Context>,
): Promise<DeriveCounts> {
  return app.transaction((trx) => deriveBatch(trx, job, mapping, ids, clock));
}

/** Stages a batch, compares it and takes it back. */
async function compare<Context>(
  { app }: Pick<Database, 'app'>,
  { job, mapping, ids, clock }: Work<Context>,
  found: RowDifference[],
): Promise<DeriveCounts> {
  const trx = await app.transaction();
  try {
    const batch = await stageBatch(trx, job, mapping, ids, clock);
    const counts = noCounts();
    counts.objects = BigInt(batch.mapped.length);
    counts.problems = BigInt(batch.mapped.filter(({ problem }) => problem).length);
    for (const part of batch.tables) {
      counts.rows += await stagedRows(trx, part.table);
      found.push(...(await tableDifferences(trx, batch.origin, part)));
    }
    return counts;
  } finally {
    await trx.rollback();
  }
}

async function stagedRows(trx: Knex, table: BooksTable): Promise<bigint> {
  const sql = `select count(*) as n from ${stagingOf(table)}`;
  return BigInt((await trx.raw<{ rows: { n: string }[] }>(sql)).rows[0]?.n ?? '0');
}

async function tableDifferences(
  trx: Knex,
  { source, account, object }: Origin,
  { table, columns }: StagedBatch['tables'][number],
): Promise<RowDifference[]> {
  const all = [...columns, 'payload_sha256', 'source_id'].map(quoteName);
  const row = (alias: string): string => all.map((name) => `${alias}.${name}`).join(', ');
  const key = table.key.map((name) => `coalesce(v.${quoteName(name)}, s.${quoteName(name)})`);
  const result = await trx.raw<{ rows: RowDifference[] }>(
    `with v as (
       select v.* from books.${table.versions} v
       join tieout.staged_objects t on v.${quoteName(table.objectColumn)} = t.object_id
       where v.sys_to = 'infinity' and v.source = ? and v.source_account = ?
         and v.source_object = ?
     )
     select ? as "table", concat_ws('/', ${key.join(', ')}) as key, ? as object,
       coalesce(v.source_id, s.source_id) as "objectId", case
         when v.source_id is null then 'missing'
         when s.source_id is null then 'extra' else 'differs' end as kind
     from v full join ${stagingOf(table)} s on ${sameKey(table)}
     where (${row('v')}) is distinct from (${row('s')})
     order by 2`,
    [source, account, object, table.name, object],
  );
  return result.rows;
}

/** Current rows of an object that nothing raw is known of. */
async function rowsWithoutObject<Context>(
  database: Knex,
  { source, account }: DeriveJob<Context>,
  { object, tables }: ObjectMapping<Context>,
): Promise<RowDifference[]> {
  const found: RowDifference[] = [];
  for (const table of tables.map(booksTable)) {
    const key = table.key.map((name) => `v.${quoteName(name)}`).join(', ');
    const result = await database.raw<{ rows: RowDifference[] }>(
      `select ? as "table", concat_ws('/', ${key}) as key, ? as object,
         v.source_id as "objectId", 'extra' as kind
       from books.${table.versions} v
       where v.sys_to = 'infinity' and v.source = ? and v.source_account = ?
         and v.source_object = ? and not exists (
           select from books.raw_objects r where r.source = v.source
             and r.account = v.source_account and r.object = v.source_object
             and r.object_id = v.source_id)
       order by 2`,
      [table.name, object, source, account, object],
    );
    found.push(...result.rows);
  }
  return found;
}

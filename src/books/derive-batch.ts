import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import { transactionClient } from '../platform/database/connect';
import { copyIn } from '../platform/database/copy';
import { booksTable, type BooksTable } from './books-tables';
import { columnsOf } from './check-columns';
import { mapRaws, type MappedObject } from './map-raws';
import { findHeldRows } from './held-rows';
import type { BooksRow, ObjectMapping } from './mapping';
import { claimLanding, mergeStaged, stagingOf, type Origin } from './merge-staged';
import { latestRaws, type RawStream } from './raw-objects';
import { escaped, RowEncoder } from './row-encoder';

/** What raw objects are turned into rows by. */
export interface DeriveJob<Context> extends RawStream {
  mappings: readonly ObjectMapping<Context>[];
  context: Context;
  /** The entity whose books show that an object of this account could not be mapped. */
  entityId: string;
  /** Changed with the mappings: what other versions derived is then derived again. */
  mappingVersion: string;
}

export interface DeriveCounts {
  objects: bigint;
  rows: bigint;
  inserted: bigint;
  changed: bigint;
  unchanged: bigint;
  closed: bigint;
  problems: bigint;
}

export const noCounts = (): DeriveCounts => ({
  ...{ objects: 0n, rows: 0n, inserted: 0n, changed: 0n, unchanged: 0n, closed: 0n, problems: 0n },
});

/** Staged rows of some objects, ready to be merged or compared, table by table. */
export interface StagedBatch {
  origin: Origin;
  tables: { table: BooksTable; columns: string[] }[];
  landedAt: string;
  mapped: readonly MappedObject[];
}

const problemsTable = booksTable('mapping_problems');

/**
 * Maps the latest versions of some objects and stages their rows. Objects that cannot be mapped
 * keep the rows they had; tieout.staged_objects names the others.
 */
export async function stageBatch<Context>(
  trx: Knex.Transaction,
  job: DeriveJob<Context>,
  mapping: ObjectMapping<Context>,
  ids: readonly string[],
  clock: Clock,
): Promise<StagedBatch> {
  // A batch is small beside its table, which the planner cannot know before it was analyzed.
  await trx.raw('set local enable_seqscan = off');
  const tables = mapping.tables.map(booksTable);
  // Claimed before anything is looked at: who waits here for another derivation must not go on
  // with versions from before it.
  const landedAt = await claimLanding(trx, [...tables, problemsTable], clock.now());
  const apart = (mapping.parts ?? []).map((part) => `${mapping.object}.${part}`);
  const raws = await latestRaws(trx, job, [mapping.object, ...apart], ids);
  const origin = { source: job.source, account: job.account, object: mapping.object };
  let mapped = mapRaws(raws, mapping, job, job.context);
  for (;;) {
    const staged = await stageMapped(trx, mapped, tables);
    // An object that is refused keeps the rows it had, which others may hold no more: once again.
    const held = await findHeldRows(trx, origin, tables);
    if (held.size === 0) return { origin, tables: staged, landedAt, mapped };
    mapped = mapped.map((one) => {
      const problem = held.get(one.origin.objectId);
      return problem === undefined ? one : { origin: one.origin, problem };
    });
  }
}

/** Stages the rows of objects that could be mapped, in the place of all that was staged. */
async function stageMapped(
  trx: Knex.Transaction,
  mapped: readonly MappedObject[],
  tables: readonly BooksTable[],
): Promise<StagedBatch['tables']> {
  const names = [...tables, problemsTable].map(stagingOf).sort();
  await trx.raw(`truncate ${names.join(', ')}, tieout.staged_objects`);
  const allowed = tables.map(({ name }) => name);
  const staged: StagedBatch['tables'] = [];
  for (const table of tables) {
    const columns = await columnsOf(trx, table);
    await stageRows(trx, new RowEncoder(table, columns), mapped, allowed);
    staged.push({ table, columns: columns.map(({ name }) => name) });
  }
  await stageIds(
    trx,
    mapped.filter(({ problem }) => !problem),
  );
  return staged;
}

/** Maps some objects and makes their rows the current ones. */
export async function deriveBatch<Context>(
  trx: Knex.Transaction,
  job: DeriveJob<Context>,
  mapping: ObjectMapping<Context>,
  ids: readonly string[],
  clock: Clock,
): Promise<DeriveCounts> {
  const batch = await stageBatch(trx, job, mapping, ids, clock);
  const { origin, landedAt, mapped } = batch;
  const counts = noCounts();
  counts.objects = BigInt(mapped.length);
  for (const { table, columns } of batch.tables) {
    const merged = await mergeStaged(trx, { table, columns, origin, landedAt, of: 'objects' });
    for (const count of ['rows', 'inserted', 'changed', 'unchanged', 'closed'] as const)
      counts[count] += BigInt(merged[count]);
  }
  counts.problems = await mergeProblems(trx, job, mapping, batch);
  return counts;
}

/** Problems begin, change and end like rows of the objects that have them. */
async function mergeProblems<Context>(
  trx: Knex.Transaction,
  job: DeriveJob<Context>,
  { tables }: ObjectMapping<Context>,
  { mapped, origin, landedAt }: StagedBatch,
): Promise<bigint> {
  const failed = mapped.filter(({ problem }) => problem);
  if (failed.length === 0 && !(await hasProblems(trx, origin))) return 0n;
  const columns = await columnsOf(trx, problemsTable);
  const rows = failed.map((one): MappedObject => {
    const problem = one.problem;
    if (!problem) return one;
    const { object, objectId, field, code } = problem;
    const message = problem.message.slice(`${object} ${objectId}: `.length);
    const row = { object, object_id: objectId, field, code, message, tables };
    return {
      origin: one.origin,
      rows: { mapping_problems: [{ ...row, entity_id: job.entityId }] },
    };
  });
  await stageRows(trx, new RowEncoder(problemsTable, columns), rows, ['mapping_problems']);
  await stageIds(trx, failed);
  const names = columns.map(({ name }) => name);
  const task = { table: problemsTable, columns: names, origin, landedAt };
  await mergeStaged(trx, { ...task, of: 'objects' });
  return BigInt(failed.length);
}

async function hasProblems(trx: Knex, { source, account, object }: Origin): Promise<boolean> {
  const found = await trx.raw<{ rows: unknown[] }>(
    `select from books.mapping_problems
     where source = ? and source_account = ? and source_object = ? limit 1`,
    [source, account, object],
  );
  return found.rows.length > 0;
}

async function stageRows(
  trx: Knex.Transaction,
  encoder: RowEncoder,
  mapped: readonly MappedObject[],
  allowed: readonly string[],
): Promise<void> {
  const lines = function* (): Generator<string> {
    for (const { origin, rows } of mapped) {
      for (const name in rows)
        if (!allowed.includes(name))
          throw new RangeError(`the mapping of ${origin.object} does not say it fills ${name}`);
      const own: readonly BooksRow[] = rows?.[encoder.table.name] ?? [];
      for (const row of own) yield encoder.line(row, origin);
    }
  };
  await copyIn(await transactionClient(trx), encoder.copySql(true), lines());
}

async function stageIds(trx: Knex.Transaction, mapped: readonly MappedObject[]): Promise<void> {
  const ids = mapped.map(({ origin }) => `${escaped(origin.objectId)}\n`);
  const sql = 'copy tieout.staged_objects (object_id) from stdin';
  await copyIn(await transactionClient(trx), sql, ids);
}

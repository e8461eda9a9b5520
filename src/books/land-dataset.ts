import assert from 'node:assert';
import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import * as path from 'node:path';
import type { Knex } from 'knex';
import { InvalidInput } from '../core/problem';
import { quoteName, quoteText } from '../core/sql-text';
import type { Clock } from '../platform/clock';
import type { ColumnType } from '../platform/config';
import { transactionClient } from '../platform/database/connect';
import { copyIn } from '../platform/database/copy';
import type { Database } from '../platform/database/open-database';
import type { DuckDb } from '../platform/duckdb';
import { booksTables, type BooksTable } from './books-tables';
import { columnProblems, columnsOf, stagedProblems } from './check-columns';

/** A checked file as landing needs it; what readDataset gives has all of this. */
export interface LandableDataset {
  name: string;
  /** As declared, for people. */
  path: string;
  /** Absolute; DuckDB may write beside it. */
  copy: string;
  sha256: string;
  rows: string;
  /** As in the table `files.<name>` of DuckDB. */
  columns: readonly { name: string; type: ColumnType }[];
  totals: readonly { currency: string; rows: string; amount: string }[];
  controlTotal:
    | { status: 'agrees'; extractedAt: string | null; sourceSystem: string | null }
    | { status: 'absent' };
}

/** What a landing did; inserted + changed + unchanged = rows. Counts are text. */
export interface Landing {
  dataset: string;
  table: string;
  extractId: string;
  rows: string;
  /** Keys that had no current row. */
  inserted: string;
  /** Keys whose row differs: the old version is closed, the new one current. */
  changed: string;
  unchanged: string;
  /** Keys that left the source: closed, and nothing in their place. */
  closed: string;
}

/** What a landed file is called among the sources of a row. */
export const fileSource = 'files';

interface Context {
  trx: Knex.Transaction;
  dataset: LandableDataset;
  table: BooksTable;
  staging: string;
  extractId: string;
  landedAt: string;
}

/**
 * Lands a checked file in a table of the books as its full content: in one transaction, new keys
 * get a version, changed ones a new version, absent ones end. The same file again changes nothing
 * but leaves another extract. Throws InvalidInput when columns or rows do not fit the table;
 * `entities`, where given, are the only ones rows may belong to.
 */
export async function landDataset(
  database: Pick<Database, 'app'>,
  dataset: LandableDataset,
  means: { table: string; duck: DuckDb; clock: Clock; entities?: readonly string[] },
): Promise<Landing> {
  const table = tableNamed(means.table, dataset);
  return database.app.transaction(async (trx) => {
    const columns = await columnsOf(trx, table);
    throwIfAny(dataset, columnProblems(dataset, table, columns));
    const staging = `tieout.staged_${table.name}`;
    // Emptied under a lock that the transaction keeps: landings of one table take turns.
    await trx.raw(`truncate ${staging}`);
    const staged = await stage(trx, dataset, means.duck, staging);
    assert(staged === dataset.rows, `${staged} rows of ${dataset.rows} were staged`);
    const { entities } = means;
    const place = { table, columns, path: dataset.path, staging, entities };
    const origin = { source: fileSource, object: dataset.name };
    throwIfAny(dataset, await stagedProblems(trx, { ...place, ...origin }));
    const landedAt = await instantAfterLast(trx, table, means.clock.now());
    const extractId = randomUUID();
    const context = { trx, dataset, table, staging, extractId, landedAt };
    const landing = await merge(context);
    await recordExtract(context, landing);
    await trx.raw(`truncate ${staging}`);
    return landing;
  });
}

function tableNamed(name: string, { name: dataset, path: file }: LandableDataset): BooksTable {
  const table = booksTables.find((candidate) => candidate.name === name);
  if (table) return table;
  throw new InvalidInput(`dataset ${dataset}`, [
    {
      file,
      field: `sources.files.${dataset}.lands_in`,
      message: `names books.${name}, which does not exist.`,
      remedy: `Use one of ${booksTables.map((candidate) => candidate.name).join(', ')}.`,
    },
  ]);
}

function throwIfAny(
  dataset: LandableDataset,
  problems: ConstructorParameters<typeof InvalidInput>[1],
) {
  if (problems.length > 0) throw new InvalidInput(`dataset ${dataset.name}`, problems);
}

/** From DuckDB through a CSV file, which both ends write and read at disk speed, into staging. */
async function stage(
  trx: Knex.Transaction,
  dataset: LandableDataset,
  duck: DuckDb,
  staging: string,
): Promise<string> {
  const names = dataset.columns.map((column) => quoteName(column.name)).join(', ');
  const file = path.join(path.dirname(dataset.copy), `${dataset.name}.landing.csv`);
  try {
    await duck.run(
      `copy (select ${names}, ${payloadHash(dataset)} from files.${quoteName(dataset.name)}) ` +
        `to ${quoteText(file)} (format csv, header false)`,
    );
    const client = await transactionClient(trx);
    const sql = `copy ${staging} (${names}, payload_sha256) from stdin (format csv)`;
    return (await copyIn(client, sql, createReadStream(file))).rows;
  } finally {
    await rm(file, { force: true });
  }
}

/**
 * What makes two versions of a row the same, as SQL of DuckDB: SHA-256 over `name=bytes:value` of
 * every value present, by column name. An absent value leaves no trace, so that a column declared
 * later changes only the rows that have it.
 */
function payloadHash({ columns }: LandableDataset): string {
  const parts = columns
    .map((column) => column.name)
    .sort()
    .map((name) => {
      const text = `${quoteName(name)}::varchar`;
      return `coalesce(${quoteText(`${name}=`)} || strlen(${text}) || ':' || ${text}, '')`;
    });
  return `sha256(${parts.join(' || ')})`;
}

/** Now, or just after the last landing when the clock stood still or went back. */
async function instantAfterLast(
  trx: Knex.Transaction,
  { name }: BooksTable,
  now: string,
): Promise<string> {
  const result = await trx.raw<{ rows: { at: string }[] }>(
    `select greatest(?::timestamptz, max(landed_at) + interval '1 microsecond') as at
     from books.extracts where table_name = ?`,
    [now, name],
  );
  const at = result.rows[0]?.at;
  assert(at !== undefined, 'an aggregate gives one row');
  return at;
}

async function merge(context: Context): Promise<Landing> {
  const { trx, dataset, table, staging, extractId, landedAt } = context;
  const same = table.key.map((name) => `v.${quoteName(name)} = s.${quoteName(name)}`).join(' and ');
  const origin = [fileSource, dataset.name];
  const ended = await trx.raw<{ rows: { changed: string; closed: string }[] }>(
    `with ended as (
       update books.${table.versions} v set sys_to = ?::timestamptz
       where v.sys_to = 'infinity' and (v.source, v.source_object) = (?, ?) and not exists (
         select from ${staging} s where ${same} and v.payload_sha256 = s.payload_sha256)
       returning v.*
     ) select count(s.payload_sha256) as changed, count(*) - count(s.payload_sha256) as closed
       from ended v left join ${staging} s on ${same}`,
    [landedAt, ...origin],
  );
  const given = dataset.columns.map((column) => quoteName(column.name));
  const sourceId = table.key.map((name) => `s.${quoteName(name)}`).join(` || '/' || `);
  const begun = await trx.raw<{ rowCount: number }>(
    `insert into books.${table.versions} (${given.join(', ')}, source, source_object, source_id,
       extract_id, payload_sha256, sys_from)
     select ${given.map((name) => `s.${name}`).join(', ')}, ?, ?, ${sourceId}, ?::uuid,
       s.payload_sha256, ?::timestamptz
     from ${staging} s where not exists (
       select from books.${table.versions} v where v.sys_to = 'infinity' and ${same})`,
    [...origin, extractId, landedAt],
  );
  const current = await trx.raw<{ rows: { n: string }[] }>(
    `select count(*) as n from books.${table.versions}
     where sys_to = 'infinity' and (source, source_object) = (?, ?)`,
    origin,
  );
  assert(current.rows[0]?.n === dataset.rows, 'each row of the file is one current row');
  const { changed, closed } = ended.rows[0] ?? { changed: '0', closed: '0' };
  const inserted = BigInt(begun.rowCount) - BigInt(changed);
  return {
    dataset: dataset.name,
    table: table.name,
    extractId,
    rows: dataset.rows,
    inserted: String(inserted),
    changed,
    unchanged: String(BigInt(dataset.rows) - inserted - BigInt(changed)),
    closed,
  };
}

async function recordExtract(context: Context, landing: Landing): Promise<void> {
  const { trx, dataset, table, extractId, landedAt } = context;
  const { controlTotal } = dataset;
  const agrees = controlTotal.status === 'agrees';
  await trx
    .withSchema('books')
    .table('extracts')
    .insert({
      extract_id: extractId,
      table_name: table.name,
      source: fileSource,
      object: dataset.name,
      source_system: agrees ? controlTotal.sourceSystem : null,
      file_sha256: dataset.sha256,
      rows: landing.rows,
      inserted: landing.inserted,
      changed: landing.changed,
      unchanged: landing.unchanged,
      closed: landing.closed,
      totals: JSON.stringify(dataset.totals),
      extracted_at: agrees ? controlTotal.extractedAt : null,
      control_total: controlTotal.status,
      landed_at: landedAt,
    });
}

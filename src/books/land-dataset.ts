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
import { columnProblems, columnsOf } from './check-columns';
import { mergeContent } from './merge-content';
import { claimLanding, stagingOf } from './merge-staged';
import { recordExtract } from './record-extract';

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
    const landedAt = await claimLanding(trx, [table], means.clock.now());
    const staging = stagingOf(table);
    await trx.raw(`truncate ${staging}`);
    const staged = await stage(trx, dataset, means.duck, staging);
    assert(staged === dataset.rows, `${staged} rows of ${dataset.rows} were staged`);
    const { entities } = means;
    const origin = { source: fileSource, account: '', object: dataset.name };
    const place = { table, columns, path: dataset.path, entities, origin };
    const extractId = randomUUID();
    const names = dataset.columns.map((column) => column.name);
    const subject = `dataset ${dataset.name}`;
    const counts = await mergeContent(trx, place, { subject, extractId, landedAt }, names);
    const { controlTotal } = dataset;
    const agrees = controlTotal.status === 'agrees';
    await recordExtract(trx, {
      extractId,
      table,
      origin,
      landedAt,
      counts,
      sourceSystem: agrees ? controlTotal.sourceSystem : null,
      sha256: dataset.sha256,
      totals: dataset.totals,
      extractedAt: agrees ? controlTotal.extractedAt : null,
      controlTotal: controlTotal.status,
    });
    await trx.raw(`truncate ${staging}`);
    return { dataset: dataset.name, table: table.name, extractId, ...counts };
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

import assert from 'node:assert';
import { rm, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { Client } from 'pg';
import { InvalidInput } from '../core/problem';
import { quoteName, quoteText } from '../core/sql-text';
import type { Clock } from '../platform/clock';
import { copyIn } from '../platform/database/copy';
import type { Database } from '../platform/database/open-database';
import type { DuckDb } from '../platform/duckdb';
import { booksTables, type BooksTable } from './books-tables';
import { columnProblems, columnsOf } from './check-columns';
import { datasetContent, type DatasetColumn } from './dataset-content';
import { followFile } from './follow-file';
import { landContent, type Content, type ContentTarget } from './land-content';
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
  columns: readonly DatasetColumn[];
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
  /** What the landing spent its time on, in milliseconds. */
  stepMs: Record<string, number>;
}

interface LandingMeans {
  duck: DuckDb;
  /** The only ones that rows may belong to, where given. */
  entities?: readonly string[];
  /** Whether it may have no rows of an entity that it had rows of before. */
  mayBeEmpty?: boolean;
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
  means: LandingMeans & { table: string; clock: Clock },
): Promise<Landing> {
  const table = tableNamed(means.table, dataset);
  return database.app.transaction(async (trx) => {
    throwIfAny(dataset, columnProblems(dataset, table, await columnsOf(trx, table)));
    const content = contentOf(dataset, table, means);
    const landing = await landContent(trx, content, means.clock.now());
    const { extractId, landedAt, stepMs, rows, inserted, changed, unchanged, closed } = landing;
    const counts = { rows, inserted, changed, unchanged, closed };
    assert(counts.rows === dataset.rows, `${counts.rows} rows of ${dataset.rows} were landed`);
    const { controlTotal } = dataset;
    const agrees = controlTotal.status === 'agrees';
    await recordExtract(trx, {
      ...{ extractId, table, origin: content.origin, landedAt, counts },
      sourceSystem: agrees ? controlTotal.sourceSystem : null,
      sha256: dataset.sha256,
      totals: dataset.totals,
      extractedAt: agrees ? controlTotal.extractedAt : null,
      controlTotal: controlTotal.status,
    });
    return { dataset: dataset.name, table: table.name, extractId, stepMs, ...counts };
  });
}

function contentOf(
  dataset: LandableDataset,
  table: BooksTable,
  { duck, entities, mayBeEmpty = false }: LandingMeans,
): Content {
  const names = dataset.columns.map((column) => column.name);
  return {
    ...{ table, path: dataset.path, entities, names, amount: null },
    expectedRows: Number(dataset.rows),
    mayBeEmpty,
    subject: `dataset ${dataset.name}`,
    origin: { source: fileSource, account: '', object: dataset.name },
    copy: (client, target) => copyDataset(client, dataset, table, duck, target),
  };
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

/**
 * From DuckDB through a CSV file, which Postgres is given while it is still being written: hashing
 * and formatting take as long as landing, and there are two cores.
 */
async function copyDataset(
  client: Client,
  dataset: LandableDataset,
  table: BooksTable,
  duck: DuckDb,
  { table: target, constants }: ContentTarget,
): Promise<string> {
  const names = dataset.columns.map((column) => quoteName(column.name));
  const key = table.key.filter((name) => name !== 'source_account');
  const content = datasetContent(
    `files.${quoteName(dataset.name)}`,
    dataset.columns,
    key,
    constants.map(([, value]) => value),
  );
  const file = path.join(path.dirname(dataset.copy), `${dataset.name}.landing.csv`);
  await writeFile(file, '');
  const writing = duck.run(
    `copy (${content}) to ${quoteText(file)} (format csv, header false, use_tmp_file false)`,
  );
  try {
    const added = ['source_id', 'payload_sha256', ...constants.map(([name]) => name)];
    const columns = [...names, ...added].join(', ');
    const sql = `copy ${target} (${columns}) from stdin (format csv)`;
    const { rows } = await copyIn(client, sql, followFile(file, writing));
    return rows;
  } finally {
    await writing.catch(() => undefined);
    await rm(file, { force: true });
  }
}

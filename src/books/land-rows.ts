import { createHash, randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { isZeroAmount, subtractAmounts } from '../core/money';
import { InvalidInput, type Problem } from '../core/problem';
import { quoteName } from '../core/sql-text';
import type { Clock } from '../platform/clock';
import { transactionClient } from '../platform/database/connect';
import { copyIn } from '../platform/database/copy';
import type { Database } from '../platform/database/open-database';
import { booksTable, type BooksTable } from './books-tables';
import { columnsOf } from './check-columns';
import { mergeContent } from './merge-content';
import type { BooksRow } from './mapping';
import { claimLanding, stagingOf, type MergeCounts } from './merge-staged';
import { recordExtract, type CurrencyTotal } from './record-extract';
import { RowEncoder } from './row-encoder';

/**
 * Rows that a source handed over as everything it holds, such as the result of a declared query.
 */
export interface RowsToLand {
  table: string;
  source: string;
  account: string;
  /** What the source calls it: a query's or a table's name. */
  object: string;
  rows: AsyncIterable<BooksRow> | Iterable<BooksRow>;
  /** Column whose totals by currency are kept; null where the table has no amount. */
  amount: string | null;
  /** The source's own count and totals, asked apart from the rows; null when it gave none. */
  expected: { rows: string; totals: readonly CurrencyTotal[] } | null;
  sourceSystem: string | null;
  /** When the source says it was read; ISO 8601. */
  extractedAt: string | null;
}

export interface RowsLanding extends MergeCounts {
  extractId: string;
  totals: CurrencyTotal[];
}

/**
 * Lands rows as the full content of one object of a source, like a file: new keys begin, changed
 * ones are replaced, absent ones end. Reads the rows once, at the database's pace, and keeps none.
 * Throws InvalidInput when rows do not fit the table, name entities other than those given, or do
 * not add up to what the source expects; then nothing has changed.
 */
export async function landRows(
  database: Pick<Database, 'app'>,
  what: RowsToLand,
  means: { clock: Clock; entities?: readonly string[] },
): Promise<RowsLanding> {
  const table = booksTable(what.table);
  const { source, account, object } = what;
  const origin = { source, account, object };
  return database.app.transaction(async (trx) => {
    const columns = await columnsOf(trx, table);
    const landedAt = await claimLanding(trx, [table], means.clock.now());
    const staging = stagingOf(table);
    await trx.raw(`truncate ${staging}`);
    const encoder = new RowEncoder(table, columns);
    const { rows, sha256 } = await stage(trx, encoder, what.rows);
    const totals = await stagedTotals(trx, table, what.amount);
    const path = `${source}:${object}`;
    const problems = differences(path, { rows, totals }, what.expected);
    if (problems.length > 0) throw new InvalidInput(path, problems);
    const extractId = randomUUID();
    const place = { table, columns, path, entities: means.entities, origin };
    const names = columns.map(({ name }) => name);
    const facts = { subject: path, extractId, landedAt };
    const counts = await mergeContent(trx, place, facts, names);
    await recordExtract(trx, {
      ...{ extractId, table, origin, landedAt, counts, sha256, totals },
      sourceSystem: what.sourceSystem,
      extractedAt: what.extractedAt,
      controlTotal: what.expected ? 'agrees' : 'absent',
    });
    await trx.raw(`truncate ${staging}`);
    return { extractId, totals, ...counts };
  });
}

async function stage(
  trx: Knex.Transaction,
  encoder: RowEncoder,
  rows: RowsToLand['rows'],
): Promise<{ rows: string; sha256: string }> {
  const sha256 = createHash('sha256');
  const lines = async function* (): AsyncGenerator<string> {
    let chunk = '';
    for await (const row of rows) {
      chunk += encoder.line(row);
      if (chunk.length < 65_536) continue;
      sha256.update(chunk);
      yield chunk;
      chunk = '';
    }
    sha256.update(chunk);
    if (chunk !== '') yield chunk;
  };
  const client = await transactionClient(trx);
  const copied = await copyIn(client, encoder.copySql(false), lines());
  return { rows: copied.rows, sha256: sha256.digest('hex') };
}

async function stagedTotals(
  trx: Knex,
  table: BooksTable,
  amount: string | null,
): Promise<CurrencyTotal[]> {
  if (amount === null) return [];
  const result = await trx.raw<{ rows: CurrencyTotal[] }>(
    `select currency, count(*) as rows, trim_scale(coalesce(sum(${quoteName(amount)}), 0)) as amount
     from ${stagingOf(table)} group by currency order by currency`,
  );
  return result.rows;
}

/** How what was staged differs from what the source says it holds. */
function differences(
  file: string,
  staged: { rows: string; totals: readonly CurrencyTotal[] },
  expected: RowsToLand['expected'],
): Problem[] {
  if (!expected) return [];
  const remedy = 'Read it again; if it differs again, the source counts other rows than it gives.';
  const problems: Problem[] = [];
  if (staged.rows !== expected.rows)
    problems.push({
      file,
      message: `gave ${staged.rows} rows, and counts ${expected.rows} itself.`,
      remedy,
    });
  const currencies = new Set([...staged.totals, ...expected.totals].map((one) => one.currency));
  for (const currency of currencies) {
    const of = (totals: readonly CurrencyTotal[]): string =>
      totals.find((one) => one.currency === currency)?.amount ?? '0';
    const [given, own] = [of(staged.totals), of(expected.totals)];
    if (isZeroAmount(subtractAmounts(given, own))) continue;
    const message = `gave ${given} ${currency} in all, and adds up ${own} itself.`;
    problems.push({ file, field: currency, message, remedy });
  }
  return problems;
}

import { isZeroAmount, subtractAmounts } from '../core/money';
import { InvalidInput, type Problem } from '../core/problem';
import { quoteName } from '../core/sql-text';
import type { Clock } from '../platform/clock';
import { copyIn } from '../platform/database/copy';
import type { Database } from '../platform/database/open-database';
import { booksTable } from './books-tables';
import { ContentLines } from './content-lines';
import { landContent, type Content } from './land-content';
import type { MergeCounts } from './merge-staged';
import { recordExtract, type CurrencyTotal } from './record-extract';

/**
 * Rows that a source handed over as everything it holds, such as the result of a declared query.
 */
export interface RowsToLand {
  table: string;
  source: string;
  account: string;
  /** What the source calls it: a query's or a table's name. */
  object: string;
  /** Columns of the table, in the order of `contentOrder`. */
  columns: readonly string[];
  /**
   * Lines of COPY's text format with those columns. Asked again when a row is refused, so that all
   * that is wrong can be told: then the same rows once more.
   */
  lines(): AsyncIterable<Buffer>;
  /** Column whose totals by currency are kept; null where the table has no amount. */
  amount: string | null;
  /** The source's own count and totals, asked apart from the rows; null when it gave none. */
  expected: { rows: string; totals: readonly CurrencyTotal[] } | null;
  sourceSystem: string | null;
  /** When the source says it was read; ISO 8601. */
  extractedAt: string | null;
  /** Whether it may have no rows of an entity that it had rows of before. */
  mayBeEmpty?: boolean;
  /** Told how many rows have come. */
  progress?: (rows: number) => void;
}

export interface RowsLanding extends MergeCounts {
  extractId: string;
  totals: CurrencyTotal[];
  /** What the landing spent its time on, in milliseconds. */
  stepMs: Record<string, number>;
}

/** The order in which lines must give their columns: rows are hashed by column name. */
export const contentOrder = (columns: readonly string[]): string[] => [...columns].sort();

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
  const { source, account, object, amount } = what;
  const table = booksTable(what.table);
  const origin = { source, account, object };
  const subject = `${source}:${object}`;
  let sha256 = '';
  const copy: Content['copy'] = async (client, target) => {
    const { columns } = what;
    const key = table.key.filter((name) => name !== 'source_account');
    const constants = target.constants.map(([, value]) => value);
    const lines = new ContentLines(columns, key, constants, what.progress);
    const given = [...columns, 'source_id', 'payload_sha256'];
    const names = [...given, ...target.constants.map(([name]) => name)].map(quoteName);
    const sql = `copy ${target.table} (${names.join(', ')}) from stdin`;
    const { rows } = await copyIn(client, sql, lines.of(what.lines()));
    sha256 = lines.sha256();
    return rows;
  };
  return database.app.transaction(async (trx) => {
    const { entities } = means;
    const content: Content = {
      ...{ table, origin, path: subject, subject, names: what.columns, amount, entities, copy },
      expectedRows: Number(what.expected?.rows ?? 0),
      mayBeEmpty: what.mayBeEmpty === true,
    };
    const landing = await landContent(trx, content, means.clock.now());
    const { landedAt, extractId, totals, stepMs, ...counts } = landing;
    const problems = differences(subject, { rows: counts.rows, totals }, what.expected);
    if (problems.length > 0) throw new InvalidInput(subject, problems);
    await recordExtract(trx, {
      ...{ extractId, table, origin, landedAt, counts, sha256, totals },
      sourceSystem: what.sourceSystem,
      extractedAt: what.extractedAt,
      controlTotal: what.expected ? 'agrees' : 'absent',
    });
    return { extractId, totals, stepMs, ...counts };
  });
}

/** How what the books hold differs from what the source says it holds. */
function differences(
  file: string,
  held: { rows: string; totals: readonly CurrencyTotal[] },
  expected: RowsToLand['expected'],
): Problem[] {
  if (!expected) return [];
  const remedy = 'Read it again; if it differs again, the source counts other rows than it gives.';
  const problems: Problem[] = [];
  if (held.rows !== expected.rows)
    problems.push({
      file,
      message: `gave ${held.rows} rows, and counts ${expected.rows} itself.`,
      remedy,
    });
  const currencies = new Set([...held.totals, ...expected.totals].map((one) => one.currency));
  for (const currency of currencies) {
    const of = (totals: readonly CurrencyTotal[]): string =>
      totals.find((one) => one.currency === currency)?.amount ?? '0';
    const [given, own] = [of(held.totals), of(expected.totals)];
    if (isZeroAmount(subtractAmounts(given, own))) continue;
    const message = `gave ${given} ${currency} in all, and adds up ${own} itself.`;
    problems.push({ file, field: currency, message, remedy });
  }
  return problems;
}

import type { Procedure } from '../../core/control';
import { normalizeAmount } from '../../core/money';
import { NO_CURRENCY, viewOf } from '../../core/plan';
import { quoteName, quoteText } from '../../core/sql-text';
import type { DuckDb } from '../../platform/duckdb';

export interface SideTotals {
  currency: string;
  items: string;
  amount: string;
}

export interface SideCounts {
  totals: SideTotals[];
  /** Items that lack a value of a column they cannot do without, by column. */
  missing: Record<string, bigint>;
}
/** Counted straight on the frozen file, apart from the tie-out that must foot to it. */
export async function countItems(
  duck: DuckDb,
  procedure: Procedure,
  side: 'left' | 'right',
): Promise<SideCounts> {
  const { amount } = procedure;
  const currency = amount ? quoteName(amount.currency) : quoteText(NO_CURRENCY);
  const value = amount ? `${quoteName(amount.column)}::decimal(24,6)` : '0::decimal(24,6)';
  const rows = await duck.rows(
    `select ${currency} as currency, count(*) as items, sum(${value}) as amount
       from ${viewOf(side)} group by 1 order by 1`,
  );
  const totals = rows.map((row) => ({
    currency: row.currency ?? '',
    items: row.items ?? '0',
    amount: normalizeAmount(row.amount ?? '0'),
  }));
  return { totals, missing: await missingValues(duck, procedure, side) };
}

/** Files that say of a column that it has no gap are not read for it. */
async function missingValues(
  duck: DuckDb,
  procedure: Procedure,
  side: 'left' | 'right',
): Promise<Record<string, bigint>> {
  const { amount } = procedure;
  const needed = [...procedure.key, ...(amount ? [amount.column, amount.currency] : [])];
  const names = [...new Set(needed)];
  const counts = names.map((name, i) => `count(*) - count(${quoteName(name)}) as missing${i}`);
  const gaps = names.map((name) => `${quoteName(name)} is null`);
  const [row] = await duck.rows(
    `select ${counts.join(', ')} from ${viewOf(side)} where ${gaps.join(' or ')}`,
  );
  const found = names.map((name, i): [string, bigint] => [name, BigInt(row?.[`missing${i}`] ?? 0)]);
  return Object.fromEntries(found.filter(([, items]) => items > 0n));
}

import type { Knex } from 'knex';
import { quoteName } from '../core/sql-text';
import type { BooksTable } from './books-tables';
import type { Origin } from './merge-staged';
import type { CurrencyTotal } from './record-extract';

/** An origin of rows, and what is to be known of those it has in a table. */
export interface Holder {
  table: BooksTable;
  origin: Origin;
  /** Business columns that are given. */
  names: readonly string[];
  /** Column whose totals by currency are kept; null where there is no amount. */
  amount: string | null;
  /** The only ones that rows may belong to, where given. */
  entities?: readonly string[];
}

/** Current rows of the origin, their totals, and how many are of entities that were not given. */
export async function holdings(
  trx: Knex,
  { table, origin, amount, entities, names }: Holder,
): Promise<{ rows: string; strangers: bigint; totals: CurrencyTotal[] }> {
  const [code, sum] = amount === null ? ['null::text', '0'] : ['currency', quoteName(amount)];
  const stranger =
    entities !== undefined && names.includes('entity_id')
      ? 'entity_id <> all (?::text[])'
      : 'false';
  const found = await trx.raw<{ rows: (CurrencyTotal & { strangers: string })[] }>(
    `select ${code} as currency, count(*) as rows, count(*) filter (where ${stranger})
       as strangers, trim_scale(coalesce(sum(${sum}), 0)) as amount
     from books.${table.versions}
     where sys_to = 'infinity' and source = ? and source_account = ? and source_object = ?
     group by 1 order by 1`,
    [
      ...(stranger === 'false' ? [] : [[...(entities ?? [])]]),
      ...[origin.source, origin.account, origin.object],
    ],
  );
  const sumOf = (of: (row: (typeof found.rows)[number]) => string): bigint =>
    found.rows.reduce((total, row) => total + BigInt(of(row)), 0n);
  return {
    rows: String(sumOf(({ rows }) => rows)),
    strangers: sumOf(({ strangers }) => strangers),
    totals: amount === null ? [] : found.rows.map(totalOf),
  };
}

const totalOf = ({ currency, rows, amount }: CurrencyTotal): CurrencyTotal => ({
  currency,
  rows,
  amount,
});

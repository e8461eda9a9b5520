import type { Client } from 'pg';
import type { CurrencyTotal } from '../../books/record-extract';
import { quoteName } from '../../core/sql-text';
import { copyOut } from '../../platform/database/copy';
import type { WarehouseConfig } from '../../platform/source-config';

export type WarehouseQuery = WarehouseConfig['tables'][string];

/** What the server itself says a query gives, by its own aggregates. */
export interface QueryTotals {
  rows: string;
  totals: CurrencyTotal[];
  query: string;
}

const bare = ({ query }: WarehouseQuery): string => query.trim().replace(/;$/, '');

/** Columns of a query, without reading a row; a text of several statements is refused. */
export async function queryColumns(client: Client, query: WarehouseQuery): Promise<string[]> {
  const text = `select * from (\n${bare(query)}\n) as declared limit 0`;
  const result = await client.query({ text, values: [], queryMode: 'extended' } as {
    text: string;
    values: [];
  });
  return result.fields.map(({ name }) => name);
}

/** Count and sums by currency of a query's rows, as the server adds them up. */
export async function queryTotals(client: Client, query: WarehouseQuery): Promise<QueryTotals> {
  const { amount, currency } = query;
  const code =
    typeof currency === 'string'
      ? `'${currency}'`
      : currency === undefined
        ? 'null::text'
        : quoteName(currency.column);
  const sum = amount === undefined ? '0' : `trim_scale(coalesce(sum(${quoteName(amount)}), 0))`;
  const text = `select ${code} as currency, count(*) as rows, ${sum} as amount
    from (\n${bare(query)}\n) as declared group by 1 order by 1`;
  const result = await client.query<{ currency: string | null; rows: string; amount: string }>(
    text,
  );
  const rows = result.rows.reduce((total, one) => total + BigInt(one.rows), 0n);
  const totals = result.rows.map((one) => ({
    currency: one.currency ?? '',
    rows: String(one.rows),
    amount: String(one.amount),
  }));
  return { rows: String(rows), totals: amount === undefined ? [] : totals, query: text };
}

/**
 * The rows of a query as lines of COPY's text format, streamed by the server at the reader's pace.
 * A reader that leaves early waits until the rest has gone by: the connection, and with it the
 * snapshot of the other tables, stays.
 */
export async function* queryLines(
  client: Client,
  query: WarehouseQuery,
  columns: readonly string[],
): AsyncGenerator<Buffer> {
  const names = columns.map(quoteName).join(', ');
  const sql = `copy (select ${names} from (\n${bare(query)}\n) as declared) to stdout`;
  const chunks: AsyncIterator<Buffer> = copyOut(client, sql)[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await chunks.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    for (;;) if ((await chunks.next()).done) break;
  }
}

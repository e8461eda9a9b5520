import { askRows } from './check-salesforce';
import type { ObjectJob } from './object-job';
import { IncompleteQuery } from './read-query';
import { splitRecords } from './split-records';
import { countSoql, windowCondition, type InstantRange } from './soql';

/** What the server counts, by currency, and how it was asked. */
export interface WindowCount {
  rows: number;
  byCurrency: Map<string, number>;
  query: string;
}

/**
 * Asks Salesforce how many records a window has, deleted ones included, by the condition they are
 * read by. Null where it does not count this object. Amounts are not asked for: SUM of a currency
 * field comes in the corporate currency, even by CurrencyIsoCode.
 */
export async function countWindow(
  { connection, plan, currency }: Pick<ObjectJob, 'connection' | 'plan' | 'currency'>,
  range: InstantRange | null,
): Promise<WindowCount | null> {
  if (!plan.canCount) return null;
  const { name, stamp } = plan.object;
  const query = countSoql(name, windowCondition(stamp, range), plan.hasCurrency);
  const byCurrency = new Map<string, number>();
  let rows = 0;
  for (const row of await askRows(connection, query, true)) {
    const code = row['CurrencyIsoCode'];
    const n = Number(row['n'] ?? row['expr0']);
    // An org that does not add up is asked for the size of the answer alone.
    if (!Number.isSafeInteger(n)) return sizeOf({ connection, currency }, query, name);
    const key = typeof code === 'string' ? code : (currency ?? '');
    if (n > 0) byCurrency.set(key, (byCurrency.get(key) ?? 0) + n);
    rows += n;
  }
  return { rows, byCurrency, query };
}

/** COUNT() has no rows: its number is the size of the answer. */
async function sizeOf(
  { connection, currency }: Pick<ObjectJob, 'connection' | 'currency'>,
  counted: string,
  name: string,
): Promise<WindowCount> {
  const query = counted
    .replace(/^SELECT .*? FROM /, 'SELECT COUNT() FROM ')
    .replace(/ GROUP.*/, '');
  const path = `/queryAll?q=${encodeURIComponent(query)}`;
  const rows = await connection.ask({ path }, ({ body }) => splitRecords(body)?.totalSize ?? null);
  if (!Number.isSafeInteger(rows)) throw new IncompleteQuery(`${name}: the count is no number`);
  return { rows, byCurrency: new Map(rows > 0 ? [[currency ?? '', rows]] : []), query };
}

/**
 * Divides a stretch until no part has more records than a window may. Records that share one
 * second cannot be divided.
 */
export async function divideRange(
  job: Pick<ObjectJob, 'connection' | 'plan' | 'currency' | 'limits'>,
  range: InstantRange,
): Promise<InstantRange[]> {
  const count = await countWindow(job, range);
  const [fromMs, toMs] = [new Date(range.from).getTime(), new Date(range.to).getTime()];
  const middleMs = fromMs + Math.ceil((toMs - fromMs) / 2000) * 1000;
  if (count === null || count.rows <= job.limits.windowRows || middleMs >= toMs) return [range];
  const middle = new Date(middleMs).toISOString();
  return [
    ...(await divideRange(job, { from: range.from, to: middle })),
    ...(await divideRange(job, { from: middle, to: range.to })),
  ];
}

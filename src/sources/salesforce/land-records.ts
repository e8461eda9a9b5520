import { parseExactJson } from '../../books/exact-json';
import { landRaw, type RawLanding, type RawObservation } from '../../books/land-raw';
import { PayloadReader } from '../../books/payload-reader';
import type { CurrencyTotal } from '../../books/record-extract';
import { addAmounts } from '../../core/money';
import { streamOf, type ObjectJob } from './object-job';
import { keysetSoql, type InstantRange, type KeysetQuery } from './soql';
import { readBulk } from './read-bulk';
import { nothingRead, readQuery, type QueryRead, type RawRecord } from './read-query';

/** Records as they were read and landed in one go. */
export interface LandedRecords {
  landing: RawLanding;
  read: QueryRead;
  query: string;
  records: { id: string; stamp: string; currency: string; amount: string }[];
}

/** Reads what a query gives and keeps it byte for byte, in one transaction. */
export async function landQuery(
  job: ObjectJob,
  query: KeysetQuery,
  expectedRows: number,
): Promise<LandedRecords> {
  const read = nothingRead();
  const records: LandedRecords['records'] = [];
  const soql = keysetSoql(query, null);
  const { connection, sleep, plan, limits } = job;
  const pages =
    expectedRows > limits.bulkRows
      ? readBulk(connection, soql, plan, read, sleep)
      : readQuery(connection, query, read);
  const landing = await landRaw(
    job.database,
    {
      ...streamOf(job),
      apiVersion: connection.apiVersion,
      observations: observe(job, pages, records),
    },
    job,
  );
  return { landing, read, query: soql, records };
}

async function* observe(
  job: ObjectJob,
  pages: AsyncIterable<RawRecord[]>,
  records: LandedRecords['records'],
): AsyncGenerator<RawObservation> {
  for await (const page of pages) {
    const observedAt = job.clock.now();
    for (const record of page) {
      records.push({ id: record.id, stamp: record.stamp, ...moneyOf(record, job) });
      const { id: objectId, payload, reference: requestRef } = record;
      yield { objectId, observedAt, payload, requestRef };
    }
    job.progress(page.length);
  }
}

function moneyOf(
  { id, payload }: RawRecord,
  { plan, currency }: ObjectJob,
): { currency: string; amount: string } {
  const { name: object, amount } = plan.object;
  const isMixed = !plan.hasCurrency && currency === null;
  if (isMixed || (amount === null && !plan.hasCurrency))
    return { currency: currency ?? '', amount: '0' };
  const reader = PayloadReader.of(parseExactJson(payload), { object, objectId: id });
  const own = plan.hasCurrency ? reader.optionalText('CurrencyIsoCode') : null;
  const value = amount === null ? null : reader.optionalDecimal(amount);
  return { currency: own ?? currency ?? '', amount: value ?? '0' };
}

/** Sums of native amounts, by the currency each record names. */
export function totalsOf(records: LandedRecords['records']): CurrencyTotal[] {
  const totals = new Map<string, { rows: number; amount: string }>();
  for (const { currency, amount } of records) {
    const total = totals.get(currency) ?? { rows: 0, amount: '0' };
    totals.set(currency, { rows: total.rows + 1, amount: addAmounts(total.amount, amount) });
  }
  return [...totals]
    .map(([currency, { rows, amount }]) => ({ currency, rows: String(rows), amount }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** The query of a window; a second pass goes by another key than the first. */
export function windowQuery(
  { plan }: Pick<ObjectJob, 'plan'>,
  range: InstantRange | null,
  order: KeysetQuery['order'],
): KeysetQuery {
  const { name: object, stamp } = plan.object;
  return { object, stamp, fields: plan.fields, range, order };
}

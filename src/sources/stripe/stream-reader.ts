import type { SourceTotal } from '../../books/window-state';
import { addAmounts } from '../../core/money';
import { activityOf, agree, listed, type BalanceReports } from './balance-report';
import { readList } from './read-list';
import { sameTotals, secondPass } from './second-pass';
import type { StripeLists } from './stripe-lists';
import type { StripeStream } from './streams';
import type { WindowProof, WindowReader } from './window-reader';
import type { WindowTally } from './window-tally';

/**
 * A page of a list takes Stripe longer than its rate allows another one: several months of a first
 * read are asked for at once, each endpoint at its rate.
 */
const readingsAtOnce = 4;

export interface ReaderMeans {
  lists: StripeLists;
  reports: BalanceReports;
  /** Hears what stands in the way of a proof. */
  told: (window: WindowProof['window'], message: string) => void;
}

/** Reads an object that Stripe lists. */
export function streamReader(stream: StripeStream, means: ReaderMeans): WindowReader {
  const { lists } = means;
  const { object, endpoint, instant, amount, changes, part, by } = stream;
  const isWhole = by === 'whole' || lists.unfiltered.has(endpoint);
  const question = isWhole
    ? `${endpoint}, the whole list, by ${instant}`
    : `${endpoint} by ${instant}, inclusive bounds, every page`;
  return {
    ...{ object, instant, amount, changes, part, question, parents: [] },
    serves: isWhole ? 'all' : 'one',
    readingsAtOnce,
    settledOnly: false,
    pages: (range, read) => readList(lists, stream, stream.list, { range, read }),
    find: stream.get && ((id) => lists.get(stream, id)),
    prove: (proof) => prove(stream, proof, means),
  };
}

async function prove(
  stream: StripeStream,
  proof: WindowProof,
  { lists, reports, told }: ReaderMeans,
): Promise<SourceTotal> {
  const { window, tally, composed } = proof;
  if (stream.object === 'balance_transaction') {
    const total = await activityOf(reports, window);
    return total.status === 'unavailable' ? total : withPayouts(total, proof);
  }
  const second = await secondPass(lists, stream, proof, (message) => told(window, message));
  if (stream.object !== 'payout' || second.status === 'differs') return second;
  if (sameTotals(tally, composed)) return second;
  const query = 'GET /v1/balance_transactions?payout=, summed up for each automatic payout';
  return { status: 'differs', totals: composed.totals, query };
}

/** The report leaves payouts out: they are added as they were read, so both sides are whole. */
function withPayouts(
  report: Exclude<SourceTotal, { status: 'unavailable' }>,
  { tally, composed }: WindowProof,
): SourceTotal {
  const own = new Map(composed.totals.map((one) => [one.currency, one]));
  const totals = new Map<string, { rows: bigint; amount: string }>();
  for (const { currency, rows, amount } of tally.totals) {
    const activity = own.get(currency);
    totals.set(currency, {
      rows: BigInt(rows) - BigInt(activity?.rows ?? 0),
      amount: addAmounts(amount, `${negated(activity)}`),
    });
  }
  for (const { currency, rows, amount } of report.totals) {
    const payouts = totals.get(currency) ?? { rows: 0n, amount: '0' };
    totals.set(currency, {
      rows: payouts.rows + BigInt(rows),
      amount: addAmounts(payouts.amount, amount),
    });
  }
  const whole = listed(totals);
  return {
    status: agree(whole, tally.totals) ? 'agrees' : 'differs',
    totals: whole,
    query: `${report.query}; payouts, which it leaves out, as they were read`,
  };
}

const negated = (total: { amount: string } | undefined): string => {
  const amount = total?.amount ?? '0';
  return amount.startsWith('-') ? amount.slice(1) : `-${amount}`;
};

/** Categories that the report of the balance's activity leaves out. */
const payoutCategories = new Set(['payout', 'payout_reversal']);

/** Notes what the independent question counts of an object: see WindowProof. */
export function noteComposed(
  object: string,
  composed: WindowTally,
  item: { id: string; fields: Readonly<Record<string, unknown>> },
  amount: number | null,
): void {
  const { id, fields } = item;
  if (object === 'payout') composed.note(id, amount === null ? fields : { ...fields, amount });
  if (object !== 'balance_transaction') return;
  const category = fields['reporting_category'];
  if (typeof category !== 'string' || !payoutCategories.has(category)) composed.note(id, fields);
}

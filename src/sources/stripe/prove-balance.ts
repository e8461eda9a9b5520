import type { Knex } from 'knex';
import { addAmounts, compareAmounts } from '../../core/money';
import { summaryReport, whyNot, type BalanceReports } from './balance-report';
import { dayMs } from './plan-windows';

/** The balance of a currency over everything that was read: opening + movements = closing. */
export interface BalanceProof {
  currency: string;
  from: string;
  to: string;
  opening: string;
  movements: string;
  closing: string;
  agrees: boolean;
}

/**
 * Automatic payouts count when they leave the balance, days after they were made (CONTROLS S18):
 * those made before the first day that is read have left it by then.
 */
const settlingDays = 14;

/** Holds the balance that Stripe reports against the movements in the books; or says why not. */
export async function proveBalance(
  database: Knex,
  { account, since }: { account: string; since: string },
  reports: BalanceReports,
): Promise<BalanceProof[] | { reason: string }> {
  const from = new Date(`${since}T00:00:00Z`).getTime() / 1000 + (settlingDays * dayMs) / 1000;
  try {
    const to = await reports.dataThrough(summaryReport);
    if (to === null) return { reason: `Stripe offers no report ${summaryReport}` };
    if (to <= from) return { reason: `less than ${settlingDays} days were read` };
    const rows = await reports.rows(summaryReport, { from, to });
    const [start, end] = [from, to].map((at) => new Date(at * 1000).toISOString());
    const own = await movements(database, account, start ?? '', end ?? '');
    const amountOf = (currency: string, category: string): string =>
      rows.find((row) => row['currency'] === currency && row['category'] === category)?.[
        'net_amount'
      ] ?? '0';
    const reported = new Set(rows.map(({ currency = '' }) => currency));
    for (const currency of own.keys()) reported.add(currency.toLowerCase());
    return [...reported].sort().map((currency): BalanceProof => {
      const opening = amountOf(currency, 'starting_balance');
      const closing = amountOf(currency, 'ending_balance');
      const sum = own.get(currency.toUpperCase()) ?? '0';
      const agrees = compareAmounts(addAmounts(opening, sum), closing) === 0;
      const span = { from: start ?? '', to: end ?? '' };
      return {
        currency: currency.toUpperCase(),
        ...span,
        opening,
        movements: sum,
        closing,
        agrees,
      };
    });
  } catch (cause) {
    return { reason: whyNot(cause) };
  }
}

async function movements(
  database: Knex,
  account: string,
  from: string,
  to: string,
): Promise<Map<string, string>> {
  const result = await database.raw<{ rows: { currency: string; net: string }[] }>(
    `with counted as (
       select b.currency, b.net, case when p.payout_id is null then b.created_at
           else b.available_at end as at
       from books.balance_transactions b
       left join books.payouts p on p.payout_id = b.document_id and p.automatic
         and b.type = 'payout'
       where b.source = 'stripe' and b.source_account = ?)
     select currency, sum(net)::text as net from counted
     where at >= ?::timestamptz and at < ?::timestamptz group by currency`,
    [account, from, to],
  );
  return new Map(result.rows.map(({ currency, net }) => [currency, net]));
}

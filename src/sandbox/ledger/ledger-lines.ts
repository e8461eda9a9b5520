import type { Minor } from '../kit/units';
import type { Posting, RevenueBooks, RevenueEntry } from '../truth/ledger';

const categories: readonly Posting['category'][] = [
  'REVENUE',
  'RECEIVABLES',
  'CASH',
  'FX',
  'MANUAL',
  'CREDIT_LOSS',
  'ACCRUAL',
];

/** The category that a journal's id names. */
export const categoryOf = (journalId: string): Posting['category'] =>
  categories.find((category) => journalId.includes(`-${category}`)) ?? 'MANUAL';

/**
 * The general ledger's lines of one customer: its postings, and its revenue entries summed by
 * journal, account, currency and side, as the interface sends them (GL-04).
 */
export function ledgerLines({ entries, postings }: RevenueBooks, customerKey: string): Posting[] {
  const sums = new Map<string, { entry: RevenueEntry; amount: Minor; functional: Minor }>();
  for (const entry of entries) {
    const key = `${entry.journalId}/${entry.account}/${entry.currency}/${entry.side}`;
    const sum = sums.get(key);
    if (sum === undefined) {
      sums.set(key, { entry, amount: entry.amount, functional: entry.functional });
      continue;
    }
    sum.amount += entry.amount;
    sum.functional += entry.functional;
  }
  const lines = [...sums.values()].map(({ entry, amount, functional }): Posting => {
    const isDebit = entry.side === 'D';
    return {
      journalId: entry.journalId,
      entity: entry.entity,
      category: categoryOf(entry.journalId),
      period: entry.period,
      effectiveOn: entry.entryOn,
      postedAt: entry.postedAt,
      account: entry.account,
      debit: isDebit ? amount : 0n,
      credit: isDebit ? 0n : amount,
      currency: entry.currency,
      functionalDebit: isDebit ? functional : 0n,
      functionalCredit: isDebit ? 0n : functional,
      customerKey,
      docRef: null,
    };
  });
  return [...postings, ...lines];
}

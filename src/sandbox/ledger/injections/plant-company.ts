import { firstOfMonth, HOUR, monthOf, utcDay, type Instant } from '../../kit/instants';
import { majorText, type Minor } from '../../kit/units';
import type { PaidOut } from '../../cash/pay-out';
import { entities, type EntityId } from '../../truth/company';
import type { LedgerPeriod, Posting } from '../../truth/ledger';
import type { WorldContext } from '../../world/customer-world';
import type { CompanyInjection, ExpectedFinding, Magnitude } from '../../world/injection';
import { accounts } from '../accounts';
import { accountant, controllers, type CompanyLedger } from '../company-ledger';
import type { JournalHead } from '../general-ledger';
import { lastOfMonth } from '../ledger-days';
import { finding } from './plant';

/** The company's side of a world, closed and not yet written. */
export interface CompanyBooks {
  paidOut: PaidOut;
  ledger: CompanyLedger;
}

type Change = (books: CompanyBooks, magnitude: Magnitude, ctx: WorldContext) => ExpectedFinding[];

const planted = (id: string, title: string, apply: Change): CompanyInjection<CompanyBooks> => ({
  ...{ id, title },
  apply,
});

const home: EntityId = 'ni-us';

/** The last period of the home entity that is closed for good. */
function lastClosed({ ledger }: CompanyBooks): (LedgerPeriod & { closedAt: Instant }) | null {
  const closed = ledger.periods.filter((p) => p.entity === home && p.closedAt !== null);
  const last = closed.at(-1);
  return last === undefined || last.closedAt === null ? null : { ...last, closedAt: last.closedAt };
}

interface Manual {
  id: string;
  period: string;
  postedAt: Instant;
  debit: string;
  credit: string;
  amount: Minor;
  head: Partial<JournalHead>;
}

/**
 * A journal that somebody made by hand, approved by the controller unless `head` says
 * otherwise.
 */
function addManual({ ledger }: CompanyBooks, of: Manual): string {
  const on = lastOfMonth(of.period);
  const journalId = `JE-${home}-${on.replaceAll('-', '')}-MANUAL-${of.id}`;
  const line = (account: string, debit: Minor, credit: Minor): Posting => ({
    ...{ journalId, entity: home, category: 'MANUAL', period: of.period, effectiveOn: on },
    ...{ postedAt: of.postedAt, account, debit, credit, currency: entities[home].currency },
    ...{ functionalDebit: debit, functionalCredit: credit, customerKey: null, docRef: null },
  });
  ledger.journals.push({
    head: {
      ...{ source: 'MANUAL', createdBy: accountant, approvedBy: controllers[home] },
      ...{ approvedAt: of.postedAt - HOUR, description: 'Correction' },
      ...of.head,
    },
    lines: [line(of.debit, of.amount, 0n), line(of.credit, 0n, of.amount)],
  });
  return journalId;
}

/** While the month is still open: the afternoon of its last day. */
const inTime = (period: string): Instant =>
  entities[home].zone.startOf(lastOfMonth(period)) + 16 * HOUR;

const sized = (magnitude: Magnitude, low: Minor, high: Minor): Minor =>
  magnitude === 'high' ? high : low;

/** Anomalies of no one customer: payouts and the bank, periods, entries made by hand. */
export const companyInjections: readonly CompanyInjection<CompanyBooks>[] = [
  planted('A59', 'A payout never reaches the bank', ({ paidOut }, magnitude, { options }) => {
    const paid = paidOut.payouts
      .filter(({ status, automatic }) => status === 'paid' && automatic)
      // Of a month that is over: the bank may still book the others.
      .filter(({ arrivalOn }) => arrivalOn < firstOfMonth(monthOf(utcDay(options.now))))
      .sort((a, b) => (a.amount < b.amount ? -1 : 1));
    const old = paid.filter((payout) => {
      return paidOut.bankLines.some(({ reference }) => reference.endsWith(payout.traceId ?? '-'));
    });
    const payout = magnitude === 'high' ? old.at(-1) : old[0];
    if (payout === undefined) return [];
    paidOut.bankLines = paidOut.bankLines.filter(({ reference }) => {
      return !reference.endsWith(payout.traceId ?? '-');
    });
    return [finding('CA04-NOT_IN_BANK', payout.id, payout.amount, payout.currency)];
  }),
  planted('A60', 'A failed payout is not reversed in the ledger', ({ paidOut, ledger }) => {
    const payout = paidOut.payouts.find(({ failedAt }) => failedAt !== null);
    if (payout === undefined || payout.failedAt === null) return [];
    const day = entities[payout.entity].zone.dayOf(payout.failedAt);
    for (const journal of ledger.journals)
      journal.lines = journal.lines.filter(({ docRef, effectiveOn }) => {
        return docRef !== payout.id || effectiveOn !== day;
      });
    return [finding('CA04-FAILED_NOT_REVERSED', payout.id, payout.amount, payout.currency)];
  }),
  planted('A89', 'A journal is posted into a closed period', (books, magnitude, { options }) => {
    const period = lastClosed(books);
    if (period === null) return [];
    const postedAt = Math.min(period.closedAt + 30 * HOUR, options.now - 60);
    const amount = sized(magnitude, 512_37n, 4_812_345n);
    const key = addManual(books, {
      ...{ id: 'A89', period: period.period, postedAt, amount },
      ...{ debit: accounts.bankCharges, credit: accounts.suspense, head: {} },
    });
    return [finding('GL01-POST_CLOSED', key, amount, entities[home].currency)];
  }),
  planted('A90', 'A period is open again for 40 minutes, approved by nobody', (books) => {
    const period = lastClosed(books);
    const own = books.ledger.periods.find((one) => {
      return one.entity === home && one.period === period?.period;
    });
    if (period === null || own === undefined) return [];
    own.reopenedAt = period.closedAt + 50 * HOUR;
    own.closedAt = own.reopenedAt + 40 * 60;
    own.reopenedBy = accountant;
    return [finding('GL01-REOPENED_UNAPPROVED', `${home}/${period.period}`)];
  }),
  planted('A91', 'A round million moves from deferred to revenue by one person', (books) => {
    const period = lastClosed(books);
    if (period === null) return [];
    const amount = 100_000_000n;
    const key = addManual(books, {
      ...{ id: 'A91', period: period.period, postedAt: inTime(period.period), amount },
      ...{ debit: accounts.contractLiability, credit: '4030' },
      head: { approvedBy: accountant, description: `Release ${majorText(amount, 'USD')}` },
    });
    return ['GL02-SAME_PREPARER_APPROVER', 'GL02-ROUND_AMOUNT', 'GL02-UNUSUAL_PAIR'].map((code) =>
      finding(code, key, amount, 'USD'),
    );
  }),
  planted('A92', 'An accrual flagged as reversing is not reversed', (books, magnitude) => {
    const period = lastClosed(books);
    if (period === null) return [];
    const amount = sized(magnitude, 1_250_50n, 23_417_650n);
    const key = addManual(books, {
      ...{ id: 'A92', period: period.period, postedAt: inTime(period.period), amount },
      ...{ debit: accounts.unbilled, credit: '4030' },
      head: { description: 'Accrual of unbilled services; auto-reverse on day 1' },
    });
    return [finding('GL02-NO_REVERSAL', key, amount, 'USD')];
  }),
  planted('A93', 'The roll-forward of deferred revenue is plugged', (books, magnitude) => {
    const period = lastClosed(books);
    if (period === null) return [];
    const amount = sized(magnitude, 310_09n, 7_904_112n);
    addManual(books, {
      ...{ id: 'A93', period: period.period, postedAt: inTime(period.period), amount },
      ...{ debit: accounts.suspense, credit: accounts.contractLiability },
      head: { description: 'Roll-forward difference' },
    });
    const key = `${home}/${accounts.contractLiability}/USD/${period.period}`;
    return [finding('GL03-ROLL', key, amount, 'USD')];
  }),
  planted('A96', 'Receivables are changed by hand', (books, magnitude, { options }) => {
    const period = lastClosed(books);
    if (period === null) return [];
    const amount = sized(magnitude, 88_15n, 5_230_077n);
    const key = addManual(books, {
      ...{ id: 'A96', period: period.period, amount },
      postedAt: Math.min(inTime(period.period), options.now - 60),
      ...{ debit: accounts.receivables, credit: accounts.refundsAndCredits },
      head: { description: `Receivables, ${monthOf(period.start)}` },
    });
    return [finding('GL04-NON_INTERFACE_IN_CONTROL_ACCT', key, amount, 'USD')];
  }),
];

import { addDays, HOUR, monthOf, type Day, type Instant } from '../kit/instants';
import { divideHalfUp, type Minor } from '../kit/units';
import { bankCalendars } from '../cash/bank-calendars';
import type { PaidOut } from '../cash/pay-out';
import { payoutDay } from '../cash/stripe-balance';
import { convertAt, ratesOf } from '../company/fx-rates';
import { entities, type Entity, type EntityId } from '../truth/company';
import type { LedgerPeriod, Posting, RevenueBooks } from '../truth/ledger';
import type { WorldContext } from '../world/customer-world';
import type { WarehouseRow } from '../world/records';
import { accounts, isMonetary } from './accounts';
import { GeneralLedger, lineRow, type JournalHead } from './general-ledger';
import { journalIdOf, lastOfMonth, postedAfterMonth } from './ledger-days';
import { ledgerLines } from './ledger-lines';
import { firstMonth, ledgerPeriods } from './periods';
import { PostingBook } from './posting-book';
import { renderPeriods } from './render-ledger';

/** A journal that belongs to no customer: its head and its lines. */
export interface CompanyJournal {
  head: Partial<JournalHead>;
  lines: Posting[];
}

/** Who closes the books and who prepares the entries that no system makes. */
export const controllers = { 'ni-us': 'marguerite.solano', 'ni-ie': 'marguerite.solano' } as const;
export const accountant = 'quynh.tran';

/** Allowance for credit losses, in millionths of receivables (ASC 326-20-30). */
const allowanceShare = 12_000n;

/**
 * The company's ledger: customers' lines stream through `rowsOf`; then `close` adds what belongs to
 * no customer — payouts, bank, Stripe's monthly fee, the allowance, revaluation at closing rates —
 * and `render` gives the rest. What `journals` and `periods` hold may be changed in between.
 */
export class CompanyLedger {
  readonly journals: CompanyJournal[] = [];
  readonly periods: LedgerPeriod[];
  private readonly ledger = new GeneralLedger();

  constructor(private readonly ctx: WorldContext) {
    this.periods = ledgerPeriods(ctx.options.now, controllers);
  }

  /** The general ledger's lines of one customer. */
  *rowsOf(books: RevenueBooks, customerKey: string): Iterable<WarehouseRow> {
    for (const line of ledgerLines(books, customerKey)) yield lineRow(line, this.ledger.add(line));
  }

  /** Adds the company's own journals. */
  close(paidOut: PaidOut): void {
    for (const entity of Object.values(entities)) {
      const cash = this.cashPostings(entity, paidOut);
      this.journals.push({ head: {}, lines: cash });
      this.closeMonths(entity, cash);
    }
  }

  /** Everything that is not a customer's: company lines, journals, balances, periods, accounts. */
  *render(): Iterable<WarehouseRow> {
    for (const { head, lines } of this.journals)
      for (const line of lines) yield lineRow(line, this.ledger.add(line, head));
    yield* this.ledger.renderJournals();
    yield* this.ledger.renderBalances(monthOf(entities['ni-ie'].zone.dayOf(this.ctx.options.now)));
    yield* renderPeriods(this.periods);
  }

  /** Payouts leave the Stripe balance, are in transit, and reach the bank on its own day. */
  private cashPostings(entity: Entity, paidOut: PaidOut): Posting[] {
    const { seed, now } = this.ctx.options;
    const book = new PostingBook(entity.id, null, seed, now);
    const move = (day: Day, to: string, from: string, of: MoneyOf): void => {
      const { currency, docRef, amount } = of;
      book.post(day, 'CASH', [
        { account: to, amount, currency, docRef },
        { account: from, amount: -amount, currency, docRef },
      ]);
    };
    const { cashInTransit, stripeClearing, bank, processorFees } = accounts;
    for (const payout of paidOut.payouts) {
      if (payout.entity !== entity.id) continue;
      const of = { amount: payout.amount, currency: payout.currency, docRef: payout.id };
      move(payoutDay(payout), cashInTransit, stripeClearing, of);
      if (payout.failedAt !== null)
        move(entity.zone.dayOf(payout.failedAt), stripeClearing, cashInTransit, of);
    }
    for (const { entity: id, amount, currency, txnId, bookedOn } of paidOut.bankLines)
      if (id === entity.id)
        move(bookedOn, bank, cashInTransit, { amount, currency, docRef: txnId });
    for (const { entity: of, type, net, currency, id, createdAt } of paidOut.movements)
      if (of === entity.id && type === 'stripe_fee')
        move(entity.zone.dayOf(createdAt), stripeClearing, processorFees, {
          ...{ amount: net, currency, docRef: id },
        });
    return book.postings();
  }

  private closeMonths(entity: Entity, cash: readonly Posting[]): void {
    const { now } = this.ctx.options;
    const books = new MonthlyBalances(this.ledger, entity.id, cash);
    for (
      let last = lastOfMonth(firstMonth);
      postedAfterMonth(entity, last, true) + HOUR <= now;
      last = lastOfMonth(monthOf(addDays(last, 1)))
    ) {
      const revaluation = this.revalue(entity, last, books);
      books.add(revaluation);
      this.journals.push({
        head: { source: 'REVALUATION', description: `Revaluation at closing rates, ${last}` },
        lines: revaluation,
      });
      const allowance = this.provide(entity, last, books);
      if (allowance === null) continue;
      books.add(allowance.lines);
      this.journals.push(allowance);
    }
  }

  /** Monetary balances in other currencies, at the closing rate of the month (ASC 830-20-35). */
  private revalue(entity: Entity, last: Day, books: MonthlyBalances): Posting[] {
    const month = monthOf(last);
    const rates = ratesOf(this.ctx.options.seed);
    const lines: Posting[] = [];
    let gain = 0n;
    for (const { account, currency, amount, functional } of books.through(month)) {
      if (currency === entity.currency || !isMonetary(account)) continue;
      const rate = rates.spot(currency, entity.currency, last);
      const by = convertAt(amount, currency, entity.currency, rate) - functional;
      if (by === 0n) continue;
      gain += by;
      lines.push(this.runLine(entity, last, 'FX', { account, currency, functional: by }));
    }
    if (gain !== 0n || lines.length > 0) {
      const { currency } = entity;
      const account = accounts.exchange;
      lines.push(this.runLine(entity, last, 'FX', { account, currency, functional: -gain }));
    }
    return lines;
  }

  /** The allowance is a person's entry, approved by the controller before the soft close. */
  private provide(entity: Entity, last: Day, books: MonthlyBalances): CompanyJournal | null {
    const month = monthOf(last);
    const balance = (account: string): Minor =>
      books
        .through(month)
        .filter((of) => of.account === account)
        .reduce((sum, { functional }) => sum + functional, 0n);
    const target = divideHalfUp(-balance(accounts.receivables) * allowanceShare, 1_000_000n);
    const by = target - balance(accounts.allowance);
    const day = bankCalendars[entity.calendar].add(last, 2);
    const postedAt = entity.zone.startOf(day) + 11 * HOUR;
    if (by === 0n || postedAt > this.ctx.options.now) return null;
    const { currency } = entity;
    const line = (account: string, amount: Minor): Posting => ({
      ...this.runLine(entity, last, 'MANUAL', { account, currency, functional: amount }),
      ...{ debit: amount > 0n ? amount : 0n, credit: amount < 0n ? -amount : 0n, postedAt },
    });
    return {
      head: {
        ...{ source: 'MANUAL', createdBy: accountant, approvedBy: controllers[entity.id] },
        approvedAt: postedAt - HOUR,
        description: `Allowance for credit losses, ${month}: 1.2 % of receivables`,
      },
      lines: [line(accounts.creditLoss, -by), line(accounts.allowance, by)],
    };
  }

  private runLine(
    entity: Entity,
    last: Day,
    category: 'FX' | 'MANUAL',
    { account, currency, functional }: { account: string; currency: string; functional: Minor },
  ): Posting {
    return {
      ...{ journalId: journalIdOf(entity.id, last, category, true), entity: entity.id, category },
      ...{ period: monthOf(last), effectiveOn: last, account, currency, debit: 0n, credit: 0n },
      postedAt: runsAt(entity, last),
      functionalDebit: functional > 0n ? functional : 0n,
      functionalCredit: functional < 0n ? -functional : 0n,
      ...{ customerKey: null, docRef: null },
    };
  }
}

interface MoneyOf {
  amount: Minor;
  currency: string;
  docRef: string;
}

const runsAt = (entity: Entity, last: Day): Instant => postedAfterMonth(entity, last, true) + HOUR;

/** Balances of one entity at month ends: what the customers' lines come to, and what is added. */
class MonthlyBalances {
  private readonly own = new GeneralLedger();

  constructor(
    private readonly customers: GeneralLedger,
    private readonly entity: EntityId,
    lines: readonly Posting[],
  ) {
    this.add(lines);
  }

  add(lines: readonly Posting[]): void {
    for (const line of lines) this.own.add(line);
  }

  through(month: string) {
    const keys = new Map(
      [...this.customers.accountKeys(), ...this.own.accountKeys()]
        .filter(({ entity }) => entity === this.entity)
        .map((key) => [`${key.account}/${key.currency}`, key]),
    );
    return [...keys.values()].map((key) => {
      const [one, other] = [this.customers.balance(key, month), this.own.balance(key, month)];
      const amount = one.amount + other.amount;
      return { ...key, amount, functional: one.functional + other.functional };
    });
  }
}

import type { Day } from '../kit/instants';
import { divideHalfUp, type Minor } from '../kit/units';
import type { Billing, Charge, Dispute, Invoice, Payment, Refund } from '../truth/billing';
import type { Customer } from '../truth/company';
import type { RevenueEntry } from '../truth/ledger';
import type { WorldContext } from '../world/customer-world';
import { accounts } from './accounts';
import type { Split } from './line-revenue';
import { PostingBook, type Leg } from './posting-book';
import type { RevenueLine } from './revenue-line';
import { Subledger } from './subledger';

/** An invoice in the ledger: what is owed of it, and what was written off. */
export interface OpenInvoice {
  invoice: Invoice;
  lines: RevenueLine[];
  open: Minor;
  openFunctional: Minor;
  writtenOff: WriteOff | null;
}

export interface WriteOff {
  amount: Minor;
  parts: Part[];
}

/** What a document took from one line. */
export interface Part {
  line: RevenueLine;
  split: Split;
  tax: Minor;
}

/** Everything that the documents of one customer share while they are posted. */
export class CustomerBooks {
  readonly book: PostingBook;
  readonly subledger: Subledger;
  readonly invoices = new Map<string, OpenInvoice>();
  readonly linesByKey = new Map<string, RevenueLine>();
  readonly payments = new Map<string, Payment>();
  readonly charges = new Map<string, { charge: Charge; payment: Payment }>();
  readonly refunds = new Map<string, Refund>();
  readonly disputes = new Map<string, Dispute>();
  /** The line that bought each paid grant. */
  readonly deposits = new Map<string, RevenueLine>();
  /** Tax not yet given back, by line. */
  private readonly openTax = new Map<RevenueLine, Minor>();

  constructor(
    readonly customer: Customer,
    readonly billing: Billing,
    readonly ctx: WorldContext,
  ) {
    const { seed, now } = ctx.options;
    this.book = new PostingBook(customer.entity, customer.key, seed, now);
    this.subledger = new Subledger(this.book.entity, seed, now);
    for (const payment of billing.payments) {
      this.payments.set(payment.key, payment);
      for (const charge of payment.charges) this.charges.set(charge.key, { charge, payment });
    }
    for (const refund of billing.refunds) this.refunds.set(refund.key, refund);
    for (const dispute of billing.disputes) this.disputes.set(dispute.key, dispute);
  }

  addLine(key: string, line: RevenueLine): void {
    this.linesByKey.set(key, line);
    this.openTax.set(line, line.facts.tax);
  }

  /** Receivable of an invoice, at the invoice's rate; positive adds. */
  receivable(of: OpenInvoice, amount: Minor, day: Day): Leg {
    const { invoice } = of;
    const { currency } = invoice;
    const whole = amount + of.open === 0n;
    const functional = whole
      ? -of.openFunctional
      : amount > 0n || of.open <= 0n
        ? this.book.functionalOf(amount, currency, day)
        : divideHalfUp(of.openFunctional * amount, of.open);
    of.open += amount;
    of.openFunctional += functional;
    return { account: accounts.receivables, amount, currency, functional, docRef: invoice.id };
  }

  /**
   * Shares an amount with tax out over the lines of an invoice, by what is open of them, and takes
   * it from each: the same for refunds, lost disputes and write-offs (CR-02).
   */
  takeFromLines(
    of: OpenInvoice,
    day: Day,
    amount: Minor,
    how: 'credit' | 'void' | 'hold',
  ): { parts: Part[]; rest: Minor } {
    const gross = of.lines.map((line) => line.openBase + this.taxOf(line));
    const total = gross.reduce((a, b) => a + b, 0n);
    const parts: Part[] = [];
    const shared = amount > total ? total : amount;
    let [seen, given] = [0n, 0n];
    for (const [i, line] of of.lines.entries()) {
      seen += gross[i] ?? 0n;
      const upTo = total === 0n ? 0n : shareOf(shared, seen, total);
      const share = upTo - given;
      given = upTo;
      if (share !== 0n) parts.push(this.takeFromLine(line, day, share, gross[i] ?? 0n, how));
    }
    return { parts, rest: amount - given };
  }

  private takeFromLine(
    line: RevenueLine,
    day: Day,
    share: Minor,
    gross: Minor,
    how: 'credit' | 'void' | 'hold',
  ): Part {
    const tax = gross === 0n ? 0n : shareOf(share, this.taxOf(line), gross);
    return this.takePart(line, day, { base: share - tax, tax }, how);
  }

  /** Takes a base and its tax from a line. */
  takePart(
    line: RevenueLine,
    day: Day,
    { base, tax }: { base: Minor; tax: Minor },
    how: 'credit' | 'void' | 'hold',
  ): Part {
    this.openTax.set(line, this.taxOf(line) - tax);
    return { line, split: line.credit(day, base, how), tax };
  }

  /** Gives a part back to its line. */
  giveBack({ line, split, tax }: Part, day: Day): void {
    this.openTax.set(line, this.taxOf(line) + tax);
    line.restore(day, split);
  }

  taxOf(line: RevenueLine): Minor {
    return this.openTax.get(line) ?? 0n;
  }

  /** The tax leg and the entries of parts taken (or given back, when turned round). */
  postParts(
    parts: readonly Part[],
    day: Day,
    { account, docRef, back = false }: { account: string; docRef: string; back?: boolean },
  ): { legs: Leg[]; entries: RevenueEntry[] } {
    const legs: Leg[] = [];
    const entries: RevenueEntry[] = [];
    for (const { line, split, tax } of parts) {
      const { currency } = line.facts;
      const sign = back ? -1n : 1n;
      const turned = { earned: sign * split.earned, deferred: sign * split.deferred };
      entries.push(...this.subledger.takeBack(line, day, turned, { account, docRef }));
      if (tax === 0n) continue;
      const functional = sign * line.functional(tax);
      legs.push({ account: accounts.tax, amount: sign * tax, currency, functional, docRef });
    }
    return { legs, entries };
  }
}

/** part of whole of an amount, rounded half up, for wholes of either sign. */
const shareOf = (amount: Minor, part: Minor, whole: Minor): Minor =>
  whole < 0n ? divideHalfUp(amount * -part, -whole) : divideHalfUp(amount * part, whole);

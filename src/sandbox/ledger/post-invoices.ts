import type { Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { CustomerBalanceTransaction, Invoice } from '../truth/billing';
import type { RevenueEntry } from '../truth/ledger';
import { accounts } from './accounts';
import type { CustomerBooks, OpenInvoice, Part } from './customer-books';
import type { Leg } from './posting-book';

/**
 * An invoice becomes a receivable when it is final: what is owed of it after the customer's credit,
 * tax beside it, and each line a contract liability until its service is given. Paid credit that it
 * uses leaves its own liability; promotional credit has lowered the lines (CONTROLS §2.2).
 */
export function postInvoice(books: CustomerBooks, of: OpenInvoice, at: Instant): void {
  const { invoice } = of;
  const { currency, id: docRef } = invoice;
  const day = books.book.dayOf(at);
  const applied = (invoice.endingBalance ?? invoice.startingBalance) - invoice.startingBalance;
  const total = totalOf(invoice);
  const legs: Leg[] = [books.receivable(of, total - applied, day)];
  legs.push({ account: accounts.customerCredit, amount: applied, currency, docRef });
  const rate = books.subledger.spot(currency, day);
  const entries: RevenueEntry[] = [];
  for (const line of of.lines) {
    line.billed = { on: day, rate: line.contractRate ?? rate };
    const { tax, base, id } = line.facts;
    const functional = -line.functional(tax);
    if (tax !== 0n)
      legs.push({ account: accounts.tax, amount: -tax, currency, functional, docRef });
    const billed = { amount: -base, functional: -line.functional(base), currency, docRef: id };
    entries.push(...books.subledger.side(`RE-${id.slice(3)}B`, line.liability, day, billed));
  }
  entries.push(...useCredit(books, invoice, at, 1n));
  books.book.post(day, 'RECEIVABLES', legs, entries);
}

/** Paid credit used by the lines of an invoice; −1 gives it back. */
function useCredit(
  books: CustomerBooks,
  invoice: Invoice,
  at: Instant,
  sign: 1n | -1n,
): RevenueEntry[] {
  const day = books.book.dayOf(at);
  const { currency } = invoice;
  return invoice.lines.flatMap((line) =>
    line.grantCredits.flatMap(({ grantKey, amount }, i) => {
      const grant = books.billing.grants.find(({ key }) => key === grantKey);
      if (grant?.category !== 'paid') return [];
      const used = sign * amount;
      const functional =
        books.deposits.get(grantKey)?.release(used) ?? books.book.functionalOf(used, currency, day);
      const id = `RE-${line.id.slice(3)}G${String(i)}${sign < 0n ? 'X' : ''}`;
      return books.subledger.side(id, accounts.prepaidCredit, day, {
        ...{ amount: used, functional, currency, docRef: line.id },
      });
    }),
  );
}

/** What the lines come to, by themselves: the ledger trusts no total that it can add up. */
function totalOf(invoice: Invoice): Minor {
  let total = 0n;
  for (const { amount, discount, grantCredits, taxExclusive } of invoice.lines) {
    total += amount - discount + taxExclusive;
    for (const credit of grantCredits) total -= credit.amount;
  }
  return total;
}

/** A void takes the invoice back: the receivable, its tax, the liability, and what was earned. */
export function postVoid(books: CustomerBooks, of: OpenInvoice, at: Instant): void {
  const day = books.book.dayOf(at);
  reinstate(books, of, of.writtenOff?.amount ?? 0n, at);
  const { invoice } = of;
  const { currency, id: docRef } = invoice;
  const parts = of.lines.map((line) => {
    return books.takePart(line, day, { base: line.openBase, tax: books.taxOf(line) }, 'void');
  });
  const account = accounts.refundsAndCredits;
  const { legs, entries } = books.postParts(parts, day, { account, docRef: `${docRef}V` });
  legs.push(books.receivable(of, -of.open, day));
  for (const { kind, invoiceKey, amount } of books.billing.balanceTransactions)
    if (kind === 'unapplied_from_invoice' && invoiceKey === invoice.key)
      legs.push({ account: accounts.customerCredit, amount, currency, docRef });
  entries.push(...useCredit(books, invoice, at, -1n));
  books.book.post(day, 'RECEIVABLES', legs, entries);
}

/**
 * An invoice that nobody will pay: what was earned is a credit loss (ASC 326; Stripe would book
 * contra revenue, S32), what was not is taken off the contract liability, and no more is
 * recognised.
 */
export function postWriteOff(books: CustomerBooks, of: OpenInvoice, at: Instant): void {
  const day = books.book.dayOf(at);
  const { currency, id: docRef } = of.invoice;
  const amount = of.open;
  const { parts } = books.takeFromLines(of, day, amount, 'hold');
  of.writtenOff = { amount, parts };
  const { entries } = books.postParts(withoutTax(parts), day, {
    account: '',
    docRef: `${docRef}W`,
  });
  const legs = [books.receivable(of, -amount, day), lossOf(parts, currency, docRef, 1n)];
  books.book.post(day, 'RECEIVABLES', legs, entries);
}

/** Earned revenue and tax of the parts: what the company loses. */
function lossOf(parts: readonly Part[], currency: string, docRef: string, sign: 1n | -1n): Leg {
  let [amount, functional] = [0n, 0n];
  for (const { line, split, tax } of parts) {
    amount += sign * (split.earned + tax);
    functional += sign * line.functional(split.earned + tax);
  }
  return { account: accounts.creditLoss, amount, currency, functional, docRef };
}

const withoutTax = (parts: readonly Part[]): Part[] => parts.map((part) => ({ ...part, tax: 0n }));

/** Money for an invoice that was written off: it is owed again, the loss and the plan come back. */
export function reinstate(books: CustomerBooks, of: OpenInvoice, paid: Minor, at: Instant): void {
  const { writtenOff } = of;
  if (writtenOff === null || paid <= 0n) return;
  const day = books.book.dayOf(at);
  const { currency, id: docRef } = of.invoice;
  const { parts } = writtenOff;
  of.writtenOff = null;
  for (const part of parts) books.giveBack(part, day);
  const all = books.postParts(withoutTax(parts), day, {
    ...{ account: '', docRef: `${docRef}Y`, back: true },
  });
  const legs = [books.receivable(of, writtenOff.amount, day), lossOf(parts, currency, docRef, -1n)];
  books.book.post(day, 'RECEIVABLES', legs, all.entries);
}

/** Movements of the credit balance that no invoice or credit note explains. */
export function postBalanceMovement(
  books: CustomerBooks,
  { id, kind, amount, currency, at, invoiceKey, metadata }: CustomerBalanceTransaction,
): void {
  const day = books.book.dayOf(at);
  const credit: Leg = { account: accounts.customerCredit, amount, currency, docRef: id };
  if (kind === 'invoice_overpaid') {
    const of = books.invoices.get(invoiceKey ?? '');
    if (of === undefined) return;
    books.book.post(day, 'RECEIVABLES', [credit, books.receivable(of, -amount, day)]);
    return;
  }
  if (kind !== 'adjustment' && kind !== 'initial') return;
  if (metadata.refund !== undefined) {
    // What the customer had paid too much is owed back to it; no revenue goes with it (L46).
    const owed = { account: accounts.refundLiability, amount: -amount, currency };
    books.book.post(day, 'RECEIVABLES', [credit, { ...owed, docRef: metadata.refund }]);
    return;
  }
  const functional = books.book.functionalOf(-amount, currency, day);
  const given = { amount: -amount, functional, currency, docRef: id };
  const entryId = `RE-${id.slice(6)}A`;
  const entries = books.subledger.side(entryId, accounts.refundsAndCredits, day, given);
  books.book.post(day, 'RECEIVABLES', [credit], entries);
}

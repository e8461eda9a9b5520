import type { Instant } from '../kit/instants';
import { sumOf } from '../kit/units';
import type { CreditNote, Dispute, Invoice, Refund } from '../truth/billing';
import type { RevenueEntry } from '../truth/ledger';
import { accounts } from './accounts';
import type { CustomerBooks, OpenInvoice, Part } from './customer-books';
import type { Leg } from './posting-book';

/**
 * A credit note reverses its lines in the period of its issue (S13): earned revenue as contra
 * revenue, the rest off the contract liability, tax off the tax payable; it pays the receivable
 * first, then what is refunded, credited to the balance or paid outside. Where the same is billed
 * again, the note undoes a billing and is no concession.
 */
export function postCreditNote(books: CustomerBooks, note: CreditNote): void {
  const of = books.invoices.get(note.invoiceKey);
  if (of === undefined) return;
  const day = books.book.dayOf(note.createdAt);
  const how = 'rebilled_by' in note.metadata ? 'void' : 'credit';
  const parts: Part[] = [];
  for (const { lineKey, amount, tax, taxInclusive } of note.lines) {
    const line = books.linesByKey.get(lineKey);
    if (line === undefined) continue;
    const base = taxInclusive ? amount - tax : amount;
    parts.push(books.takePart(line, day, { base, tax }, how));
  }
  notedParts.set(note, parts);
  writeNote(books, of, note, { parts, at: note.createdAt, back: false });
}

const notedParts = new WeakMap<CreditNote, Part[]>();

/** A voided credit note comes back in the month of the void, not in its own (S13). */
export function postVoidedNote(books: CustomerBooks, note: CreditNote, at: Instant): void {
  const of = books.invoices.get(note.invoiceKey);
  const parts = notedParts.get(note);
  if (of === undefined || parts === undefined) return;
  for (const part of parts) books.giveBack(part, books.book.dayOf(at));
  writeNote(books, of, note, { parts, at, back: true });
}

function writeNote(
  books: CustomerBooks,
  of: OpenInvoice,
  note: CreditNote,
  { parts, at, back }: { parts: Part[]; at: Instant; back: boolean },
): void {
  const day = books.book.dayOf(at);
  const sign = back ? -1n : 1n;
  const { currency } = of.invoice;
  const docRef = note.id;
  const { legs, entries } = books.postParts(parts, day, {
    ...{ account: accounts.refundsAndCredits, docRef: back ? `${docRef}V` : docRef, back },
  });
  const refunded = sumOf(note.refunds.map(({ amount }) => amount));
  const leg = (account: string, amount: bigint): Leg => ({
    ...{ account, amount: -sign * amount, currency, docRef },
  });
  legs.push(
    books.receivable(of, -sign * note.prePayment, day),
    leg(accounts.customerCredit, note.toBalance),
    leg(accounts.outsidePayments, note.outOfBand),
  );
  for (const { refundKey, amount } of note.refunds) {
    const id = books.refunds.get(refundKey)?.id ?? docRef;
    legs.push({ ...leg(accounts.refundLiability, amount), docRef: id });
  }
  if (refunded + note.toBalance + note.outOfBand + note.prePayment === 0n && parts.length === 0)
    return;
  books.book.post(day, 'RECEIVABLES', legs, entries);
}

/** The invoices that a payment has paid. */
function paidBy(books: CustomerBooks, paymentKey: string): OpenInvoice[] {
  return [...books.invoices.values()].filter(({ invoice }) =>
    invoice.applications.some((a) => a.paymentKey === paymentKey && wasPaid(a)),
  );
}

const wasPaid = ({ paid, paidAt }: Invoice['applications'][number]): boolean =>
  paid !== null && paidAt !== null;

interface Taken {
  parts: Part[];
  legs: Leg[];
  entries: RevenueEntry[];
}

/** What money that goes back takes from the invoices it had paid; else from unapplied cash. */
function takeFromPaid(
  books: CustomerBooks,
  { id, amount, at, chargeKey }: { id: string; amount: bigint; at: Instant; chargeKey: string },
  account: string,
): Taken {
  const day = books.book.dayOf(at);
  const payment = books.charges.get(chargeKey)?.payment;
  if (payment === undefined) return { parts: [], legs: [], entries: [] };
  let rest = amount;
  const parts: Part[] = [];
  for (const of of paidBy(books, payment.key)) {
    if (rest === 0n) break;
    const taken = books.takeFromLines(of, day, rest, 'credit');
    parts.push(...taken.parts);
    rest = taken.rest;
  }
  const { legs, entries } = books.postParts(parts, day, { account, docRef: id });
  const { currency } = payment;
  if (rest !== 0n)
    legs.push({ account: accounts.unapplied, amount: rest, currency, docRef: payment.id });
  return { parts, legs, entries };
}

/** A refund that is no part of a credit note, shared out over the lines that it pays back. */
export function postRefund(books: CustomerBooks, refund: Refund): void {
  const { id, amount, createdAt: at, chargeKey, failedAt } = refund;
  const payment = books.charges.get(chargeKey)?.payment;
  if (payment === undefined) return;
  const taken = takeFromPaid(books, { id, amount, at, chargeKey }, accounts.refundsAndCredits);
  const { currency } = payment;
  const owed: Leg = { account: accounts.refundLiability, amount: -amount, currency, docRef: id };
  books.book.post(books.book.dayOf(at), 'RECEIVABLES', [...taken.legs, owed], taken.entries);
  if (failedAt !== null && failedAt <= books.ctx.options.now) undoRefund(books, refund, taken);
}

/** A refund that failed has paid nothing back: what it took stands again (S14). */
function undoRefund(books: CustomerBooks, { id, amount, failedAt }: Refund, taken: Taken): void {
  const day = books.book.dayOf(failedAt ?? 0);
  for (const part of taken.parts) books.giveBack(part, day);
  const account = accounts.refundsAndCredits;
  const { legs, entries } = books.postParts(taken.parts, day, {
    ...{ account, docRef: `${id}F`, back: true },
  });
  for (const leg of taken.legs)
    if (leg.account === accounts.unapplied)
      legs.push({ account: leg.account, amount: -leg.amount, currency: leg.currency, docRef: id });
  const { currency } = books.customer;
  legs.push({ account: accounts.refundLiability, amount, currency, docRef: id });
  books.book.post(day, 'RECEIVABLES', legs, entries);
}

/** A lost dispute is a refund by force: contra revenue, and the rest of the plan is called off. */
export function postLostDispute(books: CustomerBooks, dispute: Dispute, at: Instant): void {
  const { id, amount, chargeKey } = dispute;
  const payment = books.charges.get(chargeKey)?.payment;
  if (payment === undefined) return;
  const taken = takeFromPaid(books, { id, amount, at, chargeKey }, accounts.chargebacks);
  const legs = taken.legs.map((leg) =>
    leg.account === accounts.unapplied ? { ...leg, account: accounts.creditLoss } : leg,
  );
  const { currency } = payment;
  legs.push({ account: accounts.disputed, amount: -amount, currency, docRef: id });
  books.book.post(books.book.dayOf(at), 'RECEIVABLES', legs, taken.entries);
}

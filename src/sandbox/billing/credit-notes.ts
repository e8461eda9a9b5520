import { stripeId } from '../kit/ids';
import type { Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { CreditNote, Invoice, InvoiceLine, Refund } from '../truth/billing';
import { closePaid } from './apply-payment';
import { baseOf, type BillingState } from './billing-state';
import { noteLateCredit } from './note-invoice';
import { shareForStripe } from './stripe-rounding';

/** What a credit note gives and where the money goes beyond what is still owed (S13). */
export interface NoteTerms {
  /** In millionths of every line. */
  share: bigint;
  reason: CreditNote['reason'];
  /** Where what has been paid already goes. */
  to: 'refund' | 'balance' | 'out_of_band';
  metadata: Readonly<Record<string, string>>;
}

const whole = 1_000_000n;

/** Only invoices of plain charges are credited here: each line once, none of them a credit. */
export const canBeCredited = (state: BillingState, invoice: Invoice): boolean =>
  state.notesOf(invoice).length === 0 &&
  invoice.totals.total > 0n &&
  invoice.lines.every((line) => baseOf(line) >= 0n);

/**
 * Issues a credit note on a finalised invoice. It takes first from what is owed; what is left is
 * refunded (`refund` says of which charge, and makes the refund), credited or paid back by bank.
 */
export function issueNote(
  state: BillingState,
  invoice: Invoice,
  terms: NoteTerms,
  at: Instant,
  refund: (amount: Minor, note: CreditNote) => Refund | null = () => null,
): CreditNote {
  const nth = state.notesOf(invoice).length + 1;
  const key = `${invoice.key}/cn${String(nth)}`;
  const lines = invoice.lines
    .filter((line) => baseOf(line) > 0n)
    .map((line) => noteLine(line, key, terms.share, invoice.currency));
  const amount = lines.reduce((sum, line) => {
    return sum + line.amount + (line.taxInclusive ? 0n : line.tax);
  }, 0n);
  const owed = invoice.totals.amountRemaining;
  const prePayment = amount < owed ? amount : owed;
  const note: CreditNote = {
    ...{ key, id: stripeId('cn', key), number: noteNumberOf(invoice.number, nth) },
    ...{ invoiceKey: invoice.key, status: 'issued', reason: terms.reason, createdAt: at },
    ...{ effectiveAt: at, voidedAt: null, lines, amount, prePayment },
    ...{ postPayment: amount - prePayment, refunds: [], toBalance: 0n, outOfBand: 0n },
    metadata: terms.metadata,
  };
  payBack(note, terms, refund);
  state.addNote(note);
  noteLateCredit(state, invoice, note);
  state.moveBalance(-note.toBalance, at, 'credit_note', {
    invoiceKey: invoice.key,
    creditNoteKey: key,
  });
  state.refresh(invoice);
  if (invoice.status === 'open' && invoice.totals.amountRemaining === 0n) {
    closePaid(state, invoice, at);
  }
  return note;
}

/** 'NIE-K3P9X2LM-0007-CN-01'; null until the invoice has its number. */
export const noteNumberOf = (invoiceNumber: string | null, nth: number): string | null =>
  invoiceNumber === null ? null : `${invoiceNumber}-CN-${String(nth).padStart(2, '0')}`;

function noteLine(line: InvoiceLine, noteKey: string, share: bigint, currency: string) {
  const of = (amount: Minor): Minor =>
    share === whole ? amount : shareForStripe(amount, share, currency);
  return {
    id: stripeId('cnli', noteKey, line.key),
    lineKey: line.key,
    amount: of(baseOf(line)),
    tax: of(line.taxExclusive + line.taxInclusive),
    taxInclusive: line.taxInclusive !== 0n,
  };
}

function payBack(
  note: CreditNote,
  terms: NoteTerms,
  refund: (amount: Minor, note: CreditNote) => Refund | null,
): void {
  let rest = note.postPayment;
  if (rest > 0n && terms.to === 'refund') {
    const made = refund(rest, note);
    if (made !== null) {
      note.refunds.push({ refundKey: made.key, amount: made.amount });
      rest -= made.amount;
    }
  }
  if (terms.to === 'out_of_band') note.outOfBand = rest;
  else note.toBalance = rest;
}

/** Voids a credit note on an invoice that is still open: it is owed again from now on (S13). */
export function voidNote(state: BillingState, note: CreditNote, at: Instant): void {
  note.status = 'void';
  note.voidedAt = at;
  state.refresh(state.invoice(note.invoiceKey));
}

import type { Minor } from '../kit/units';
import type { CreditNote, Invoice, InvoiceTotals } from '../truth/billing';

/**
 * The totals of an invoice from its lines, balances, payments and issued credit notes, by the
 * identities of CONTROLS IN-01. A draft has no balance applied yet, so its due is its total.
 */
export function totalsOf(invoice: Invoice, notes: readonly CreditNote[]): InvoiceTotals {
  let [subtotal, discount, creditGrants] = [0n, 0n, 0n];
  let [taxExclusive, taxInclusive] = [0n, 0n];
  for (const line of invoice.lines) {
    subtotal += line.amount;
    discount += line.discount;
    for (const credit of line.grantCredits) creditGrants += credit.amount;
    taxExclusive += line.taxExclusive;
    taxInclusive += line.taxInclusive;
  }
  const totalExcludingTax = subtotal - discount - creditGrants - taxInclusive;
  const total = totalExcludingTax + taxExclusive + taxInclusive;
  let [preCreditNotes, postCreditNotes, amountPaid] = [0n, 0n, 0n];
  for (const note of notes) {
    if (note.status !== 'issued' || note.invoiceKey !== invoice.key) continue;
    preCreditNotes += note.prePayment;
    postCreditNotes += note.postPayment;
  }
  for (const application of invoice.applications) {
    if (application.status === 'paid') amountPaid += application.paid ?? 0n;
  }
  const amountDue = dueOf(invoice, total) - preCreditNotes;
  const owed = amountDue - amountPaid;
  return {
    subtotal,
    discount,
    creditGrants,
    taxExclusive,
    taxInclusive,
    totalExcludingTax,
    total,
    preCreditNotes,
    postCreditNotes,
    amountDue,
    amountPaid,
    amountRemaining: owed > 0n ? owed : 0n,
    amountOverpaid: owed < 0n ? -owed : 0n,
  };
}

function dueOf(invoice: Invoice, total: Minor): Minor {
  if (invoice.endingBalance !== null)
    return total + invoice.startingBalance - invoice.endingBalance;
  return total > 0n ? total : 0n;
}

import type { Billing, CreditNote, Invoice, InvoiceLine } from '../truth/billing';
import type { Customer } from '../truth/company';

const sum = <T>(items: readonly T[], of: (item: T) => bigint): bigint =>
  items.reduce((total, item) => total + of(item), 0n);

const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/**
 * Which identities of CONTROLS IN-01 the documents of one customer break, as 'I3 <invoice key>'.
 * Computed from the document's fields alone, without the code that made them.
 */
export function brokenIdentities(billing: Billing, customer: Customer): string[] {
  return [
    ...billing.invoices.flatMap((invoice) => ofInvoice(invoice, billing, customer)),
    ...billing.creditNotes.flatMap(ofNote),
  ];
}

function ofInvoice(invoice: Invoice, billing: Billing, customer: Customer): string[] {
  if (invoice.finalizedAt === null) return [];
  const { totals: t, lines, status, startingBalance, endingBalance } = invoice;
  const notes = billing.creditNotes.filter((note) => {
    return note.invoiceKey === invoice.key && note.status === 'issued';
  });
  const credits = sum(lines, (line) => sum(line.grantCredits, ({ amount }) => amount));
  const inclusive = sum(lines, (line) => line.taxInclusive);
  const taxes = sum(lines, (line) => line.taxExclusive) + inclusive;
  const gross = sum(lines, (line) => line.amount) - sum(lines, (line) => line.discount);
  const paid = sum(
    invoice.applications.filter((application) => application.status === 'paid'),
    (application) => application.paid ?? 0n,
  );
  const owed = t.amountDue - t.amountPaid;
  const pre = sum(notes, (note) => note.prePayment);
  const post = sum(notes, (note) => note.postPayment);
  const holds: Record<string, boolean> = {
    I1: t.totalExcludingTax === gross - credits - inclusive,
    I2: t.total === t.totalExcludingTax + taxes,
    I3: t.amountDue === t.total + startingBalance - (endingBalance ?? 0n) - t.preCreditNotes,
    I4: t.amountRemaining === (owed > 0n ? owed : 0n),
    I5: t.amountPaid === paid,
    I6: status === 'paid' ? t.amountRemaining === 0n : status !== 'open' || t.amountRemaining > 0n,
    I8: pre === t.preCreditNotes && post === t.postCreditNotes && isWithin(notes, t.total),
    I9: lines.every((line) => isUnitTimesQuantity(line, customer)),
    I10: lines.every((line) => line.periodEnd >= line.periodStart && isTaxed(line, customer)),
  };
  return Object.keys(holds)
    .filter((name) => holds[name] === false)
    .map((name) => `${name} ${invoice.key}`);
}

const isWithin = (notes: readonly CreditNote[], total: bigint): boolean =>
  notes.length === 0 || sum(notes, ({ amount }) => amount) <= total;

/** Half a step more or less: three-decimal currencies go in steps of ten. */
const step = (customer: Customer): bigint =>
  ['KWD', 'BHD'].includes(customer.currency) ? 10n : 1n;

function isUnitTimesQuantity(line: InvoiceLine, customer: Customer): boolean {
  const isPlain = line.price?.transform === undefined && !line.kind.startsWith('proration');
  if (line.unit === null || !isPlain) return true;
  const scale = 1_000_000_000_000n;
  const off = size(line.amount * scale - line.unit * line.quantity);
  return 2n * off <= step(customer) * scale;
}

function isTaxed(line: InvoiceLine, customer: Customer): boolean {
  const taxed = !['none', 'eu_reverse_charge'].includes(customer.taxStatus);
  const rate = taxed ? customer.taxRate : 0n;
  const base = line.amount - line.discount - sum(line.grantCredits, ({ amount }) => amount);
  const isInclusive = customer.taxStatus === 'jp_inclusive';
  const divisor = 1_000_000n + (isInclusive ? rate : 0n);
  const tax = isInclusive ? line.taxInclusive : line.taxExclusive;
  const other = isInclusive ? line.taxExclusive : line.taxInclusive;
  return other === 0n && 2n * size(tax * divisor - base * rate) <= step(customer) * divisor;
}

function ofNote(note: CreditNote): string[] {
  const lines = sum(note.lines, (line) => line.amount + (line.taxInclusive ? 0n : line.tax));
  const paidBack = sum(note.refunds, ({ amount }) => amount) + note.toBalance + note.outOfBand;
  const holds =
    note.amount === note.prePayment + note.postPayment &&
    note.postPayment === paidBack &&
    note.amount === lines;
  return holds ? [] : [`I7 ${note.key}`];
}

import type { Minor } from '../../kit/units';
import type { Billing, Charge, Invoice, InvoiceLine, Payment } from '../../truth/billing';
import { entities } from '../../truth/company';
import type { CustomerWorld } from '../../world/customer-world';
import { invoicePrefixOf } from '../billing-state';
import { noteNumberOf } from '../credit-notes';
import { totalsOf } from '../invoice-totals';
import { taxLines } from '../tax-lines';

/** The payment that alone paid an invoice and paid nothing else; null where there is no such. */
export function onlyPayment(billing: Billing, invoice: Invoice): Payment | null {
  const paid = invoice.applications.filter(({ status }) => status === 'paid');
  const [application] = paid;
  if (application === undefined || paid.length !== 1) return null;
  const payment = billing.payments.find(({ key }) => key === application.paymentKey);
  const isShared = billing.invoices.some((other) => {
    return (
      other !== invoice && other.applications.some(({ paymentKey }) => paymentKey === payment?.key)
    );
  });
  return payment === undefined || isShared || sharesWire(billing, payment) ? null : payment;
}

const sharesWire = ({ payments }: Billing, { key, wire }: Payment): boolean =>
  wire !== null &&
  payments.some((other) => other.key !== key && other.wire?.remittanceKey === wire.remittanceKey);

export const lastCharge = (payment: Payment): Charge | null => payment.charges.at(-1) ?? null;

/**
 * Finalised, of charges alone, untouched by balance, grants, credit notes, refunds, disputes or
 * corrections: taking it away or changing it changes nothing else.
 */
export function isPlain(billing: Billing, invoice: Invoice): boolean {
  const { lines, status, revises, revisedBy, metadata } = invoice;
  const isSettled = status === 'paid' ? onlyPayment(billing, invoice) !== null : status === 'open';
  return (
    isSettled &&
    invoice.finalizedAt !== null &&
    invoice.totals.amountDue > 0n &&
    invoice.totals.amountOverpaid === 0n &&
    invoice.startingBalance === 0n &&
    invoice.endingBalance === 0n &&
    revises === null &&
    revisedBy === null &&
    !('reissue_of' in metadata || 'rebill_of' in metadata) &&
    lines.every(({ amount, grantCredits }) => amount >= 0n && grantCredits.length === 0) &&
    !isCredited(billing, lines) &&
    !isContested(billing, invoice)
  );
}

function isCredited(billing: Billing, lines: readonly InvoiceLine[]): boolean {
  const keys = new Set(lines.map(({ key }) => key));
  const later = billing.invoices.flatMap((invoice) => invoice.lines);
  later.push(...billing.pendingItems.map(({ line }) => line));
  return later.some(({ credits }) => credits.some((key) => keys.has(key)));
}

/** Credited, refunded, disputed, or bought credit with. */
function isContested(billing: Billing, invoice: Invoice): boolean {
  const charges = new Set(
    invoice.applications.flatMap(({ paymentKey }) => {
      const payment = billing.payments.find(({ key }) => key === paymentKey);
      return payment?.charges.map(({ key }) => key) ?? [];
    }),
  );
  return (
    billing.creditNotes.some(({ invoiceKey }) => invoiceKey === invoice.key) ||
    billing.refunds.some(({ chargeKey }) => charges.has(chargeKey)) ||
    billing.disputes.some(({ chargeKey }) => charges.has(chargeKey)) ||
    billing.grants.some(({ boughtByInvoiceKey }) => boughtByInvoiceKey === invoice.key)
  );
}

/** Takes a plain invoice away with its payments, as if it had never been made. */
export function removeInvoice(world: CustomerWorld, invoice: Invoice): void {
  const { billing } = world;
  const paidWith = new Set(invoice.applications.map(({ paymentKey }) => paymentKey));
  billing.payments = billing.payments.filter(({ key }) => !paidWith.has(key));
  billing.invoices = billing.invoices.filter((other) => other !== invoice);
  for (const subscription of billing.subscriptions) {
    if (subscription.latestInvoiceKey !== invoice.key) continue;
    const rest = billing.invoices.filter((other) => other.subscriptionKey === subscription.key);
    subscription.latestInvoiceKey = rest.at(-1)?.key ?? null;
  }
  renumber(world);
}

/** Numbers the customer's documents anew in the order of finalisation, where it is numbered so. */
export function renumber({ customer, billing }: CustomerWorld): void {
  const entity = entities[customer.entity];
  if (entity.numbering === 'account') return;
  const finalised = billing.invoices
    .filter(({ finalizedAt }) => finalizedAt !== null)
    .map((invoice, i) => ({ invoice, i }))
    .sort((a, b) => (a.invoice.finalizedAt ?? 0) - (b.invoice.finalizedAt ?? 0) || a.i - b.i);
  const numbers = new Map<string, string>();
  // One that has no number yet takes the prefix of its time: that of the one before it (L44).
  const first = finalised.find(({ invoice }) => invoice.number !== null)?.invoice.number;
  let prefix = prefixOf(first ?? null) ?? invoicePrefixOf(entity, customer);
  for (const [i, { invoice }] of finalised.entries()) {
    prefix = prefixOf(invoice.number) ?? prefix;
    const next = `${prefix}-${String(i + 1).padStart(4, '0')}`;
    if (invoice.number !== null) numbers.set(`INV ${invoice.number}`, `INV ${next}`);
    invoice.number = next;
    const notes = billing.creditNotes.filter(({ invoiceKey }) => invoiceKey === invoice.key);
    for (const [k, note] of notes.entries()) note.number = noteNumberOf(next, k + 1);
  }
  for (const { wire } of billing.payments) {
    if (wire !== null) wire.reference = numbers.get(wire.reference) ?? wire.reference;
  }
}

const prefixOf = (number: string | null): string | null => number?.replace(/-\d+$/, '') ?? null;

/** Derives an invoice's totals anew after its lines have changed, and pays it with what it is. */
export function settleAnew({ customer, billing }: CustomerWorld, invoice: Invoice): void {
  const payment = onlyPayment(billing, invoice);
  taxLines(customer, invoice.lines);
  const notes = billing.creditNotes.filter(({ invoiceKey }) => invoiceKey === invoice.key);
  invoice.totals = totalsOf(invoice, notes);
  const { amountDue } = invoice.totals;
  for (const application of invoice.applications) {
    application.requested = amountDue;
    if (application.status === 'paid') application.paid = amountDue;
  }
  if (payment !== null) payInstead(payment, amountDue);
  if (invoice.paidOffStripe > 0n) invoice.paidOffStripe = amountDue;
  invoice.totals = totalsOf(invoice, notes);
}

/** The same payment over another amount. */
export function payInstead(payment: Payment, amount: Minor): void {
  payment.amount = amount;
  for (const charge of payment.charges) charge.amount = amount;
}

/** The item's Stripe id; lines of no item have none. */
export const itemIdOf = (world: CustomerWorld, itemKey: string | null): string | null => {
  const items = world.plan.subscriptions.flatMap((subscription) => [
    ...subscription.items,
    ...subscription.changes.flatMap((change) => (change.kind === 'add_item' ? [change.item] : [])),
  ]);
  return items.find(({ key }) => key === itemKey)?.id ?? null;
};

/** The Salesforce OrderItem that a line bills; null for what was not sold through Salesforce. */
export const orderItemIdOf = (world: CustomerWorld, orderLineKey: string | null): string | null => {
  const lines = world.sold.deals.flatMap(({ orders }) => orders.flatMap((order) => order.lines));
  return lines.find(({ key }) => key === orderLineKey)?.orderItemId ?? null;
};

export function invoiceOf({ billing }: CustomerWorld, id: string): Invoice {
  const invoice = billing.invoices.find((one) => one.id === id);
  if (invoice === undefined) throw new RangeError(`there is no invoice ${id}`);
  return invoice;
}

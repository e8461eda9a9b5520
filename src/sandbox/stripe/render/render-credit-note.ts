import type Stripe from 'stripe';
import type { CreditNote, CustomerBalanceTransaction, Invoice } from '../../truth/billing';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

type WireNote = Wire<Stripe.CreditNote>;
type WireNoteLine = Wire<Stripe.CreditNoteLineItem>;
type NoteLine = CreditNote['lines'][number];
type NoteTax = Wire<Stripe.CreditNoteLineItem.Tax>;

/** Lines that stand inside a credit note; the rest is on its own list. */
const embeddedLines = 10;

function taxesOf(line: NoteLine, currency: string, rendering: Rendering): NoteTax[] {
  if (line.tax === 0n) return [];
  const base = line.taxInclusive ? line.amount - line.tax : line.amount;
  return [
    {
      amount: rendering.amount(line.tax, currency),
      tax_behavior: line.taxInclusive ? 'inclusive' : 'exclusive',
      tax_rate_details: { tax_rate: rendering.taxRateId() },
      taxability_reason: 'standard_rated',
      taxable_amount: rendering.amount(base, currency),
      type: 'tax_rate_details',
    },
  ];
}

export function renderCreditNoteLine(
  line: NoteLine,
  invoice: Invoice,
  rendering: Rendering,
): WireNoteLine {
  const { currency } = invoice;
  const of = invoice.lines.find(({ key }) => key === line.lineKey);
  const amount = rendering.amount(line.amount, currency);
  return {
    id: line.id,
    object: 'credit_note_line_item',
    amount,
    description: of?.description ?? null,
    discount_amount: 0,
    discount_amounts: [],
    ...(of === undefined ? {} : { invoice_line_item: of.id }),
    livemode: true,
    metadata: null,
    pretax_credit_amounts: [],
    quantity: null,
    tax_rates: [],
    taxes: taxesOf(line, currency, rendering),
    type: of === undefined ? 'custom_line_item' : 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
  };
}

/** Taxes of all lines, by whether they stand inside the amounts. */
function totalTaxes(note: CreditNote, currency: string, rendering: Rendering): NoteTax[] {
  const sums: NoteTax[] = [];
  for (const tax of note.lines.flatMap((line) => taxesOf(line, currency, rendering))) {
    const sum = sums.find(({ tax_behavior }) => tax_behavior === tax.tax_behavior);
    if (!sum) sums.push({ ...tax });
    else {
      sum.amount += tax.amount;
      sum.taxable_amount = (sum.taxable_amount ?? 0) + (tax.taxable_amount ?? 0);
    }
  }
  return sums;
}

function totalsOf(note: CreditNote, currency: string, rendering: Rendering) {
  const wire = (amount: bigint): number => rendering.amount(amount, currency);
  const subtotal = note.lines.reduce((sum, { amount }) => sum + amount, 0n);
  const inclusive = note.lines.reduce(
    (sum, { tax, taxInclusive }) => (taxInclusive ? sum + tax : sum),
    0n,
  );
  return {
    amount: wire(note.amount),
    amount_shipping: 0,
    discount_amount: 0,
    discount_amounts: [],
    out_of_band_amount: note.outOfBand === 0n ? null : wire(note.outOfBand),
    post_payment_amount: wire(note.postPayment),
    pre_payment_amount: wire(note.prePayment),
    pretax_credit_amounts: [],
    subtotal: wire(subtotal),
    subtotal_excluding_tax: wire(subtotal - inclusive),
    total: wire(note.amount),
    total_excluding_tax: wire(subtotal - inclusive),
    total_taxes: totalTaxes(note, currency, rendering),
  } satisfies Partial<WireNote>;
}

const typeOf = ({ prePayment, postPayment }: CreditNote): WireNote['type'] =>
  prePayment === 0n ? 'post_payment' : postPayment === 0n ? 'pre_payment' : 'mixed';

/** A credit note: first it lowers what is due, then it pays back (CONTROLS S13). */
export function renderCreditNote(note: CreditNote, rendering: Rendering): WireNote {
  const { billing } = rendering.world;
  const invoice = rendering.invoice(note.invoiceKey);
  const { currency } = invoice;
  const number = note.number ?? `${invoice.number ?? invoice.id}-CN-01`;
  const toBalance = billing.balanceTransactions.find((one) => one.creditNoteKey === note.key);
  return {
    id: note.id,
    object: 'credit_note',
    created: note.createdAt,
    currency: currency.toLowerCase(),
    customer: rendering.customerId,
    customer_account: null,
    customer_balance_transaction: toBalance?.id ?? null,
    effective_at: note.effectiveAt,
    invoice: invoice.id,
    lines: {
      object: 'list',
      data: note.lines
        .slice(0, embeddedLines)
        .map((line) => renderCreditNoteLine(line, invoice, rendering)),
      has_more: note.lines.length > embeddedLines,
      url: `/v1/credit_notes/${note.id}/lines`,
    },
    livemode: true,
    memo: null,
    metadata: { ...note.metadata },
    number,
    pdf: `https://pay.stripe.com/credit_notes/${rendering.entity.stripeAccount}/${note.id}/pdf`,
    reason: note.reason,
    refunds: note.refunds.map(({ refundKey, amount }) => ({
      amount_refunded: rendering.amount(amount, currency),
      payment_record_refund: null,
      refund: refundId(refundKey, rendering),
      type: 'refund',
    })),
    shipping_cost: null,
    status: note.status,
    type: typeOf(note),
    voided_at: note.voidedAt,
    ...totalsOf(note, currency, rendering),
  };
}

function refundId(key: string, rendering: Rendering): string {
  const refund = rendering.world.billing.refunds.find((one) => one.key === key);
  if (refund === undefined) throw new RangeError(`no refund ${key}`);
  return refund.id;
}

/** A movement of the customer's credit balance, with Stripe's sign: negative gives credit. */
export function renderBalanceMovement(
  movement: CustomerBalanceTransaction,
  rendering: Rendering,
): Wire<Stripe.CustomerBalanceTransaction> {
  const { currency } = movement;
  const note = rendering.world.billing.creditNotes.find(
    ({ key }) => key === movement.creditNoteKey,
  );
  return {
    id: movement.id,
    object: 'customer_balance_transaction',
    amount: rendering.amount(movement.amount, currency),
    checkout_session: null,
    created: movement.at,
    credit_note: note?.id ?? null,
    currency: currency.toLowerCase(),
    customer: rendering.customerId,
    customer_account: null,
    description: null,
    ending_balance: rendering.amount(movement.endingBalance, currency),
    invoice: rendering.invoiceId(movement.invoiceKey),
    livemode: true,
    metadata: { ...movement.metadata },
    type: movement.kind,
  };
}

import type Stripe from 'stripe';
import { HOUR } from '../../kit/instants';
import { stripeId } from '../../kit/ids';
import type { Invoice, InvoiceLine } from '../../truth/billing';
import { addressOf, taxExemptOf } from './render-customer';
import { discountAmounts, lineTaxes, pretaxCredits, renderLine } from './render-line';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

type WireInvoice = Wire<Stripe.Invoice>;

/** Lines that stand inside an invoice; the rest is on its own list (CONTROLS §1.3). */
export const embeddedLines = 10;

/** An hour passes between the making of an invoice and its finalisation. */
const graceS = HOUR;

const unused = {
  account_tax_ids: null,
  amount_shipping: 0,
  application: null,
  automatic_tax: {
    disabled_reason: null,
    enabled: false,
    liability: null,
    provider: null,
    status: null,
  },
  custom_fields: null,
  customer_account: null,
  customer_phone: null,
  customer_shipping: null,
  customer_tax_ids: [],
  default_payment_method: null,
  default_source: null,
  default_tax_rates: [],
  description: null,
  footer: null,
  issuer: { type: 'self' },
  last_finalization_error: null,
  on_behalf_of: null,
  payment_settings: {
    default_mandate: null,
    payment_method_options: null,
    payment_method_types: null,
  },
  receipt_number: null,
  rendering: null,
  shipping_cost: null,
  shipping_details: null,
  statement_descriptor: null,
  test_clock: null,
} satisfies Partial<WireInvoice>;

/** Sums over lines of what each line says of itself, by kind. */
function sumBy<T extends { amount: number }>(parts: T[], kind: (part: T) => string): T[] {
  const sums = new Map<string, T>();
  for (const part of parts) {
    const sum = sums.get(kind(part));
    if (sum) sum.amount += part.amount;
    else sums.set(kind(part), { ...part });
  }
  return [...sums.values()];
}

function totalsOfLines({ lines, ...invoice }: Invoice, rendering: Rendering) {
  const of = { ...invoice, lines };
  const taxes = lines.flatMap((line) => lineTaxes(line, invoice.currency, rendering));
  const total_taxes: Wire<Stripe.Invoice.TotalTax>[] = [];
  for (const tax of taxes) {
    const known = total_taxes.find(({ tax_behavior }) => tax_behavior === tax.tax_behavior);
    if (!known) total_taxes.push({ ...tax });
    else {
      known.amount += tax.amount;
      known.taxable_amount = (known.taxable_amount ?? 0) + (tax.taxable_amount ?? 0);
    }
  }
  return {
    total_discount_amounts: sumBy(
      lines.flatMap((line) => discountAmounts(line, of, rendering)),
      ({ discount }) => discount,
    ),
    total_pretax_credit_amounts: lines.flatMap((line) => pretaxCredits(line, of, rendering)),
    total_taxes,
  } satisfies Partial<WireInvoice>;
}

function amountsOf({ totals, currency, ...invoice }: Invoice, rendering: Rendering) {
  const wire = (amount: bigint): number => rendering.amount(amount, currency);
  return {
    amount_due: wire(totals.amountDue),
    amount_overpaid: wire(totals.amountOverpaid),
    amount_paid: wire(totals.amountPaid),
    amount_paid_off_stripe: wire(invoice.paidOffStripe),
    amount_remaining: wire(totals.amountRemaining),
    ending_balance: invoice.endingBalance === null ? null : wire(invoice.endingBalance),
    post_payment_credit_notes_amount: wire(totals.postCreditNotes),
    pre_payment_credit_notes_amount: wire(totals.preCreditNotes),
    starting_balance: wire(invoice.startingBalance),
    subtotal: wire(totals.subtotal),
    subtotal_excluding_tax: wire(totals.subtotal - totals.taxInclusive),
    total: wire(totals.total),
    total_excluding_tax: wire(totals.totalExcludingTax),
  } satisfies Partial<WireInvoice>;
}

function statesOf(invoice: Invoice) {
  const { status, autoAdvance, createdAt, finalizedAt } = invoice;
  return {
    attempt_count: invoice.attempts,
    attempted: invoice.attempts > 0,
    auto_advance: autoAdvance && (status === 'draft' || status === 'open'),
    automatically_finalizes_at: status === 'draft' && autoAdvance ? createdAt + graceS : null,
    next_payment_attempt: invoice.nextAttemptAt,
    status,
    status_transitions: {
      finalized_at: finalizedAt,
      marked_uncollectible_at: invoice.uncollectibleAt,
      paid_at: invoice.paidAt,
      voided_at: invoice.voidedAt,
    },
    webhooks_delivered_at: createdAt,
  } satisfies Partial<WireInvoice>;
}

function partiesOf(invoice: Invoice, rendering: Rendering) {
  const { customer } = rendering.world;
  const { entity } = rendering;
  const finalized = invoice.finalizedAt !== null;
  const slug = `${entity.stripeAccount}/live_${invoice.id.slice(3)}`;
  return {
    account_country: entity.id === 'ni-us' ? 'US' : 'IE',
    account_name: entity.name,
    customer: rendering.customerOf(invoice.subscriptionKey),
    customer_address: addressOf(customer),
    customer_email: customer.email,
    customer_name: customer.name,
    customer_tax_exempt: taxExemptOf(customer),
    hosted_invoice_url: finalized ? `https://invoice.stripe.com/i/${slug}?s=ap` : null,
    invoice_pdf: finalized ? `https://pay.stripe.com/invoice/${slug}/pdf?s=ap` : null,
  } satisfies Partial<WireInvoice>;
}

function parentOf(invoice: Invoice, rendering: Rendering): WireInvoice['parent'] {
  const { subscriptionKey } = invoice;
  const plan = rendering.world.plan.subscriptions.find(({ key }) => key === subscriptionKey);
  if (!plan) return null;
  return {
    quote_details: null,
    subscription_details: { metadata: { ...plan.metadata }, subscription: plan.id },
    type: 'subscription_details',
  };
}

const confirmationOf = ({ id, status }: Invoice): Pick<WireInvoice, 'confirmation_secret'> =>
  status === 'open'
    ? {
        confirmation_secret: {
          client_secret: stripeId(`pi_${id.slice(3)}_secret`, id),
          type: 'payment_intent',
        },
      }
    : {};

const linesOf = (
  lines: InvoiceLine[],
  invoice: Invoice,
  rendering: Rendering,
): WireInvoice['lines'] => ({
  object: 'list',
  data: lines.slice(0, embeddedLines).map((line) => renderLine(line, invoice, rendering)),
  has_more: lines.length > embeddedLines,
  url: `/v1/invoices/${invoice.id}/lines`,
});

/**
 * An invoice in its present state, with `amount_paid_off_stripe` and `confirmation_secret`, which
 * the server shows only when asked to. Its payments are a list of their own.
 */
export function renderInvoice(invoice: Invoice, rendering: Rendering): WireInvoice {
  const { subscriptionKey, revises, revisedBy } = invoice;
  const plan = rendering.world.plan.subscriptions.find(({ key }) => key === subscriptionKey);
  const totals = totalsOfLines(invoice, rendering);
  const discounted = totals.total_discount_amounts.map(({ discount }) => discount);
  const own = plan?.couponKey ? [stripeId('di', plan.couponKey, plan.key)] : [];
  // Spreads stand last: V8 fills a large literal that begins with them seventy times slower.
  return {
    id: invoice.id,
    object: 'invoice',
    billing_reason: invoice.reason,
    collection_method: invoice.collection,
    created: invoice.createdAt,
    currency: invoice.currency.toLowerCase(),
    discounts: discounted.length > 0 ? discounted : own,
    due_date: invoice.dueAt,
    effective_at: invoice.effectiveAt ?? invoice.finalizedAt,
    from_invoice:
      revises === null ? null : { action: 'revision', invoice: rendering.invoice(revises).id },
    latest_revision: rendering.invoiceId(revisedBy),
    lines: linesOf(invoice.lines, invoice, rendering),
    livemode: true,
    metadata: { ...invoice.metadata },
    number: invoice.number,
    parent: parentOf(invoice, rendering),
    period_end: invoice.periodEnd,
    period_start: invoice.periodStart,
    ...unused,
    ...amountsOf(invoice, rendering),
    ...statesOf(invoice),
    ...partiesOf(invoice, rendering),
    ...totals,
    ...confirmationOf(invoice),
  };
}

import type Stripe from 'stripe';
import type { Invoice, InvoiceLine } from '../../truth/billing';
import { adHocPrice, decimalRate } from './render-price';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

type Line = Wire<Stripe.InvoiceLineItem>;
type LineTax = Wire<Stripe.InvoiceLineItem.Tax>;
type PretaxCredit = Wire<Stripe.InvoiceLineItem.PretaxCreditAmount>;

export const isProration = ({ kind }: InvoiceLine): boolean =>
  kind === 'proration_debit' || kind === 'proration_credit';

/** What tax is charged on: after discounts and credits, without the tax inside. */
export function taxableOf(line: InvoiceLine): bigint {
  const credits = line.grantCredits.reduce((sum, { amount }) => sum + amount, 0n);
  return line.amount - line.discount - credits - line.taxInclusive;
}

/** Taxes of a line: what is charged, or the nothing that a reverse charge is. */
export function lineTaxes(line: InvoiceLine, currency: string, rendering: Rendering): LineTax[] {
  const { taxStatus } = rendering.world.customer;
  const amounts: [bigint, 'exclusive' | 'inclusive'][] = [
    [line.taxExclusive, 'exclusive'],
    [line.taxInclusive, 'inclusive'],
  ];
  const charged = amounts.filter(([amount]) => amount !== 0n);
  const reverse = taxStatus === 'eu_reverse_charge';
  const shown: typeof amounts = reverse && charged.length === 0 ? [[0n, 'exclusive']] : charged;
  return shown.map(([amount, behavior]) => ({
    amount: rendering.amount(amount, currency),
    tax_behavior: behavior,
    tax_rate_details: { tax_rate: rendering.taxRateId() },
    taxability_reason: reverse ? 'reverse_charge' : 'standard_rated',
    taxable_amount: rendering.amount(taxableOf(line), currency),
    type: 'tax_rate_details',
  }));
}

/** What lowers the base of tax: discounts and credit grants (CONTROLS §1.3). */
export function pretaxCredits(
  line: InvoiceLine,
  invoice: Invoice,
  rendering: Rendering,
): PretaxCredit[] {
  const { currency } = invoice;
  const discounts: PretaxCredit[] = discountAmounts(line, invoice, rendering).map((discount) => ({
    ...discount,
    type: 'discount',
  }));
  const credits: PretaxCredit[] = line.grantCredits.map(({ grantKey, amount }) => ({
    amount: rendering.amount(amount, currency),
    credit_balance_transaction: rendering.grantTransaction(grantKey, line.key),
    type: 'credit_balance_transaction',
  }));
  return [...discounts, ...credits];
}

export function discountAmounts(
  line: InvoiceLine,
  invoice: Invoice,
  rendering: Rendering,
): { amount: number; discount: string }[] {
  if (line.couponKey === null || line.discount === 0n) return [];
  const amount = rendering.amount(line.discount, invoice.currency);
  return [{ amount, discount: rendering.discountId(line.couponKey, invoice) }];
}

/** The debit lines that a credit proration reverses, and their invoice (CONTROLS S8). */
function creditedItems(
  line: InvoiceLine,
  rendering: Rendering,
): { invoice: string; invoice_line_items: string[] } | null {
  if (line.credits.length === 0) return null;
  for (const { id, lines } of rendering.world.billing.invoices) {
    const credited = lines.filter(({ key }) => line.credits.includes(key));
    if (credited.length > 0)
      return { invoice: id, invoice_line_items: credited.map((one) => one.id) };
  }
  return null;
}

function parentOf(line: InvoiceLine, invoice: Invoice, rendering: Rendering): Line['parent'] {
  const subscription = rendering.subscriptionId(invoice.subscriptionKey);
  const proration = isProration(line);
  const details = { credited_items: proration ? creditedItems(line, rendering) : null };
  if (line.invoiceItemId !== null)
    return {
      invoice_item_details: {
        invoice_item: line.invoiceItemId,
        proration,
        proration_details: details,
        subscription: proration ? subscription : null,
      },
      subscription_item_details: null,
      type: 'invoice_item_details',
    };
  const item = itemId(line, rendering);
  if (item === null) return null;
  return {
    invoice_item_details: null,
    subscription_item_details: {
      invoice_item: null,
      proration,
      proration_details: details,
      subscription,
      subscription_item: item,
    },
    type: 'subscription_item_details',
  };
}

export function itemId({ itemKey }: InvoiceLine, rendering: Rendering): string | null {
  if (itemKey === null) return null;
  const { plan, billing } = rendering.world;
  for (const { items } of [...billing.subscriptions, ...plan.subscriptions]) {
    const found = items.find(({ key }) => key === itemKey);
    if (found) return found.id;
  }
  for (const { changes } of plan.subscriptions)
    for (const change of changes)
      if (change.kind === 'add_item' && change.item.key === itemKey) return change.item.id;
  return null;
}

export function pricingOf(
  line: InvoiceLine,
  currency: string,
  rendering: Rendering,
): Wire<Stripe.InvoiceLineItem.Pricing> {
  const price = line.price ?? adHocPrice(line, currency, 0);
  return {
    price_details: { price: price.id, product: rendering.catalogue.productId(line.product) },
    type: 'price_details',
    unit_amount_decimal: decimalRate(line.unit, currency),
  };
}

export function renderLine(line: InvoiceLine, invoice: Invoice, rendering: Rendering): Line {
  const { currency } = invoice;
  const proration = isProration(line);
  return {
    id: line.id,
    object: 'line_item',
    amount: rendering.amount(line.amount, currency),
    currency: currency.toLowerCase(),
    description: line.description,
    discount_amounts: discountAmounts(line, invoice, rendering),
    // A proration carries its discount inside the amount (CONTROLS S26).
    discountable: !proration,
    discounts: [],
    invoice: invoice.id,
    livemode: true,
    metadata: rendering.orderMetadata(line.orderLineKey),
    parent: parentOf(line, invoice, rendering),
    period: { end: line.periodEnd, start: line.periodStart },
    pretax_credit_amounts: pretaxCredits(line, invoice, rendering),
    pricing: pricingOf(line, currency, rendering),
    quantity: Number(line.quantity),
    quantity_decimal: String(line.quantity),
    subscription: rendering.subscriptionId(invoice.subscriptionKey),
    subtotal: rendering.amount(line.amount, currency),
    taxes: lineTaxes(line, currency, rendering),
  };
}

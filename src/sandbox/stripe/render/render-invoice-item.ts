import type Stripe from 'stripe';
import type { Invoice, InvoiceLine } from '../../truth/billing';
import type { CustomerWorld } from '../../world/customer-world';
import { isProration, itemId, pricingOf } from './render-line';
import type { Rendering } from './rendering';
import type { Wire } from './wire';

/** An invoice item: what became a line of an invoice, or waits for one. */
export interface ItemOfLine {
  id: string;
  line: InvoiceLine;
  /** Null while it waits (S10). */
  invoice: Invoice | null;
  subscriptionKey: string | null;
  createdAt: number;
}

/** Invoice items: those on invoices and those that wait. */
export function itemsOf({ billing }: CustomerWorld): ItemOfLine[] {
  const billed = billing.invoices.flatMap((invoice) =>
    invoice.lines.flatMap((line) => {
      const { subscriptionKey, createdAt } = invoice;
      const { invoiceItemId: id } = line;
      return id === null ? [] : [{ id, line, invoice, subscriptionKey, createdAt }];
    }),
  );
  return [...billed, ...billing.pendingItems.map((item) => ({ ...item, invoice: null }))];
}

function prorationOf(
  line: InvoiceLine,
  rendering: Rendering,
): Wire<Stripe.InvoiceItem.ProrationDetails> {
  const lines = rendering.world.billing.invoices
    .map((invoice) => ({
      invoice: invoice.id,
      invoice_line_items: invoice.lines
        .filter(({ key }) => line.credits.includes(key))
        .map(({ id }) => id),
    }))
    .find(({ invoice_line_items }) => invoice_line_items.length > 0);
  return {
    credited_items: lines ? { invoice_line_item_details: lines, type: 'invoice_line_items' } : null,
    discount_amounts: [],
  };
}

export function renderInvoiceItem(
  { id, line, invoice, subscriptionKey, createdAt }: ItemOfLine,
  rendering: Rendering,
): Wire<Stripe.InvoiceItem> {
  const currency = invoice?.currency ?? rendering.world.customer.currency;
  const subscription = rendering.subscriptionId(subscriptionKey);
  const proration = isProration(line);
  const item = itemId(line, rendering);
  return {
    id,
    object: 'invoiceitem',
    amount: rendering.amount(line.amount, currency),
    currency: currency.toLowerCase(),
    customer: rendering.customerId,
    customer_account: null,
    date: createdAt,
    description: line.description,
    discountable: !proration,
    discounts: [],
    invoice: invoice?.id ?? null,
    livemode: true,
    metadata: rendering.orderMetadata(line.orderLineKey),
    net_amount: rendering.amount(line.amount - line.discount, currency),
    parent:
      subscription === null
        ? null
        : {
            subscription_details: {
              subscription,
              ...(item === null ? {} : { subscription_item: item }),
            },
            type: 'subscription_details',
          },
    period: { end: line.periodEnd, start: line.periodStart },
    pricing: pricingOf(line, currency, rendering),
    proration,
    ...(proration ? { proration_details: prorationOf(line, rendering) } : {}),
    quantity: Number(line.quantity),
    quantity_decimal: String(line.quantity),
    tax_rates: [],
    test_clock: null,
  };
}

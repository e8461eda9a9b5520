import type { BooksRow, RawObject } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import { taxesOf } from './taxes';
import type { StripeCurrency } from './stripe-currency';
import {
  currencyOf,
  dateOf,
  instantOf,
  linkIn,
  major,
  minorOf,
  sumOf,
  unitAmountOf,
  type StripeContext,
} from './stripe-values';

const parents = new Set(['invoice_item_details', 'subscription_item_details'] as const);
const legacyTypes = new Set(['invoiceitem', 'subscription'] as const);

/** What a line, or an invoice item, is priced by. */
export interface LinePricing {
  priceId: string | null;
  productId: string | null;
  unitAmount: string | null;
  /** Null where the price is there by its id only; books.prices knows. */
  usageType: string | null;
  meterId: string | null;
}

/** `pricing` since API 2025-03-31; `price`, and `plan` for subscriptions, before. */
export function pricingOf(reader: PayloadReader, currency: StripeCurrency): LinePricing {
  const pricing = reader.optionalObject('pricing');
  const details = pricing?.optionalObject('price_details') ?? null;
  const price = details?.expanded('price') ?? reader.expanded('price');
  const plan = reader.expanded('plan');
  const recurring = price?.optionalObject('recurring') ?? plan;
  return {
    priceId:
      details?.optionalId('price') ?? reader.optionalId('price') ?? reader.optionalId('plan'),
    productId:
      details?.optionalId('product') ??
      price?.optionalId('product') ??
      plan?.optionalId('product') ??
      null,
    unitAmount: pricing
      ? unitAmountOf(pricing, 'unit_amount_decimal', currency)
      : ((price && unitAmountOf(price, 'unit_amount_decimal', currency)) ??
        (plan && unitAmountOf(plan, 'amount_decimal', currency))),
    usageType: recurring?.optionalText('usage_type') ?? null,
    meterId: recurring?.optionalText('meter') ?? null,
  };
}

/** Where a line comes from: `parent` since API 2025-03-31, fields of its own before. */
function parentOf(line: PayloadReader) {
  const parent = line.optionalObject('parent');
  const type = parent?.oneOf('type', parents) ?? null;
  const details = type === null ? null : (parent?.object(type) ?? null);
  const legacy = line.optionalOneOf('type', legacyTypes);
  if (parent === null && !line.has('parent') && legacy === null)
    throw line.problem('parent', 'missing_field', 'is missing.');
  const from = details ?? line;
  const credited = from.optionalObject('proration_details')?.optionalObject('credited_items');
  return {
    isSubscription: type === 'subscription_item_details' || legacy === 'subscription',
    isProration: from.optionalBoolean('proration') ?? false,
    subscription: details?.optionalId('subscription') ?? line.optionalId('subscription'),
    subscriptionItem:
      details?.optionalId('subscription_item') ?? line.optionalId('subscription_item'),
    invoiceItem: details?.optionalId('invoice_item') ?? line.optionalId('invoice_item'),
    credited: credited?.optionalTexts('invoice_line_items') ?? null,
  };
}

/** One line of an invoice; `at` is its position, from 0. */
export function mapInvoiceLine(
  line: PayloadReader,
  place: { raw: RawObject; currency: StripeCurrency; context: StripeContext; at: number },
): BooksRow {
  const { currency, context, at } = place;
  if (currencyOf(line).code !== currency.code)
    throw line.problem('currency', 'inconsistent', 'is another than that of the invoice.');
  const parent = parentOf(line);
  const pricing = pricingOf(line, currency);
  const minor = minorOf(line, 'amount', currency);
  const discount = sumOf(line.optionalObjects('discount_amounts'), 'amount');
  const taxes = taxesOf(line, { now: 'taxes', before: 'tax_amounts' });
  const grants = sumOf(
    line.optionalObjects('pretax_credit_amounts'),
    'amount',
    (credit) => credit.text('type') === 'credit_balance_transaction',
  );
  // Before API 2025-03-31 a trial showed the price that it did not charge.
  const isForNothing = minor === 0n && !line.has('pricing') && pricing.unitAmount !== null;
  const kind = parent.isSubscription ? 'SUBSCRIPTION' : 'INVOICE_ITEM';
  const proration = minor < 0n ? 'PRORATION_CR' : 'PRORATION_DR';
  const plain = pricing.usageType === 'metered' ? 'USAGE' : kind;
  return {
    invoice_line_id: line.text('id'),
    invoice_id: place.raw.objectId,
    entity_id: context.entityId,
    line_no: String(at + 1),
    line_type: parent.isProration ? proration : plain,
    description: line.optionalText('description'),
    product_code: line.optionalObject('metadata')?.optionalText('product_code') ?? null,
    currency: currency.code,
    amount: major(minor, currency),
    discount: major(discount, currency),
    credit_grant: major(grants, currency),
    tax_excl: major(taxes.exclusive, currency),
    tax_incl: major(taxes.inclusive, currency),
    revenue_base: major(minor - discount - taxes.inclusive, currency),
    quantity: line.optionalDecimal('quantity_decimal') ?? line.optionalDecimal('quantity'),
    unit_amount: isForNothing ? '0.00' : pricing.unitAmount,
    price_id: pricing.priceId,
    product_id: pricing.productId,
    usage_type: pricing.usageType,
    meter_id: pricing.meterId,
    subscription_id: parent.subscription,
    subscription_item_id: parent.subscriptionItem,
    invoice_item_id: parent.invoiceItem,
    order_line_id: linkIn(line, 'order_item_id', context),
    is_proration: parent.isProration,
    is_discountable: line.optionalBoolean('discountable'),
    credits_line_ids: parent.credited,
    ...servicePeriod(line, context),
  };
}

/** `[start, end)`: consecutive periods share their boundary second (S9). */
export function servicePeriod(reader: PayloadReader, context: StripeContext): BooksRow {
  const period = reader.object('period');
  const [start, end] = [instantOf(period, 'start'), instantOf(period, 'end')];
  return {
    period_start_at: start,
    period_end_at: end,
    service_start: dateOf(start, context),
    service_end_excl: dateOf(end, context),
  };
}

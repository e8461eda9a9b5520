import { fieldsIn, idIn, listIn, without, type Fields } from './fields';
import type { LegacyLookups } from './legacy-lookups';

/** Taxes as they stood before basil. */
export const taxAmounts = (taxes: readonly Fields[]): Fields[] =>
  taxes.map((tax) => ({
    amount: tax.amount,
    inclusive: tax.tax_behavior === 'inclusive',
    tax_rate: idIn(fieldsIn(tax, 'tax_rate_details'), 'tax_rate'),
    taxability_reason: tax.taxability_reason,
    taxable_amount: tax.taxable_amount,
  }));

/** The plan that a recurring price was before prices; null for a price charged once. */
export function planOf(price: Fields | null): Fields | null {
  if (price === null || price.type !== 'recurring') return null;
  const recurring = fieldsIn(price, 'recurring');
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: recurring.interval,
    interval_count: recurring.interval_count,
    livemode: price.livemode,
    metadata: price.metadata,
    meter: recurring.meter,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: price.tiers_mode,
    transform_usage: price.transform_quantity,
    trial_period_days: null,
    usage_type: recurring.usage_type,
  };
}

/** Price and plan of what names them by `pricing`. */
function pricedBy(of: Fields, lookups: LegacyLookups): { price: Fields | null; unit: unknown } {
  const pricing = fieldsIn(of, 'pricing');
  const id = idIn(fieldsIn(pricing, 'price_details'), 'price');
  const found = id === null ? null : lookups.price(id);
  const price = found === null ? null : without(found, 'tiers', 'currency_options');
  return { price, unit: pricing.unit_amount_decimal ?? null };
}

/** A line of an invoice before basil: price and plan inside it, its origin in flat fields. */
export function legacyLine(line: Fields, lookups: LegacyLookups): Fields {
  const { price, unit } = pricedBy(line, lookups);
  const parent = fieldsIn(line, 'parent');
  const ofItem = fieldsIn(parent, 'invoice_item_details');
  const ofSubscription = fieldsIn(parent, 'subscription_item_details');
  const byItem = parent.type === 'invoice_item_details';
  const details = byItem ? ofItem : ofSubscription;
  return {
    ...without(line, 'parent', 'pricing', 'taxes', 'quantity_decimal', 'subtotal'),
    amount_excluding_tax: line.subtotal,
    ...(byItem ? { invoice_item: ofItem.invoice_item } : {}),
    plan: planOf(price),
    price,
    proration: details.proration ?? false,
    proration_details: details.proration_details ?? { credited_items: null },
    subscription: details.subscription ?? null,
    ...(byItem ? {} : { subscription_item: ofSubscription.subscription_item }),
    tax_amounts: taxAmounts(listIn(line, 'taxes')),
    tax_rates: [],
    type: byItem ? 'invoiceitem' : 'subscription',
    unit_amount_excluding_tax: unit,
  };
}

export function legacyInvoiceItem(item: Fields, lookups: LegacyLookups): Fields {
  const { price, unit } = pricedBy(item, lookups);
  const details = fieldsIn(fieldsIn(item, 'parent'), 'subscription_details');
  const names = ['parent', 'pricing', 'proration_details', 'quantity_decimal', 'net_amount'];
  return {
    ...without(item, ...names),
    plan: planOf(price),
    price,
    subscription: details.subscription ?? null,
    ...(details.subscription_item === undefined
      ? {}
      : { subscription_item: details.subscription_item }),
    unit_amount: price?.unit_amount ?? null,
    unit_amount_decimal: unit,
  };
}

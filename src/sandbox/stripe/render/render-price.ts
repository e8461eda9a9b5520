import type Stripe from 'stripe';
import { RATE_SCALE, rateText, wireAmount, type Rate } from '../../kit/units';
import { stripeId } from '../../kit/ids';
import type { InvoiceLine } from '../../truth/billing';
import type { Price, PriceTier } from '../../truth/catalog';
import type { StripeCatalogue } from './stripe-catalogue';
import type { Wire } from './wire';

/** A rate in minor units of the wire; null where tiers say it. */
export const wireRate = (rate: Rate, currency: string): Rate =>
  rate * BigInt(wireAmount(1n, currency));

/** Whole minor units, or null where the rate is finer than the currency. */
export function wholeRate(rate: Rate | null, currency: string): number | null {
  if (rate === null || rate % RATE_SCALE !== 0n) return null;
  return wireAmount(rate / RATE_SCALE, currency);
}

export const decimalRate = (rate: Rate | null, currency: string): string | null =>
  rate === null ? null : rateText(wireRate(rate, currency));

const tierOf =
  (currency: string) =>
  ({ upTo, unit }: PriceTier): Wire<Stripe.Price.Tier> => ({
    flat_amount: null,
    flat_amount_decimal: null,
    unit_amount: wholeRate(unit, currency),
    unit_amount_decimal: decimalRate(unit, currency),
    up_to: upTo === null ? null : Number(upTo),
  });

const packagesOf = ({ transform }: Price): Wire<Stripe.Price.TransformQuantity> | null =>
  transform ? { divide_by: Number(transform.divideBy), round: transform.round } : null;

/** A price with its tiers; the server leaves them out unless they are asked for. */
export function renderPrice(price: Price, catalogue: StripeCatalogue): Wire<Stripe.Price> {
  const { currency, tiers, interval } = price;
  return {
    id: price.id,
    object: 'price',
    active: price.active,
    billing_scheme: tiers === null ? 'per_unit' : 'tiered',
    created: price.createdAt,
    currency: currency.toLowerCase(),
    custom_unit_amount: null,
    livemode: true,
    lookup_key: null,
    metadata: { ...price.metadata },
    nickname: null,
    product: catalogue.productId(price.product),
    recurring: interval && {
      interval: interval.unit,
      interval_count: interval.count,
      meter: price.meter === null ? null : catalogue.meterId(price.meter),
      trial_period_days: null,
      usage_type: price.usage,
    },
    tax_behavior: currency === 'JPY' ? 'inclusive' : 'exclusive',
    ...(tiers === null ? {} : { tiers: tiers.map(tierOf(currency)) }),
    tiers_mode: price.tiersMode,
    transform_quantity: packagesOf(price),
    type: interval === null ? 'one_time' : 'recurring',
    unit_amount: tiers === null ? wholeRate(price.unit, currency) : null,
    unit_amount_decimal: tiers === null ? decimalRate(price.unit, currency) : null,
  };
}

/** The price as it stands inside other objects: without what is only shown when asked for. */
export function embeddedPrice(price: Price, catalogue: StripeCatalogue): Wire<Stripe.Price> {
  const { tiers, ...rest } = renderPrice(price, catalogue);
  return tiers === undefined ? rest : { ...rest };
}

/** The same price in the shape it had before prices were. */
export function renderPlan(price: Price, catalogue: StripeCatalogue): Wire<Stripe.Plan> {
  const { currency, tiers, interval } = price;
  return {
    id: price.id,
    object: 'plan',
    active: price.active,
    amount: tiers === null ? wholeRate(price.unit, currency) : null,
    amount_decimal: tiers === null ? decimalRate(price.unit, currency) : null,
    billing_scheme: tiers === null ? 'per_unit' : 'tiered',
    created: price.createdAt,
    currency: currency.toLowerCase(),
    interval: interval?.unit ?? 'month',
    interval_count: interval?.count ?? 1,
    livemode: true,
    metadata: { ...price.metadata },
    meter: price.meter === null ? null : catalogue.meterId(price.meter),
    nickname: null,
    product: catalogue.productId(price.product),
    tiers_mode: price.tiersMode,
    transform_usage: packagesOf(price),
    trial_period_days: null,
    usage_type: price.usage,
  };
}

/** The price that Stripe makes, and archives, for an invoice item with an amount of its own. */
export const adHocPrice = (
  line: Pick<InvoiceLine, 'key' | 'product' | 'unit'>,
  currency: string,
  createdAt: number,
): Price => ({
  id: stripeId('price', 'ad hoc', line.key),
  product: line.product,
  currency,
  unit: line.unit,
  tiers: null,
  tiersMode: null,
  interval: null,
  usage: 'licensed',
  meter: null,
  published: false,
  active: false,
  createdAt,
  metadata: {},
});

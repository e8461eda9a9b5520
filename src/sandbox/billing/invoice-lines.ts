import { stripeId } from '../kit/ids';
import { isoInstant, type Instant } from '../kit/instants';
import { RATE_SCALE } from '../kit/units';
import type { InvoiceLine } from '../truth/billing';
import type { Price } from '../truth/catalog';
import type { OneOffCharge } from '../truth/plan';
import type { BillingState, RunningItem, RunningSubscription } from './billing-state';
import { monthsOf } from './billing-periods';
import { inForce } from './discount-invoice';
import { ratePrice } from './rate-price';
import { roundForStripe, shareForStripe } from './stripe-rounding';

/** A line with nothing taken off and no tax. */
export function plainLine(
  key: string,
  rest: Pick<
    InvoiceLine,
    'kind' | 'product' | 'description' | 'amount' | 'quantity' | 'periodStart' | 'periodEnd'
  > &
    Partial<InvoiceLine>,
): InvoiceLine {
  // Written out: two hundred thousand of them are made, and spreading is ten times as slow.
  return {
    key,
    id: stripeId('il', key),
    kind: rest.kind,
    product: rest.product,
    price: rest.price ?? null,
    itemKey: rest.itemKey ?? null,
    invoiceItemId: rest.invoiceItemId ?? null,
    orderLineKey: rest.orderLineKey ?? null,
    description: rest.description,
    amount: rest.amount,
    quantity: rest.quantity,
    unit: rest.unit ?? null,
    discount: 0n,
    couponKey: null,
    grantCredits: [],
    taxExclusive: 0n,
    taxInclusive: 0n,
    periodStart: rest.periodStart,
    periodEnd: rest.periodEnd,
    credits: rest.credits ?? [],
  };
}

const names: Readonly<Record<string, string>> = {
  PLUS: 'Plus',
  TEAM: 'Team seat',
  'ENT-SEAT': 'Enterprise seat',
  'ENT-PLATFORM': 'Enterprise platform',
  'API-INPUT': 'Input tokens',
  'API-OUTPUT': 'Output tokens',
  'API-IMAGE': 'Images',
  'API-COMMIT': 'API commitment',
  ONBOARDING: 'Onboarding',
  'CREDIT-TOPUP': 'Prepaid credit',
};

export const nameOf = (product: string): string => names[product] ?? product;

const ofItem = (item: RunningItem, price: Price) => ({
  product: price.product,
  price,
  itemKey: item.plan.key,
  orderLineKey: item.plan.orderLineKey,
});

/** What a whole interval costs now, after a percentage that is in force. */
export function netOfInterval(
  subscription: RunningSubscription,
  item: RunningItem,
  at: Instant,
): bigint {
  const gross = ratePrice(item.price, item.quantity ?? 0n);
  const percent = subscription.coupon?.percent ?? null;
  if (percent === null || !inForce(subscription, at)) return gross;
  return gross - shareForStripe(gross, percent, item.price.currency);
}

/**
 * Charges an item for its present period. A whole interval is an ordinary line, discounted with
 * its invoice; a part of one (co-term stub, end of term) is prorated to the second and carries its
 * discount inside (S8, S26).
 */
export function chargePeriod(subscription: RunningSubscription, item: RunningItem): InvoiceLine {
  const { price, periodStart, periodEnd } = item;
  const quantity = item.quantity ?? 0n;
  const key = `${item.plan.key}/${String(periodStart)}`;
  const gross = ratePrice(price, quantity);
  item.chargedLineKeys = [key];
  if (periodEnd - periodStart === item.naturalSeconds) {
    item.charged = gross;
    const months = monthsOf(price) >= 12 ? 'year' : 'month';
    const description = `${String(quantity)} × ${nameOf(price.product)} (per ${months})`;
    return plainLine(key, {
      ...{ kind: 'subscription', amount: gross, quantity, unit: price.unit, description },
      ...{ ...ofItem(item, price), periodStart, periodEnd },
    });
  }
  item.charged = netOfInterval(subscription, item, periodStart);
  return prorationLine(item, key, periodStart, item.charged, []);
}

/** The rest of the period from `at`, at what a whole interval costs; negative gives it back. */
export function prorationLine(
  item: RunningItem,
  key: string,
  at: Instant,
  wholeInterval: bigint,
  credits: string[],
): InvoiceLine {
  const { price, periodEnd } = item;
  const seconds = BigInt(periodEnd - at);
  const whole = BigInt(item.naturalSeconds);
  const time = wholeInterval < 0n ? 'Unused time' : 'Remaining time';
  return plainLine(key, {
    kind: wholeInterval < 0n ? 'proration_credit' : 'proration_debit',
    amount: roundForStripe(wholeInterval * seconds, whole, price.currency),
    quantity: item.quantity ?? 0n,
    invoiceItemId: stripeId('ii', key),
    description: `${time} on ${nameOf(price.product)} from ${isoInstant(at)}`,
    ...{ ...ofItem(item, price), periodStart: at, periodEnd, credits },
  });
}

/** The $0 line of a trial. */
export function trialLine(item: RunningItem): InvoiceLine {
  const { price, periodStart, periodEnd } = item;
  return plainLine(`${item.plan.key}/trial/${String(periodStart)}`, {
    ...{ kind: 'subscription', amount: 0n, quantity: item.quantity ?? 1n, unit: 0n },
    description: `Trial period for ${nameOf(price.product)}`,
    ...{ ...ofItem(item, price), periodStart, periodEnd },
  });
}

/**
 * Metered usage up to `to`, one line per price it was used at; it is never prorated. Flexible mode
 * leaves out lines without usage (L35) and bills the time before a change of price; in classic mode
 * that usage is lost (ST-09).
 */
export function usageLines(
  state: BillingState,
  subscription: RunningSubscription,
  item: RunningItem,
  to: Instant,
): InvoiceLine[] {
  const isFlexible = subscription.plan.mode === 'flexible';
  const legs = [...(isFlexible ? item.legs : [])];
  legs.push({ price: item.price, from: item.meteredFrom, to });
  const lines: InvoiceLine[] = [];
  for (const { price, from, to: end } of legs) {
    const line = usageLine(state, item, price, from, end);
    const isLeftOut = line.quantity === 0n && isFlexible;
    if (!isLeftOut) lines.push(line);
    if (line.amount === 0n && state.lookAlikes)
      state.context.noteLookAlike('L35', isLeftOut ? item.plan.id : line.id);
  }
  item.legs = [];
  item.meteredFrom = to;
  return lines;
}

function usageLine(
  state: BillingState,
  item: RunningItem,
  price: Price,
  periodStart: Instant,
  periodEnd: Instant,
): InvoiceLine {
  if (price.meter === null) throw new RangeError(`${price.id} has no meter`);
  const quantity = state.metered.quantity(price.meter, periodStart, periodEnd);
  return plainLine(`${item.plan.key}/usage/${String(periodStart)}`, {
    ...{ kind: 'usage', amount: ratePrice(price, quantity), quantity, unit: price.unit },
    description: nameOf(price.product),
    ...{ ...ofItem(item, price), periodStart, periodEnd },
  });
}

/** What a cycle's metered lines lack to the monthly minimum, for their service period (U2). */
export function minimumLines(
  { plan }: RunningSubscription,
  lines: readonly InvoiceLine[],
  periodStart: Instant,
  periodEnd: Instant,
): InvoiceLine[] {
  const { minimum } = plan;
  if (minimum === undefined) return [];
  const usage = lines.filter(({ kind }) => kind === 'usage');
  const lack = minimum.amount - usage.reduce((sum, { amount }) => sum + amount, 0n);
  if (lack <= 0n) return [];
  const key = `${plan.key}/minimum/${String(periodStart)}`;
  return [
    plainLine(key, {
      ...{ kind: 'invoice_item', product: minimum.product, description: minimum.description },
      ...{
        amount: lack,
        quantity: 1n,
        unit: lack * RATE_SCALE,
        invoiceItemId: stripeId('ii', key),
      },
      ...{ orderLineKey: minimum.orderLineKey },
      ...{ periodStart, periodEnd },
    }),
  ];
}

/** The line of a one-off charge. */
export function oneOffLine(charge: OneOffCharge): InvoiceLine {
  return plainLine(`${charge.key}/line`, {
    kind: 'invoice_item',
    product: charge.product,
    description: charge.description,
    amount: charge.unit * charge.quantity,
    quantity: charge.quantity,
    unit: charge.unit * RATE_SCALE,
    invoiceItemId: stripeId('ii', charge.key),
    orderLineKey: charge.orderLineKey,
    periodStart: charge.periodStart,
    periodEnd: charge.periodEnd,
  });
}

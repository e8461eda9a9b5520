import { stripeId } from '../kit/ids';
import {
  addDays,
  addMonths,
  DAY,
  instantOf,
  MINUTE,
  type Day,
  type Instant,
} from '../kit/instants';
import { RATE_SCALE, type Minor } from '../kit/units';
import { productOf } from '../company/catalog';
import type { Price } from '../truth/catalog';
import type { CouponPlan, ItemPlan, OneOffCharge, SubscriptionPlan } from '../truth/plan';
import type { OrderLine, OrderTruth } from '../truth/sold';
import type { OrderToPlan, PlanBench } from './plan-bench';

/** From here on Stripe creates subscriptions in flexible billing mode by default (clover). */
const flexibleFrom: Instant = instantOf('2025-10-01T00:00:00Z');

const FULL = 1_000_000n;

/** The metadata that the integration writes (CONTROLS S31). */
export const orderMetadata = (
  order: OrderTruth,
  line?: OrderLine,
): Readonly<Record<string, string>> => ({
  salesforce_order_id: order.orderId,
  ...(line ? { salesforce_order_item_id: line.orderItemId } : {}),
});

type Interval = NonNullable<Price['interval']>;

const intervals: Readonly<Record<OrderTruth['billingFrequency'], Interval | null>> = {
  Annual: { unit: 'year', count: 1 },
  Quarterly: { unit: 'month', count: 3 },
  Monthly: { unit: 'month', count: 1 },
  'One-time': null,
};

/** The price made for one order line, archived at once (CONTROLS S30). */
export function priceOfLine(order: OrderTruth, line: OrderLine, unit: Minor): Price {
  return {
    ...{ id: stripeId('price', line.key), product: line.product, currency: order.currency },
    ...{ unit: unit * RATE_SCALE, tiers: null, tiersMode: null, usage: 'licensed', meter: null },
    ...{ interval: intervals[order.billingFrequency], published: false, active: false },
    createdAt: (order.activatedAt ?? order.createdAt) + 10 * MINUTE,
    metadata: orderMetadata(order, line),
  };
}

/** A contracted rate per unit of a meter, billed each month after it. */
function meteredPrice(order: OrderTruth, line: OrderLine): Price {
  return {
    ...priceOfLine(order, line, 0n),
    ...{ unit: line.overage, usage: 'metered', meter: productOf(line.product).meter },
    interval: { unit: 'month', count: 1 },
  };
}

/** An item of a subscription for an order line. */
export function itemOfLine(order: OrderTruth, line: OrderLine, bench: PlanBench): ItemPlan {
  const isMetered = line.charge === 'usage';
  const isSeat = line.product === 'ENT-SEAT';
  return {
    ...{ key: `${line.key}-I`, id: stripeId('si', line.key), orderLineKey: line.key },
    price: isMetered ? meteredPrice(order, line) : priceOfLine(order, line, line.netPerPeriod),
    quantity: isMetered ? null : BigInt(line.quantity),
    workspace: isSeat ? (bench.customer.workspaces[0] ?? null) : null,
    ...{ from: null, to: null, metadata: orderMetadata(order, line) },
  };
}

/** The first instant after a term whose last day is given. */
const endAfter = (lastDay: Day, bench: PlanBench): Instant => bench.turnOf(addDays(lastDay, 1));

function subscriptionFor(
  { order, evergreen }: OrderToPlan,
  name: string,
  items: ItemPlan[],
  bench: PlanBench,
): SubscriptionPlan {
  const key = `${order.key}-${name}`;
  const startAt = bench.turnOf(order.effectiveOn);
  const subscription: SubscriptionPlan = {
    ...{ key, id: stripeId('sub', key), scheduleId: stripeId('sub_sched', key) },
    ...{ createdAt: startAt, startAt, anchorAt: startAt, trialEndAt: null },
    mode: startAt >= flexibleFrom ? 'flexible' : 'classic',
    ...{ collection: 'send_invoice', daysUntilDue: order.paymentTermsDays },
    ...{ items, changes: [], couponKey: null },
    endsAt: evergreen ? null : endAfter(order.endOn, bench),
    ...{ orderKeys: [order.key], metadata: orderMetadata(order) },
  };
  bench.plan.subscriptions.push(subscription);
  return subscription;
}

/** A charge of an order line, by an invoice of its own. */
export function chargeOfLine(
  order: OrderTruth,
  line: OrderLine,
  charge: Pick<OneOffCharge, 'key' | 'at' | 'unit' | 'quantity' | 'periodStart' | 'periodEnd'>,
): OneOffCharge {
  return {
    ...charge,
    ...{ product: line.product, description: productOf(line.product).name },
    ...{ currency: order.currency, subscriptionKey: null, collection: 'send_invoice' },
    ...{ daysUntilDue: order.paymentTermsDays, orderLineKey: line.key },
    metadata: orderMetadata(order, line),
  };
}

/** Sets one order up; its subscription of recurring items, where it has one, can be amended. */
export function planOrder(toPlan: OrderToPlan, bench: PlanBench): SubscriptionPlan | null {
  const { order } = toPlan;
  if (order.lines.some(({ charge }) => charge === 'usage')) planUsage(toPlan, bench);
  if (order.billing === 'arrears' && order.lines.every(({ charge }) => charge === 'recurring')) {
    chargeInArrears(toPlan, bench);
    return null;
  }
  const recurring = order.lines.filter(
    ({ charge, product }) => charge === 'recurring' && product !== 'API-COMMIT',
  );
  if (isByHand(toPlan, recurring, bench)) {
    for (const line of recurring) chargeAhead(order, line, bench);
    return null;
  }
  const subscription = recurring.length > 0 ? planRecurring(toPlan, recurring, bench) : null;
  for (const line of order.lines)
    if (line.charge === 'one_time') chargeOnce(order, line, subscription, bench);
  return subscription;
}

function planRecurring(
  toPlan: OrderToPlan,
  lines: OrderLine[],
  bench: PlanBench,
): SubscriptionPlan {
  const { order, deal } = toPlan;
  if (deal.shape === 'F1') {
    const paid = lines.filter(({ netPerPeriod }) => netPerPeriod > 0n);
    const items = paid.map((line) => itemOfLine(order, line, bench));
    return withFreeMonths(subscriptionFor(toPlan, 'S', items, bench), order, 3, bench);
  }
  if (deal.shape === 'Z1') {
    const items = lines.map((line) => ({
      ...itemOfLine(order, line, bench),
      price: priceOfLine(order, line, line.listPerPeriod),
    }));
    const months = Math.max(...lines.map(({ multiplier }) => Number(multiplier)));
    return withFreeMonths(subscriptionFor(toPlan, 'S', items, bench), order, months, bench);
  }
  const items = lines.map((line) => ({
    ...itemOfLine(order, line, bench),
    ...(line.segment === null ? {} : phaseOf(line, bench)),
  }));
  return billedEarly(subscriptionFor(toPlan, 'S', items, bench), toPlan, bench);
}

/** Days from the bill to the service where a customer wants it so (L13). */
const daysAhead = 12;

/** The first bill is made before the term begins: at once, or twelve days ahead of it. */
function billedEarly(
  subscription: SubscriptionPlan,
  { order }: OrderToPlan,
  bench: PlanBench,
): SubscriptionPlan {
  const setUpAt = (order.activatedAt ?? order.createdAt) + 30 * MINUTE;
  const createdAt = Math.max(setUpAt, subscription.startAt - daysAhead * DAY);
  const isAhead = createdAt + DAY < subscription.startAt && bench.ahead(order) === 'subscription';
  if (!isAhead || order.billingFrequency !== 'Annual') return subscription;
  subscription.createdAt = createdAt;
  bench.note('L13', subscription.id, createdAt);
  return subscription;
}

/** Flat fees of a year or a quarter that nothing amends. */
function isByHand(
  { order, deal, evergreen, amendments }: OrderToPlan,
  lines: readonly OrderLine[],
  bench: PlanBench,
): boolean {
  const isFlat = ['A1', 'A2'].includes(deal.shape) && lines.every((l) => l.product !== 'ENT-SEAT');
  if (!isFlat || evergreen || amendments.length > 0) return false;
  return bench.ahead(order) === 'by hand';
}

/** Each period of a line on an invoice made by hand, twelve days before it (L13, L17). */
function chargeAhead(order: OrderTruth, line: OrderLine, bench: PlanBench): void {
  const months = order.billingFrequency === 'Annual' ? 12 : 3;
  const setUpAt = (order.activatedAt ?? order.createdAt) + 30 * MINUTE;
  for (let n = 1, start = line.startOn; start < line.endOn; n += 1) {
    const next = addMonths(line.startOn, n * months);
    const [periodStart, periodEnd] = [bench.turnOf(start), bench.turnOf(next)];
    const at = Math.max(setUpAt, periodStart - daysAhead * DAY);
    const key = `${line.key}-X${String(n)}`;
    bench.plan.oneOffs.push(
      chargeOfLine(order, line, {
        ...{ key, at, unit: line.netPerPeriod, quantity: BigInt(line.quantity) },
        ...{ periodStart, periodEnd },
      }),
    );
    bench.note('L13', stripeId('in', `${key}/invoice`), at);
    start = next;
  }
}

/** When a ramp's line is in force. */
const phaseOf = (line: OrderLine, bench: PlanBench): Pick<ItemPlan, 'from' | 'to'> => ({
  from: bench.turnOf(line.startOn),
  to: endAfter(line.endOn, bench),
});

/** A coupon of the whole price for the months that are free, and no longer. */
function withFreeMonths(
  subscription: SubscriptionPlan,
  order: OrderTruth,
  months: number,
  bench: PlanBench,
): SubscriptionPlan {
  const key = `${order.key}-FREE`;
  const coupon: CouponPlan = {
    ...{ key, id: stripeId('coupon', key).slice(-8), name: `${String(months)} months free` },
    ...{ percent: FULL, amount: null, duration: 'repeating', months, promotionCode: null },
    createdAt: (order.activatedAt ?? order.createdAt) + 12 * MINUTE,
  };
  bench.plan.coupons.push(coupon);
  subscription.couponKey = key;
  return subscription;
}

/** Meters in a monthly subscription of their own, with the minimum of U2 where there is one. */
function planUsage(toPlan: OrderToPlan, bench: PlanBench): void {
  const { order } = toPlan;
  const lines = order.lines.filter(({ charge }) => charge === 'usage');
  const items = lines.map((line) => itemOfLine(order, line, bench));
  const subscription = subscriptionFor(toPlan, 'U', items, bench);
  const minimum = order.lines.find(
    ({ charge, commit }) => charge === 'recurring' && commit !== null,
  );
  if (minimum)
    subscription.minimum = {
      ...{ product: 'API-COMMIT', amount: minimum.commit ?? 0n, orderLineKey: minimum.key },
      description: 'True-up to the monthly minimum',
    };
}

/**
 * What is charged once: a commitment at the start of its year, with the credit that it buys;
 * services on the first invoice of the subscription, for the day on which they are delivered.
 */
function chargeOnce(
  order: OrderTruth,
  line: OrderLine,
  subscription: SubscriptionPlan | null,
  bench: PlanBench,
): void {
  const at = bench.turnOf(order.effectiveOn);
  const periodStart = bench.turnOf(line.startOn);
  const isMoment = line.product === 'ONBOARDING';
  const charge = chargeOfLine(order, line, {
    ...{ key: `${line.key}-X`, at, unit: line.unitForTerm, quantity: BigInt(line.quantity) },
    ...{ periodStart, periodEnd: isMoment ? periodStart : endAfter(line.endOn, bench) },
  });
  charge.subscriptionKey = isMoment ? (subscription?.key ?? null) : null;
  bench.plan.oneOffs.push(charge);
  if (line.commit === null) return;
  bench.plan.grants.push({
    ...{ key: `${line.key}-G`, id: stripeId('credgr', line.key), category: 'paid' },
    ...{ currency: order.currency, amount: line.commit, effectiveAt: at },
    ...{ expiresAt: charge.periodEnd, boughtBy: charge.key },
  });
}

/** Each month's seats and platform on its last instant, as amended by then. */
function chargeInArrears({ order, amendments }: OrderToPlan, bench: PlanBench): void {
  const orders = [order, ...amendments];
  for (const current of orders)
    for (const line of current.lines) {
      if (line.quantity <= 0) continue;
      for (let month = 0, start = line.startOn; start < line.endOn; month += 1) {
        const next = addMonths(line.startOn, month + 1);
        const quantity = BigInt(line.quantity) + reducedBy(line, start, amendments);
        bench.plan.oneOffs.push(
          chargeOfLine(current, line, {
            ...{ key: `${line.key}-X${String(month + 1)}`, at: bench.turnOf(next), quantity },
            ...{ unit: line.netPerPeriod, periodStart: bench.turnOf(start) },
            periodEnd: bench.turnOf(next),
          }),
        );
        start = next;
      }
    }
}

/** Units (negative) taken off a line by reductions in force on a day. */
const reducedBy = (line: OrderLine, day: Day, amendments: readonly OrderTruth[]): bigint =>
  amendments
    .flatMap(({ lines }) => lines)
    .filter(({ revises, startOn }) => revises === line.key && startOn <= day)
    .reduce((sum, { quantity }) => sum + BigInt(quantity), 0n);

import { stripeId } from '../kit/ids';
import { addMonthsToInstant, DAY, instantOf, type Instant } from '../kit/instants';
import type { KeyedRandom } from '../kit/keyed-random';
import type { Price } from '../truth/catalog';
import type { Customer } from '../truth/company';
import type { BillingPlan, ItemPlan, PlanChange, SubscriptionPlan } from '../truth/plan';

/** Flexible billing could be chosen from here on, and is the default from clover on. */
const flexibleFrom: Instant = instantOf('2025-07-01T00:00:00Z');
const flexibleDefaultFrom: Instant = instantOf('2025-09-30T00:00:00Z');

export function billingMode(createdAt: Instant, random: KeyedRandom): SubscriptionPlan['mode'] {
  const early = random.chance(0.5);
  if (createdAt >= flexibleDefaultFrom) return 'flexible';
  return createdAt >= flexibleFrom && early ? 'flexible' : 'classic';
}

export function itemOf(
  subscriptionKey: string,
  price: Price,
  quantity: bigint | null,
  workspace: string | null,
): ItemPlan {
  const key = `${subscriptionKey}/${price.product.toLowerCase()}`;
  return {
    key,
    id: stripeId('si', key),
    price,
    quantity,
    orderLineKey: null,
    workspace,
    from: null,
    to: null,
  };
}

export interface SubscriptionStart {
  key: string;
  at: Instant;
  trialDays: number;
  mode: SubscriptionPlan['mode'];
  items: (key: string) => ItemPlan[];
  workspace: string;
}

/** A subscription a customer began in the product: charged at once, its cycle from that second. */
export function subscriptionOf(customer: Customer, start: SubscriptionStart): SubscriptionPlan {
  const trialEndAt = start.trialDays === 0 ? null : start.at + start.trialDays * DAY;
  return {
    key: start.key,
    id: stripeId('sub', start.key),
    scheduleId: null,
    createdAt: start.at,
    startAt: start.at,
    anchorAt: trialEndAt ?? start.at,
    trialEndAt,
    mode: start.mode,
    collection: 'charge_automatically',
    daysUntilDue: null,
    items: start.items(start.key),
    changes: [],
    couponKey: null,
    endsAt: null,
    orderKeys: [],
    metadata: { organization_id: customer.organizationId, workspace: start.workspace },
  };
}

export const noPlan = (paying: BillingPlan['paying']): BillingPlan => ({
  ...{ subscriptions: [], oneOffs: [], grants: [], coupons: [] },
  paying,
});

/** What may happen in month `k` after the anchor; null ends the subscription's life. */
export type MonthEvents = (month: { k: number; from: Instant; to: Instant }) => {
  changes: PlanChange[];
  skip?: number;
  ended?: boolean;
};

/** Goes through the months that have begun by now, one after the other, until it is ended. */
export function liveThrough(
  subscription: SubscriptionPlan,
  now: Instant,
  eventsOf: MonthEvents,
): void {
  for (let k = 0; ; k += 1) {
    const from = addMonthsToInstant(subscription.anchorAt, k);
    if (from >= now) return;
    const to = addMonthsToInstant(subscription.anchorAt, k + 1);
    const { changes, skip, ended } = eventsOf({ k, from, to });
    subscription.changes.push(...changes.filter(({ at }) => at <= now));
    if (ended === true) return;
    k += skip ?? 0;
  }
}

/** A second inside the month, at least a quarter of an hour from both of its ends. */
export const within = (random: KeyedRandom, month: { from: Instant; to: Instant }): Instant =>
  random.int(month.from + 900, month.to - 900);

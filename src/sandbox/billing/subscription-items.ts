import type { Instant } from '../kit/instants';
import type { ItemPlan } from '../truth/plan';
import { intervalAt, monthsOf } from './billing-periods';
import type { RunningItem, RunningSubscription } from './billing-state';

/** Puts an item in force; its first period ends where the anchor's rhythm says. */
export function startItem(
  subscription: RunningSubscription,
  plan: ItemPlan,
  at: Instant,
): RunningItem {
  const item: RunningItem = {
    ...{ plan, price: plan.price, quantity: plan.quantity, createdAt: at, charged: 0n },
    ...{ periodStart: at, periodEnd: at, naturalSeconds: 1, chargedLineKeys: [], meteredFrom: at },
    legs: [],
  };
  setPeriod(subscription, item, at);
  subscription.items.push(item);
  return item;
}

/** The period that begins at an instant: to the next boundary, or to where item or term end. */
export function setPeriod(
  subscription: RunningSubscription,
  item: RunningItem,
  start: Instant,
): void {
  const interval = intervalAt(subscription.anchorAt, monthsOf(item.price), start);
  item.periodStart = start;
  item.naturalSeconds = interval.end - interval.start;
  item.periodEnd = Math.min(
    interval.end,
    subscription.plan.endsAt ?? interval.end,
    item.plan.to ?? interval.end,
  );
}

/** The next instant at which a period of the subscription ends; Infinity without items. */
export const nextBoundary = ({ items }: RunningSubscription): Instant =>
  items.reduce((next, { periodEnd }) => Math.min(next, periodEnd), Infinity);

/** Whether an item is in force from an instant on. */
export const isInForce = ({ from, to }: ItemPlan, at: Instant): boolean =>
  (from === null || from <= at) && (to === null || to > at);

/** A metered item whose period ends now. */
export const endingMeter = ({ items }: RunningSubscription, at: Instant): RunningItem | undefined =>
  items.find(({ price, periodEnd }) => price.usage === 'metered' && periodEnd === at);

export function itemOf(
  subscription: RunningSubscription,
  itemKey: string,
): RunningItem | undefined {
  return subscription.items.find(({ plan }) => plan.key === itemKey);
}

/** What Stripe shows of the items. */
export function showItems({ billed, items }: RunningSubscription): void {
  billed.items = items.map(({ plan, price, quantity, createdAt, periodStart, periodEnd }) => ({
    ...{ key: plan.key, id: plan.id, price, quantity, periodStart, periodEnd, createdAt },
    ...{ orderLineKey: plan.orderLineKey, workspace: plan.workspace },
  }));
}

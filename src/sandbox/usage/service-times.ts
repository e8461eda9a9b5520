import { intervalAt, monthsOf } from '../billing/billing-periods';
import type { BookZone } from '../kit/book-zone';
import { addMonths, firstOfMonth, monthOf, type Instant } from '../kit/instants';
import type { MeterKey } from '../truth/catalog';
import type { BillingPlan, ItemPlan, SubscriptionPlan } from '../truth/plan';

/** When a plan is in force, half-open; the end may lie after the world's now. */
export interface Stretch {
  from: Instant;
  to: Instant;
}

/** No end in sight. */
export const forever: Instant = Number.MAX_SAFE_INTEGER;

/** An item of a subscription and when it is in force. */
export interface ServedItem extends Stretch {
  item: ItemPlan;
  subscription: SubscriptionPlan;
}

/** When the subscription ends, by its term or by a cancellation. */
export function endOfService(subscription: SubscriptionPlan): Instant {
  const term = subscription.endsAt ?? forever;
  const cancel = subscription.changes.find(({ kind }) => kind === 'cancel');
  if (cancel?.kind !== 'cancel') return term;
  return Math.min(term, cancel.atPeriodEnd ? periodEnd(subscription, cancel.at) : cancel.at);
}

function periodEnd(subscription: SubscriptionPlan, at: Instant): Instant {
  const { trialEndAt, anchorAt, items } = subscription;
  if (trialEndAt !== null && at < trialEndAt) return trialEndAt;
  const price = items.find(({ price: { interval } }) => interval !== null)?.price;
  return price === undefined ? at : intervalAt(anchorAt, monthsOf(price), at).end;
}

/** Every item with the time it is in force; service is not given before it is set up. */
export function servedItems(plan: BillingPlan): ServedItem[] {
  return plan.subscriptions.flatMap((subscription) => {
    const begin = Math.max(subscription.startAt, subscription.createdAt);
    const end = endOfService(subscription);
    const added = subscription.changes.flatMap((change) =>
      change.kind === 'add_item' ? [{ item: change.item, at: change.at }] : [],
    );
    return [...subscription.items.map((item) => ({ item, at: begin })), ...added].map(
      ({ item, at }) => ({
        item,
        subscription,
        from: Math.max(at, item.from ?? 0),
        to: Math.min(end, item.to ?? forever, removedAt(subscription, item.key)),
      }),
    );
  });
}

const removedAt = ({ changes }: SubscriptionPlan, itemKey: string): Instant =>
  changes.find((change) => change.kind === 'remove_item' && change.itemKey === itemKey)?.at ??
  forever;

/** When each meter is billed; a meter that is not here is not used. */
export function meteredStretches(served: readonly ServedItem[]): Map<MeterKey, Stretch[]> {
  const stretches = new Map<MeterKey, Stretch[]>();
  for (const { item, from, to } of served) {
    const { meter } = item.price;
    if (meter === null || to <= from) continue;
    const list = stretches.get(meter) ?? [];
    list.push({ from, to });
    stretches.set(meter, list);
  }
  for (const list of stretches.values()) list.sort((a, b) => a.from - b.from);
  return stretches;
}

/** Where usage is divided. */
export interface Boundaries {
  /** No hour of usage spans one of these: all that a bill or a book may be cut at. */
  all: Instant[];
  /** Of these, the ones known beforehand: nothing arrives so late that it crosses one. */
  regular: Instant[];
}

/** Every boundary up to a little after now, in order. */
export function boundariesOf(
  served: readonly ServedItem[],
  plan: BillingPlan,
  zone: BookZone,
  until: Instant,
): Boundaries {
  const regular = new Set<Instant>();
  const irregular = new Set<Instant>();
  const subscriptions = new Set(served.map(({ subscription }) => subscription));
  for (const subscription of subscriptions) {
    const { trialEndAt, endsAt, changes, startAt, createdAt } = subscription;
    for (const at of [trialEndAt, endsAt]) if (at !== null) regular.add(at);
    for (const at of [startAt, createdAt]) irregular.add(at);
    for (const change of changes) {
      irregular.add(change.at);
      if (change.kind === 'pause') irregular.add(change.until);
    }
  }
  for (const { item, from, to, subscription } of served) {
    irregular.add(from).add(to);
    for (const at of cyclesOf(subscription.anchorAt, item, from, Math.min(to, until)))
      regular.add(at);
  }
  for (const { effectiveAt, expiresAt } of plan.grants)
    irregular.add(effectiveAt).add(expiresAt ?? 0);
  const begin = Math.min(...served.map(({ from }) => from));
  for (const at of monthStarts(zone, begin, until)) regular.add(at);
  const inOrder = (set: Set<Instant>): Instant[] => [...set].sort((a, b) => a - b);
  return { all: inOrder(new Set([...regular, ...irregular])), regular: inOrder(regular) };
}

/** The ends of an item's billing periods, and one more. */
function* cyclesOf(
  anchor: Instant,
  item: ItemPlan,
  from: Instant,
  to: Instant,
): Generator<Instant> {
  if (item.price.interval === null || to <= from) return;
  const months = monthsOf(item.price);
  let { end } = intervalAt(anchor, months, from);
  yield end;
  while (end < to) {
    ({ end } = intervalAt(anchor, months, end));
    yield end;
  }
}

/** The first instants of the months of the books, as many as needed and one more. */
export function* monthStarts(zone: BookZone, from: Instant, to: Instant): Generator<Instant> {
  if (from > to) return;
  let day = firstOfMonth(monthOf(zone.dayOf(from)));
  for (;;) {
    day = addMonths(day, 1);
    const at = zone.startOf(day);
    yield at;
    if (at > to) return;
  }
}

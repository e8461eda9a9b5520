import type { Instant } from '../kit/instants';
import type { InvoiceLine } from '../truth/billing';
import type { SubscriptionPlan } from '../truth/plan';
import { backdatedLines } from './backdated-lines';
import type { BillingState, RunningItem, RunningSubscription } from './billing-state';
import { changeSubscription } from './change-subscription';
import { addPending, invoiceSubscription } from './draft-invoice';
import { endSubscription } from './end-subscription';
import { rank } from './event-queue';
import { chargePeriod, minimumLines, trialLine, usageLines } from './invoice-lines';
import {
  endingMeter,
  isInForce,
  nextBoundary,
  setPeriod,
  showItems,
  startItem,
} from './subscription-items';

/** Plans the life of one subscription. */
export function planSubscription(state: BillingState, plan: SubscriptionPlan): void {
  const coupon = state.plan.coupons.find(({ key }) => key === plan.couponKey) ?? null;
  state.queue.plan(plan.createdAt, (at) => {
    const subscription: RunningSubscription = {
      ...{ plan, items: [], anchorAt: plan.anchorAt, coupon, couponUsed: false, pausedUntil: 0 },
      ...{ windowStart: at, lapsed: false },
      billed: {
        ...{ key: plan.key, status: 'active', canceledAt: null, cancelAt: null, endedAt: null },
        ...{ cancelAtPeriodEnd: false, pauseCollection: null, latestInvoiceKey: null, items: [] },
        trialStart: plan.trialEndAt === null ? null : plan.startAt,
        trialEnd: plan.trialEndAt,
      },
    };
    state.subscriptions.set(plan.key, subscription);
    state.billing.subscriptions.push(subscription.billed);
    begin(state, subscription, at);
    planLater(state, subscription, at);
  });
}

/** What the plan says will change: its changes, the items of later phases, the end of its term. */
function planLater(state: BillingState, subscription: RunningSubscription, now: Instant): void {
  const { plan } = subscription;
  for (const change of plan.changes) {
    state.queue.plan(
      Math.max(change.at, now),
      (at) => {
        if (subscription.billed.endedAt !== null) return;
        changeSubscription(state, subscription, change, at);
        planCycle(state, subscription);
      },
      rank.change,
    );
  }
  for (const item of plan.items) {
    if (item.from !== null && item.from > plan.startAt) beginPhase(state, subscription, item.from);
  }
}

/** Items of a later phase of a schedule: charged with the cycle that begins then, or at once. */
function beginPhase(state: BillingState, subscription: RunningSubscription, from: Instant): void {
  const { plan } = subscription;
  const begin = (at: Instant): void => {
    if (subscription.billed.endedAt !== null) return;
    for (const item of plan.items) {
      if (item.from !== at || subscription.items.some((known) => known.plan === item)) continue;
      const running = startItem(subscription, item, at);
      if (item.quantity === null) continue;
      addPending(state, plan.key, chargePeriod(subscription, running), at);
    }
    planCycle(state, subscription);
  };
  state.queue.plan(from, begin, rank.change);
  state.queue.plan(from, (at) => {
    const waits = state.billing.pendingItems.some(({ subscriptionKey, createdAt }) => {
      return subscriptionKey === plan.key && createdAt === at;
    });
    if (waits) invoiceSubscription(state, subscription, 'subscription_update', at, []);
  });
}

/** The first invoice: a trial at nothing, or the first period, and periods before it. */
function begin(state: BillingState, subscription: RunningSubscription, at: Instant): void {
  const { plan, billed } = subscription;
  const isTrial = plan.trialEndAt !== null && plan.trialEndAt > at;
  const lines: InvoiceLine[] = [];
  for (const itemPlan of plan.items) {
    if (!isInForce(itemPlan, Math.max(plan.startAt, at))) continue;
    const item = startItem(subscription, itemPlan, plan.startAt);
    if (isTrial) {
      item.periodEnd = plan.trialEndAt ?? item.periodEnd;
      item.meteredFrom = item.periodEnd;
      if (item.quantity !== null) lines.push(trialLine(item));
      continue;
    }
    lines.push(...backdatedLines(state, subscription, item, at));
    if (item.quantity !== null) lines.push(chargePeriod(subscription, item));
  }
  if (isTrial) billed.status = 'trialing';
  invoiceSubscription(state, subscription, 'subscription_create', at, lines);
  planCycle(state, subscription);
}

/** Plans the next end of a period; one that has moved by then finds nothing to do. */
function planCycle(state: BillingState, subscription: RunningSubscription): void {
  showItems(subscription);
  const next = nextBoundary(subscription);
  if (next === Infinity) return;
  state.queue.plan(
    next,
    (at) => {
      if (subscription.billed.endedAt === null && nextBoundary(subscription) === at) {
        cycle(state, subscription, at);
      }
    },
    rank.cycle,
  );
}

/** A period is over: usage of it and the next period are billed, or the subscription ends. */
function cycle(state: BillingState, subscription: RunningSubscription, at: Instant): void {
  const { plan, billed } = subscription;
  if (plan.endsAt === at || (billed.cancelAtPeriodEnd && billed.cancelAt === at)) {
    endSubscription(state, subscription, at, false);
    return;
  }
  if (billed.status === 'trialing') billed.status = 'active';
  const lines: InvoiceLine[] = [];
  const metered = endingMeter(subscription, at);
  const start = metered?.periodStart;
  for (const item of [...subscription.items]) {
    if (item.periodEnd === at) lines.push(...renew(state, subscription, item, at));
  }
  if (start !== undefined) lines.push(...minimumLines(subscription, lines, start, at));
  invoiceSubscription(state, subscription, 'subscription_cycle', at, lines);
  planCycle(state, subscription);
}

function renew(
  state: BillingState,
  subscription: RunningSubscription,
  item: RunningItem,
  at: Instant,
): InvoiceLine[] {
  const isMetered = item.price.usage === 'metered';
  const lines = isMetered && item.meteredFrom < at ? usageLines(state, subscription, item, at) : [];
  if (!isInForce(item.plan, at)) {
    subscription.items.splice(subscription.items.indexOf(item), 1);
    return lines;
  }
  setPeriod(subscription, item, at);
  if (isMetered) item.meteredFrom = at;
  else lines.push(chargePeriod(subscription, item));
  return lines;
}

import type { Instant } from '../kit/instants';
import type { InvoiceLine } from '../truth/billing';
import type { Price } from '../truth/catalog';
import type { PlanChange, Proration } from '../truth/plan';
import { monthsOf } from './billing-periods';
import type { BillingState, RunningItem, RunningSubscription } from './billing-state';
import { addPending, invoiceSubscription } from './draft-invoice';
import { endSubscription } from './end-subscription';
import { chargePeriod, netOfInterval, prorationLine, usageLines } from './invoice-lines';
import { itemOf, nextBoundary, setPeriod, showItems, startItem } from './subscription-items';

/** Makes one planned change to a running subscription. */
export function changeSubscription(
  state: BillingState,
  subscription: RunningSubscription,
  change: PlanChange,
  at: Instant,
): void {
  const { billed } = subscription;
  switch (change.kind) {
    case 'cancel':
      if (!change.atPeriodEnd) {
        billed.canceledAt = at;
        endSubscription(state, subscription, at, change.credit === true);
        return;
      }
      billed.cancelAtPeriodEnd = true;
      billed.canceledAt = at;
      billed.cancelAt = lastBoundary(subscription);
      return;
    case 'pause':
      billed.pauseCollection = change.behavior;
      subscription.pausedUntil = change.until;
      state.queue.plan(change.until, () => {
        billed.pauseCollection = null;
      });
      return;
    case 'add_item':
      addItem(state, subscription, change, at);
      return;
    case 'quantity':
    case 'price':
    case 'remove_item':
      changeItem(state, subscription, change, at);
      return;
  }
}

/** Where it ends when cancelled at the end of its period: with the longest period it has paid. */
const lastBoundary = (subscription: RunningSubscription): Instant =>
  subscription.items
    .filter(({ quantity }) => quantity !== null)
    .reduce((last, { periodEnd }) => Math.max(last, periodEnd), nextBoundary(subscription));

function addItem(
  state: BillingState,
  subscription: RunningSubscription,
  change: Extract<PlanChange, { kind: 'add_item' }>,
  at: Instant,
): void {
  const isBoundary = nextBoundary(subscription) === at;
  const item = startItem(subscription, change.item, at);
  showItems(subscription);
  if (change.proration === 'none') {
    // The cycle that begins now charges it; in mid-period it is free until the next one.
    if (isBoundary) item.periodEnd = at;
    return;
  }
  if (item.quantity === null) return;
  bill(state, subscription, [chargePeriod(subscription, item)], change.proration, at);
}

function changeItem(
  state: BillingState,
  subscription: RunningSubscription,
  change: Extract<PlanChange, { kind: 'quantity' | 'price' | 'remove_item' }>,
  at: Instant,
): void {
  const item = itemOf(subscription, change.itemKey);
  if (item === undefined) return;
  const isPaid = subscription.billed.status !== 'trialing' && item.price.usage === 'licensed';
  const unused = isPaid ? unusedTime(item, at) : [];
  if (change.kind === 'remove_item') {
    removeItem(state, subscription, item, at);
    bill(state, subscription, unused, change.proration, at);
    return;
  }
  if (change.kind === 'quantity') {
    item.quantity = change.quantity;
  } else if (changePrice(subscription, item, change.price, at)) {
    showItems(subscription);
    const lines = [...unused, chargePeriod(subscription, item)];
    invoiceSubscription(state, subscription, 'subscription_update', at, lines);
    return;
  }
  showItems(subscription);
  if (!isPaid) return;
  item.charged = netOfInterval(subscription, item, at);
  const key = `${item.plan.key}/debit/${String(at)}`;
  const debit = prorationLine(item, key, at, item.charged, []);
  if (change.proration !== 'none') item.chargedLineKeys = debit.amount === 0n ? [] : [key];
  bill(state, subscription, [...unused, debit], change.proration, at);
}

/** Usage of a removed item is billed next in flexible mode, and lost in classic mode. */
function removeItem(
  state: BillingState,
  subscription: RunningSubscription,
  item: RunningItem,
  at: Instant,
): void {
  const isFlexible = subscription.plan.mode === 'flexible';
  if (item.price.usage === 'metered' && isFlexible && item.meteredFrom < at) {
    for (const line of usageLines(state, subscription, item, at)) {
      addPending(state, subscription.plan.key, line, at);
    }
  }
  subscription.items.splice(subscription.items.indexOf(item), 1);
  showItems(subscription);
}

/** The credit for the rest of a period already charged, at what was charged (S8). */
function unusedTime(item: RunningItem, at: Instant): InvoiceLine[] {
  if (item.charged === 0n || item.periodEnd <= at) return [];
  const key = `${item.plan.key}/credit/${String(at)}`;
  return [prorationLine(item, key, at, -item.charged, item.chargedLineKeys)];
}

/** Says whether the rhythm changed, so that a new period begins now. */
function changePrice(
  subscription: RunningSubscription,
  item: RunningItem,
  price: Price,
  at: Instant,
): boolean {
  const isSameRhythm = monthsOf(price) === monthsOf(item.price);
  keepLeg(item, at);
  item.price = price;
  if (isSameRhythm || price.usage === 'metered') return false;
  subscription.anchorAt = at;
  setPeriod(subscription, item, at);
  return true;
}

/** Usage up to a change is at the old price; only flexible mode bills it (ST-09). */
function keepLeg(item: RunningItem, at: Instant): void {
  if (item.price.usage !== 'metered' || item.meteredFrom >= at) return;
  item.legs.push({ price: item.price, from: item.meteredFrom, to: at });
  item.meteredFrom = at;
}

function bill(
  state: BillingState,
  subscription: RunningSubscription,
  lines: readonly InvoiceLine[],
  proration: Proration,
  at: Instant,
): void {
  if (proration === 'none') return;
  for (const line of lines) {
    if (line.amount !== 0n) addPending(state, subscription.plan.key, line, at);
  }
  if (proration === 'always_invoice') {
    invoiceSubscription(state, subscription, 'subscription_update', at, []);
  }
}

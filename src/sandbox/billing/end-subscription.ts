import type { Instant } from '../kit/instants';
import type { InvoiceLine } from '../truth/billing';
import type { BillingState, RunningSubscription } from './billing-state';
import { invoiceSubscription } from './draft-invoice';
import { minimumLines, prorationLine, usageLines } from './invoice-lines';
import { endingMeter, showItems } from './subscription-items';

/**
 * Ends a subscription: usage not yet billed and pending items are billed; unused time is given back
 * only where the cancellation says so.
 */
export function endSubscription(
  state: BillingState,
  subscription: RunningSubscription,
  at: Instant,
  givesBack: boolean,
): void {
  const { billed } = subscription;
  const lines: InvoiceLine[] = [];
  for (const item of subscription.items) {
    if (item.price.usage === 'metered') {
      if (item.meteredFrom < at) lines.push(...usageLines(state, subscription, item, at));
    } else if (givesBack && item.periodEnd > at && item.charged > 0n) {
      const key = `${item.plan.key}/credit/${String(at)}`;
      lines.push(prorationLine(item, key, at, -item.charged, item.chargedLineKeys));
    }
  }
  showItems(subscription);
  billed.endedAt = at;
  billed.canceledAt ??= at;
  const metered = endingMeter(subscription, at);
  if (metered !== undefined) {
    lines.push(...minimumLines(subscription, lines, metered.periodStart, at));
  }
  const isCycle = subscription.items.some(({ periodEnd }) => periodEnd === at);
  const reason = isCycle ? 'subscription_cycle' : 'subscription_update';
  invoiceSubscription(state, subscription, reason, at, lines);
  billed.status = 'canceled';
}

/** The end after the last retry: what is billed last is not paid either. */
export function lapse(state: BillingState, subscription: RunningSubscription, at: Instant): void {
  if (subscription.billed.endedAt !== null) return;
  subscription.lapsed = true;
  endSubscription(state, subscription, at, false);
}

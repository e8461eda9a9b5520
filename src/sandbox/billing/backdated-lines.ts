import type { Instant } from '../kit/instants';
import type { InvoiceLine } from '../truth/billing';
import type { BillingState, RunningItem, RunningSubscription } from './billing-state';
import { chargePeriod, usageLines } from './invoice-lines';
import { setPeriod } from './subscription-items';

/**
 * Bills what lies between a backdated start and the creation, and leaves the item in the period
 * that holds the creation (S29). Flexible mode gives a line for each period, classic mode one line
 * for all usage (ST-10).
 */
export function backdatedLines(
  state: BillingState,
  subscription: RunningSubscription,
  item: RunningItem,
  createdAt: Instant,
): InvoiceLine[] {
  const lines: InvoiceLine[] = [];
  const isMetered = item.price.usage === 'metered';
  const isFlexible = subscription.plan.mode === 'flexible';
  while (item.periodEnd <= createdAt) {
    const end = item.periodEnd;
    if (!isMetered) lines.push(chargePeriod(subscription, item));
    else if (isFlexible) lines.push(...usageLines(state, subscription, item, end));
    setPeriod(subscription, item, end);
    if (item.periodEnd === end) break;
  }
  if (isMetered && !isFlexible && item.meteredFrom < item.periodStart) {
    lines.push(...usageLines(state, subscription, item, item.periodStart));
  }
  return lines;
}

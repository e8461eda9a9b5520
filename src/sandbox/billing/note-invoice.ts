import { monthOf, type Instant } from '../kit/instants';
import { divideHalfUp } from '../kit/units';
import type { CreditNote, Invoice } from '../truth/billing';
import { baseOf, type BillingState, type RunningSubscription } from './billing-state';
import { nextBoundary } from './subscription-items';

const aDay = 86_400;

/** Notes what a final invoice may be taken for: L13, L33, L36, L44. */
export function noteFinal(state: BillingState, invoice: Invoice, at: Instant): void {
  const { context } = state;
  if (!state.lookAlikes) return;
  const orderLines = new Set(invoice.lines.flatMap(({ orderLineKey }) => orderLineKey ?? []));
  const isTogether = invoice.subscriptionKey !== null && orderLines.size > 1;
  if (isTogether) context.noteLookAlike('L13', invoice.id);
  const isBackBilled = invoice.lines.some(({ kind, periodStart, periodEnd }) => {
    const isCharge = kind === 'subscription' && periodStart < invoice.createdAt - aDay;
    return isCharge && periodEnd > invoice.createdAt && invoice.reason === 'subscription_create';
  });
  if (isBackBilled || usedSince(state, invoice, at)) context.noteLookAlike('L33', invoice.id);
  if (roundsOtherwise(state, invoice)) context.noteLookAlike('L36', invoice.id);
}

/** Usage between the draft and the final invoice is on the next one (L33). */
const usedSince = (state: BillingState, invoice: Invoice, at: Instant): boolean =>
  invoice.lines.some(({ kind, price }) => {
    const meter = kind === 'usage' ? (price?.meter ?? null) : null;
    return meter !== null && state.metered.quantity(meter, invoice.createdAt, at) > 0n;
  });

/** Tax inside the price, or by line other than it would be of the whole invoice (L36). */
function roundsOtherwise({ customer }: BillingState, { lines, totals }: Invoice): boolean {
  if (totals.taxInclusive !== 0n) return true;
  if (lines.length < 2 || totals.taxExclusive === 0n) return false;
  const base = lines.reduce((sum, line) => sum + baseOf(line), 0n);
  return divideHalfUp(base * customer.taxRate, 1_000_000n) !== totals.taxExclusive;
}

const quarterOf = (day: string): string =>
  `${day.slice(0, 4)}Q${String(Math.floor((Number(monthOf(day).slice(5)) - 1) / 3))}`;

/** A credit of this quarter for an invoice of an earlier one (L33). */
export function noteLateCredit(state: BillingState, invoice: Invoice, note: CreditNote): void {
  const { zone } = state.entity;
  const [then, now] = [invoice.finalizedAt ?? invoice.createdAt, note.createdAt];
  const isLate = quarterOf(zone.dayOf(then)) !== quarterOf(zone.dayOf(now));
  if (isLate && state.lookAlikes) state.context.noteLookAlike('L33', note.id);
}

/** Notes what stands open at now: prorations that wait (L16), bills of tomorrow (L02). */
export function noteOpen(state: BillingState): void {
  const { billing, context } = state;
  if (!state.lookAlikes) return;
  for (const { id, line, subscriptionKey } of billing.pendingItems) {
    const isProration = line.kind === 'proration_credit' || line.kind === 'proration_debit';
    if (isProration && subscriptionKey !== null) context.noteLookAlike('L16', id);
  }
  const { now } = context.options;
  for (const subscription of state.subscriptions.values()) {
    const next = billsNext(subscription);
    if (next > now && next <= now + aDay) context.noteLookAlike('L02', subscription.plan.id);
  }
}

const billsNext = (subscription: RunningSubscription): Instant => {
  const { endedAt, cancelAtPeriodEnd } = subscription.billed;
  return endedAt !== null || cancelAtPeriodEnd ? Infinity : nextBoundary(subscription);
};

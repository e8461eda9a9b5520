import { addMonthsToInstant, type Instant } from '../kit/instants';
import type { Invoice, InvoiceLine } from '../truth/billing';
import type { RunningSubscription } from './billing-state';
import { roundForStripe, shareForStripe } from './stripe-rounding';

/** Whether the subscription's coupon takes something off at this instant. */
export function inForce(subscription: RunningSubscription, at: Instant): boolean {
  const { coupon, plan } = subscription;
  switch (coupon?.duration) {
    case undefined:
      return false;
    case 'once':
      return !subscription.couponUsed;
    case 'repeating': {
      const from = plan.trialEndAt ?? plan.createdAt;
      return at < addMonthsToInstant(from, coupon.months ?? 0);
    }
    case 'forever':
      return true;
  }
}

/** Prorations and invoice items are not discountable: theirs is inside the amount (S26). */
const isDiscountable = ({ kind, amount }: InvoiceLine): boolean =>
  (kind === 'subscription' || kind === 'usage') && amount > 0n;

/** Takes the subscription's coupon off the discountable lines of an invoice. */
export function discountInvoice(subscription: RunningSubscription, invoice: Invoice): void {
  const { coupon } = subscription;
  const lines = invoice.lines.filter(isDiscountable);
  if (coupon === null || lines.length === 0 || !inForce(subscription, invoice.createdAt)) return;
  if (coupon.percent !== null) {
    for (const line of lines) {
      line.discount = shareForStripe(line.amount, coupon.percent, invoice.currency);
    }
  } else {
    shareOut(coupon.amount ?? 0n, lines, invoice.currency);
  }
  for (const line of lines) {
    line.couponKey = coupon.key;
    const item = subscription.items.find(({ plan }) => plan.key === line.itemKey);
    if (line.kind === 'subscription' && item?.chargedLineKeys.includes(line.key) === true) {
      item.charged = line.amount - line.discount;
    }
  }
  if (coupon.duration === 'once') subscription.couponUsed = true;
}

/** An amount off, in proportion to the lines; running sums are rounded, so that none is lost. */
function shareOut(amount: bigint, lines: readonly InvoiceLine[], currency: string): void {
  const total = lines.reduce((sum, line) => sum + line.amount, 0n);
  const off = amount < total ? amount : total;
  let [lineSum, given] = [0n, 0n];
  for (const line of lines) {
    lineSum += line.amount;
    const upToHere = roundForStripe(off * lineSum, total, currency);
    line.discount = upToHere - given;
    given = upToHere;
  }
}

import { stripeId } from '../kit/ids';
import { DAY, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { Charge, Dispute } from '../truth/billing';
import type { BillingState } from './billing-state';

/** What Stripe keeps of a dispute, in the currency that the charge was settled in. */
const fees: Readonly<Record<string, Minor>> = {
  USD: 1_500n,
  EUR: 2_000n,
  GBP: 2_000n,
  HUF: 750_000n,
};

const courses = [
  ['inquiry', 10],
  ['prevented', 5],
  ['won', 30],
  ['lost', 55],
] as const;

/** A dispute of a card charge: an inquiry, one prevented, or one that is won or lost (S16). */
export function planDispute(
  state: BillingState,
  charge: Charge,
  currency: string,
  at: Instant,
): void {
  const random = state.random('dispute', charge.key);
  const opensAt = at + random.int(3 * DAY, 60 * DAY);
  const course = random.weighted(courses);
  const movesFunds = course === 'won' || course === 'lost';
  const { settles, currency: functional } = state.entity;
  const fee = fees[settles.includes(currency) ? currency : functional] ?? 0n;
  const closesAfter = random.int(25, 75) * DAY;
  state.queue.plan(opensAt, (then) => {
    if (charge.refunded > 0n || charge.returnedAt !== null) return;
    const key = `${charge.key}/du`;
    const dispute: Dispute = {
      ...{ key, id: stripeId('du', key), chargeKey: charge.key, amount: charge.amount },
      status: course === 'inquiry' ? 'warning_needs_response' : 'needs_response',
      reason: random.pick(['fraudulent', 'product_not_received', 'subscription_canceled']),
      ...{ createdAt: then, closedAt: null, fee: movesFunds ? fee : 0n },
    };
    charge.disputed = movesFunds;
    state.billing.disputes.push(dispute);
    if (course === 'prevented') {
      dispute.status = 'prevented';
      dispute.closedAt = then;
      return;
    }
    if (movesFunds) {
      state.queue.plan(then + 5 * DAY, () => {
        dispute.status = 'under_review';
      });
    }
    state.queue.plan(then + closesAfter, (closedAt) => {
      dispute.status = course === 'inquiry' ? 'warning_closed' : course;
      dispute.closedAt = closedAt;
    });
  });
}

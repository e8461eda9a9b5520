import { hasTrait } from '../company/exemplars';
import { stripeId } from '../kit/ids';
import { DAY, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { Charge, Invoice, Refund } from '../truth/billing';
import { approval, byPolicy } from './actors';
import type { BillingState } from './billing-state';
import { canBeCredited, issueNote } from './credit-notes';

const policyDays = 14;

/** Refunds a charge some days after it was paid: within the policy for people, else as approved. */
export function planRefund(
  state: BillingState,
  invoice: Invoice,
  charge: Charge,
  at: Instant,
): void {
  const random = state.random('refund', charge.key);
  const isSelfServe = state.customer.segment === 'self_serve';
  const days = isSelfServe ? random.int(1, policyDays - 1) : random.int(3, 40);
  const kind = random.weighted([
    ['noted', isSelfServe ? 60 : 15],
    ['partial', isSelfServe ? 15 : 80],
    ['bare', hasTrait(state.customer, 'returns') ? 100 : isSelfServe ? 22 : 5],
    ['fails', 3],
  ]);
  state.queue.plan(at + days * DAY + random.int(0, DAY - 1), (then) => {
    if (invoice.status !== 'paid' || charge.returnedAt !== null || charge.disputed) return;
    const metadata = isSelfServe && kind !== 'partial' ? byPolicy(random) : undefined;
    const approved = metadata ?? approval('support', then, random);
    if (state.lookAlikes && metadata) state.context.noteLookAlike('L52', charge.id);
    if (kind === 'fails' && state.lookAlikes) {
      refundTwice(state, charge, approved, then);
    } else if (kind === 'bare' || kind === 'fails' || !canBeCredited(state, invoice)) {
      refundCharge(state, charge, charge.amount, 1, approved, then);
    } else {
      const share = kind === 'noted' ? 1_000_000n : BigInt(random.int(10, 60)) * 10_000n;
      refundWithNote(state, invoice, charge, share, approved, then);
    }
  });
}

/** A credit note whose money goes back to the card (L46). */
export function refundWithNote(
  state: BillingState,
  invoice: Invoice,
  charge: Charge,
  share: bigint,
  metadata: Record<string, string>,
  at: Instant,
): void {
  const terms = { share, reason: 'product_unsatisfactory', to: 'refund', metadata } as const;
  const note = issueNote(state, invoice, terms, at, (amount) => {
    const left = charge.amount - charge.refunded;
    const back = amount < left ? amount : left;
    return back === 0n ? null : refundCharge(state, charge, back, 1, metadata, at);
  });
  if (state.lookAlikes) state.context.noteLookAlike('L46', note.id);
}

export function refundCharge(
  state: BillingState,
  charge: Charge,
  amount: Minor,
  nth: number,
  metadata: Record<string, string>,
  at: Instant,
): Refund {
  const key = `${charge.key}/re${String(nth)}`;
  const refund: Refund = {
    ...{ key, id: stripeId('re', key), chargeKey: charge.key, amount, status: 'succeeded' },
    ...{ reason: 'requested_by_customer', createdAt: at, failedAt: null, metadata },
  };
  charge.refunded += amount;
  state.billing.refunds.push(refund);
  return refund;
}

/** The first refund fails at the customer's bank, the second reaches another card (S14). */
function refundTwice(
  state: BillingState,
  charge: Charge,
  metadata: Record<string, string>,
  at: Instant,
): void {
  const first = refundCharge(state, charge, charge.amount, 1, metadata, at);
  state.queue.plan(at + 6 * DAY, (failedAt) => {
    first.status = 'failed';
    first.failedAt = failedAt;
    charge.refunded -= first.amount;
    state.queue.plan(failedAt + 2 * DAY, (then) => {
      refundCharge(state, charge, charge.amount, 2, metadata, then);
    });
  });
}

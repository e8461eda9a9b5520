import type { Instant } from '../kit/instants';
import type { Charge, Invoice } from '../truth/billing';
import type { BillingState } from './billing-state';
import { planDispute } from './dispute-charge';
import { planRefund } from './refund-charge';

/** What may become of a charge that succeeded: a refund, or a dispute, never both. */
export function planAftermath(
  state: BillingState,
  invoice: Invoice,
  charge: Charge,
  at: Instant,
): void {
  const { refund, dispute } = state.plan.paying;
  const random = state.random('aftermath', charge.key);
  const [isRefunded, isDisputed] = [random.chance(refund), random.chance(dispute)];
  const isCard = charge.id.startsWith('ch_');
  const isPrepayment = invoice.lines.some(({ product }) => product === 'CREDIT-TOPUP');
  if (isRefunded && !isPrepayment) planRefund(state, invoice, charge, at);
  else if (isDisputed && isCard) planDispute(state, charge, invoice.currency, at);
}

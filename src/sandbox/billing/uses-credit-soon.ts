import type { Invoice } from '../truth/billing';
import { monthsOf } from './billing-periods';
import type { BillingState } from './billing-state';

/**
 * Whether another invoice within a quarter takes up a credit to the customer's balance; credit that
 * lies idle for half a year is a finding (CA03-CREDIT_AGED).
 */
export function usesCreditSoon(state: BillingState, invoice: Invoice): boolean {
  const subscription = state.subscriptionOf(invoice);
  if (subscription === null || subscription.billed.endedAt !== null) return false;
  return subscription.items.some(({ price }) => monthsOf(price) <= 3);
}

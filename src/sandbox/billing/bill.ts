import type { Billing } from '../truth/billing';
import type { Customer } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Usage } from '../truth/usage';
import type { WorldContext } from '../world/customer-world';
import { planOneOff } from './bill-one-off';
import { BillingState, type BillingSteps } from './billing-state';
import { collectInvoice } from './collect-invoice';
import { linkGrants, planGrants } from './credit-grants';
import { lapse } from './end-subscription';
import { planAftermath } from './plan-aftermath';
import { planSubscription } from './run-subscription';

const steps: BillingSteps = {
  collect: collectInvoice,
  lapse,
  paid: planAftermath,
};

/**
 * Bills one customer as Stripe Billing does, and lets the customer pay, up to the world's now.
 */
export function bill(
  customer: Customer,
  plan: BillingPlan,
  usage: Usage,
  context: WorldContext,
): Billing {
  const state = new BillingState(customer, plan, usage, context, steps);
  for (const charge of plan.oneOffs) planOneOff(state, charge);
  for (const subscription of plan.subscriptions) planSubscription(state, subscription);
  planGrants(state);
  state.queue.runAll();
  linkGrants(state);
  return state.billing;
}

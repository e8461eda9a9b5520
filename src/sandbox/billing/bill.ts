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
import { noteOpen } from './note-invoice';
import { planAftermath } from './plan-aftermath';
import { planSubscription } from './run-subscription';

const steps: BillingSteps = {
  collect: collectInvoice,
  lapse,
  paid: planAftermath,
};

/**
 * Bills one customer as Stripe Billing does, and lets the customer pay, up to the world's now.
 *
 * Everything is an event in one queue. At equal instants changes of the plan come first, then ends
 * of periods, then all else, each as it was planned. The order of a document's life:
 *
 * 1. A subscription begins: a first invoice (at nothing for a trial), final and charged at once.
 * 2. A plan change prorates to the second, onto the next invoice or one of its own.
 * 3. A period ends: a draft of the next period in advance and of metered usage in arrears, with
 *    pending items; then the coupon, credit grants, tax. About an hour later (a day or three where
 *    invoices are looked through) it is final: it gets its number and the balance is applied.
 * 4. Cards are charged then, and again after 3, 8 and 15 days; after the last failure the invoice
 *    is uncollectible and the subscription ends, or is left unpaid where its metadata says
 *    `after_retries: unpaid`. Debits take days, and may come back. Invoices that were sent are paid
 *    around the customer's habit, by wire as a payment record outside Stripe.
 * 5. Afterwards: refunds, disputes, credit notes, void and reissue, revisions, credit and rebill.
 *
 * All chance is drawn from streams keyed by the document, so a later now only adds to the history.
 * Metadata that the engine reads: `invoice_grace_hours` and `after_retries` of a subscription.
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
  noteOpen(state);
  return state.billing;
}

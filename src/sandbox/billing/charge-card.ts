import type { Instant } from '../kit/instants';
import type { Invoice, Payment } from '../truth/billing';
import { addCharge, defaultPayment, settle } from './apply-payment';
import type { BillingState } from './billing-state';
import { attemptAt, fateOf, retryDays, type PaymentFate } from './payment-fate';

/**
 * Charges a card: the first attempt, retries for two weeks, and at their end either the money or
 * the end of the subscription. The first invoice of a subscription, and what the customer buys at
 * a screen, is paid or does not come about.
 */
export function chargeCard(state: BillingState, invoice: Invoice, first: Instant): void {
  const fate = fateOfInvoice(state, invoice);
  invoice.nextAttemptAt = first;
  const tryAgain = (failed: number): void => {
    state.queue.plan(attemptAt(first, failed), (at) => {
      if (invoice.status !== 'open') return;
      attempt(state, invoice, fate, at);
      if (invoice.attempts > retryDays.length || invoice.attempts > fate.failures) return;
      invoice.nextAttemptAt = attemptAt(first, invoice.attempts);
      tryAgain(failed + 1);
    });
  };
  tryAgain(0);
}

function fateOfInvoice(state: BillingState, invoice: Invoice): PaymentFate {
  const fate = fateOf(state.plan.paying, state.random('pay', invoice.key));
  if (state.subscriptionOf(invoice)?.lapsed === true) {
    return { ...fate, failures: retryDays.length + 1, isPaid: false };
  }
  const isRenewal = invoice.reason === 'subscription_cycle';
  return isRenewal ? fate : { ...fate, failures: 0, isPaid: true };
}

function attempt(state: BillingState, invoice: Invoice, fate: PaymentFate, at: Instant): void {
  const payment = defaultPayment(state, invoice);
  invoice.attempts += 1;
  payment.amount = invoice.totals.amountRemaining;
  const charge = addCharge(payment, at);
  const isOver = invoice.attempts > retryDays.length;
  if (fate.isPaid && (invoice.attempts > fate.failures || isOver)) {
    charge.status = 'succeeded';
    charge.succeededAt = at;
    payment.status = 'succeeded';
    invoice.nextAttemptAt = null;
    settle(state, invoice, payment, payment.amount, at);
    state.steps.paid(state, invoice, charge, at);
    return;
  }
  charge.status = 'failed';
  charge.failureCode = fate.failureCode;
  failed(state, invoice, payment, isOver, at);
}

/** After a failed attempt: past due, and after the last one over. */
export function failed(
  state: BillingState,
  invoice: Invoice,
  payment: Payment,
  isOver: boolean,
  at: Instant,
): void {
  payment.status = 'requires_payment_method';
  const subscription = state.subscriptionOf(invoice);
  if (subscription?.billed.status === 'active') {
    subscription.billed.status = 'past_due';
    if (state.lookAlikes) state.context.noteLookAlike('L28', subscription.plan.id);
  }
  if (!isOver) return;
  invoice.nextAttemptAt = null;
  invoice.autoAdvance = false;
  if (subscription?.plan.metadata.after_retries === 'unpaid') {
    subscription.billed.status = 'unpaid';
    return;
  }
  invoice.status = 'uncollectible';
  invoice.uncollectibleAt = at;
  if (subscription !== null) state.steps.lapse(state, subscription, at);
}

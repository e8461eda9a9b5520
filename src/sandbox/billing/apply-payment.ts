import { stripeId } from '../kit/ids';
import type { Instant } from '../kit/instants';
import type { Charge, Invoice, Payment, PaymentApplication } from '../truth/billing';
import type { BillingState } from './billing-state';

/** Ties a payment to an invoice, for all that is still owed of it. */
export function apply(
  invoice: Invoice,
  payment: Payment,
  at: Instant,
  isDefault: boolean,
): PaymentApplication {
  // A debit that came back is taken off the invoice; made again, it is tied to it anew.
  const earlier = invoice.applications.filter(({ paymentKey }) => paymentKey === payment.key);
  const again = earlier.length === 0 ? [] : [String(earlier.length)];
  const application: PaymentApplication = {
    id: stripeId('inpay', invoice.key, payment.key, ...again),
    paymentKey: payment.key,
    requested: invoice.totals.amountRemaining,
    paid: null,
    status: 'open',
    isDefault,
    createdAt: at,
    paidAt: null,
    canceledAt: null,
  };
  invoice.applications.push(application);
  return application;
}

/** The payment that Stripe tries by itself. */
export function defaultPayment(state: BillingState, invoice: Invoice): Payment {
  const own = invoice.applications.find(({ isDefault }) => isDefault);
  if (own === undefined) throw new RangeError(`${invoice.key} has no payment of its own`);
  return state.payment(own.paymentKey);
}

/** A new charge of a payment, tried at an instant; its outcome follows. */
export function addCharge(payment: Payment, at: Instant): Charge {
  const key = `${payment.key}/${String(payment.charges.length + 1)}`;
  const charge: Charge = {
    key,
    id: stripeId(payment.method === 'card' ? 'ch' : 'py', key),
    amount: payment.amount,
    status: 'pending',
    failureCode: null,
    createdAt: at,
    succeededAt: null,
    returnedAt: null,
    refunded: 0n,
    disputed: false,
  };
  payment.charges.push(charge);
  return charge;
}

/** Money has come: the application is paid, and the invoice is where nothing is owed any more. */
export function settle(
  state: BillingState,
  invoice: Invoice,
  payment: Payment,
  paid: bigint,
  at: Instant,
): void {
  for (const application of invoice.applications) {
    if (application.paymentKey !== payment.key || application.status !== 'open') continue;
    application.status = 'paid';
    application.paid = paid;
    application.paidAt = at;
  }
  state.refresh(invoice);
  if (invoice.totals.amountRemaining > 0n) return;
  closePaid(state, invoice, at);
}

/** An invoice of which nothing is owed any more is paid; what nobody will use is cancelled. */
export function closePaid(state: BillingState, invoice: Invoice, at: Instant): void {
  invoice.status = 'paid';
  invoice.paidAt = at;
  invoice.nextAttemptAt = null;
  for (const application of invoice.applications) {
    if (application.status !== 'open') continue;
    application.status = 'canceled';
    application.canceledAt = at;
    const payment = state.payment(application.paymentKey);
    if (payment.status === 'requires_payment_method') payment.status = 'canceled';
  }
  state.refresh(invoice);
  const subscription = state.subscriptionOf(invoice);
  if (subscription?.billed.status === 'past_due') subscription.billed.status = 'active';
}

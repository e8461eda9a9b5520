import { stripeId } from '../kit/ids';
import type { Instant } from '../kit/instants';
import type { Invoice, Payment } from '../truth/billing';
import { apply } from './apply-payment';
import type { BillingState } from './billing-state';
import { chargeCard } from './charge-card';
import { chargeDebit } from './charge-debit';
import { dayOfPaying } from './paying-days';
import { planCorrection } from './correct-invoice';
import { isOverpaid, planOverpayment } from './overpay-invoice';
import { awaitWire } from './receive-wire';

/** Begins to collect an open invoice: by charging the customer, or by waiting until it pays. */
export function collectInvoice(state: BillingState, invoice: Invoice, at: Instant): void {
  const { method } = state.plan.paying;
  openPayment(state, invoice, at);
  if (invoice.collection === 'charge_automatically') {
    const soon = at + state.random('attempt', invoice.key).int(2, 20);
    if (method === 'ach_debit' || method === 'sepa_debit') chargeDebit(state, invoice, soon);
    else chargeCard(state, invoice, soon);
    return;
  }
  planCorrection(state, invoice, at);
  if (method === 'wire') {
    awaitWire(state, invoice);
    return;
  }
  const paysAt = dayOfPaying(state, invoice, at);
  if (isOverpaid(state, invoice)) planOverpayment(state, invoice, paysAt);
  else if (method === 'card') chargeCard(state, invoice, paysAt);
  else chargeDebit(state, invoice, paysAt);
}

/** The PaymentIntent that Stripe makes with every invoice that is owed. */
function openPayment(state: BillingState, invoice: Invoice, at: Instant): Payment {
  const { method } = state.plan.paying;
  const key = `${invoice.key}/pi`;
  const payment: Payment = {
    key,
    kind: 'payment_intent',
    id: stripeId('pi', key),
    method: method === 'wire' ? 'card' : method,
    currency: invoice.currency,
    amount: invoice.totals.amountRemaining,
    status: 'requires_payment_method',
    createdAt: at,
    charges: [],
    wire: null,
    metadata: {},
  };
  state.addPayment(payment);
  apply(invoice, payment, at, true);
  return payment;
}

import { minorDigits } from '../../core/money';
import { hasTrait } from '../company/exemplars';
import { stripeId } from '../kit/ids';
import { DAY, HOUR, type Instant } from '../kit/instants';
import type { Minor } from '../kit/units';
import type { Charge, Invoice, Payment } from '../truth/billing';
import { approval } from './actors';
import { addCharge, apply, settle } from './apply-payment';
import type { BillingState } from './billing-state';
import { refundCharge } from './refund-charge';

/** Of invoices that are sent and paid through Stripe, how many are paid with a round sum. */
const overpaidShare = 0.02;

/** Whether the customer will pay this invoice by a payment of its own making, and too much. */
export function isOverpaid(state: BillingState, invoice: Invoice): boolean {
  if (!state.lookAlikes || invoice.collection !== 'send_invoice') return false;
  const share = hasTrait(state.customer, 'paysForints') ? 0.5 : overpaidShare;
  return state.random('overpaid', invoice.key).chance(share);
}

/**
 * A payment that is attached to an invoice and comes to more than it: Stripe gives what is too much
 * to the customer's balance. It is refunded days later, and taken off the balance again: money that
 * was never owed, so that no revenue goes back with it (L46).
 */
export function planOverpayment(state: BillingState, invoice: Invoice, paysAt: Instant): void {
  state.queue.plan(paysAt, (at) => {
    if (invoice.status !== 'open') return;
    const key = `${invoice.key}/attached`;
    const over = upToNextHundred(invoice.totals.amountRemaining, invoice.currency);
    const payment: Payment = {
      ...{ key, kind: 'payment_intent', id: stripeId('pi', key), method: 'card' },
      ...{ currency: invoice.currency, amount: invoice.totals.amountRemaining + over },
      ...{ status: 'succeeded', createdAt: at, charges: [], wire: null, metadata: {} },
    };
    const charge = addCharge(payment, at);
    charge.status = 'succeeded';
    charge.succeededAt = at;
    state.addPayment(payment);
    apply(invoice, payment, at, false);
    settle(state, invoice, payment, payment.amount, at);
    state.moveBalance(-over, at, 'invoice_overpaid', { invoiceKey: invoice.key });
    const days = state.random('overpaid', invoice.key, 'refund').int(2, 9);
    state.queue.plan(at + days * DAY + HOUR, (then) => {
      refundOverpayment(state, invoice, charge, over, then);
    });
  });
}

/** Unless the credit was used in the meantime: then there is nothing left to give back. */
function refundOverpayment(
  state: BillingState,
  invoice: Invoice,
  charge: Charge,
  over: Minor,
  at: Instant,
): void {
  if (-state.billing.balance < over) return;
  const approved = approval('support', at, state.random('overpaid', invoice.key, 'approval'));
  const metadata = { ...approved, overpayment_of: invoice.id };
  const refund = refundCharge(state, charge, over, 1, metadata, at);
  state.moveBalance(over, at, 'adjustment', { metadata: { ...approved, refund: refund.id } });
  state.context.noteLookAlike('L46', refund.id);
}

/** From one minor unit to a whole hundred of the currency. */
function upToNextHundred(owed: Minor, currency: string): Minor {
  const hundred = 100n * 10n ** BigInt(minorDigits(currency));
  return hundred - (owed % hundred);
}

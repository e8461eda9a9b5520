import { stripeId } from '../kit/ids';
import { HOUR } from '../kit/instants';
import type { Payment } from '../truth/billing';
import type { OneOffCharge } from '../truth/plan';
import { addCharge } from './apply-payment';
import type { BillingState } from './billing-state';
import { addPending, newInvoice } from './draft-invoice';
import { finaliseInvoice } from './finalise-invoice';
import { oneOffLine } from './invoice-lines';
import { taxLines } from './tax-lines';

/** Plans a charge that is made once: on the next invoice of a subscription, or on its own. */
export function planOneOff(state: BillingState, charge: OneOffCharge): void {
  if (charge.checkout === true) {
    planCheckout(state, charge);
    return;
  }
  state.queue.plan(charge.at, (at) => {
    const line = oneOffLine(charge);
    if (charge.subscriptionKey !== null) {
      addPending(state, charge.subscriptionKey, line, at);
      return;
    }
    const { collection, currency, metadata } = charge;
    const key = `${charge.key}/invoice`;
    const lines = [line];
    if (charge.daysUntilDue !== null) state.terms.set(key, charge.daysUntilDue);
    taxLines(state.customer, lines);
    const rest = { reason: 'manual', collection, currency, lines, metadata } as const;
    const invoice = newInvoice(state, key, at, rest);
    state.addInvoice(invoice);
    const wait = collection === 'send_invoice' ? HOUR : 1;
    state.queue.plan(at + wait, (finalAt) => {
      finaliseInvoice(state, invoice, finalAt);
    });
  });
}

/** Sold through Checkout and paid at once: a payment without an invoice (L50). */
function planCheckout(state: BillingState, charge: OneOffCharge): void {
  state.queue.plan(charge.at, (at) => {
    const { key, currency, metadata } = charge;
    const payment: Payment = {
      ...{ key, kind: 'payment_intent', id: stripeId('pi', key), method: 'card', currency },
      ...{ amount: charge.unit * charge.quantity, status: 'succeeded', createdAt: at },
      ...{ charges: [], wire: null, metadata },
    };
    const paid = addCharge(payment, at);
    paid.status = 'succeeded';
    paid.succeededAt = at;
    state.addPayment(payment);
  });
}

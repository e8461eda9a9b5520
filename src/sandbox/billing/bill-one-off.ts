import { hasTrait } from '../company/exemplars';
import { stripeId } from '../kit/ids';
import { DAY, HOUR, type Instant } from '../kit/instants';
import { RATE_SCALE } from '../kit/units';
import type { InvoiceLine, Payment } from '../truth/billing';
import type { OneOffCharge } from '../truth/plan';
import { addCharge } from './apply-payment';
import type { BillingState } from './billing-state';
import { addPending, newInvoice } from './draft-invoice';
import { finaliseInvoice } from './finalise-invoice';
import { oneOffLine, plainLine } from './invoice-lines';
import { roundForStripe } from './stripe-rounding';
import { taxLines } from './tax-lines';

/** Days from the first of two instalments to the second. */
const instalmentDays = 30;

/** Plans a charge that is made once: on the next invoice of a subscription, or on its own. */
export function planOneOff(state: BillingState, charge: OneOffCharge): void {
  if (charge.checkout === true) {
    planCheckout(state, charge);
    return;
  }
  state.queue.plan(charge.at, (at) => {
    const line = oneOffLine(charge);
    noteCharge(state, charge, line);
    const { subscriptionKey } = charge;
    if (subscriptionKey !== null) addPending(state, subscriptionKey, line, at);
    else if (isPaidInTwo(state, charge)) invoiceInTwo(state, charge, line, at);
    else invoiceAlone(state, charge, `${charge.key}/invoice`, [line], charge.metadata, at);
  });
}

/** A few commitments are invoiced in two instalments, each with its number (L42). */
function isPaidInTwo(state: BillingState, { key, product, collection }: OneOffCharge): boolean {
  if (!state.lookAlikes || product !== 'API-COMMIT' || collection !== 'send_invoice') return false;
  return state.random('instalments', key).chance(0.06) || hasTrait(state.customer, 'paysInTwo');
}

/** By hand for an order line (L17), the same again a month later (L42), a deposit (L35). */
function noteCharge(state: BillingState, charge: OneOffCharge, line: InvoiceLine): void {
  const { context, billing, plan } = state;
  if (!state.lookAlikes) return;
  const invoiceId = stripeId('in', `${charge.key}/invoice`);
  if (charge.orderLineKey !== null && charge.subscriptionKey === null) {
    context.noteLookAlike('L17', invoiceId);
    const last = billing.invoices.findLast(({ lines }) => {
      return lines.some(({ orderLineKey }) => orderLineKey === charge.orderLineKey);
    });
    if (last?.lines.some(({ amount }) => amount === line.amount) === true)
      context.noteLookAlike('L42', invoiceId);
  }
  if (plan.grants.some(({ boughtBy }) => boughtBy === charge.key))
    context.noteLookAlike('L35', line.id);
}

function invoiceInTwo(
  state: BillingState,
  charge: OneOffCharge,
  line: InvoiceLine,
  at: Instant,
): void {
  const first = roundForStripe(line.amount, 2n, charge.currency);
  for (const [i, amount] of [first, line.amount - first].entries()) {
    const nth = String(i + 1);
    const key = i === 0 ? line.key : `${line.key}/${nth}`;
    const part = plainLine(key, {
      ...line,
      ...{ amount, quantity: 1n, unit: amount * RATE_SCALE, invoiceItemId: stripeId('ii', key) },
      description: `${line.description}, instalment ${nth} of 2`,
    });
    const metadata = { ...charge.metadata, instalment_no: nth, instalments: '2' };
    state.queue.plan(at + i * instalmentDays * DAY, (then) => {
      invoiceAlone(state, charge, `${charge.key}/invoice/${nth}`, [part], metadata, then);
      if (i === 1) state.context.noteLookAlike('L42', stripeId('in', `${charge.key}/invoice/2`));
    });
  }
}

function invoiceAlone(
  state: BillingState,
  { collection, currency, daysUntilDue }: OneOffCharge,
  key: string,
  lines: InvoiceLine[],
  metadata: Readonly<Record<string, string>>,
  at: Instant,
): void {
  if (daysUntilDue !== null) state.terms.set(key, daysUntilDue);
  taxLines(state.customer, lines);
  const rest = { reason: 'manual', collection, currency, lines, metadata } as const;
  const invoice = newInvoice(state, key, at, rest);
  state.addInvoice(invoice);
  const wait = collection === 'send_invoice' ? HOUR : 1;
  state.queue.plan(at + wait, (finalAt) => {
    finaliseInvoice(state, invoice, finalAt);
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

import { DAY, type Instant } from '../kit/instants';
import { sumOf } from '../kit/units';
import type { Invoice, Payment } from '../truth/billing';
import { addCharge, apply, defaultPayment, settle } from './apply-payment';
import type { BillingState } from './billing-state';
import { failed } from './charge-card';
import { afterBusinessDays } from './paying-days';

/** Business days until a debit is known to have gone through. */
const settlesAfter = { ach_debit: 4, sepa_debit: 5 } as const;
/** Of debits that went through, how many come back all the same (S15). */
const returnRate = 0.004;

/**
 * Debits a bank account. One PaymentIntent may pay all that the customer was sent and still owes
 * (n:m); money is known to be there only days later, and now and then comes back after that.
 */
export function chargeDebit(state: BillingState, invoice: Invoice, first: Instant): void {
  invoice.nextAttemptAt = invoice.collection === 'charge_automatically' ? first : null;
  state.queue.plan(first, (at) => {
    if (invoice.status !== 'open' || isBeingPaid(state, invoice)) return;
    const payment = defaultPayment(state, invoice);
    const invoices = [invoice, ...othersPaidWith(state, invoice, payment, at)];
    debit(state, invoices, payment, at, 1);
  });
}

const isBeingPaid = (state: BillingState, { applications }: Invoice): boolean =>
  applications.some(({ status, paymentKey }) => {
    return status === 'open' && state.payment(paymentKey).status === 'processing';
  });

/** Some customers pay all open invoices at once. */
function othersPaidWith(
  state: BillingState,
  invoice: Invoice,
  payment: Payment,
  at: Instant,
): Invoice[] {
  if (invoice.collection !== 'send_invoice') return [];
  if (!state.random('pays all', invoice.key).chance(0.3)) return [];
  const others = state.billing.invoices.filter(
    (other) =>
      other !== invoice &&
      other.status === 'open' &&
      other.collection === 'send_invoice' &&
      other.currency === invoice.currency &&
      !isBeingPaid(state, other),
  );
  for (const other of others) apply(other, payment, at, false);
  return others;
}

function debit(
  state: BillingState,
  invoices: readonly Invoice[],
  payment: Payment,
  at: Instant,
  attempt: number,
): void {
  const open = invoices.filter(({ status }) => status === 'open');
  if (open.length === 0) return;
  const owed = open.map(({ totals }) => totals.amountRemaining);
  payment.amount = sumOf(owed);
  payment.status = 'processing';
  const charge = addCharge(payment, at);
  for (const invoice of open) {
    invoice.attempts += 1;
    invoice.nextAttemptAt = null;
  }
  if (state.lookAlikes) state.context.noteLookAlike('L48', charge.id);
  const random = state.random('debit', charge.key);
  const { paying } = state.plan;
  const fails = random.chance(paying.failure) && (attempt > 1 ? !random.chance(0.8) : true);
  const goodAt = afterBusinessDays(
    at,
    payment.method === 'sepa_debit' ? settlesAfter.sepa_debit : settlesAfter.ach_debit,
  );
  state.queue.plan(goodAt, (then) => {
    if (fails) {
      charge.status = 'failed';
      charge.failureCode = 'insufficient_funds';
      giveUpOrRetry(state, open, payment, then, attempt);
      return;
    }
    charge.status = 'succeeded';
    charge.succeededAt = then;
    payment.status = 'succeeded';
    for (const [i, invoice] of open.entries()) settle(state, invoice, payment, owed[i] ?? 0n, then);
    if (open.length === 1 && random.chance(returnRate)) {
      comesBack(state, open, payment, afterBusinessDays(then, random.int(2, 6)));
      return;
    }
    const [invoice] = open;
    if (open.length === 1 && invoice !== undefined) {
      state.steps.paid(state, invoice, charge, then);
    }
  });
}

const attemptsInAll = 3;

function giveUpOrRetry(
  state: BillingState,
  invoices: readonly Invoice[],
  payment: Payment,
  at: Instant,
  attempt: number,
): void {
  payment.status = 'requires_payment_method';
  const isOver = attempt >= attemptsInAll;
  for (const invoice of invoices) failed(state, invoice, payment, isOver, at);
  if (isOver) return;
  state.queue.plan(at + 3 * DAY, (then) => {
    debit(state, invoices, payment, then, attempt + 1);
  });
}

/** The bank takes the money back: the invoice is owed again and debited once more. */
function comesBack(
  state: BillingState,
  invoices: readonly Invoice[],
  payment: Payment,
  when: Instant,
): void {
  state.queue.plan(when, (at) => {
    const charge = payment.charges.at(-1);
    if (charge === undefined) return;
    charge.status = 'failed';
    charge.failureCode = 'debit_not_authorized';
    charge.returnedAt = at;
    payment.status = 'requires_payment_method';
    for (const invoice of invoices) reopen(state, invoice, payment, at);
    state.queue.plan(at + 5 * DAY, (then) => {
      for (const invoice of invoices) apply(invoice, payment, then, false);
      debit(state, invoices, payment, then, 2);
    });
  });
}

function reopen(state: BillingState, invoice: Invoice, payment: Payment, at: Instant): void {
  for (const application of invoice.applications) {
    if (application.paymentKey !== payment.key || application.status !== 'paid') continue;
    application.status = 'canceled';
    application.canceledAt = at;
    application.paid = null;
    application.paidAt = null;
  }
  invoice.status = 'open';
  invoice.paidAt = null;
  state.refresh(invoice);
}

import { stripeId } from '../kit/ids';
import { HOUR, type Instant } from '../kit/instants';
import type { Invoice, InvoiceLine, InvoiceTotals } from '../truth/billing';
import type { BillingState, RunningSubscription } from './billing-state';
import { drawDownGrants } from './credit-grants';
import { discountInvoice } from './discount-invoice';
import { finaliseInvoice } from './finalise-invoice';
import { taxLines } from './tax-lines';

const noTotals: InvoiceTotals = {
  ...{ subtotal: 0n, discount: 0n, creditGrants: 0n, taxExclusive: 0n, taxInclusive: 0n },
  ...{ totalExcludingTax: 0n, total: 0n, preCreditNotes: 0n, postCreditNotes: 0n },
  ...{ amountDue: 0n, amountPaid: 0n, amountRemaining: 0n, amountOverpaid: 0n },
};

/** A draft as Stripe makes it; what the caller knows better comes last. */
export function newInvoice(
  state: BillingState,
  key: string,
  at: Instant,
  rest: Pick<Invoice, 'reason' | 'collection' | 'currency' | 'lines'> & Partial<Invoice>,
): Invoice {
  const invoice: Invoice = {
    key,
    id: stripeId('in', key),
    number: null,
    subscriptionKey: null,
    reason: rest.reason,
    collection: rest.collection,
    currency: rest.currency,
    status: 'draft',
    createdAt: at,
    periodStart: at,
    periodEnd: at,
    finalizedAt: null,
    effectiveAt: null,
    dueAt: null,
    paidAt: null,
    voidedAt: null,
    uncollectibleAt: null,
    autoAdvance: true,
    attempts: 0,
    nextAttemptAt: null,
    lines: rest.lines,
    startingBalance: state.billing.balance,
    endingBalance: null,
    applications: [],
    paidOffStripe: 0n,
    revises: null,
    revisedBy: null,
    metadata: {},
    totals: noTotals,
  };
  return Object.assign(invoice, rest);
}

/** Pending items of a subscription, which its next invoice takes up. */
export function takePending(state: BillingState, subscriptionKey: string): InvoiceLine[] {
  const { billing } = state;
  const taken = billing.pendingItems.filter((item) => item.subscriptionKey === subscriptionKey);
  if (taken.length === 0) return [];
  billing.pendingItems = billing.pendingItems.filter((item) => !taken.includes(item));
  return taken.map(({ line }) => line);
}

/** A line for the next invoice of the subscription. */
export function addPending(
  state: BillingState,
  subscriptionKey: string,
  line: InvoiceLine,
  at: Instant,
): void {
  const id = line.invoiceItemId ?? stripeId('ii', line.key);
  state.billing.pendingItems.push({ key: line.key, id, subscriptionKey, line, createdAt: at });
}

/**
 * Bills lines of a subscription together with its pending items; without any line there is no
 * invoice. A cycle's draft waits before it is final, all others are final at once.
 */
export function invoiceSubscription(
  state: BillingState,
  subscription: RunningSubscription,
  reason: Invoice['reason'],
  at: Instant,
  newLines: readonly InvoiceLine[],
): void {
  const { plan } = subscription;
  const lines = [...newLines, ...takePending(state, plan.key)];
  if (lines.length === 0) return;
  let key = `${plan.key}/${reason}/${String(at)}`;
  while (state.hasInvoice(key)) key += "'";
  const invoice = newInvoice(state, key, at, {
    ...{ reason, collection: plan.collection, currency: state.customer.currency, lines },
    subscriptionKey: plan.key,
    periodStart: subscription.windowStart,
    metadata: plan.metadata,
  });
  subscription.windowStart = at;
  subscription.billed.latestInvoiceKey = key;
  if (plan.daysUntilDue !== null) state.terms.set(key, plan.daysUntilDue);
  discountInvoice(subscription, invoice);
  const isVoided = isPausedAt(subscription, at) && subscription.billed.pauseCollection === 'void';
  if (!isVoided) drawDownGrants(state, invoice, at);
  taxLines(state.customer, lines);
  state.addInvoice(invoice);
  advance(state, subscription, invoice);
}

const isPausedAt = ({ billed, pausedUntil }: RunningSubscription, at: Instant): boolean =>
  billed.pauseCollection !== null && at < pausedUntil;

function advance(state: BillingState, subscription: RunningSubscription, invoice: Invoice): void {
  const at = invoice.createdAt;
  const { status, pauseCollection } = subscription.billed;
  if (status === 'unpaid') {
    invoice.autoAdvance = false;
    return;
  }
  const isPaused = isPausedAt(subscription, at);
  if (isPaused && pauseCollection === 'keep_as_draft') {
    invoice.autoAdvance = false;
    state.queue.plan(subscription.pausedUntil, (until) => {
      invoice.autoAdvance = true;
      finaliseInvoice(state, invoice, until);
    });
    return;
  }
  const wait = invoice.reason === 'subscription_cycle' ? graceOf(state, subscription, invoice) : 1;
  state.queue.plan(at + wait, (finalAt) => {
    finaliseInvoice(state, invoice, finalAt, isPaused ? pauseCollection : null);
  });
}

/**
 * Seconds a cycle's draft stays open: about an hour as Stripe does by default, or the hours of
 * metadata.invoice_grace_hours; a customer whose invoices are looked through first gives a day or
 * three (L14).
 */
function graceOf(state: BillingState, { plan }: RunningSubscription, invoice: Invoice): number {
  const jitter = state.random('grace', invoice.key).int(0, 240);
  const set = Number(plan.metadata.invoice_grace_hours);
  if (set > 0) return set * HOUR + jitter;
  if (!state.lookAlikes || plan.collection === 'charge_automatically') return HOUR + jitter;
  const hours = state.random('grace', plan.key).weighted([
    [1, 80],
    [24, 14],
    [71, 6],
  ]);
  if (hours > 1) state.context.noteLookAlike('L14', invoice.id);
  return hours * HOUR + jitter;
}

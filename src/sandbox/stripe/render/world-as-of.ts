import { addMonthsToInstant, type Instant } from '../../kit/instants';
import { sumOf } from '../../kit/units';
import type {
  BilledItem,
  BilledSubscription,
  Billing,
  Charge,
  Invoice,
  InvoiceStatus,
  Payment,
} from '../../truth/billing';
import type { SubscriptionPlan } from '../../truth/plan';
import type { CustomerWorld } from '../../world/customer-world';

const by = (at: Instant | null, now: Instant): Instant | null =>
  at !== null && at <= now ? at : null;

const has = (at: Instant | null, now: Instant): boolean => at !== null && at <= now;

/**
 * A customer's billing as it stood at an earlier instant, for the payloads of events. Totals of an
 * invoice are rebuilt from what had been paid and credited by then; what no history tells (the
 * price of an item before its last change but one) stays as the plan began.
 */
export function worldAsOf(world: CustomerWorld, at: Instant): CustomerWorld {
  const { billing } = world;
  const since = <T extends { createdAt: Instant }>(items: readonly T[]): T[] =>
    items.filter(({ createdAt }) => createdAt <= at);
  const balanceTransactions = billing.balanceTransactions.filter((one) => one.at <= at);
  const then: Billing = {
    subscriptions: billing.subscriptions.flatMap((one) => subscriptionAsOf(one, world, at)),
    invoices: since(billing.invoices).map((one) => invoiceAsOf(one, billing, at)),
    pendingItems: since(billing.pendingItems),
    payments: since(billing.payments).map((one) => paymentAsOf(one, billing, at)),
    refunds: since(billing.refunds).map((one) =>
      one.failedAt !== null && one.failedAt > at
        ? { ...one, failedAt: null, status: 'succeeded' }
        : one,
    ),
    disputes: since(billing.disputes).map((one) =>
      one.closedAt !== null && one.closedAt > at
        ? { ...one, closedAt: null, status: 'needs_response' }
        : one,
    ),
    creditNotes: since(billing.creditNotes).map((one) =>
      has(one.voidedAt, at) ? one : { ...one, voidedAt: null, status: 'issued' },
    ),
    balanceTransactions,
    grants: billing.grants.map((one) => ({
      ...one,
      voidedAt: by(one.voidedAt, at),
      transactions: one.transactions.filter((transaction) => transaction.at <= at),
    })),
    balance: balanceTransactions.at(-1)?.endingBalance ?? 0n,
  };
  const movements = world.movements.filter(({ createdAt }) => createdAt <= at);
  return { ...world, billing: then, movements };
}

function statusAsOf(invoice: Invoice, at: Instant): InvoiceStatus {
  if (has(invoice.voidedAt, at)) return 'void';
  if (has(invoice.paidAt, at)) return 'paid';
  if (has(invoice.uncollectibleAt, at)) return 'uncollectible';
  return has(invoice.finalizedAt, at) ? 'open' : 'draft';
}

function totalsAsOf(
  invoice: Invoice,
  billing: Billing,
  applications: Invoice['applications'],
  at: Instant,
): Invoice['totals'] {
  const { totals, status } = invoice;
  const notes = billing.creditNotes.filter(
    ({ invoiceKey, createdAt, voidedAt }) =>
      invoiceKey === invoice.key && createdAt <= at && !has(voidedAt, at),
  );
  const then = statusAsOf(invoice, at);
  if (then === status && notes.length === 0 && applications.every(({ paid }) => paid !== null))
    return totals;
  const amountPaid = sumOf(applications.map(({ paid }) => paid ?? 0n));
  const preCreditNotes = sumOf(notes.map(({ prePayment }) => prePayment));
  const postCreditNotes = sumOf(notes.map(({ postPayment }) => postPayment));
  const left = totals.amountDue - amountPaid;
  const amountRemaining = then === 'paid' || left < 0n ? 0n : left;
  return { ...totals, preCreditNotes, postCreditNotes, amountPaid, amountRemaining };
}

function invoiceAsOf(invoice: Invoice, billing: Billing, at: Instant): Invoice {
  const applications = invoice.applications
    .filter(({ createdAt }) => createdAt <= at)
    .map((one): Invoice['applications'][number] =>
      has(one.paidAt, at) || has(one.canceledAt, at)
        ? one
        : { ...one, paid: null, paidAt: null, canceledAt: null, status: 'open' },
    );
  const finalized = has(invoice.finalizedAt, at);
  const paid = has(invoice.paidAt, at);
  const tries = billing.payments
    .filter(({ key }) => applications.some(({ paymentKey }) => paymentKey === key))
    .flatMap(({ charges }) => charges.filter(({ createdAt }) => createdAt <= at)).length;
  const revision = billing.invoices.find(({ key }) => key === invoice.revisedBy);
  return {
    ...invoice,
    number: finalized ? invoice.number : null,
    status: statusAsOf(invoice, at),
    finalizedAt: by(invoice.finalizedAt, at),
    effectiveAt: finalized ? invoice.effectiveAt : null,
    dueAt: finalized ? invoice.dueAt : null,
    paidAt: by(invoice.paidAt, at),
    voidedAt: by(invoice.voidedAt, at),
    uncollectibleAt: by(invoice.uncollectibleAt, at),
    autoAdvance: advancedAsOf(invoice, billing, at),
    attempts: Math.min(invoice.attempts, tries),
    nextAttemptAt: statusAsOf(invoice, at) === 'open' ? nextAttempt(invoice, billing, at) : null,
    endingBalance: finalized ? invoice.endingBalance : null,
    applications,
    paidOffStripe: paid ? invoice.paidOffStripe : 0n,
    revisedBy: revision && revision.createdAt <= at ? invoice.revisedBy : null,
    totals: totalsAsOf(invoice, billing, applications, at),
  };
}

/** Longest that a draft waits for its finalisation of its own accord: 72 hours of grace. */
const longestGraceS = 72 * 3600;

/**
 * Whether Stripe then moved the invoice on by itself: until it was given up, and not while it was
 * kept as a draft by a pause.
 */
function advancedAsOf(invoice: Invoice, billing: Billing, at: Instant): boolean {
  const { createdAt, finalizedAt, autoAdvance } = invoice;
  const isKept = finalizedAt !== null && finalizedAt - createdAt > longestGraceS;
  if (isKept && finalizedAt > at) return false;
  if (autoAdvance) return true;
  const lastTry = billing.payments
    .filter(({ key }) => invoice.applications.some(({ paymentKey }) => paymentKey === key))
    .flatMap(({ charges }) => charges.map((charge) => charge.createdAt));
  const givenUpAt = invoice.voidedAt ?? invoice.uncollectibleAt ?? Math.max(...lastTry, 0);
  return givenUpAt > at;
}

/** The next attempt then: the one that was made since, or the one that is still to come. */
function nextAttempt(invoice: Invoice, billing: Billing, at: Instant): Instant | null {
  const later = billing.payments
    .filter(({ key }) => invoice.applications.some(({ paymentKey }) => paymentKey === key))
    .flatMap(({ charges }) => charges.map(({ createdAt }) => createdAt))
    .filter((createdAt) => createdAt > at);
  const { nextAttemptAt } = invoice;
  if (nextAttemptAt !== null && nextAttemptAt > at) later.push(nextAttemptAt);
  return later.length === 0 ? null : Math.min(...later);
}

function chargeAsOf(charge: Charge, billing: Billing, at: Instant): Charge {
  const refunds = billing.refunds.filter(
    ({ chargeKey, createdAt, failedAt }) =>
      chargeKey === charge.key && createdAt <= at && !has(failedAt, at),
  );
  const state = { refunded: sumOf(refunds.map(({ amount }) => amount)) };
  const disputed = billing.disputes.some(
    ({ chargeKey, createdAt }) => chargeKey === charge.key && createdAt <= at,
  );
  if (has(charge.returnedAt, at)) return { ...charge, ...state, disputed };
  const declined = charge.status === 'failed' && charge.returnedAt === null;
  const status = declined ? 'failed' : has(charge.succeededAt, at) ? 'succeeded' : 'pending';
  return { ...charge, ...state, disputed, returnedAt: null, status };
}

function paymentAsOf(payment: Payment, billing: Billing, at: Instant): Payment {
  if (payment.kind === 'payment_record') return payment;
  const charges = payment.charges
    .filter(({ createdAt }) => createdAt <= at)
    .map((charge) => chargeAsOf(charge, billing, at));
  if (charges.length === payment.charges.length && payment.status === 'canceled') return payment;
  const last = charges.at(-1)?.status;
  const status =
    last === 'succeeded'
      ? 'succeeded'
      : last === 'pending'
        ? 'processing'
        : 'requires_payment_method';
  return { ...payment, charges, status };
}

/** Whether a subscription in service had an invoice open whose payment had failed. */
function dunning(
  { key }: BilledSubscription,
  billing: Billing,
  at: Instant,
): 'active' | 'past_due' {
  const late = billing.invoices
    .filter(({ subscriptionKey, createdAt }) => subscriptionKey === key && createdAt <= at)
    .map((invoice) => invoiceAsOf(invoice, billing, at))
    .some(({ status, attempts, collection, applications }) => {
      if (status !== 'open' || collection === 'send_invoice') return false;
      const payments = billing.payments
        .filter((payment) => applications.some(({ paymentKey }) => paymentKey === payment.key))
        .map((payment) => paymentAsOf(payment, billing, at));
      return attempts > 0 && payments.some((one) => one.status === 'requires_payment_method');
    });
  return late ? 'past_due' : 'active';
}

function subscriptionAsOf(
  billed: BilledSubscription,
  { plan, billing }: CustomerWorld,
  at: Instant,
): BilledSubscription[] {
  const of = plan.subscriptions.find(({ key }) => key === billed.key);
  if (of === undefined || of.createdAt > at) return [];
  const ended = has(billed.endedAt, at);
  const last = billing.invoices
    .filter(({ subscriptionKey, createdAt }) => subscriptionKey === billed.key && createdAt <= at)
    .at(-1);
  const open =
    of.trialEndAt !== null && of.trialEndAt > at ? 'trialing' : dunning(billed, billing, at);
  const follows = ['active', 'past_due', 'trialing'].includes(billed.status);
  const canceled = by(billed.canceledAt, at);
  return [
    {
      ...billed,
      status: (billed.endedAt !== null && !ended) || follows ? open : billed.status,
      canceledAt: canceled,
      cancelAt: canceled === null ? null : billed.cancelAt,
      cancelAtPeriodEnd: canceled !== null && billed.cancelAtPeriodEnd,
      endedAt: by(billed.endedAt, at),
      latestInvoiceKey: last?.key ?? null,
      items: billed.items
        .filter(({ createdAt }) => createdAt <= at)
        .map((item) => itemAsOf(item, of, at)),
    },
  ];
}

function itemAsOf(item: BilledItem, plan: SubscriptionPlan, at: Instant): BilledItem {
  const first = plan.items.find(({ key }) => key === item.key);
  let quantity = first === undefined ? item.quantity : first.quantity;
  for (const change of plan.changes)
    if (change.kind === 'quantity' && change.itemKey === item.key && change.at <= at)
      quantity = change.quantity;
  let { periodStart, periodEnd } = item;
  const { interval } = item.price;
  const months = interval === null ? 0 : interval.count * (interval.unit === 'year' ? 12 : 1);
  while (months > 0 && periodStart > at)
    [periodStart, periodEnd] = [addMonthsToInstant(periodStart, -months), periodStart];
  return { ...item, quantity, periodStart, periodEnd };
}

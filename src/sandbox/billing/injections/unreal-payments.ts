import { someone } from '../actors';
import { addCharge } from '../apply-payment';
import { stripeId } from '../../kit/ids';
import { peopleOn } from '../../company/people';
import { DAY, utcDay, type Instant } from '../../kit/instants';
import type { Invoice, Payment } from '../../truth/billing';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { Candidate, Injection } from '../../world/injection';
import { amountIn } from '../../kit/amount-in';
import * as edit from './edit-billing';

interface PaidInvoice {
  invoice: Invoice;
  payment: Payment;
}

/** Plain invoices that one payment of some kind paid. */
const paidBy = (
  { billing }: CustomerWorld,
  isKind: (payment: Payment, invoice: Invoice) => boolean,
): PaidInvoice[] =>
  billing.invoices.flatMap((invoice) => {
    if (invoice.status !== 'paid' || !edit.isPlain(billing, invoice)) return [];
    const payment = edit.onlyPayment(billing, invoice);
    return payment !== null && isKind(payment, invoice) ? [{ invoice, payment }] : [];
  });

const candidatesOf = (found: readonly PaidInvoice[]): Candidate[] =>
  found.map(({ invoice }) => ({ key: invoice.id, at: invoice.paidAt ?? invoice.createdAt }));

function paymentOf({ billing }: CustomerWorld, invoice: Invoice): Payment {
  const payment = edit.onlyPayment(billing, invoice);
  if (payment === null) throw new RangeError(`${invoice.key} has no payment of its own`);
  return payment;
}

const impactOf = ({ totals, currency }: Invoice) => ({ amount: totals.amountPaid, currency });

const paidWithoutCash: Injection = {
  id: 'A50',
  title: 'An invoice is paid, and no payment succeeded or none exists',
  stage: 'billing',
  candidates: (world) => candidatesOf(paidBy(world, ({ wire }) => wire === null)),
  // Low has a payment that was cancelled before it was charged, high has none at all.
  apply: (world, { key }, magnitude) => {
    const { billing } = world;
    const invoice = edit.invoiceOf(world, key);
    const payment = paymentOf(world, invoice);
    if (magnitude === 'low') {
      Object.assign(payment, { status: 'canceled', charges: [] });
      for (const one of invoice.applications)
        if (one.paymentKey === payment.key)
          Object.assign(one, {
            ...{ status: 'canceled', canceledAt: one.createdAt, paid: null, paidAt: null },
          });
    } else {
      billing.payments = billing.payments.filter((other) => other !== payment);
      invoice.applications = invoice.applications.filter((one) => one.paymentKey !== payment.key);
    }
    const impact = impactOf(invoice);
    return [
      { control: 'CA-01', code: 'CA01-PAID_NO_CASH', key, impact },
      { control: 'IN-01', code: 'IN01-I5', key, impact },
    ];
  },
};

const debitFailedLater: Injection = {
  id: 'A52',
  title: 'A debit came back, and the invoice stays paid',
  stage: 'billing',
  candidates: (world, { options }) =>
    candidatesOf(
      paidBy(world, ({ method }, { paidAt }) => {
        const isDebit = method === 'ach_debit' || method === 'sepa_debit';
        return isDebit && paidAt !== null && paidAt < options.now - 10 * DAY;
      }),
    ),
  // Low comes back two days later, high eight.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const payment = paymentOf(world, invoice);
    const charge = edit.lastCharge(payment);
    if (charge === null) return [];
    const after = (magnitude === 'low' ? 2 : 8) * DAY;
    charge.status = 'failed';
    charge.failureCode = 'debit_not_authorized';
    charge.returnedAt = (charge.succeededAt ?? charge.createdAt) + after;
    payment.status = 'requires_payment_method';
    const impact = impactOf(invoice);
    return [{ control: 'CA-01', code: 'CA01-FAILED_LATER', key, impact }];
  },
};

/**
 * A wire may take ten business days, holidays apart, to be on the statement of the last whole day
 * but one: a payment that was marked later cannot be said to be missing yet.
 */
const wireIsDueAfter = 20 * DAY;

const noBankReceipt: Injection = {
  id: 'A53',
  title: 'An invoice is marked paid outside Stripe, and no money came',
  stage: 'billing',
  candidates: (world, { options }) =>
    candidatesOf(
      paidBy(
        world,
        ({ wire }, { paidAt }) =>
          wire !== null && paidAt !== null && paidAt + wireIsDueAfter <= options.now,
      ),
    ),
  // Low was marked as short ago as a wire has to be there by now; high when it was.
  apply: (world, { key }, magnitude, { options }) => {
    const invoice = edit.invoiceOf(world, key);
    const payment = paymentOf(world, invoice);
    if (magnitude === 'low') markAt(invoice, payment, options.now - wireIsDueAfter);
    const markedBy = payment.wire?.markedBy ?? '';
    payment.wire = null;
    payment.metadata = { ...payment.metadata, marked_by: markedBy };
    return [{ control: 'CA-02', code: 'CA02-NO_BANK', key, impact: impactOf(invoice) }];
  },
};

function markAt(invoice: Invoice, payment: Payment, at: Instant): void {
  payment.createdAt = at;
  invoice.paidAt = at;
  for (const application of invoice.applications) {
    if (application.paymentKey !== payment.key) continue;
    application.createdAt = at;
    application.paidAt = at;
  }
}

const markedBySales: Injection = {
  id: 'A55',
  title: 'An account executive marks an invoice as paid outside Stripe',
  stage: 'billing',
  candidates: (world) => candidatesOf(paidBy(world, ({ wire }) => wire !== null)),
  // Low is another account executive, high the owner of the deal, whose commission hangs on it.
  apply: (world, { key }, magnitude, context) => {
    const invoice = edit.invoiceOf(world, key);
    const { wire, createdAt } = paymentOf(world, invoice);
    if (wire === null) return [];
    const owners = ownersOf(world, context);
    const random = context.random('injection', 'A55', key);
    let other = someone('rep', createdAt, random);
    for (let n = 0; n < 50 && owners.includes(other); n += 1)
      other = someone('rep', createdAt, random);
    wire.markedBy = magnitude === 'high' ? (owners[0] ?? other) : other;
    return [{ control: 'CA-02', code: 'CA02-SELF_MARKED', key, impact: impactOf(invoice) }];
  },
};

/** The people whose deals with the customer these are. */
function ownersOf({ sold }: CustomerWorld, { options }: WorldContext): string[] {
  const ids = new Set(sold.deals.map(({ ownerId }) => ownerId));
  const people = peopleOn(utcDay(options.now));
  return people.filter(({ userIds }) => userIds.some((id) => ids.has(id))).map(({ key }) => key);
}

/** A day on which the customer paid by card already. */
const cardDays = (world: CustomerWorld, now: Instant): { key: string; at: Instant }[] =>
  paidBy(world, ({ method }) => method === 'card').flatMap(({ invoice, payment }) => {
    const at = (invoice.paidAt ?? payment.createdAt) + 3 * 3_600;
    return at < now ? [{ key: stripeId('pi', payment.key, 'alone'), at }] : [];
  });

const paymentAlone: Injection = {
  id: 'A56',
  title: 'A captured payment that no invoice and no price explains',
  stage: 'billing',
  candidates: (world, { options }) => cardDays(world, options.now),
  apply: (world, { key, at }, magnitude) => {
    const { currency } = world.customer;
    const amount = amountIn(currency, magnitude === 'low' ? 1n : 5_250n);
    const payment: Payment = {
      ...{ key: `${world.customer.key}/alone/${String(at)}`, kind: 'payment_intent', id: key },
      ...{ method: 'card', currency, amount, status: 'succeeded', createdAt: at, charges: [] },
      ...{ wire: null, metadata: {} },
    };
    const charge = addCharge(payment, at);
    charge.status = 'succeeded';
    charge.succeededAt = at;
    world.billing.payments.push(payment);
    const impact = { amount, currency };
    return [{ control: 'CA-03', code: 'CA03-PAYMENT_NO_INVOICE', key, impact }];
  },
};

/** Payments that are not what they seem. */
export const unrealPayments: readonly Injection[] = [
  ...[paidWithoutCash, debitFailedLater, noBankReceipt, markedBySales, paymentAlone],
];

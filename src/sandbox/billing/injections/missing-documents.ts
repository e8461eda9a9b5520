import { stripeId } from '../../kit/ids';
import { DAY } from '../../kit/instants';
import type { Invoice } from '../../truth/billing';
import type { CustomerWorld } from '../../world/customer-world';
import type { Candidate, ExpectedFinding, Injection } from '../../world/injection';
import { plainLine } from '../invoice-lines';
import { amountIn } from '../../kit/amount-in';
import * as edit from './edit-billing';

const candidateOf = (invoice: Invoice): Candidate => ({
  key: invoice.id,
  at: invoice.finalizedAt ?? invoice.createdAt,
});

const netOf = ({ lines }: Invoice): bigint =>
  lines.reduce((sum, { amount, discount, taxInclusive }) => {
    return sum + amount - discount - taxInclusive;
  }, 0n);

/** Renewals of licensed items, each the only bill of its period. */
const renewals = ({ billing }: CustomerWorld, every: 'month' | 'year'): Invoice[] =>
  billing.invoices.filter(
    (invoice) =>
      invoice.reason === 'subscription_cycle' &&
      invoice.lines.every(({ kind, price, amount }) => {
        return kind === 'subscription' && price?.interval?.unit === every && amount > 0n;
      }) &&
      edit.isPlain(billing, invoice),
  );

/** Its items were served and are on no invoice. */
const gaps = (world: CustomerWorld, invoice: Invoice): ExpectedFinding[] =>
  invoice.lines.flatMap(({ itemKey, amount, discount, taxInclusive }) => {
    const key = edit.itemIdOf(world, itemKey);
    const impact = { amount: amount - discount - taxInclusive, currency: invoice.currency };
    return key === null ? [] : [{ control: 'SU-01', code: 'SU01-GAP', key, impact }];
  });

const secondYearMissing: Injection = {
  id: 'A13',
  title: 'A later year of a contract is not billed: a line of it, or all of it from then on',
  stage: 'billing',
  candidates: (world) =>
    world.customer.segment === 'sales_led' ? renewals(world, 'year').map(candidateOf) : [],
  // Low leaves out the smallest line where there are several, high this invoice and all later ones.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const smallest = [...invoice.lines].sort((a, b) => (a.amount < b.amount ? -1 : 1))[0];
    if (magnitude === 'low' && smallest !== undefined && invoice.lines.length > 1) {
      const expected = unbilled(world, { ...invoice, lines: [smallest] });
      invoice.lines = invoice.lines.filter((line) => line !== smallest);
      edit.settleAnew(world, invoice);
      return expected;
    }
    const later = renewals(world, 'year').filter((other) => {
      const isSame = other.subscriptionKey === invoice.subscriptionKey;
      return magnitude === 'high' && isSame && other.createdAt > invoice.createdAt;
    });
    return [invoice, ...later].flatMap((missing) => {
      const expected = unbilled(world, missing);
      edit.removeInvoice(world, missing);
      return expected;
    });
  },
};

/** What was due by the order and is on no invoice, and the gap that it leaves. */
function unbilled(world: CustomerWorld, invoice: Invoice): ExpectedFinding[] {
  const booked = invoice.lines.flatMap((line): ExpectedFinding[] => {
    const orderItem = edit.orderItemIdOf(world, line.orderLineKey);
    const impact = { amount: line.amount - line.discount, currency: invoice.currency };
    if (orderItem === null) return [];
    return [{ control: 'BK-03', code: 'BK03-NOT_BILLED', key: orderItem, impact }];
  });
  return [...booked, ...gaps(world, invoice)];
}

const periodSkipped: Injection = {
  id: 'A28',
  title: 'An active item is left out of one period; at high of the one after it too',
  stage: 'billing',
  candidates: (world) =>
    world.customer.segment === 'sales_led' ? [] : renewals(world, 'month').map(candidateOf),
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const [next] = renewals(world, 'month').filter((other) => {
      return other.lines[0]?.itemKey === invoice.lines[0]?.itemKey && isNext(invoice, other);
    });
    const [finding] = gaps(world, invoice);
    edit.removeInvoice(world, invoice);
    if (finding === undefined || magnitude === 'low' || next === undefined) {
      return finding === undefined ? [] : [finding];
    }
    edit.removeInvoice(world, next);
    const amount = netOf(invoice) + netOf(next);
    return [{ ...finding, impact: { amount, currency: invoice.currency } }];
  },
};

const isNext = (invoice: Invoice, other: Invoice): boolean =>
  other.lines[0]?.periodStart === invoice.lines[0]?.periodEnd;

const draftStuck: Injection = {
  id: 'A14',
  title: 'A draft stays a draft for weeks, because nobody lets it advance',
  stage: 'billing',
  candidates: ({ customer, billing }, { options }) =>
    customer.segment === 'sales_led'
      ? billing.invoices
          .filter(({ reason, revises, createdAt }) => {
            const isOld = createdAt <= options.now - 21 * DAY;
            return reason === 'manual' && revises === null && isOld;
          })
          .filter((invoice) => edit.isPlain(billing, invoice))
          .map(candidateOf)
      : [],
  // Low was made three weeks ago, high when its service began.
  apply: (world, { key }, magnitude, { options }) => {
    const invoice = edit.invoiceOf(world, key);
    const { billing } = world;
    if (magnitude === 'low') invoice.createdAt = options.now - 21 * DAY;
    const paidWith = new Set(invoice.applications.map(({ paymentKey }) => paymentKey));
    billing.payments = billing.payments.filter((payment) => !paidWith.has(payment.key));
    Object.assign(invoice, {
      ...{ status: 'draft', number: null, finalizedAt: null, dueAt: null, paidAt: null },
      ...{ applications: [], paidOffStripe: 0n, attempts: 0, nextAttemptAt: null },
      ...{ endingBalance: null, autoAdvance: false },
    });
    edit.settleAnew(world, invoice);
    edit.renumber(world);
    const impact = { amount: netOf(invoice), currency: invoice.currency };
    return [{ control: 'BK-03', code: 'BK03-DRAFT_STUCK', key, impact }];
  },
};

const pendingItemStale: Injection = {
  id: 'A16',
  title: 'An invoice item waits for an invoice that is months away',
  stage: 'billing',
  candidates: ({ customer, plan, billing }, { options }) =>
    plan.subscriptions.flatMap((subscription) => {
      const billed = billing.subscriptions.find(({ key }) => key === subscription.key);
      const isYearly = billed?.items.every(({ price }) => price.interval?.unit === 'year') === true;
      const last = billing.invoices.findLast(({ subscriptionKey }) => {
        return subscriptionKey === subscription.key;
      });
      const at = options.now - 60 * DAY;
      const isIdle = last !== undefined && last.createdAt < at - DAY;
      if (!isYearly || !isIdle || billed.status !== 'active' || customer.internal) return [];
      return [{ key: stripeId('ii', subscription.key, 'stale'), at }];
    }),
  apply: (world, { key, at }, magnitude) => {
    const { plan, billing, customer } = world;
    const subscription = plan.subscriptions.find((one) => {
      return stripeId('ii', one.key, 'stale') === key;
    });
    if (subscription === undefined) throw new RangeError(`${key} is of no subscription`);
    const amount = amountIn(customer.currency, magnitude === 'low' ? 25n : 4_800n);
    const line = plainLine(`${subscription.key}/stale`, {
      ...{ kind: 'invoice_item', product: 'ONBOARDING', description: 'Training day', amount },
      ...{ quantity: 1n, unit: amount * 1_000_000_000_000n, invoiceItemId: key },
      ...{ orderLineKey: subscription.items[0]?.orderLineKey ?? null },
      ...{ periodStart: at, periodEnd: at },
    });
    billing.pendingItems.push({
      ...{ key: line.key, id: key, subscriptionKey: subscription.key, line, createdAt: at },
    });
    const impact = { amount, currency: customer.currency };
    return [{ control: 'BK-03', code: 'BK03-PENDING_ITEM_STALE', key, impact }];
  },
};

const usageLineMissing: Injection = {
  id: 'A38',
  title: 'Metered usage is on no line of its invoice',
  stage: 'billing',
  candidates: ({ billing }) =>
    billing.invoices
      .filter((invoice) => {
        const used = invoice.lines.filter((line) => line.kind === 'usage' && line.amount > 0n);
        const isOften = new Set(used.map(({ itemKey }) => itemKey)).size === used.length;
        return used.length > 1 && isOften && edit.isPlain(billing, invoice);
      })
      .map(candidateOf),
  // Low leaves out the smallest line of the invoice, high the largest.
  apply: (world, { key }, magnitude) => {
    const invoice = edit.invoiceOf(world, key);
    const bySize = invoice.lines
      .filter((line) => line.kind === 'usage' && line.amount > 0n)
      .sort((a, b) => (a.amount < b.amount ? -1 : 1));
    const line = bySize.at(magnitude === 'low' ? 0 : -1);
    if (line === undefined) return [];
    const item = edit.itemIdOf(world, line.itemKey);
    if (item === null) return [];
    const impact = {
      amount: line.amount - line.discount - line.taxInclusive,
      currency: invoice.currency,
    };
    invoice.lines = invoice.lines.filter((other) => other !== line);
    edit.settleAnew(world, invoice);
    return [{ control: 'US-01', code: 'US01-MISSING_LINE', key: item, impact }];
  },
};

/** Documents and lines that should be there and are not. */
export const missingDocuments: readonly Injection[] = [
  ...[secondYearMissing, draftStuck, pendingItemStale, periodSkipped, usageLineMissing],
];

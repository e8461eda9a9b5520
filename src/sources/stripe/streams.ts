import type Stripe from 'stripe';
import type { InstantField, ListParams } from './read-window';
import type { CurrencyUse } from './mapping/stripe-currency';

/** What a list of Stripe is asked with. */
export type ListQuery = ListParams & { expand?: string[] };

export type ListOf = (stripe: Stripe, query: ListQuery) => Promise<unknown>;

/** How long an object may change after it was created. Stripe tells no time of change (§1.2). */
export type Changes = 'never' | 'always' | { days: number };

/** A list inside an object, of which the object shows only the first page. */
export interface StreamPart {
  /** Field of the object, and the end of the name its pages are landed under. */
  name: string;
  endpoint: string;
  expand?: readonly string[];
  list(stripe: Stripe, parent: string, query: ListQuery): Promise<unknown>;
  /** Whether the pages must be read; by default where the list in the object goes on. */
  isWanted?: (fields: Readonly<Record<string, unknown>>) => boolean;
  /** Nothing else tells how many there are, or not of all of them: pages are read twice. */
  isReadTwice?: boolean;
  /** Its items belong to what a window holds: another set of them is another window. */
  isFixed?: boolean;
}

/** A second way to all objects of a window: lists by another key that together hold each once. */
export interface SecondKey {
  field: string;
  lists: readonly { value: string; list: ListOf }[];
}

/** One kind of object that Stripe lists. */
export interface StripeStream {
  /** As it is landed, and as Stripe names it in `object`. */
  object: string;
  endpoint: string;
  instant: InstantField;
  /** By `created` windows, or as a whole where Stripe has no such filter. */
  by: 'created' | 'whole';
  list: ListOf;
  /** Null where Stripe gives none of them by id. */
  get: ((stripe: Stripe, id: string, expand: string[]) => Promise<unknown>) | null;
  /** What only shows when it is asked for, as paths of one object. */
  expand: readonly string[];
  /** Field that window totals add up, in minor units. */
  amount: { field: string; use: CurrencyUse } | null;
  changes: Changes;
  part: StreamPart | null;
  /** Or in words why there is none. */
  secondKey: SecondKey | string;
}

const noSecondKey = (what: string): string =>
  `Stripe counts no list, and has no other key that all ${what} can be listed by`;

/** Lists by each value of one parameter; of one list alone none could tell that it is ignored. */
const each = <V extends string>(
  field: string,
  values: readonly [V, V, ...V[]],
  list: (stripe: Stripe, query: ListQuery, value: V) => Promise<unknown>,
): SecondKey => ({
  field,
  lists: values.map((value) => ({
    value,
    list: (stripe: Stripe, query: ListQuery) => list(stripe, query, value),
  })),
});

const methods = ['charge_automatically', 'send_invoice'] as const;
const yesNo = ['true', 'false'] as const;

const amount = (field: string, use: CurrencyUse = 'document'): StripeStream['amount'] => ({
  field,
  use,
});

/** Whether the list in an object shows items, and all of them. */
function isShownWhole(list: unknown): boolean {
  if (typeof list !== 'object' || list === null) return false;
  const data: unknown = Reflect.get(list, 'data');
  return Reflect.get(list, 'has_more') === false && Array.isArray(data) && data.length > 0;
}

const stream = (of: Pick<StripeStream, 'object' | 'endpoint' | 'list' | 'get'>) => ({
  ...{ instant: 'created' as const, by: 'created' as const, expand: [], amount: null, part: null },
  ...of,
});

const catalogue: readonly StripeStream[] = [
  {
    ...stream({
      object: 'product',
      endpoint: 'GET /v1/products',
      list: (stripe, query) => stripe.products.list(query),
      get: (stripe, id, expand) => stripe.products.retrieve(id, { expand }),
    }),
    changes: 'always',
    secondKey: each('active', yesNo, (stripe, query, value) =>
      stripe.products.list({ ...query, active: value === 'true' }),
    ),
  },
  {
    ...stream({
      object: 'price',
      endpoint: 'GET /v1/prices',
      list: (stripe, query) => stripe.prices.list(query),
      get: (stripe, id, expand) => stripe.prices.retrieve(id, { expand }),
    }),
    expand: ['tiers', 'currency_options'],
    changes: 'always',
    secondKey: each('active', yesNo, (stripe, query, value) =>
      stripe.prices.list({ ...query, active: value === 'true' }),
    ),
  },
  {
    ...stream({
      object: 'coupon',
      endpoint: 'GET /v1/coupons',
      list: (stripe, query) => stripe.coupons.list(query),
      get: (stripe, id, expand) => stripe.coupons.retrieve(id, { expand }),
    }),
    changes: 'always',
    secondKey: noSecondKey('coupons'),
  },
  {
    ...stream({
      object: 'billing.meter',
      endpoint: 'GET /v1/billing/meters',
      list: (stripe, query) => stripe.billing.meters.list(query),
      get: (stripe, id, expand) => stripe.billing.meters.retrieve(id, { expand }),
    }),
    by: 'whole',
    changes: 'always',
    secondKey: each('status', ['active', 'inactive'], (stripe, query, status) =>
      stripe.billing.meters.list({ ...query, status }),
    ),
  },
];

const customers: readonly StripeStream[] = [
  {
    ...stream({
      object: 'customer',
      endpoint: 'GET /v1/customers',
      list: (stripe, query) => stripe.customers.list(query),
      get: (stripe, id, expand) => stripe.customers.retrieve(id, { expand }),
    }),
    expand: ['invoice_credit_balance'],
    changes: 'always',
    secondKey: noSecondKey('customers'),
  },
  {
    ...stream({
      object: 'subscription',
      endpoint: 'GET /v1/subscriptions',
      // Without a status the list leaves out what was cancelled.
      list: (stripe, query) => stripe.subscriptions.list({ ...query, status: 'all' }),
      get: (stripe, id, expand) => stripe.subscriptions.retrieve(id, { expand }),
    }),
    expand: ['discounts'],
    changes: 'always',
    part: {
      name: 'items',
      endpoint: 'GET /v1/subscription_items',
      isReadTwice: true,
      list: (stripe, subscription, query) =>
        stripe.subscriptionItems.list({ ...query, subscription }),
    },
    secondKey: each('collection_method', methods, (stripe, query, method) =>
      stripe.subscriptions.list({ ...query, status: 'all', collection_method: method }),
    ),
  },
  {
    ...stream({
      object: 'subscription_schedule',
      endpoint: 'GET /v1/subscription_schedules',
      list: (stripe, query) => stripe.subscriptionSchedules.list(query),
      get: (stripe, id, expand) => stripe.subscriptionSchedules.retrieve(id, { expand }),
    }),
    changes: 'always',
    secondKey: noSecondKey('schedules'),
  },
  {
    ...stream({
      object: 'billing.credit_grant',
      endpoint: 'GET /v1/billing/credit_grants',
      list: (stripe, query) => stripe.billing.creditGrants.list(query),
      get: (stripe, id, expand) => stripe.billing.creditGrants.retrieve(id, { expand }),
    }),
    by: 'whole',
    changes: 'always',
    secondKey: noSecondKey('credit grants'),
  },
];

const documents: readonly StripeStream[] = [
  {
    ...stream({
      object: 'invoice',
      endpoint: 'GET /v1/invoices',
      list: (stripe, query) => stripe.invoices.list(query),
      get: (stripe, id, expand) => stripe.invoices.retrieve(id, { expand }),
    }),
    // What was paid outside Stripe is told by no event (§1.2), and only when asked for.
    expand: ['amount_paid_off_stripe', 'discounts', 'lines.data.discounts'],
    amount: amount('total'),
    changes: { days: 400 },
    part: {
      name: 'lines',
      endpoint: 'GET /v1/invoices/:id/lines',
      expand: ['discounts'],
      isFixed: true,
      isReadTwice: true,
      list: (stripe, invoice, query) => stripe.invoices.listLineItems(invoice, query),
    },
    // In the order an invoice takes: one that moves on meanwhile is on two lists, never on none.
    secondKey: each(
      'status',
      ['draft', 'open', 'uncollectible', 'paid', 'void'],
      (stripe, query, status) => stripe.invoices.list({ ...query, status }),
    ),
  },
  {
    ...stream({
      object: 'invoiceitem',
      endpoint: 'GET /v1/invoiceitems',
      list: (stripe, query) => stripe.invoiceItems.list(query),
      get: (stripe, id, expand) => stripe.invoiceItems.retrieve(id, { expand }),
    }),
    instant: 'date',
    expand: ['discounts'],
    amount: amount('amount'),
    changes: { days: 400 },
    secondKey: each('pending', yesNo, (stripe, query, value) =>
      stripe.invoiceItems.list({ ...query, pending: value === 'true' }),
    ),
  },
  {
    ...stream({
      object: 'invoice_payment',
      endpoint: 'GET /v1/invoice_payments',
      list: (stripe, query) => stripe.invoicePayments.list(query),
      get: (stripe, id, expand) => stripe.invoicePayments.retrieve(id, { expand }),
    }),
    amount: amount('amount_requested'),
    changes: { days: 400 },
    secondKey: each('status', ['open', 'paid', 'canceled'], (stripe, query, status) =>
      stripe.invoicePayments.list({ ...query, status }),
    ),
  },
  {
    ...stream({
      object: 'credit_note',
      endpoint: 'GET /v1/credit_notes',
      list: (stripe, query) => stripe.creditNotes.list(query),
      get: (stripe, id, expand) => stripe.creditNotes.retrieve(id, { expand }),
    }),
    amount: amount('amount'),
    changes: { days: 400 },
    part: {
      name: 'lines',
      endpoint: 'GET /v1/credit_notes/:id/lines',
      isFixed: true,
      isReadTwice: true,
      // A note over an amount alone has none: its own list has to say so too.
      isWanted: ({ lines }) => !isShownWhole(lines),
      list: (stripe, note, query) => stripe.creditNotes.listLineItems(note, query),
    },
    secondKey: noSecondKey('credit notes'),
  },
];

const money: readonly StripeStream[] = [
  {
    ...stream({
      object: 'payment_intent',
      endpoint: 'GET /v1/payment_intents',
      list: (stripe, query) => stripe.paymentIntents.list(query),
      get: (stripe, id, expand) => stripe.paymentIntents.retrieve(id, { expand }),
    }),
    amount: amount('amount'),
    changes: { days: 180 },
    secondKey: noSecondKey('payment intents'),
  },
  {
    ...stream({
      object: 'charge',
      endpoint: 'GET /v1/charges',
      list: (stripe, query) => stripe.charges.list(query),
      get: (stripe, id, expand) => stripe.charges.retrieve(id, { expand }),
    }),
    amount: amount('amount'),
    changes: { days: 180 },
    secondKey: noSecondKey('charges'),
  },
  {
    ...stream({
      object: 'refund',
      endpoint: 'GET /v1/refunds',
      list: (stripe, query) => stripe.refunds.list(query),
      get: (stripe, id, expand) => stripe.refunds.retrieve(id, { expand }),
    }),
    amount: amount('amount'),
    changes: { days: 180 },
    secondKey: noSecondKey('refunds'),
  },
  {
    ...stream({
      object: 'dispute',
      endpoint: 'GET /v1/disputes',
      list: (stripe, query) => stripe.disputes.list(query),
      get: (stripe, id, expand) => stripe.disputes.retrieve(id, { expand }),
    }),
    amount: amount('amount'),
    changes: { days: 180 },
    secondKey: noSecondKey('disputes'),
  },
  {
    ...stream({
      object: 'balance_transaction',
      endpoint: 'GET /v1/balance_transactions',
      list: (stripe, query) => stripe.balanceTransactions.list(query),
      get: (stripe, id, expand) => stripe.balanceTransactions.retrieve(id, { expand }),
    }),
    amount: amount('net'),
    // Pending ones become available; a report of their day may be ready only days later.
    changes: { days: 35 },
    secondKey: noSecondKey('movements of the balance'),
  },
  {
    ...stream({
      object: 'payout',
      endpoint: 'GET /v1/payouts',
      list: (stripe, query) => stripe.payouts.list(query),
      get: (stripe, id, expand) => stripe.payouts.retrieve(id, { expand }),
    }),
    amount: amount('amount', 'payout'),
    changes: { days: 180 },
    part: {
      name: 'balance_transactions',
      endpoint: 'GET /v1/balance_transactions',
      list: (stripe, payout, query) => stripe.balanceTransactions.list({ ...query, payout }),
      // Manual and instant payouts have no composition (CONTROLS S17).
      isWanted: ({ automatic, reconciliation_status: status }) =>
        automatic === true && status === 'completed',
    },
    secondKey: each(
      'status',
      ['pending', 'in_transit', 'paid', 'failed', 'canceled'],
      (stripe, query, status) => stripe.payouts.list({ ...query, status }),
    ),
  },
];

/** Every object with a list of its own, masters first. */
export const stripeStreams: readonly StripeStream[] = [
  ...catalogue,
  ...customers,
  ...documents,
  ...money,
];

export const streamOf = (object: string): StripeStream | undefined =>
  stripeStreams.find((one) => one.object === object);

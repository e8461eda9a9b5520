/** A kind of object with a list, or only reads by id. */
export interface Resource {
  /** Below /v1. */
  path: string;
  collection: string;
  /** As the error for an id that is not there names it. */
  noun: string;
  /** Restricted keys read it with `<permission>_read`. */
  permission: string;
  /** Parameters that filter by a stored value of the same name. */
  filters: readonly string[];
  /** Parameters that are ranges: created by the order of the list, others by a field. */
  ranges: readonly string[];
  /** False where Stripe has no list of it. */
  list?: boolean;
}

const resource = (
  path: string,
  permission: string,
  filters: readonly string[],
  rest: Partial<Resource> = {},
): Resource => ({
  ...{ path, permission, filters, collection: path, noun: permission, ranges: ['created'] },
  ...rest,
});

const none: readonly string[] = [];

/** What the stand-in lists and gives by id; the names of parameters are those of Stripe's lists. */
export const resources: readonly Resource[] = [
  resource('customers', 'customer', ['email']),
  resource('products', 'product', ['active']),
  resource('prices', 'price', ['active', 'currency', 'product', 'type'], { permission: 'plan' }),
  resource('coupons', 'coupon', []),
  resource('promotion_codes', 'promotion_code', ['active', 'code', 'coupon', 'customer'], {
    noun: 'promotion code',
  }),
  resource('subscriptions', 'subscription', ['customer', 'status', 'collection_method', 'price']),
  resource('subscription_items', 'subscription', ['subscription'], {
    ...{ noun: 'subscription_item', ranges: none },
  }),
  resource('subscription_schedules', 'subscription', ['customer'], {
    noun: 'subscription schedule',
  }),
  resource('invoices', 'invoice', ['customer', 'subscription', 'status', 'collection_method'], {
    ranges: ['created', 'due_date'],
  }),
  resource('invoice_payments', 'invoice_payment', ['invoice', 'status'], {
    ...{ noun: 'invoice payment', permission: 'invoice' },
  }),
  resource('invoiceitems', 'invoice', ['customer', 'invoice', 'pending'], {
    noun: 'invoiceitem',
  }),
  resource('payment_intents', 'payment_intent', ['customer']),
  resource('charges', 'charge', ['customer', 'payment_intent']),
  resource('refunds', 'charge', ['charge', 'payment_intent'], { noun: 'refund' }),
  resource('disputes', 'dispute', ['charge', 'payment_intent']),
  resource('credit_notes', 'credit_note', ['customer', 'invoice'], { noun: 'credit note' }),
  resource('balance_transactions', 'balance', ['payout', 'type', 'source', 'currency'], {
    ...{ noun: 'balance transaction', permission: 'balance_transaction_source' },
  }),
  resource('payouts', 'payout', ['status', 'destination'], {
    ranges: ['created', 'arrival_date'],
  }),
  resource('events', 'event', ['type', 'types', 'delivery_success']),
  resource('payment_records', 'payment_record', [], { list: false, noun: 'payment record' }),
  resource('billing/meters', 'billing_meter', ['status'], {
    ...{ collection: 'billing_meters', noun: 'meter', ranges: none },
  }),
  resource('billing/credit_grants', 'billing_credit_grant', ['customer'], {
    ...{ collection: 'credit_grants', noun: 'credit grant', ranges: none },
  }),
  resource('billing/credit_balance_transactions', 'billing_credit_grant', [], {
    ...{ collection: 'credit_balance_transactions', noun: 'credit balance transaction' },
    ...{ filters: ['customer', 'credit_grant'], ranges: none },
  }),
];

/** Lists inside another object: /v1/<path>/:id/<part>. */
export interface Part {
  of: string;
  part: string;
  collection: string;
  /** The stored value that names the parent. */
  filter: string;
  noun: string;
}

export const parts: readonly Part[] = [
  {
    ...{ of: 'invoices', part: 'lines', collection: 'invoice_line_items' },
    ...{ filter: 'invoice', noun: 'invoice line item' },
  },
  {
    ...{ of: 'credit_notes', part: 'lines', collection: 'credit_note_line_items' },
    ...{ filter: 'credit_note', noun: 'credit note line item' },
  },
  {
    ...{ of: 'customers', part: 'balance_transactions' },
    ...{ collection: 'customer_balance_transactions', filter: 'customer' },
    noun: 'customer balance transaction',
  },
];

const collectionsByPrefix: readonly (readonly [string, string])[] = [
  ['cus_', 'customers'],
  ['prod_', 'products'],
  ['price_', 'prices'],
  ['promo_', 'promotion_codes'],
  ['di_', 'discounts'],
  ['sub_sched_', 'subscription_schedules'],
  ['sub_', 'subscriptions'],
  ['si_', 'subscription_items'],
  ['inpay_', 'invoice_payments'],
  ['in_', 'invoices'],
  ['ii_', 'invoiceitems'],
  ['pi_', 'payment_intents'],
  ['ch_', 'charges'],
  ['py_', 'charges'],
  ['re_', 'refunds'],
  ['pyr_', 'refunds'],
  ['du_', 'disputes'],
  ['dp_', 'disputes'],
  ['cn_', 'credit_notes'],
  ['txn_', 'balance_transactions'],
  ['po_', 'payouts'],
  ['prec_', 'payment_records'],
  ['mtr_', 'billing_meters'],
  ['credgr_', 'credit_grants'],
];

/** The collection that an id in this field points into; null where it points at nothing we keep. */
export function collectionOf(field: string, id: string): string | null {
  if (field === 'coupon') return 'coupons';
  if (field === 'credit_balance_transaction') return 'credit_balance_transactions';
  if (field === 'customer_balance_transaction') return 'customer_balance_transactions';
  return collectionsByPrefix.find(([prefix]) => id.startsWith(prefix))?.[1] ?? null;
}

/** A table of the books: what controls read by its name, and where its versions stand. */
export interface BooksTable {
  name: string;
  /** Table of schema books that holds every version. */
  versions: string;
  /** Columns of which one combination has one current row. */
  key: readonly string[];
  /** Indexed column that holds the id of the source's object a row was derived from. */
  objectColumn: string;
}

/** One row per object of its source: the object's id is the key's last column. */
const one = (name: string, versions: string, ...key: string[]): BooksTable => {
  const objectColumn = key.at(-1) ?? 'source_id';
  return { name, versions, key, objectColumn };
};

/** An object may give several rows, or its id is no column. */
const several = (name: string, versions: string, ...key: string[]): BooksTable => ({
  name,
  versions,
  key,
  objectColumn: 'source_id',
});

/** Every table that rows can be landed in, as the migrations 0002, 0006 and 0010 made them. */
export const booksTables: readonly BooksTable[] = [
  one('customers', 'customer_versions', 'customer_id'),
  several(
    'customer_links',
    'customer_link_versions',
    'from_system',
    'from_id',
    'to_system',
    'to_id',
    'link_method',
  ),
  one('people', 'person_versions', 'person_id'),
  several('app_users', 'app_user_versions', 'app', 'user_id'),
  several('app_entitlements', 'app_entitlement_versions', 'app', 'user_id', 'entitlement', 'via'),
  several('config_changes', 'config_change_versions', 'app', 'change_id'),
  one('products', 'product_versions', 'source_account', 'product_id'),
  one('prices', 'price_versions', 'source_account', 'price_id'),
  one('coupons', 'coupon_versions', 'source_account', 'coupon_id'),
  several('discounts', 'discount_versions', 'discount_id'),
  one('opportunities', 'opportunity_versions', 'opportunity_id'),
  one('opportunity_lines', 'opportunity_line_versions', 'opportunity_line_id'),
  one('quotes', 'quote_versions', 'quote_id'),
  one('quote_lines', 'quote_line_versions', 'quote_line_id'),
  one('orders', 'order_versions', 'order_id'),
  one('order_lines', 'order_line_versions', 'order_line_id'),
  one('contracts', 'contract_versions', 'contract_id'),
  one('contract_lines', 'contract_line_versions', 'contract_line_id'),
  several('booking_changes', 'booking_change_versions', 'change_id'),
  one('approvals', 'approval_versions', 'approval_id'),
  one('approval_steps', 'approval_step_versions', 'approval_step_id'),
  one('subscriptions', 'subscription_versions', 'subscription_id'),
  several('subscription_items', 'subscription_item_versions', 'subscription_item_id'),
  several(
    'subscription_schedule_phases',
    'subscription_schedule_phase_versions',
    'schedule_id',
    'phase_no',
  ),
  one('invoices', 'invoice_versions', 'invoice_id'),
  several('invoice_lines', 'invoice_line_versions', 'invoice_line_id'),
  one('invoice_items', 'invoice_item_versions', 'invoice_item_id'),
  several('invoice_payments', 'invoice_payment_versions', 'invoice_payment_id'),
  one('payment_intents', 'payment_intent_versions', 'payment_intent_id'),
  one('payments', 'payment_versions', 'payment_id'),
  one('refunds', 'refund_versions', 'refund_id'),
  one('credit_notes', 'credit_note_versions', 'credit_note_id'),
  several('credit_note_lines', 'credit_note_line_versions', 'credit_note_line_id'),
  one('disputes', 'dispute_versions', 'dispute_id'),
  one('customer_credit_transactions', 'customer_credit_transaction_versions', 'transaction_id'),
  one('credit_grants', 'credit_grant_versions', 'grant_id'),
  one('credit_grant_transactions', 'credit_grant_transaction_versions', 'transaction_id'),
  one('balance_transactions', 'balance_transaction_versions', 'balance_transaction_id'),
  several(
    'balance_transaction_fees',
    'balance_transaction_fee_versions',
    'balance_transaction_id',
    'fee_no',
  ),
  one('payouts', 'payout_versions', 'payout_id'),
  several(
    'payout_balance_transactions',
    'payout_balance_transaction_versions',
    'payout_id',
    'balance_transaction_id',
  ),
  several('bank_transactions', 'bank_transaction_versions', 'bank_account', 'txn_id'),
  one('meters', 'meter_versions', 'meter_id'),
  several(
    'usage_hours',
    'usage_hour_versions',
    'customer_id',
    'meter_key',
    'hour_at',
    'store_version',
  ),
  several(
    'usage_summaries',
    'usage_summary_versions',
    'customer_id',
    'meter_id',
    'start_at',
    'end_at',
  ),
  several('usage_errors', 'usage_error_versions', 'error_id'),
  several('interface_batches', 'interface_batch_versions', 'interface', 'batch_id'),
  several('entitlements', 'entitlement_versions', 'entitlement_id'),
  several('seat_days', 'seat_day_versions', 'customer_id', 'workspace', 'day_on'),
  one('revenue_contracts', 'revenue_contract_versions', 'revenue_contract_id'),
  one('performance_obligations', 'performance_obligation_versions', 'performance_obligation_id'),
  one('revenue_schedule_lines', 'revenue_schedule_line_versions', 'schedule_line_id'),
  one('revenue_entries', 'revenue_entry_versions', 'entry_id'),
  several('gl_accounts', 'gl_account_versions', 'entity_id', 'account'),
  one('gl_journals', 'gl_journal_versions', 'journal_id'),
  several('gl_lines', 'gl_line_versions', 'journal_id', 'line_no'),
  several(
    'gl_balances',
    'gl_balance_versions',
    'entity_id',
    'ledger',
    'account',
    'currency',
    'period',
  ),
  several('gl_periods', 'gl_period_versions', 'entity_id', 'ledger', 'period'),
  several('fx_rates', 'fx_rate_versions', 'rate_type', 'from_currency', 'to_currency', 'rate_date'),
  several('mapping_problems', 'mapping_problem_versions', 'source_account', 'object', 'object_id'),
];

/** The table of that name. Throws RangeError when there is none. */
export function booksTable(name: string): BooksTable {
  const table = booksTables.find((candidate) => candidate.name === name);
  if (table) return table;
  throw new RangeError(`books.${name} does not exist`);
}

/** What a row carries besides its business columns; landing writes it, a dataset never does. */
export const provenanceColumns = [
  'source',
  'source_object',
  'source_id',
  'extract_id',
  'payload_sha256',
  'sys_from',
  'sys_to',
  'source_account',
  'raw_sha256',
] as const;

const sums = (...columns: string[]): string =>
  columns.map((name) => `trim_scale(${name})::text`).join(', ');

const instant = (name: string): string =>
  `to_char(${name} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
const hour = instant('hour_at');

/** Amounts as the source wrote them, without the zeros at their end. */
const newValue = `case field when 'Amount' then trim_scale(new_value::numeric)::text
  when 'Probability' then null else new_value end`;
const items = `(select string_agg(concat(i ->> 'price', ' ', i ->> 'quantity'), ', '
  order by concat(i ->> 'price', ' ', i ->> 'quantity') collate "C")
  from jsonb_array_elements(items) as t (i))`;

/**
 * By table: its key, and the columns that the truth has values for, in the same order; as a list
 * where one of them has commas of its own.
 */
type Columns = readonly [key: string, values: string | readonly string[], where?: string];
const columns: Readonly<Record<string, Columns>> = {
  app_entitlements: [
    `user_id || ' ' || case via when 'profile' then via else entitlement end`,
    instant('granted_at'),
  ],
  balance_transaction_fees: [
    `balance_transaction_id || '/' || fee_no`,
    `fee_type, currency, ${sums('amount')}`,
  ],
  balance_transactions: [
    'balance_transaction_id',
    `type, category, currency, ${sums('amount', 'fee', 'net')}`,
  ],
  bank_transactions: [
    `bank_account || '/' || txn_id`,
    `${sums('amount')}, currency, value_date::text`,
  ],
  booking_changes: [
    `concat(booking_id, ' ', detection, ' ', field, ' ', row_number() over (
       partition by booking_id, detection, field order by changed_at, change_id))`,
    [instant('changed_at'), 'changed_by', 'old_value', newValue],
  ],
  contracts: ['contract_id', 'number, start_date::text, end_date::text'],
  credit_grant_transactions: ['transaction_id', `grant_id, currency, ${sums('amount')}`],
  credit_grants: ['grant_id', `currency, ${sums('amount')}, category`],
  credit_note_lines: ['credit_note_line_id', 'credit_note_id'],
  credit_notes: [
    'credit_note_id',
    `number, invoice_id, currency, status, ${sums('amount', 'pre_payment', 'post_payment')}`,
  ],
  customer_credit_transactions: [
    'transaction_id',
    `currency, ${sums('delta_credit', 'credit_after')}`,
  ],
  customer_links: [
    `concat(from_system, ' ', from_id, ' > ', to_system, ' ', to_id)`,
    'link_method, entity_id',
  ],
  customers: ['customer_id', `entity_id, name, ${sums('credit_balance')}`, `system = 'stripe'`],
  disputes: ['dispute_id', `currency, ${sums('amount')}, status`],
  invoice_lines: [
    'invoice_line_id',
    `invoice_id, currency, ${sums('amount', 'discount', 'credit_grant', 'tax_excl', 'tax_incl')}`,
  ],
  invoice_payments: [
    'invoice_payment_id',
    `invoice_id, ${sums('amount_requested', 'amount_paid')}, status`,
  ],
  invoices: [
    'invoice_id',
    `number, customer_id, currency, status, ${sums('total', 'amount_due', 'amount_paid')},
     ${sums('amount_remaining', 'amount_overpaid')}`,
  ],
  // Nothing is true of them: a clean company has no object that the books cannot take.
  mapping_problems: [`object || ' ' || object_id`, 'code'],
  opportunities: [
    'opportunity_id',
    `${sums('total_amount')}, currency, is_won::text, close_date::text`,
  ],
  opportunity_lines: ['opportunity_line_id', `opportunity_id, ${sums('total_amount')}, currency`],
  order_lines: ['order_line_id', `order_id, ${sums('total_amount')}, currency`],
  orders: ['order_id', `order_number, ${sums('total_amount')}, currency, status`],
  payment_intents: ['payment_intent_id', `currency, ${sums('amount')}, status`],
  payments: ['payment_id', `payment_intent_id, currency, ${sums('amount', 'amount_refunded')}`],
  payout_balance_transactions: [
    `payout_id || '/' || balance_transaction_id`,
    `currency, ${sums('net')}`,
  ],
  payouts: ['payout_id', `${sums('amount')}, currency, status`],
  performance_obligations: ['performance_obligation_id', 'revenue_contract_id, product_code'],
  refunds: ['refund_id', `currency, ${sums('amount')}, status`],
  revenue_contracts: ['revenue_contract_id', `currency, ${sums('transaction_price')}`],
  revenue_entries: ['entry_id', `account, dr_cr, currency, ${sums('amount')}`],
  revenue_schedule_lines: ['schedule_line_id', `currency, ${sums('amount')}, period, status`],
  seat_days: [
    `customer_id || '/' || workspace || '/' || day_on`,
    'seats_assigned::text, seats_active::text',
  ],
  subscription_schedule_phases: [
    `schedule_id || ' ' || phase_no`,
    [
      ...['subscription_id', 'customer_id', 'status', 'currency'],
      ...[instant('start_at'), instant('end_at'), items],
    ],
  ],
  usage_summaries: [
    `concat(customer_id, ' ', meter_id, ' ', ${instant('start_at')})`,
    sums('quantity'),
  ],
  usage_hours: [
    `customer_id || '/' || meter_key || '/' || ${hour}`,
    `${sums('quantity')}, event_count::text`,
  ],
};

/** Tables of the books that the truth says rows of. */
export const comparedTables: readonly string[] = Object.keys(columns).sort();

/** Key and values of every current row. Throws RangeError for a table without truth. */
export function selectOf(table: string): string {
  const [key, values, where] = columns[table] ?? [];
  if (key === undefined || values === undefined)
    throw new RangeError(`the truth says nothing of ${table}`);
  const list = typeof values === 'string' ? values.split(/,(?![^(]*\))/) : values;
  const texts = list.map((value) => `coalesce(${value.trim()}, '')`).join(", ' | ', ");
  const filter = where === undefined ? '' : ` where ${where}`;
  return `select ${key} as key, concat(${texts}) as said from books.${table}${filter}`;
}

const sums = (...columns: string[]): string =>
  columns.map((name) => `trim_scale(${name})::text`).join(', ');

const hour = `to_char(hour_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;

/** By table: its key, and the columns that the truth has values for, in the same order. */
const columns: Readonly<Record<string, readonly [key: string, values: string, where?: string]>> = {
  balance_transactions: [
    'balance_transaction_id',
    `type, category, currency, ${sums('amount', 'fee', 'net')}`,
  ],
  bank_transactions: [
    `bank_account || '/' || txn_id`,
    `${sums('amount')}, currency, value_date::text`,
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
  opportunities: [
    'opportunity_id',
    `${sums('total_amount')}, currency, is_won::text, close_date::text`,
  ],
  opportunity_lines: ['opportunity_line_id', `opportunity_id, ${sums('total_amount')}, currency`],
  order_lines: ['order_line_id', `order_id, ${sums('total_amount')}, currency`],
  orders: ['order_id', `order_number, ${sums('total_amount')}, currency, status`],
  payment_intents: ['payment_intent_id', `currency, ${sums('amount')}, status`],
  payments: ['payment_id', `payment_intent_id, currency, ${sums('amount', 'amount_refunded')}`],
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
  const texts = values
    .split(/,(?![^(]*\))/)
    .map((value) => `coalesce(${value.trim()}, '')`)
    .join(", ' | ', ");
  const filter = where === undefined ? '' : ` where ${where}`;
  return `select ${key} as key, concat(${texts}) as said from books.${table}${filter}`;
}

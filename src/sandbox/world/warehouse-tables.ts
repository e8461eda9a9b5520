import type { TableTotals } from './csv-table';

const noTotals: TableTotals = { amount: null, currency: null, date: null };

/** What the control total of each warehouse table adds up (CONTROLS §1.5). */
const totals: Readonly<Record<string, TableTotals>> = {
  rev_contract: { amount: 'transaction_price', currency: 'currency', date: 'contract_date' },
  rev_schedule_line: { amount: 'amount', currency: 'currency', date: null },
  rev_entry: { amount: 'amount', currency: 'currency', date: 'entry_date' },
  gl_line: { amount: 'debit', currency: 'currency', date: null },
  gl_balance: { amount: 'closing', currency: 'currency', date: null },
  gl_journal: { amount: null, currency: null, date: 'effective_date' },
  bank_txn: { amount: 'amount', currency: 'currency', date: 'value_date' },
  fx_rate: { amount: null, currency: null, date: 'date' },
  ar_ageing: { amount: 'amount', currency: 'currency', date: 'as_of' },
  legacy_invoice: { amount: 'amount', currency: 'currency', date: 'issued_on' },
  migrated_receivable: { amount: 'amount', currency: 'currency', date: null },
  seat_daily: { amount: null, currency: null, date: 'date_utc' },
};

export const totalsOfTable = (table: string): TableTotals => totals[table] ?? noTotals;

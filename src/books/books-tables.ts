/** A table of the books: what controls read by its name, and where its versions stand. */
export interface BooksTable {
  name: string;
  /** Table of schema books that holds every version. */
  versions: string;
  /** Columns of which one combination has one current row. */
  key: readonly string[];
}

const table = (name: string, versions: string, ...key: string[]): BooksTable => ({
  name,
  versions,
  key,
});

/** Every table that rows can be landed in, as migrations/0002_books.sql made them. */
export const booksTables: readonly BooksTable[] = [
  table('opportunities', 'opportunity_versions', 'opportunity_id'),
  table('orders', 'order_versions', 'order_id'),
  table('invoices', 'invoice_versions', 'invoice_id'),
  table('invoice_lines', 'invoice_line_versions', 'invoice_line_id'),
  table('invoice_payments', 'invoice_payment_versions', 'invoice_payment_id'),
  table('payouts', 'payout_versions', 'payout_id'),
  table('bank_transactions', 'bank_transaction_versions', 'bank_account', 'txn_id'),
];

/** What a row carries besides its business columns; landing writes it, a dataset never does. */
export const provenanceColumns = [
  'source',
  'source_object',
  'source_id',
  'extract_id',
  'payload_sha256',
  'sys_from',
  'sys_to',
] as const;

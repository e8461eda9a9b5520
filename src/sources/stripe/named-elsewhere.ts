import type { Knex } from 'knex';
import type { Span } from './plan-windows';

/** Rows of the books that name objects of another kind. */
interface Namer {
  table: string;
  column: string;
  /** Column of the instant that tells in which window of the named object to look. */
  instant: string;
  /** How ids of the named object begin, as a regular expression. */
  ids: string;
}

const movements = { table: 'balance_transactions', column: 'document_id', instant: 'created_at' };

/**
 * What Stripe lists in one way only, and who names it: what moved the balance is proven by Stripe's
 * own report, and every movement names what it came from.
 */
const namers: Readonly<Record<string, Namer>> = {
  charge: { ...movements, ids: '^(ch|py)_' },
  refund: { ...movements, ids: '^(re|pyr)_' },
  dispute: { ...movements, ids: '^(dp|du)_' },
  payment_intent: {
    ...{ table: 'payments', column: 'payment_intent_id', instant: 'created_at', ids: '^pi_' },
  },
  customer: { table: 'invoices', column: 'customer_id', instant: 'created_at', ids: '^cus_' },
};

/** Asked for by id in one sync; the others in the next. */
const mostAsked = 1000;

/** Who names objects of this kind, in words; null where nobody does. */
export function namerOf(object: string): string | null {
  const namer = namers[object];
  return namer === undefined ? null : `books.${namer.table}.${namer.column}`;
}

/**
 * Ids of a kind that the books of the account name from a window, and of which nothing was ever
 * held: a page that every read lost. None where nobody names such objects.
 */
export async function namedElsewhere(
  database: Knex,
  { account, object }: { account: string; object: string },
  { from, to }: Span,
): Promise<string[]> {
  const namer = namers[object];
  if (namer === undefined) return [];
  const { table, column, instant, ids } = namer;
  const result = await database.raw<{ rows: { id: string }[] }>(
    `select distinct n.${column} as id from books.${table} n
     where n.source = 'stripe' and n.source_account = ? and n.${column} ~ ?
       and n.${instant} >= ?::timestamptz and n.${instant} < ?::timestamptz
       and not exists (select from books.raw_objects r where r.source = 'stripe'
         and r.account = ? and r.object = ? and r.object_id = n.${column})
     order by 1 limit ?`,
    [account, ids, from, to, account, object, mostAsked],
  );
  return result.rows.map(({ id }) => id);
}

import type { BooksRow, MappedRows, ObjectMapping, RawObject } from '../../../books/mapping';
import { PayloadReader } from '../../../books/payload-reader';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['canceled', 'failed', 'in_transit', 'paid', 'pending'] as const);
const reconciliations = new Set(['completed', 'in_progress', 'not_applicable'] as const);

/**
 * A payout, and what an automatic one is made of once it is reconciled: the pages of
 * `balance_transactions?payout=` landed as its part (S17).
 */
export const mapPayout: ObjectMapping<StripeContext> = {
  object: 'payout',
  parts: ['balance_transactions'],
  tables: ['payouts', 'payout_balance_transactions'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'payout');
    const currency = currencyOf(reader, 'payout');
    const created = instantOf(reader, 'created');
    const row = {
      payout_id: raw.objectId,
      entity_id: context.entityId,
      amount: amountOf(reader, 'amount', currency),
      currency: currency.code,
      status: reader.oneOf('status', statuses),
      automatic: reader.boolean('automatic'),
      created_at: created,
      created_on: dateOf(created, context),
      // A day, which Stripe writes as its midnight in UTC: in the book time zone it may be another.
      arrival_date: instantOf(reader, 'arrival_date').slice(0, 10),
      trace_id: traceOf(reader),
      recon_status: reader.optionalOneOf('reconciliation_status', reconciliations),
      method: reader.optionalText('method'),
      destination_id: reader.optionalId('destination'),
      statement_descriptor: reader.optionalText('statement_descriptor'),
      balance_transaction_id: reader.nullableId('balance_transaction'),
      failure_balance_transaction_id: reader.optionalId('failure_balance_transaction'),
      original_payout_id: reader.optionalId('original_payout'),
      reversed_by_id: reader.optionalId('reversed_by'),
      failure_code: reader.optionalText('failure_code'),
    };
    return { payouts: [row], payout_balance_transactions: composition(raw, context) };
  },
};

/** The bank's reference: an object with a state since API 2024-06-20, absent before. */
function traceOf(reader: PayloadReader): string | null {
  return reader.optionalObject('trace_id')?.optionalText('value') ?? null;
}

function composition(raw: RawObject, context: StripeContext): BooksRow[] {
  const pages = raw.parts['balance_transactions'];
  if (pages === undefined) return [];
  const origin = { object: 'payout.balance_transactions', objectId: raw.objectId };
  const read = PayloadReader.of({ pages }, origin).objects('pages');
  const last = read.at(-1);
  if (last?.boolean('has_more') === true)
    throw last.problem('has_more', 'incomplete_list', 'is true on the last page that was landed.');
  return read
    .flatMap((page) => page.objects('data'))
    .map((transaction) => {
      const currency = currencyOf(transaction);
      return {
        payout_id: raw.objectId,
        balance_transaction_id: transaction.text('id'),
        entity_id: context.entityId,
        currency: currency.code,
        net: amountOf(transaction, 'net', currency),
      };
    });
}

import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  type StripeContext,
} from './stripe-values';

const statuses = new Set([
  'canceled',
  'failed',
  'pending',
  'requires_action',
  'succeeded',
] as const);

/** A refund; one that failed after it succeeded has both balance transactions (S14). */
export const mapRefund: ObjectMapping<StripeContext> = {
  object: 'refund',
  tables: ['refunds'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'refund');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const refund = {
      refund_id: raw.objectId,
      entity_id: context.entityId,
      payment_id: reader.nullableId('charge'),
      payment_intent_id: reader.optionalId('payment_intent'),
      currency: currency.code,
      amount: amountOf(reader, 'amount', currency),
      status: reader.oneOf('status', statuses),
      reason: reader.optionalText('reason'),
      failure_reason: reader.optionalText('failure_reason'),
      created_at: created,
      posting_date: dateOf(created, context),
      balance_transaction_id: reader.nullableId('balance_transaction'),
      failure_balance_transaction_id: reader.optionalId('failure_balance_transaction'),
      requested_by: reader.optionalObject('metadata')?.optionalText('requested_by') ?? null,
      approval_id: reader.optionalObject('metadata')?.optionalText('approval_id') ?? null,
    };
    return { refunds: [refund] };
  },
};

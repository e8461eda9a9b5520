import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['failed', 'pending', 'succeeded'] as const);

/** A charge as a payment: the movement of money, which may still fail or be disputed (S15). */
export const mapCharge: ObjectMapping<StripeContext> = {
  object: 'charge',
  tables: ['payments'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'charge');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const status = reader.oneOf('status', statuses);
    const payment = {
      payment_id: raw.objectId,
      entity_id: context.entityId,
      payment_intent_id: reader.optionalId('payment_intent'),
      customer_id: reader.optionalId('customer'),
      invoice_id: reader.optionalId('invoice'),
      method: reader.optionalObject('payment_method_details')?.optionalText('type') ?? null,
      currency: currency.code,
      amount: amountOf(reader, 'amount', currency),
      amount_captured: amountOf(reader, 'amount_captured', currency),
      amount_refunded: amountOf(reader, 'amount_refunded', currency),
      status,
      is_paid: reader.boolean('paid'),
      is_captured: reader.boolean('captured'),
      is_refunded: reader.boolean('refunded'),
      is_disputed: reader.boolean('disputed'),
      is_off_stripe: false,
      failure_code: reader.optionalText('failure_code'),
      created_at: created,
      posting_date: dateOf(created, context),
      failed_at: status === 'failed' ? created : null,
      balance_transaction_id: reader.nullableId('balance_transaction'),
      failure_balance_transaction_id: reader.optionalId('failure_balance_transaction'),
    };
    return { payments: [payment] };
  },
};

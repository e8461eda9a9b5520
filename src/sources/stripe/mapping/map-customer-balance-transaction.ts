import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  creditOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  type StripeContext,
} from './stripe-values';

const types = new Set([
  'adjustment',
  'applied_to_invoice',
  'checkout_session_subscription_payment',
  'checkout_session_subscription_payment_canceled',
  'credit_note',
  'initial',
  'invoice_overpaid',
  'invoice_too_large',
  'invoice_too_small',
  'migration',
  'unapplied_from_invoice',
  'unspent_receiver_credit',
] as const);

/** A change of a customer's balance, with the sign turned: positive is credit to the customer. */
export const mapCustomerBalanceTransaction: ObjectMapping<StripeContext> = {
  object: 'customer_balance_transaction',
  tables: ['customer_credit_transactions'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'customer_balance_transaction');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const transaction = {
      transaction_id: raw.objectId,
      entity_id: context.entityId,
      customer_id: reader.id('customer'),
      kind: reader.oneOf('type', types),
      currency: currency.code,
      delta_credit: creditOf(reader, 'amount', currency),
      credit_after: creditOf(reader, 'ending_balance', currency),
      invoice_id: reader.optionalId('invoice'),
      credit_note_id: reader.optionalId('credit_note'),
      description: reader.optionalText('description'),
      created_at: created,
      created_on: dateOf(created, context),
    };
    return { customer_credit_transactions: [transaction] };
  },
};

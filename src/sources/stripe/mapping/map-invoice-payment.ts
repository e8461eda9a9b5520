import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  amountOf,
  currencyOf,
  major,
  instantOf,
  openStripe,
  optionalAmountOf,
  optionalDate,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

const statuses = new Set(['canceled', 'open', 'paid'] as const);
const types = new Set(['charge', 'payment_intent', 'payment_record'] as const);

/** What a payment pays of an invoice; nothing is paid until `amount_paid` is there. */
export const mapInvoicePayment: ObjectMapping<StripeContext> = {
  object: 'invoice_payment',
  tables: ['invoice_payments'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'invoice_payment');
    const currency = currencyOf(reader);
    const payment = reader.object('payment');
    const type = payment.oneOf('type', types);
    const moves = reader.object('status_transitions');
    const paid = optionalInstant(moves, 'paid_at');
    const row = {
      invoice_payment_id: raw.objectId,
      invoice_id: reader.id('invoice'),
      entity_id: context.entityId,
      payment_id: payment.id(type),
      payment_type: type,
      amount_requested: amountOf(reader, 'amount_requested', currency),
      amount_paid: optionalAmountOf(reader, 'amount_paid', currency) ?? major(0n, currency),
      currency: currency.code,
      status: reader.oneOf('status', statuses),
      is_default: reader.boolean('is_default'),
      paid_at: paid,
      posting_date: optionalDate(paid, context),
      created_at: instantOf(reader, 'created'),
      canceled_at: optionalInstant(moves, 'canceled_at'),
    };
    return { invoice_payments: [row] };
  },
};

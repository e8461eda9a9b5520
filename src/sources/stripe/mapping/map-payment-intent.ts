import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  openStripe,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

const statuses = new Set([
  'canceled',
  'processing',
  'requires_action',
  'requires_capture',
  'requires_confirmation',
  'requires_payment_method',
  'succeeded',
] as const);

/** The attempt to collect; the money that moved is its charge. */
export const mapPaymentIntent: ObjectMapping<StripeContext> = {
  object: 'payment_intent',
  tables: ['payment_intents'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'payment_intent');
    const currency = currencyOf(reader);
    const created = instantOf(reader, 'created');
    const intent = {
      payment_intent_id: raw.objectId,
      entity_id: context.entityId,
      customer_id: reader.optionalId('customer'),
      currency: currency.code,
      amount: amountOf(reader, 'amount', currency),
      amount_received: amountOf(reader, 'amount_received', currency),
      status: reader.oneOf('status', statuses),
      latest_payment_id: latestCharge(reader),
      invoice_id: reader.optionalId('invoice'),
      created_at: created,
      created_on: dateOf(created, context),
      canceled_at: optionalInstant(reader, 'canceled_at'),
      cancellation_reason: reader.optionalText('cancellation_reason'),
    };
    return { payment_intents: [intent] };
  },
};

/** `charges`, a list from the newest on, before API 2022-11-15. */
function latestCharge(reader: Parameters<typeof currencyOf>[0]): string | null {
  if (reader.has('latest_charge')) return reader.optionalId('latest_charge');
  return reader.optionalObject('charges')?.objects('data')[0]?.text('id') ?? null;
}

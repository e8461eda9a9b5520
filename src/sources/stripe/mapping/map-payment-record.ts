import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import type { StripeCurrency } from './stripe-currency';
import {
  currencyOf,
  dateOf,
  instantOf,
  major,
  minorOf,
  openStripe,
  type StripeContext,
} from './stripe-values';

/** A payment that was made outside Stripe and reported to it. */
export const mapPaymentRecord: ObjectMapping<StripeContext> = {
  object: 'payment_record',
  tables: ['payments'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'payment_record');
    const currency = currencyOf(reader.object('amount_requested'));
    const of = (name: string): bigint => valueOf(reader, name, currency);
    const [requested, received] = [of('amount_requested'), of('amount_guaranteed')];
    const refunded = of('amount_refunded');
    const isFailed = received === 0n && of('amount_failed') > 0n;
    const isCanceled = received === 0n && of('amount_canceled') > 0n;
    const created = instantOf(reader, 'created');
    const metadata = reader.optionalObject('metadata');
    const custom = reader.optionalObject('processor_details')?.optionalObject('custom') ?? null;
    const ended = isFailed ? 'failed' : isCanceled ? 'canceled' : 'pending';
    const payment = {
      payment_id: raw.objectId,
      entity_id: context.entityId,
      customer_id: reader.optionalObject('customer_details')?.optionalId('customer') ?? null,
      method: reader.optionalObject('payment_method_details')?.optionalText('type') ?? null,
      currency: currency.code,
      amount: major(requested, currency),
      amount_captured: major(received, currency),
      amount_refunded: major(refunded, currency),
      status: received > 0n ? 'succeeded' : ended,
      is_paid: received > 0n,
      is_captured: received > 0n,
      is_refunded: received > 0n && refunded === received,
      is_disputed: false,
      is_off_stripe: reader.text('reported_by') !== 'stripe',
      created_at: created,
      posting_date: dateOf(created, context),
      failed_at: isFailed ? created : null,
      marked_by: metadata?.optionalText('marked_by') ?? null,
      reference: custom?.optionalText('payment_reference') ?? null,
      withholding_certificate: metadata?.optionalText('withholding_certificate') ?? null,
    };
    return { payments: [payment] };
  },
};

function valueOf(reader: PayloadReader, name: string, currency: StripeCurrency): bigint {
  const money = reader.object(name);
  if (currencyOf(money).code !== currency.code)
    throw money.problem('currency', 'inconsistent', 'is another than that of amount_requested.');
  return minorOf(money, 'value', currency);
}

import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { instantOf, openStripe, type StripeContext } from './stripe-values';

/**
 * What a meter counted for one customer. A summary does not name its customer, whom it was asked
 * for: it is landed under the id `<customer>/<meter>/<start>/<end>`.
 */
export const mapMeterEventSummary: ObjectMapping<StripeContext> = {
  object: 'billing.meter_event_summary',
  tables: ['usage_summaries'],
  map(raw, context): MappedRows {
    const [customer = ''] = raw.objectId.split('/');
    const reader = openStripe(raw, context, 'billing.meter_event_summary', 'key');
    const meter = reader.text('meter');
    const hour = `${reader.integer('start_time')}/${reader.integer('end_time')}`;
    if (!customer.startsWith('cus_') || raw.objectId !== `${customer}/${meter}/${hour}`)
      throw reader.problem('id', 'inconsistent', 'is of another hour than it was landed under.');
    const row = {
      customer_id: customer,
      meter_id: meter,
      start_at: instantOf(reader, 'start_time'),
      end_at: instantOf(reader, 'end_time'),
      entity_id: context.entityId,
      quantity: reader.decimal('aggregated_value'),
    };
    return { usage_summaries: [row] };
  },
};

import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { instantOf, openStripe, type StripeContext } from './stripe-values';

/**
 * What a meter counted for one customer. A summary does not name its customer, whom it was asked
 * for: it is landed under the id `<customer>/<summary>`.
 */
export const mapMeterEventSummary: ObjectMapping<StripeContext> = {
  object: 'billing.meter_event_summary',
  tables: ['usage_summaries'],
  map(raw, context): MappedRows {
    const [customer = '', summary = ''] = raw.objectId.split('/');
    const named = { ...raw, objectId: summary };
    const reader = openStripe(named, context, 'billing.meter_event_summary');
    if (!customer.startsWith('cus_'))
      throw reader.problem(
        'customer',
        'missing_field',
        'is not part of the id it is landed under.',
      );
    const row = {
      customer_id: customer,
      meter_id: reader.text('meter'),
      start_at: instantOf(reader, 'start_time'),
      end_at: instantOf(reader, 'end_time'),
      entity_id: context.entityId,
      quantity: reader.decimal('aggregated_value'),
    };
    return { usage_summaries: [row] };
  },
};

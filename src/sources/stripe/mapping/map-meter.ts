import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { instantOf, openStripe, optionalInstant, type StripeContext } from './stripe-values';

const formulas = new Set(['count', 'last', 'sum'] as const);
const windows = new Set(['day', 'hour'] as const);
const statuses = new Set(['active', 'inactive'] as const);

export const mapMeter: ObjectMapping<StripeContext> = {
  object: 'billing.meter',
  tables: ['meters'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'billing.meter');
    const meter = {
      meter_id: raw.objectId,
      entity_id: context.entityId,
      event_name: reader.text('event_name'),
      display_name: reader.optionalText('display_name'),
      formula: reader.object('default_aggregation').oneOf('formula', formulas),
      customer_payload_key:
        reader.optionalObject('customer_mapping')?.optionalText('event_payload_key') ?? null,
      value_payload_key:
        reader.optionalObject('value_settings')?.optionalText('event_payload_key') ?? null,
      event_time_window: reader.optionalOneOf('event_time_window', windows),
      status: reader.oneOf('status', statuses),
      created_at: instantOf(reader, 'created'),
      modified_at: optionalInstant(reader, 'updated'),
    };
    return { meters: [meter] };
  },
};

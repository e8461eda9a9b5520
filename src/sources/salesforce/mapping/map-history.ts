import type { JsonText, MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  bookDateOf,
  entityOf,
  idOf,
  instantOf,
  nullableIdOf,
  openRecord,
  type SalesforceContext,
} from './salesforce-values';

const written = (value: JsonText): string | null =>
  value === null || typeof value === 'string' ? value : JSON.stringify(value);

/** A tracked field of a record as it changed; values are texts, whatever type the field has. */
function mapFieldHistory(
  object: string,
  parent: string,
  bookingKind: string,
): ObjectMapping<SalesforceContext> {
  return {
    object,
    tables: ['booking_changes'],
    map(raw, context): MappedRows {
      const reader = openRecord(raw);
      const entity = entityOf(reader, object, context);
      const changed = instantOf(reader, 'CreatedDate');
      const value = (name: string): string | null => {
        if (!reader.has(name)) throw reader.problem(name, 'missing_field', 'is missing.');
        return written(reader.json(name));
      };
      const change = {
        change_id: idOf(reader, 'Id'),
        entity_id: entity.entityId,
        booking_kind: bookingKind,
        booking_id: idOf(reader, parent),
        field: reader.text('Field'),
        old_value: value('OldValue'),
        new_value: value('NewValue'),
        changed_at: changed,
        changed_on: bookDateOf(changed, entity),
        changed_by: nullableIdOf(reader, 'CreatedById'),
        detection: 'FIELD_HISTORY',
      };
      return { booking_changes: [change] };
    },
  };
}

export const mapOpportunityFieldHistory = mapFieldHistory(
  'OpportunityFieldHistory',
  'OpportunityId',
  'opportunity',
);
export const mapOrderHistory = mapFieldHistory('OrderHistory', 'OrderId', 'order');
export const mapOrderItemHistory = mapFieldHistory('OrderItemHistory', 'OrderItemId', 'order_line');
export const mapContractHistory = mapFieldHistory('ContractHistory', 'ContractId', 'contract');

const stageFields = ['StageName', 'Amount', 'CloseDate', 'Probability'] as const;

/** The trail that Salesforce keeps of stage, amount and date, whichever fields an org tracks. */
export const mapOpportunityHistory: ObjectMapping<SalesforceContext> = {
  object: 'OpportunityHistory',
  tables: ['booking_changes'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const entity = entityOf(reader, 'OpportunityHistory', context);
    const changed = instantOf(reader, 'CreatedDate');
    const changes = stageFields
      .filter((field) => reader.holds(field))
      .map((field) => ({
        change_id: `${idOf(reader, 'Id')}/${field}`,
        entity_id: entity.entityId,
        booking_kind: 'opportunity',
        booking_id: idOf(reader, 'OpportunityId'),
        field,
        new_value: written(reader.json(field)),
        changed_at: changed,
        changed_on: bookDateOf(changed, entity),
        changed_by: nullableIdOf(reader, 'CreatedById'),
        detection: 'STAGE_HISTORY',
      }));
    return { booking_changes: changes };
  },
};

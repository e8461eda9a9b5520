import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { bookDateOf, longId, type SalesforceContext } from './salesforce-values';

/**
 * What is left of a record that Salesforce no longer gives at all: that it went, and when it was
 * missed. Its last version stays in the history of its table.
 */
export function hardDeletion(
  booking_kind: string,
): NonNullable<ObjectMapping<SalesforceContext>['mapDeleted']> {
  return ({ objectId, observedAt }, context): MappedRows => ({
    booking_changes: [
      {
        change_id: `${longId(objectId)}/deleted`,
        entity_id: context.entityId,
        booking_kind,
        booking_id: longId(objectId),
        field: 'IsDeleted',
        old_value: 'false',
        new_value: 'HARD_DELETED',
        changed_at: observedAt,
        changed_on: bookDateOf(observedAt, context),
        detection: 'DELETE',
      },
    ],
  });
}

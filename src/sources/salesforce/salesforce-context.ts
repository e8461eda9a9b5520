import type { MappingEntity } from '../../books/mapping';
import type { SalesforceConfig } from '../../platform/source-config';
import type { OrgEntity, SalesforceCheck } from './check-salesforce';
import type { SalesforceContext } from './mapping/salesforce-values';
import { entityPath } from './plan-object';
import { salesforceObjects } from './salesforce-objects';

const asMapped = ({ id, time_zone: bookZone }: OrgEntity): MappingEntity => ({
  entityId: id,
  bookZone,
});

/**
 * What mappings of this org need. What belongs to no account (users, products, approvals) is given
 * to the first of the configured entities that the org's accounts name.
 */
export function salesforceContext(
  config: Pick<SalesforceConfig, 'entity' | 'fields'>,
  { currency, corporateCurrency }: SalesforceCheck,
  entities: readonly OrgEntity[],
): SalesforceContext {
  const known = new Map(entities.map((entity) => [entity.id, asMapped(entity)]));
  const named = Object.entries(config.entity.values).flatMap(([value, id]) => {
    const entity = known.get(id);
    return entity ? [[value, entity] as const] : [];
  });
  const ids = new Set(named.map(([, { entityId }]) => entityId));
  const first = entities.find(({ id }) => ids.has(id)) ?? entities[0];
  if (first === undefined) throw new RangeError('an org belongs to at least one entity');
  // Of all objects, readable today or not: what was read of them earlier is mapped all the same.
  const paths = salesforceObjects.flatMap((object) => {
    const path = entityPath(object, config);
    return path === null ? [] : [[object.name, path] as const];
  });
  return {
    ...asMapped(first),
    ...{ currency, corporateCurrency, fields: customFields(config.fields) },
    entities: { paths: Object.fromEntries(paths), byValue: Object.fromEntries(named) },
  };
}

/** `Account.stripe_customer_id: X__c` as fields by object. */
function customFields(fields: SalesforceConfig['fields']): SalesforceContext['fields'] {
  const byObject: Record<string, Record<string, string>> = {};
  for (const [path, name] of Object.entries(fields)) {
    const [object = '', field = ''] = path.split('.');
    byObject[object] = { ...byObject[object], [field]: name };
  }
  return byObject;
}

import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { hardDeletion } from './hard-deletion';
import {
  audit,
  bookDateOf,
  entityOf,
  flagOf,
  idOf,
  openRecord,
  optionalDateOf,
  optionalFlagOf,
  optionalIdOf,
  optionalInstantOf,
  type SalesforceContext,
} from './salesforce-values';

const statusCodes = new Set(['Draft', 'InApproval', 'Activated', 'Terminated', 'Expired'] as const);

export const mapContract: ObjectMapping<SalesforceContext> = {
  object: 'Contract',
  tables: ['contracts', 'booking_changes'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const entity = entityOf(reader, 'Contract', context);
    const activated = optionalInstantOf(reader, 'ActivatedDate');
    const contract = {
      contract_id: idOf(reader, 'Id'),
      entity_id: entity.entityId,
      number: reader.optionalText('ContractNumber'),
      customer_id: idOf(reader, 'AccountId'),
      opportunity_id: optionalIdOf(reader, 'SBQQ__Opportunity__c'),
      status: reader.oneOf('StatusCode', statusCodes),
      status_label: reader.text('Status'),
      currency: reader.optionalText('CurrencyIsoCode') ?? context.currency,
      start_date: optionalDateOf(reader, 'StartDate'),
      end_date: optionalDateOf(reader, 'EndDate'),
      term_months: reader.optionalDecimal('ContractTerm'),
      activated_at: activated,
      activated_on: activated === null ? null : bookDateOf(activated, entity),
      activated_by: optionalIdOf(reader, 'ActivatedById'),
      customer_signed_date: optionalDateOf(reader, 'CustomerSignedDate'),
      is_evergreen: optionalFlagOf(reader, 'SBQQ__Evergreen__c'),
      company_signed_date: optionalDateOf(reader, 'CompanySignedDate'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      ...audit(reader),
    };
    return { contracts: [contract], booking_changes: [] };
  },
  mapDeleted: hardDeletion('contract'),
};

import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  audit,
  bookDateOf,
  custom,
  entityOf,
  flagOf,
  idOf,
  instantOf,
  nullableIdOf,
  openRecord,
  optionalIdOf,
  type SalesforceContext,
} from './salesforce-values';

/** An account, the Stripe customer it names, and the account it was merged into. */
export const mapAccount: ObjectMapping<SalesforceContext> = {
  object: 'Account',
  tables: ['customers', 'customer_links'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const entity = entityOf(reader, 'Account', context);
    const id = idOf(reader, 'Id');
    const merged = nullableIdOf(reader, 'MasterRecordId');
    const stripe = custom(reader, context, 'Account', 'stripe_customer_id', stripeField);
    const customer: BooksRow = {
      customer_id: id,
      entity_id: entity.entityId,
      system: 'salesforce',
      name: reader.text('Name'),
      country: reader.optionalText('BillingCountryCode') ?? reader.optionalText('BillingCountry'),
      segment: custom(reader, context, 'Account', 'segment', 'Type'),
      currency: reader.optionalText('CurrencyIsoCode') ?? context.currency,
      parent_id: nullableIdOf(reader, 'ParentId'),
      merged_into_id: merged,
      owner_id: optionalIdOf(reader, 'OwnerId'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      ...audit(reader),
      created_on: bookDateOf(instantOf(reader, 'CreatedDate'), entity),
    };
    const link = (to_system: string, to_id: string, link_method: string): BooksRow => ({
      ...{ from_system: 'salesforce', from_id: id, to_system, to_id, link_method },
      entity_id: entity.entityId,
    });
    const links = [
      ...(stripe === null ? [] : [link('stripe', stripe, 'EXPLICIT_ID')]),
      ...(merged === null ? [] : [link('salesforce', merged, 'MERGE')]),
    ];
    return { customers: [customer], customer_links: links };
  },
};

const stripeField = 'Stripe_Customer_Id__c';

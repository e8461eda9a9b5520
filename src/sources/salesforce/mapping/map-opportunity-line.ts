import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  audit,
  currencyOf,
  entityOf,
  flagOf,
  idOf,
  openRecord,
  optionalDateOf,
  optionalIdOf,
  type SalesforceContext,
} from './salesforce-values';

export const mapOpportunityLine: ObjectMapping<SalesforceContext> = {
  object: 'OpportunityLineItem',
  tables: ['opportunity_lines'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const line = {
      opportunity_line_id: idOf(reader, 'Id'),
      opportunity_id: idOf(reader, 'OpportunityId'),
      entity_id: entityOf(reader, 'OpportunityLineItem', context).entityId,
      product_id: optionalIdOf(reader, 'Product2Id'),
      product_code: reader.optionalText('ProductCode'),
      price_book_entry_id: optionalIdOf(reader, 'PricebookEntryId'),
      description: reader.optionalText('Description'),
      currency: currencyOf(reader, context),
      quantity: reader.decimal('Quantity'),
      unit_price: reader.optionalDecimal('UnitPrice'),
      list_price: reader.optionalDecimal('ListPrice'),
      discount_pct: reader.optionalDecimal('Discount'),
      subtotal: reader.optionalDecimal('Subtotal'),
      total_amount: reader.decimal('TotalPrice'),
      service_date: optionalDateOf(reader, 'ServiceDate'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      ...audit(reader),
    };
    return { opportunity_lines: [line] };
  },
};

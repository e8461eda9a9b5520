import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  currencyOf,
  dateOf,
  flagOf,
  idOf,
  instantOf,
  openRecord,
  optionalDateOf,
  optionalFlagOf,
  type SalesforceContext,
} from './salesforce-values';

export const mapProduct: ObjectMapping<SalesforceContext> = {
  object: 'Product2',
  tables: ['products'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const product = {
      product_id: idOf(reader, 'Id'),
      entity_id: context.entityId,
      code: reader.nullableText('ProductCode'),
      name: reader.text('Name'),
      family: reader.optionalText('Family'),
      is_active: flagOf(reader, 'IsActive'),
      is_deleted: optionalFlagOf(reader, 'IsDeleted') ?? false,
      created_at: instantOf(reader, 'CreatedDate'),
      modified_at: instantOf(reader, 'LastModifiedDate'),
    };
    return { products: [product] };
  },
};

/** A list price of a product in one currency and price book. */
export const mapPricebookEntry: ObjectMapping<SalesforceContext> = {
  object: 'PricebookEntry',
  tables: ['prices'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const price = {
      price_id: idOf(reader, 'Id'),
      entity_id: context.entityId,
      product_id: idOf(reader, 'Product2Id'),
      price_book_id: idOf(reader, 'Pricebook2Id'),
      currency: currencyOf(reader, context),
      unit_amount: reader.decimal('UnitPrice'),
      is_active: flagOf(reader, 'IsActive'),
      is_deleted: optionalFlagOf(reader, 'IsDeleted') ?? false,
      created_at: instantOf(reader, 'CreatedDate'),
      modified_at: instantOf(reader, 'LastModifiedDate'),
    };
    return { prices: [price] };
  },
};

/** A dated rate: so many of the currency for one of the corporate currency (CONTROLS §1.1). */
export const mapDatedConversionRate: ObjectMapping<SalesforceContext> = {
  object: 'DatedConversionRate',
  tables: ['fx_rates'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const corporate = context.corporateCurrency;
    if (corporate === null)
      throw reader.problem('IsoCode', 'inconsistent', 'has a rate to no corporate currency.');
    const rate = {
      rate_type: 'salesforce_dated',
      from_currency: corporate,
      to_currency: reader.text('IsoCode'),
      rate_date: dateOf(reader, 'StartDate'),
      rate: reader.decimal('ConversionRate'),
      end_date_excl: optionalDateOf(reader, 'NextStartDate'),
    };
    return { fx_rates: [rate] };
  },
};

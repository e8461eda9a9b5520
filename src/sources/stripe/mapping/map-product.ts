import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { instantOf, openStripe, optionalInstant, type StripeContext } from './stripe-values';

export const mapProduct: ObjectMapping<StripeContext> = {
  object: 'product',
  tables: ['products'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'product');
    if (reader.optionalBoolean('deleted') === true) return {};
    const metadata = reader.optionalObject('metadata');
    const product = {
      product_id: raw.objectId,
      entity_id: context.entityId,
      code: metadata?.optionalText('product_code') ?? null,
      name: reader.text('name'),
      family: metadata?.optionalText('family') ?? null,
      is_active: reader.boolean('active'),
      is_deleted: false,
      created_at: instantOf(reader, 'created'),
      modified_at: optionalInstant(reader, 'updated'),
    };
    return { products: [product] };
  },
};

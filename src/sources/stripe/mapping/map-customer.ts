import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  creditOf,
  dateOf,
  instantOf,
  linkIn,
  openStripe,
  optionalCurrencyOf,
  type StripeContext,
} from './stripe-values';

const taxExempt = new Set(['exempt', 'none', 'reverse'] as const);

/** A customer, and the Salesforce account that its metadata names. */
export const mapCustomer: ObjectMapping<StripeContext> = {
  object: 'customer',
  tables: ['customers', 'customer_links'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'customer');
    if (reader.optionalBoolean('deleted') === true) return gone(raw.objectId, context);
    const created = instantOf(reader, 'created');
    const currency = optionalCurrencyOf(reader);
    const account = linkIn(reader, 'account_id', context);
    const customer: BooksRow = {
      customer_id: raw.objectId,
      entity_id: context.entityId,
      system: 'stripe',
      name: reader.optionalText('name'),
      country: reader.optionalObject('address')?.optionalText('country') ?? null,
      currency: currency?.code ?? null,
      is_delinquent: reader.optionalBoolean('delinquent'),
      is_deleted: false,
      tax_exempt: reader.optionalOneOf('tax_exempt', taxExempt),
      // A customer that never had an amount has no currency and no balance.
      credit_balance: currency ? creditOf(reader, 'balance', currency) : null,
      invoice_prefix: reader.optionalText('invoice_prefix'),
      next_invoice_sequence: reader.optionalInteger('next_invoice_sequence'),
      created_at: created,
      created_on: dateOf(created, context),
    };
    const link: BooksRow = {
      from_system: 'stripe',
      from_id: raw.objectId,
      to_system: 'salesforce',
      to_id: account,
      link_method: 'METADATA',
      entity_id: context.entityId,
    };
    return { customers: [customer], customer_links: account === null ? [] : [link] };
  },
  mapDeleted: ({ objectId }, context) => gone(objectId, context),
};

/** Documents still name a deleted customer; of itself nothing is told any more. */
function gone(customer_id: string, { entityId }: StripeContext): MappedRows {
  return {
    customers: [{ customer_id, entity_id: entityId, system: 'stripe', is_deleted: true }],
  };
}

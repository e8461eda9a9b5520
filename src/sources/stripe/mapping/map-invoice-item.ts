import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { pricingOf, servicePeriod } from './map-invoice-line';
import {
  amountOf,
  currencyOf,
  dateOf,
  instantOf,
  linkIn,
  openStripe,
  type StripeContext,
} from './stripe-values';

/** An invoice item; without an invoice it is pending: not billed yet. */
export const mapInvoiceItem: ObjectMapping<StripeContext> = {
  object: 'invoiceitem',
  tables: ['invoice_items'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'invoiceitem');
    if (reader.optionalBoolean('deleted') === true) return {};
    const currency = currencyOf(reader);
    const pricing = pricingOf(reader, currency);
    const dated = instantOf(reader, 'date');
    const details = reader.optionalObject('parent')?.optionalObject('subscription_details');
    const item = {
      invoice_item_id: raw.objectId,
      entity_id: context.entityId,
      customer_id: reader.id('customer'),
      invoice_id: reader.nullableId('invoice'),
      subscription_id: details?.optionalId('subscription') ?? reader.optionalId('subscription'),
      subscription_item_id:
        details?.optionalId('subscription_item') ?? reader.optionalId('subscription_item'),
      price_id: pricing.priceId,
      product_id: pricing.productId,
      description: reader.optionalText('description'),
      currency: currency.code,
      amount: amountOf(reader, 'amount', currency),
      quantity: reader.optionalDecimal('quantity_decimal') ?? reader.optionalDecimal('quantity'),
      unit_amount: pricing.unitAmount,
      is_proration: reader.boolean('proration'),
      is_discountable: reader.optionalBoolean('discountable'),
      dated_at: dated,
      dated_on: dateOf(dated, context),
      order_line_id: linkIn(reader, 'order_item_id', context),
      ...servicePeriod(reader, context),
    };
    return { invoice_items: [item] };
  },
};

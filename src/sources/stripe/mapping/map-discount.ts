import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import {
  instantOf,
  openStripe,
  optionalDate,
  optionalInstant,
  type StripeContext,
} from './stripe-values';

/**
 * A discount that was landed by its own id: Stripe lists none, they are cut from what carries
 * them.
 */
export const mapDiscount: ObjectMapping<StripeContext> = {
  object: 'discount',
  tables: ['discounts'],
  map(raw, context): MappedRows {
    const reader = openStripe(raw, context, 'discount');
    if (reader.optionalBoolean('deleted') === true) return {};
    return { discounts: [discountRow(reader, context)] };
  },
};

/** The coupon is in `source` since API 2025-09-30. */
function discountRow(reader: PayloadReader, context: StripeContext): BooksRow {
  const start = instantOf(reader, 'start');
  const end = optionalInstant(reader, 'end');
  return {
    discount_id: reader.text('id'),
    entity_id: context.entityId,
    coupon_id: reader.optionalObject('source')?.optionalId('coupon') ?? reader.optionalId('coupon'),
    promotion_code_id: reader.optionalId('promotion_code'),
    customer_id: reader.optionalId('customer'),
    subscription_id: reader.optionalId('subscription'),
    subscription_item_id: reader.optionalId('subscription_item'),
    invoice_id: reader.optionalId('invoice'),
    invoice_item_id: reader.optionalId('invoice_item'),
    start_at: start,
    start_on: optionalDate(start, context),
    end_at: end,
    end_on: optionalDate(end, context),
  };
}

import type { BooksRow, MappedRows, ObjectMapping } from '../../../books/mapping';
import type { PayloadReader } from '../../../books/payload-reader';
import {
  audit,
  currencyOf,
  custom,
  entityOf,
  flagOf,
  idOf,
  openRecord,
  optionalDateOf,
  optionalIdOf,
  quotient,
  takenAway,
  type SalesforceContext,
} from './salesforce-values';

/** What Salesforce CPQ calls the ways to charge; orders without CPQ say nothing. */
const chargeTypes: Record<string, string> = {
  'One-Time': 'ONE_TIME',
  Recurring: 'RECURRING',
  Usage: 'USAGE',
};

/** A line of an order. Its order's IsReductionOrder must be selected with it. */
export const mapOrderItem: ObjectMapping<SalesforceContext> = {
  object: 'OrderItem',
  tables: ['order_lines'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const isReduction = flagOf(reader.object('Order'), 'IsReductionOrder');
    const signed = (text: string): string => (isReduction ? takenAway(text) : text);
    const line = {
      order_line_id: idOf(reader, 'Id'),
      order_id: idOf(reader, 'OrderId'),
      entity_id: entityOf(reader, 'OrderItem', context).entityId,
      number: reader.optionalText('OrderItemNumber'),
      product_id: optionalIdOf(reader, 'Product2Id'),
      product_code: reader.optionalObject('Product2')?.optionalText('ProductCode') ?? null,
      price_book_entry_id: optionalIdOf(reader, 'PricebookEntryId'),
      quote_line_id:
        optionalIdOf(reader, 'SBQQ__QuoteLine__c') ?? optionalIdOf(reader, 'QuoteLineItemId'),
      original_order_line_id: optionalIdOf(reader, 'OriginalOrderItemId'),
      description: reader.optionalText('Description'),
      charge_type: chargeType(reader),
      currency: currencyOf(reader, context),
      quantity: signed(reader.decimal('Quantity')),
      available_quantity: reader.optionalDecimal('AvailableQuantity'),
      ...prices(reader),
      total_amount: signed(reader.decimal('TotalPrice')),
      start_date: optionalDateOf(reader, 'ServiceDate'),
      end_date: optionalDateOf(reader, 'EndDate'),
      billing_frequency: reader.optionalText('SBQQ__BillingFrequency__c'),
      billing_type: reader.optionalText('SBQQ__BillingType__c'),
      contract_action: reader.optionalText('SBQQ__ContractAction__c'),
      commit_amount: custom(reader, context, 'OrderItem', 'commit_amount', 'Commit_Amount__c'),
      overage_price: custom(reader, context, 'OrderItem', 'overage_price', 'Overage_Price__c'),
      segment_index: reader.optionalInteger('SBQQ__SegmentIndex__c'),
      is_delta: isReduction || optionalIdOf(reader, 'OriginalOrderItemId') !== null,
      is_deleted: flagOf(reader, 'IsDeleted'),
      ...audit(reader),
    };
    return { order_lines: [line] };
  },
};

/**
 * Under CPQ the unit price is of the whole term; of one billing unit it is that by the multiplier.
 */
function prices(reader: PayloadReader): BooksRow {
  const price = reader.decimal('UnitPrice');
  const multiplier = reader.optionalDecimal('SBQQ__ProrateMultiplier__c');
  const billing = multiplier === null ? price : quotient(price, multiplier);
  if (billing === null)
    throw reader.problem('SBQQ__ProrateMultiplier__c', 'inconsistent', 'is zero.');
  return {
    unit_price_term: price,
    prorate_multiplier: multiplier,
    unit_price_billing: billing,
    list_price_billing:
      reader.optionalDecimal('SBQQ__QuotedListPrice__c') ?? reader.optionalDecimal('ListPrice'),
    discount_pct: reader.optionalDecimal('SBQQ__TotalDiscountRate__c'),
  };
}

function chargeType(reader: PayloadReader): string | null {
  const written = reader.optionalText('SBQQ__ChargeType__c');
  if (written === null) return null;
  const type = chargeTypes[written];
  if (type !== undefined) return type;
  throw reader.problem('SBQQ__ChargeType__c', 'unknown_value', 'has an unknown value.');
}

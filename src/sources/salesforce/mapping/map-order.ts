import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { hardDeletion } from './hard-deletion';
import {
  audit,
  bookDateOf,
  currencyOf,
  custom,
  entityOf,
  flagOf,
  idOf,
  nullableIdOf,
  openRecord,
  optionalDateOf,
  optionalFlagOf,
  optionalIdOf,
  optionalInstantOf,
  related,
  takenAway,
  type SalesforceContext,
} from './salesforce-values';

const statusCodes = new Set([
  'Draft',
  'Activated',
  'Canceled',
  'Expired',
  'InApproval',
  'Superseded',
] as const);

/**
 * An order. Its status is the StatusCode: `Activated` is what counts as booked, whatever an org
 * calls it. A reduction order takes away: its total is negative.
 */
export const mapOrder: ObjectMapping<SalesforceContext> = {
  object: 'Order',
  tables: ['orders', 'booking_changes'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const entity = entityOf(reader, 'Order', context);
    const activated = optionalInstantOf(reader, 'ActivatedDate');
    const isReduction = optionalFlagOf(reader, 'IsReductionOrder') ?? false;
    const total = reader.decimal('TotalAmount');
    const customer = idOf(reader, 'AccountId');
    const order = {
      order_id: idOf(reader, 'Id'),
      entity_id: entity.entityId,
      order_number: reader.nullableText('OrderNumber'),
      opportunity_id: optionalIdOf(reader, 'OpportunityId'),
      contract_id: optionalIdOf(reader, 'ContractId'),
      customer_id: customer,
      customer_name: related(reader, 'Account.Name') ?? customer,
      status: reader.oneOf('StatusCode', statusCodes),
      status_label: reader.text('Status'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      activated_at: activated,
      activated_on: activated === null ? null : bookDateOf(activated, entity),
      term_start: optionalDateOf(reader, 'EffectiveDate'),
      term_end: optionalDateOf(reader, 'EndDate'),
      total_amount: isReduction ? takenAway(total) : total,
      currency: currencyOf(reader, context),
      billing_frequency: custom(reader, context, 'Order', 'billing_frequency', frequency),
      po_number: reader.optionalText('PoNumber'),
      order_type: reader.optionalText('Type'),
      quote_id: optionalIdOf(reader, 'SBQQ__Quote__c') ?? optionalIdOf(reader, 'QuoteId'),
      original_order_id: optionalIdOf(reader, 'OriginalOrderId'),
      is_reduction: isReduction,
      subscription_id: custom(reader, context, 'Order', 'subscription_id', subscription),
      payment_terms:
        custom(reader, context, 'Order', 'payment_terms', terms) ??
        reader.optionalText('SBQQ__PaymentTerm__c'),
      owner_id: optionalIdOf(reader, 'OwnerId'),
      activated_by: nullableIdOf(reader, 'ActivatedById'),
      ...audit(reader),
    };
    return { orders: [order], booking_changes: [] };
  },
  mapDeleted: hardDeletion('order'),
};

const frequency = 'Billing_Frequency__c';
const subscription = 'Stripe_Subscription_Id__c';
const terms = 'Payment_Terms__c';

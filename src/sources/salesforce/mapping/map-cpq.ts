import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import {
  audit,
  currencyOf,
  entityOf,
  flagOf,
  idOf,
  instantOf,
  openRecord,
  optionalDateOf,
  optionalFlagOf,
  optionalIdOf,
  type SalesforceContext,
} from './salesforce-values';

/** A quote of Salesforce CPQ; its amounts are roll-ups, true only once it was saved. */
export const mapCpqQuote: ObjectMapping<SalesforceContext> = {
  object: 'SBQQ__Quote__c',
  tables: ['quotes'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const quote = {
      quote_id: idOf(reader, 'Id'),
      entity_id: entityOf(reader, 'SBQQ__Quote__c', context).entityId,
      opportunity_id: optionalIdOf(reader, 'SBQQ__Opportunity2__c'),
      customer_id: optionalIdOf(reader, 'SBQQ__Account__c'),
      contract_id: optionalIdOf(reader, 'SBQQ__MasterContract__c'),
      quote_type: reader.optionalText('SBQQ__Type__c'),
      status: reader.text('SBQQ__Status__c'),
      approval_status: reader.optionalText('ApprovalStatus__c'),
      is_primary: optionalFlagOf(reader, 'SBQQ__Primary__c'),
      is_ordered: optionalFlagOf(reader, 'SBQQ__Ordered__c'),
      currency: currencyOf(reader, context),
      list_amount: reader.optionalDecimal('SBQQ__ListAmount__c'),
      net_amount: reader.optionalDecimal('SBQQ__NetAmount__c'),
      discount_pct: reader.optionalDecimal('SBQQ__CustomerDiscount__c'),
      start_date: optionalDateOf(reader, 'SBQQ__StartDate__c'),
      end_date: optionalDateOf(reader, 'SBQQ__EndDate__c'),
      term_months: reader.optionalDecimal('SBQQ__SubscriptionTerm__c'),
      payment_terms: reader.optionalText('SBQQ__PaymentTerms__c'),
      billing_frequency: reader.optionalText('SBQQ__BillingFrequency__c'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      ...audit(reader),
    };
    return { quotes: [quote] };
  },
};

/** A line of a quote; what an amendment adds or takes away is its effective quantity. */
export const mapCpqQuoteLine: ObjectMapping<SalesforceContext> = {
  object: 'SBQQ__QuoteLine__c',
  tables: ['quote_lines'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const decimal = (name: string): string | null => reader.optionalDecimal(`SBQQ__${name}__c`);
    const text = (name: string): string | null => reader.optionalText(`SBQQ__${name}__c`);
    const line = {
      quote_line_id: idOf(reader, 'Id'),
      quote_id: idOf(reader, 'SBQQ__Quote__c'),
      entity_id: entityOf(reader, 'SBQQ__QuoteLine__c', context).entityId,
      product_id: optionalIdOf(reader, 'SBQQ__Product__c'),
      product_code: text('ProductCode'),
      currency: currencyOf(reader, context),
      quantity: reader.decimal('SBQQ__Quantity__c'),
      prior_quantity: decimal('PriorQuantity'),
      effective_quantity: decimal('EffectiveQuantity'),
      list_price: decimal('ListPrice'),
      regular_price: decimal('RegularPrice'),
      customer_price: decimal('CustomerPrice'),
      net_price: decimal('NetPrice'),
      special_price: decimal('SpecialPrice'),
      net_total: decimal('NetTotal'),
      discount_pct: decimal('Discount'),
      additional_discount: decimal('AdditionalDiscountAmount'),
      prorate_multiplier: decimal('ProrateMultiplier'),
      charge_type: text('ChargeType'),
      billing_frequency: text('BillingFrequency'),
      billing_type: text('BillingType'),
      subscription_pricing: text('SubscriptionPricing'),
      upgraded_subscription_id: optionalIdOf(reader, 'SBQQ__UpgradedSubscription__c'),
      is_existing: optionalFlagOf(reader, 'SBQQ__Existing__c'),
      segment_index: decimal('SegmentIndex'),
      start_date:
        optionalDateOf(reader, 'SBQQ__EffectiveStartDate__c') ??
        optionalDateOf(reader, 'SBQQ__StartDate__c'),
      end_date:
        optionalDateOf(reader, 'SBQQ__EffectiveEndDate__c') ??
        optionalDateOf(reader, 'SBQQ__EndDate__c'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      created_at: instantOf(reader, 'CreatedDate'),
      modified_at: instantOf(reader, 'LastModifiedDate'),
    };
    return { quote_lines: [line] };
  },
};

/** A line of a contract; amendments add deltas that name the line they revise: sum the chain. */
export const mapCpqSubscription: ObjectMapping<SalesforceContext> = {
  object: 'SBQQ__Subscription__c',
  tables: ['contract_lines'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const line = {
      contract_line_id: idOf(reader, 'Id'),
      contract_id: optionalIdOf(reader, 'SBQQ__Contract__c'),
      entity_id: entityOf(reader, 'SBQQ__Subscription__c', context).entityId,
      customer_id: optionalIdOf(reader, 'SBQQ__Account__c'),
      product_id: optionalIdOf(reader, 'SBQQ__Product__c'),
      quote_line_id: optionalIdOf(reader, 'SBQQ__QuoteLine__c'),
      revises_line_id: optionalIdOf(reader, 'SBQQ__RevisedSubscription__c'),
      currency: currencyOf(reader, context),
      quantity: reader.decimal('SBQQ__Quantity__c'),
      net_price: reader.optionalDecimal('SBQQ__NetPrice__c'),
      list_price: reader.optionalDecimal('SBQQ__ListPrice__c'),
      prorate_multiplier: reader.optionalDecimal('SBQQ__ProrateMultiplier__c'),
      start_date: optionalDateOf(reader, 'SBQQ__StartDate__c'),
      end_date: optionalDateOf(reader, 'SBQQ__EndDate__c'),
      terminated_date: optionalDateOf(reader, 'SBQQ__TerminatedDate__c'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      created_at: instantOf(reader, 'CreatedDate'),
      modified_at: instantOf(reader, 'LastModifiedDate'),
    };
    return { contract_lines: [line] };
  },
};

import type { MappedRows, ObjectMapping } from '../../../books/mapping';
import { hardDeletion } from './hard-deletion';
import {
  audit,
  currencyOf,
  custom,
  dateOf,
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
  type SalesforceContext,
} from './salesforce-values';

/** A deal, in its own currency; an amount that nobody entered is nothing sold yet: 0. */
export const mapOpportunity: ObjectMapping<SalesforceContext> = {
  object: 'Opportunity',
  tables: ['opportunities', 'booking_changes'],
  map(raw, context): MappedRows {
    const reader = openRecord(raw);
    const customer = nullableIdOf(reader, 'AccountId');
    const opportunity = {
      opportunity_id: idOf(reader, 'Id'),
      entity_id: entityOf(reader, 'Opportunity', context).entityId,
      name: reader.text('Name'),
      customer_id: customer,
      customer_name: customer === null ? null : (related(reader, 'Account.Name') ?? customer),
      status: reader.text('StageName'),
      is_closed: flagOf(reader, 'IsClosed'),
      is_won: flagOf(reader, 'IsWon'),
      is_deleted: flagOf(reader, 'IsDeleted'),
      close_date: dateOf(reader, 'CloseDate'),
      order_after: optionalDateOf(reader, 'Order_After__c'),
      ...term(reader, context),
      total_amount: reader.holds('Amount') ? reader.decimal('Amount') : none(reader),
      currency: currencyOf(reader, context),
      owner_name: reader.has('Owner') ? related(reader, 'Owner.Name') : null,
      opportunity_type: reader.optionalText('Type'),
      probability: reader.optionalDecimal('Probability'),
      contract_id: optionalIdOf(reader, 'ContractId'),
      quote_id:
        optionalIdOf(reader, 'SBQQ__PrimaryQuote__c') ?? optionalIdOf(reader, 'SyncedQuoteId'),
      price_book_id: optionalIdOf(reader, 'Pricebook2Id'),
      has_lines: optionalFlagOf(reader, 'HasOpportunityLineItem'),
      owner_id: optionalIdOf(reader, 'OwnerId'),
      stage_changed_at: optionalInstantOf(reader, 'LastStageChangeDate'),
      ...audit(reader),
    };
    return { opportunities: [opportunity], booking_changes: [] };
  },
  mapDeleted: hardDeletion('opportunity'),
};

type Reader = ReturnType<typeof openRecord>;

function none(reader: Reader): string {
  if (reader.has('Amount')) return '0';
  throw reader.problem('Amount', 'missing_field', 'is missing.');
}

function term(reader: Reader, context: SalesforceContext) {
  const named = (field: 'term_start' | 'term_end', usual: string): string | null => {
    const name = context.fields.Opportunity?.[field] ?? usual;
    custom(reader, context, 'Opportunity', field, usual);
    return optionalDateOf(reader, name);
  };
  return {
    term_start: named('term_start', 'Contract_Start_Date__c'),
    term_end: named('term_end', 'Contract_End_Date__c'),
  };
}

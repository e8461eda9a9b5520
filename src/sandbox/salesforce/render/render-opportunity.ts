import { salesforceId } from '../../kit/ids';
import { productOf } from '../../company/catalog';
import { listPriceIn } from '../../sales/list-price';
import type { Deal, DealLine, FieldEdit } from '../../truth/sold';
import type { SalesforceRecord } from '../../world/records';
import type { SalesRecordContext } from './sales-record-context';
import {
  amountNumber,
  auditFields,
  priceBookEntryId,
  priceBookId,
  recordOf,
  restInstant,
  type FieldValue,
} from './salesforce-values';

/** Percent that goes with a stage. */
const probabilities: Readonly<Record<string, number>> = {
  Prospecting: 10,
  Qualification: 25,
  'Proposal/Price Quote': 60,
  'Negotiation/Review': 80,
  'Closed Won': 100,
  'Closed Lost': 0,
};

const probabilityOf = (stage: string): number => probabilities[stage] ?? 0;

/** An opportunity, its lines and both its trails. */
export function* renderOpportunity(
  deal: Deal,
  context: SalesRecordContext,
): Iterable<SalesforceRecord> {
  yield opportunityRecord(deal, context);
  for (const line of deal.lines) yield lineRecord(deal, line, context);
  yield* historyRecords(deal);
  yield* fieldHistoryRecords(deal);
}

function opportunityRecord(deal: Deal, context: SalesRecordContext): SalesforceRecord {
  const last = deal.stages.at(-1);
  const changed = lastStageChange(deal);
  const nextStep = deal.edits.filter(({ field }) => field === 'NextStep').at(-1);
  const contractId = deal.orders.find((order) => order.originalOrderId !== null)?.contractId;
  return recordOf('Opportunity', deal.opportunityId, {
    ...{ AccountId: accountOf(deal, context), Name: deal.name, StageName: last?.stage ?? null },
    ...{
      IsWon: deal.isWon,
      IsClosed: deal.isClosed,
      Probability: probabilityOf(last?.stage ?? ''),
    },
    Amount: amountNumber(deal.amount, deal.currency),
    ...{ CurrencyIsoCode: deal.currency, CloseDate: deal.closeDate, Type: deal.type },
    ...{ ContractId: contractId ?? null, Pricebook2Id: priceBookId, SyncedQuoteId: null },
    SBQQ__PrimaryQuote__c: deal.quote?.quoteId ?? null,
    HasOpportunityLineItem: deal.lines.length > 0,
    ...{ OwnerId: deal.ownerId, NextStep: nextStep?.newValue ?? null },
    Order_After__c: deal.orderAfter !== null && deal.isWon ? deal.orderAfter : null,
    LastStageChangeDate: restInstant(changed),
    ...auditFields(touchedOf(deal)),
  });
}

/** Another account only where an edit moved the deal. */
const accountOf = (deal: Deal, context: SalesRecordContext): string =>
  deal.edits.filter(({ field }) => field === 'AccountId').at(-1)?.newValue ?? context.accountId;

function lastStageChange({ stages, createdAt }: Deal): number {
  const changes = stages.filter(({ stage }, i) => stage !== stages[i - 1]?.stage);
  return changes.at(-1)?.at ?? createdAt;
}

/** Stages, lines, edits of the record itself and of its lines (the roll-up), its deletion. */
function touchedOf(deal: Deal) {
  const touches: { at: number; by: string }[] = [
    ...deal.stages,
    ...deal.edits.filter(({ object }) => object === 'Opportunity'),
    ...deal.edits.filter(({ object }) => object === 'OpportunityLineItem'),
    ...deal.lines.map(({ createdAt }) => ({ at: createdAt, by: deal.ownerId })),
    ...(deal.deletedAt === null ? [] : [{ at: deal.deletedAt, by: deal.ownerId }]),
  ].sort((a, b) => a.at - b.at);
  const last = touches.at(-1);
  return {
    ...{ createdAt: deal.createdAt, createdBy: deal.stages[0]?.by ?? deal.ownerId },
    ...{ modifiedAt: last?.at ?? deal.createdAt, modifiedBy: last?.by ?? deal.ownerId },
    isDeleted: deal.deletedAt !== null,
  };
}

function lineRecord(deal: Deal, line: DealLine, context: SalesRecordContext): SalesforceRecord {
  const edit = context.lastEdit(deal, line.lineItemId);
  const total = amountNumber(line.total, deal.currency);
  return recordOf('OpportunityLineItem', line.lineItemId, {
    OpportunityId: deal.opportunityId,
    PricebookEntryId: priceBookEntryId(line.product, deal.currency),
    ...{ Product2Id: productOf(line.product).salesforceId, ProductCode: line.product },
    ...{ Quantity: line.quantity, UnitPrice: amountNumber(line.unitForTerm, deal.currency) },
    ListPrice: amountNumber(listPriceIn(deal.currency, line.product), deal.currency),
    ...{ Discount: null, Subtotal: total, TotalPrice: total, ServiceDate: line.serviceDate },
    ...{ Description: productOf(line.product).name, CurrencyIsoCode: deal.currency },
    ...auditFields({
      ...{ createdAt: line.createdAt, createdBy: deal.ownerId },
      modifiedAt: Math.max(edit?.at ?? 0, deal.deletedAt ?? 0),
      ...{ modifiedBy: edit?.by ?? deal.ownerId, isDeleted: deal.deletedAt !== null },
    }),
  });
}

/** One row for each state of stage, amount and close date: kept whatever admins track. */
function* historyRecords(deal: Deal): Iterable<SalesforceRecord> {
  for (const [i, row] of deal.stages.entries()) {
    const id = salesforceId('OpportunityHistory', deal.opportunityId, i + 1);
    yield recordOf('OpportunityHistory', id, {
      ...{ OpportunityId: deal.opportunityId, StageName: row.stage, CloseDate: row.closeDate },
      Amount: amountNumber(row.amount, deal.currency),
      ...{ Probability: probabilityOf(row.stage), CurrencyIsoCode: deal.currency },
      ...{ CreatedDate: restInstant(row.at), CreatedById: row.by },
      ...{ SystemModstamp: restInstant(row.at), IsDeleted: deal.deletedAt !== null },
    });
  }
}

const dataTypes: Readonly<Record<string, string>> = {
  Amount: 'Currency',
  CloseDate: 'DateOnly',
  AccountId: 'EntityId',
};

/** Rows of the fields that are tracked; edits of lines are not in here, nor what was untracked. */
function* fieldHistoryRecords(deal: Deal): Iterable<SalesforceRecord> {
  const tracked = deal.edits.filter((e) => e.object === 'Opportunity' && e.tracked);
  for (const [i, edit] of tracked.entries())
    yield recordOf(
      'OpportunityFieldHistory',
      salesforceId('OpportunityFieldHistory', deal.opportunityId, edit.field, edit.at, i),
      fieldHistory(deal, edit),
    );
}

const fieldHistory = (deal: Deal, edit: FieldEdit): Record<string, FieldValue> => ({
  ...{ OpportunityId: deal.opportunityId, Field: edit.field, OldValue: edit.oldValue },
  ...{ NewValue: edit.newValue, DataType: dataTypes[edit.field] ?? 'Text', IsDeleted: false },
  ...{ CreatedDate: restInstant(edit.at), CreatedById: edit.by },
});

import { productOf } from '../../company/catalog';
import { integrationUserId } from '../../sales/sales-team';
import type { ContractTruth, OrderLine, OrderTruth } from '../../truth/sold';
import type { SalesforceRecord } from '../../world/records';
import { multiplierNumber, subscriptionIdOf } from './order-words';
import type { SalesRecordContext } from './sales-record-context';
import { amountNumber, auditFields, recordOf, restInstantOrNull } from './salesforce-values';

/** A contract with the subscriptions of its orders, amendments among them. */
export function* renderContract(
  contract: ContractTruth,
  context: SalesRecordContext,
): Iterable<SalesforceRecord> {
  const deal = context.deals.find(({ key }) => key === contract.dealKey);
  const edit = deal && context.lastEdit(deal, contract.contractId);
  yield recordOf('Contract', contract.contractId, {
    ...{ AccountId: context.accountId, ContractNumber: contract.number },
    ...{ Status: contract.status, StatusCode: contract.status },
    ...{ StartDate: contract.startOn, EndDate: contract.endOn, ContractTerm: contract.termMonths },
    ActivatedDate: restInstantOrNull(contract.activatedAt),
    ActivatedById: contract.activatedAt === null ? null : integrationUserId,
    ...{ CustomerSignedDate: contract.customerSignedOn },
    ...{ CompanySignedDate: contract.customerSignedOn },
    SBQQ__Opportunity__c: deal?.opportunityId ?? null,
    ...{ SBQQ__Evergreen__c: contract.evergreen, CurrencyIsoCode: deal?.currency ?? null },
    ...auditFields({
      ...{ createdAt: contract.createdAt, createdBy: integrationUserId },
      modifiedAt: Math.max(contract.activatedAt ?? 0, edit?.at ?? 0),
      modifiedBy: edit?.by ?? integrationUserId,
    }),
  });
  const orders = context.deals
    .flatMap((d) => d.orders)
    .filter((o) => o.contractId === contract.contractId && o.status === 'Activated');
  for (const order of orders)
    for (const line of order.lines)
      if (line.charge !== 'one_time') yield subscriptionRecord(contract, order, line, context);
}

/** Amendments are rows of their own, chained to what they revise: sum the chain. */
function subscriptionRecord(
  contract: ContractTruth,
  order: OrderTruth,
  line: OrderLine,
  context: SalesRecordContext,
): SalesforceRecord {
  const revised = context.revised(line);
  return recordOf('SBQQ__Subscription__c', subscriptionIdOf(line), {
    Name: `SUB-${line.orderItemId.slice(7, 15)}`,
    ...{ SBQQ__Contract__c: contract.contractId, SBQQ__Account__c: context.accountId },
    SBQQ__Product__c: productOf(line.product).salesforceId,
    ...{ SBQQ__QuoteLine__c: line.quoteLineId, SBQQ__Quantity__c: line.quantity },
    SBQQ__NetPrice__c: amountNumber(line.unitForTerm, order.currency),
    SBQQ__ListPrice__c: amountNumber(line.listPerPeriod, order.currency),
    SBQQ__ProrateMultiplier__c: multiplierNumber(line),
    ...{ SBQQ__StartDate__c: line.startOn, SBQQ__EndDate__c: line.endOn },
    SBQQ__TerminatedDate__c: null,
    SBQQ__RevisedSubscription__c: revised ? subscriptionIdOf(revised) : null,
    CurrencyIsoCode: order.currency,
    ...auditFields({
      createdAt: Math.max(contract.createdAt, order.activatedAt ?? 0),
      createdBy: integrationUserId,
    }),
  });
}

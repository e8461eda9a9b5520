import { productOf } from '../../company/catalog';
import { divideHalfUp } from '../../kit/units';
import type { ContractTruth, Deal, OrderLine, OrderTruth, QuoteTruth } from '../../truth/sold';
import type { SalesforceRecord } from '../../world/records';
import type { SalesRecordContext } from './sales-record-context';
import {
  amountNumber,
  auditFields,
  percentNumber,
  recordOf,
  type FieldValue,
  type Touched,
} from './salesforce-values';
import {
  billingFrequencyOf,
  billingTypeOf,
  chargeTypes,
  multiplierNumber,
  subscriptionIdOf,
} from './order-words';

/** The CPQ quote of a deal with its lines, priced for the whole term. */
export function* renderQuote(deal: Deal, context: SalesRecordContext): Iterable<SalesforceRecord> {
  const { quote } = deal;
  if (!quote) return;
  const touched = touchedOf(deal, quote);
  const contractId = deal.orders.find(
    ({ originalOrderId }) => originalOrderId !== null,
  )?.contractId;
  yield recordOf('SBQQ__Quote__c', quote.quoteId, {
    ...quoteFields(deal, quote, context, context.contract(contractId ?? null)),
    ...auditFields(touched),
  });
  for (const [i, line] of quote.lines.entries())
    yield recordOf('SBQQ__QuoteLine__c', line.quoteLineId, {
      Name: `QL-${quote.quoteId.slice(8, 15)}-${String(i + 1)}`,
      SBQQ__Quote__c: quote.quoteId,
      ...lineFields(deal, line, context),
      ...auditFields({ ...touched, modifiedAt: quote.createdAt }),
    });
}

function touchedOf(deal: Deal, quote: QuoteTruth): Touched {
  const decided = deal.approvals.map(({ decidedAt }) => decidedAt ?? 0);
  const closedAt = deal.isClosed ? (deal.stages.at(-1)?.at ?? 0) : 0;
  return {
    ...{ createdAt: quote.createdAt, createdBy: deal.ownerId, modifiedBy: deal.ownerId },
    modifiedAt: Math.max(quote.createdAt, closedAt, ...decided),
  };
}

function quoteFields(
  deal: Deal,
  quote: QuoteTruth,
  context: SalesRecordContext,
  master: ContractTruth | undefined,
): Record<string, FieldValue> {
  const net = amountNumber(quote.netAmount, deal.currency);
  const order: OrderTruth | undefined = deal.orders[0];
  return {
    Name: `Q-${quote.quoteId.slice(6, 15)}`,
    ...{ SBQQ__Opportunity2__c: deal.opportunityId, SBQQ__Account__c: context.accountId },
    ...{ SBQQ__Primary__c: true, SBQQ__Status__c: quote.status, SBQQ__Type__c: quote.type },
    ...{ SBQQ__StartDate__c: quote.startOn, SBQQ__EndDate__c: quote.endOn },
    ...{ SBQQ__SubscriptionTerm__c: quote.termMonths, SBQQ__NetAmount__c: net },
    SBQQ__ListAmount__c: amountNumber(quote.listAmount, deal.currency),
    ...{ SBQQ__CustomerAmount__c: net, SBQQ__CustomerDiscount__c: null },
    SBQQ__AverageCustomerDiscount__c: averageDiscount(quote),
    SBQQ__PaymentTerms__c: `Net ${String(quote.paymentTermsDays)}`,
    SBQQ__BillingFrequency__c: order?.billingFrequency ?? null,
    ...{ SBQQ__MasterContract__c: master?.contractId ?? null },
    ...{ SBQQ__Ordered__c: deal.orders.length > 0, ApprovalStatus__c: approvalStatus(deal) },
    CurrencyIsoCode: deal.currency,
  };
}

/** (list − net) ÷ list, alike for reductions; null without a list amount. */
function averageDiscount({ listAmount, netAmount }: QuoteTruth): number | null {
  if (listAmount === 0n) return null;
  const sign = listAmount < 0n ? -1n : 1n;
  return percentNumber(
    divideHalfUp(sign * (listAmount - netAmount) * 1_000_000n, sign * listAmount),
  );
}

function approvalStatus({ approvals }: Deal): string | null {
  const latest = [...approvals].sort((a, b) => a.submittedAt - b.submittedAt).at(-1);
  return latest?.decision ?? null;
}

/** An amendment line carries a delta: EffectiveQuantity = Quantity − PriorQuantity. */
function lineFields(
  deal: Deal,
  line: OrderLine,
  context: SalesRecordContext,
): Record<string, FieldValue> {
  const { currency } = deal;
  const revised = context.revised(line);
  const prior = revised?.quantity ?? 0;
  const [list, net] = [line.listPerPeriod, line.netPerPeriod].map((a) => amountNumber(a, currency));
  const term = deal.quote?.termMonths ?? null;
  return {
    ...{ SBQQ__Product__c: productOf(line.product).salesforceId },
    ...{ SBQQ__Quantity__c: prior + line.quantity, SBQQ__PriorQuantity__c: prior },
    ...{ SBQQ__EffectiveQuantity__c: line.quantity, SBQQ__ListPrice__c: list ?? null },
    ...{ SBQQ__RegularPrice__c: list ?? null, SBQQ__CustomerPrice__c: net ?? null },
    ...{ SBQQ__NetPrice__c: amountNumber(line.unitForTerm, currency) },
    ...{ SBQQ__NetTotal__c: amountNumber(line.total, currency), SBQQ__SpecialPrice__c: null },
    ...{ SBQQ__Discount__c: percentNumber(line.discount) },
    ...{ SBQQ__AdditionalDiscountAmount__c: null },
    ...{ SBQQ__TotalDiscountRate__c: percentNumber(line.discount) },
    ...{ SBQQ__StartDate__c: line.startOn, SBQQ__EndDate__c: line.endOn },
    ...{ SBQQ__EffectiveStartDate__c: line.startOn, SBQQ__EffectiveEndDate__c: line.endOn },
    ...{ SBQQ__SubscriptionTerm__c: line.charge === 'one_time' ? null : term },
    SBQQ__ProrateMultiplier__c: multiplierNumber(line),
    SBQQ__SubscriptionPricing__c: line.charge === 'recurring' ? 'Fixed Price' : null,
    SBQQ__ChargeType__c: chargeTypes[line.charge],
    SBQQ__BillingFrequency__c: billingFrequencyOf(deal.orders[0], line),
    SBQQ__BillingType__c: billingTypeOf(deal.orders[0], line),
    SBQQ__UpgradedSubscription__c: revised ? subscriptionIdOf(revised) : null,
    ...{ SBQQ__Existing__c: revised !== undefined, SBQQ__SegmentIndex__c: line.segment },
    CurrencyIsoCode: currency,
  };
}

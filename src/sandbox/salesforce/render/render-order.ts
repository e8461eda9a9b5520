import { productOf } from '../../company/catalog';
import { rateText, RATE_SCALE, type Rate } from '../../kit/units';
import { minorDigits } from '../../../core/money';
import { listPriceIn } from '../../sales/list-price';
import { integrationUserId } from '../../sales/sales-team';
import type { Deal, OrderLine, OrderTruth } from '../../truth/sold';
import type { SalesforceRecord } from '../../world/records';
import { billingFrequencyOf, billingTypeOf, chargeTypes, multiplierNumber } from './order-words';
import type { SalesRecordContext } from './sales-record-context';
import {
  amountNumber,
  auditFields,
  priceBookEntryId,
  recordOf,
  restInstantOrNull,
  type FieldValue,
  type Touched,
} from './salesforce-values';

/** An order with its items. */
export function* renderOrder(
  order: OrderTruth,
  deal: Deal,
  context: SalesRecordContext,
): Iterable<SalesforceRecord> {
  const edit = context.lastEdit(deal, order.orderId);
  const touched: Touched = {
    ...{ createdAt: order.createdAt, createdBy: integrationUserId },
    modifiedAt: Math.max(order.activatedAt ?? 0, edit?.at ?? 0),
    modifiedBy: edit?.by ?? order.activatedBy ?? integrationUserId,
  };
  const isReduction = order.type === 'Reduction';
  yield recordOf('Order', order.orderId, {
    ...{ OrderNumber: order.number, AccountId: context.accountId },
    ...{ OpportunityId: deal.opportunityId, ContractId: order.contractId, QuoteId: null },
    ...{ SBQQ__Quote__c: deal.quote?.quoteId ?? null, EffectiveDate: order.effectiveOn },
    ...{ EndDate: order.endOn, Status: order.status, StatusCode: order.status, Type: order.type },
    TotalAmount: amountNumber(order.total, order.currency),
    ...{ ActivatedDate: restInstantOrNull(order.activatedAt), ActivatedById: order.activatedBy },
    ...{ IsReductionOrder: isReduction },
    OriginalOrderId: isReduction ? order.originalOrderId : null,
    ...{ PoNumber: order.poNumber, SBQQ__PaymentTerm__c: `Net ${String(order.paymentTermsDays)}` },
    ...{ CurrencyIsoCode: order.currency, ...auditFields(touched) },
  });
  for (const [i, line] of order.lines.entries())
    yield recordOf('OrderItem', line.orderItemId, {
      OrderItemNumber: `${order.number}${String(i + 1).padStart(2, '0')}`,
      ...itemFields(order, line, context),
      ...auditFields({ ...touched, modifiedAt: order.activatedAt ?? order.createdAt }),
    });
}

const contractActions: Readonly<Record<OrderTruth['type'], string>> = {
  New: 'New',
  Amendment: 'Amend',
  Reduction: 'Amend',
  Renewal: 'Renew',
};

function itemFields(
  order: OrderTruth,
  line: OrderLine,
  context: SalesRecordContext,
): Record<string, FieldValue> {
  const money = (amount: bigint): number => amountNumber(amount, order.currency);
  return {
    ...{ OrderId: order.orderId, Product2Id: productOf(line.product).salesforceId },
    PricebookEntryId: priceBookEntryId(line.product, order.currency),
    ...{ QuoteLineItemId: null, Quantity: line.quantity },
    AvailableQuantity: line.quantity - context.reducedBy(line),
    ...{ UnitPrice: money(line.unitForTerm), TotalPrice: money(line.total) },
    ListPrice: money(listPriceIn(order.currency, line.product)),
    ...{ ServiceDate: line.startOn, EndDate: line.endOn },
    OriginalOrderItemId:
      order.type === 'Reduction' ? (context.revised(line)?.orderItemId ?? null) : null,
    ...{ SBQQ__QuoteLine__c: line.quoteLineId },
    SBQQ__ProrateMultiplier__c: multiplierNumber(line),
    SBQQ__QuotedListPrice__c: money(line.listPerPeriod),
    SBQQ__QuotedQuantity__c: line.quantity,
    SBQQ__BillingFrequency__c: billingFrequencyOf(order, line),
    SBQQ__BillingType__c: billingTypeOf(order, line),
    SBQQ__ChargeType__c: chargeTypes[line.charge],
    SBQQ__ContractAction__c: contractActions[order.type],
    SBQQ__SegmentIndex__c: line.segment,
    Commit_Amount__c: line.commit === null ? null : money(line.commit),
    Overage_Rate__c: line.overage === null ? null : majorRate(line.overage, order.currency),
    CurrencyIsoCode: order.currency,
  };
}

/**
 * A rate per unit in major units, as text: a field of Salesforce has no room for so many places.
 * '0.00000225' is 2.25 USD for a million.
 */
export function majorRate(rate: Rate, currency: string): string {
  const digits = minorDigits(currency);
  const text = rateText(rate);
  const [whole = '0', places = ''] = text.split('.');
  const shifted = whole.padStart(digits + 1, '0');
  const point = shifted.length - digits;
  const joined = `${shifted.slice(0, point)}.${shifted.slice(point)}${places}`;
  return rate % RATE_SCALE === 0n && digits === 0 ? whole : joined.replace(/\.?0+$/, '');
}

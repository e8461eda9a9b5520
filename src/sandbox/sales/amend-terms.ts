import { salesforceId } from '../kit/ids';
import { HOUR, MINUTE } from '../kit/instants';
import type { ApprovalTruth, Deal, OrderTruth } from '../truth/sold';
import { approvedValues } from './approve-deal';
import { someoneAs, userIdOf } from './sales-team';
import type { Seller } from './seller';

const longTermsDays = 60;

const termsText = (days: number): string => `Net ${String(days)}`;

/**
 * The customer asks for longer payment terms once the order is drawn up; they are approved before
 * it is activated, long before an invoice is final, and written on the order (L12). Only deals that
 * needed no approval, so that what was approved is what is booked (BK-05).
 */
export function amendTerms(seller: Seller, deal: Deal): void {
  const [order, second] = deal.orders;
  if (order === undefined || second !== undefined || deal.approvals.length > 0) return;
  const approval = approvalOf(seller, deal, order);
  if (approval === null) return;
  deal.approvals.push(approval);
  deal.edits.push({
    ...{ object: 'Order', recordId: order.orderId, field: 'SBQQ__PaymentTerm__c' },
    ...{ oldValue: termsText(order.paymentTermsDays), newValue: termsText(longTermsDays) },
    ...{ at: approval.decidedAt ?? approval.submittedAt, by: approval.submittedBy, tracked: true },
  });
  order.paymentTermsDays = longTermsDays;
  seller.note('L12', order.orderId, approval.decidedAt ?? approval.submittedAt);
}

function approvalOf(seller: Seller, deal: Deal, order: OrderTruth): ApprovalTruth | null {
  const { quote } = deal;
  const { createdAt, activatedAt, paymentTermsDays, lines } = order;
  const time = (activatedAt ?? createdAt) - createdAt;
  if (quote === null || time < HOUR / 2 || paymentTermsDays >= longTermsDays) return null;
  const decidedAt = createdAt + time - 10 * MINUTE;
  const submittedAt = createdAt + Math.floor(time / 3);
  const random = seller.random('terms amended', order.key);
  const actor = someoneAs('deal_desk', seller.dayOf(decidedAt), seller.staff, random, [
    seller.owner.key,
  ]);
  const actorId = userIdOf(actor);
  const values = approvedValues(
    {
      ...{ quoteId: quote.quoteId, lines, net: order.total, termMonths: quote.termMonths },
      ...{ termsDays: longTermsDays, freePeriod: false, ramp: false },
    },
    deal.currency,
  );
  return {
    processId: salesforceId('ProcessInstance', order.key, 'terms', 1),
    stepId: salesforceId('ProcessInstanceStep', order.key, 'terms', 1),
    ...{ targetId: quote.quoteId, rule: 'payment_terms', submittedAt, decidedAt, values },
    ...{ submittedBy: seller.ownerAt(submittedAt), actorId, originalActorId: actorId },
    decision: 'Approved',
  };
}

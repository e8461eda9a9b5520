import { salesforceId } from '../kit/ids';
import { divideHalfUp, priceOf, rateOf, rateText, RATE_SCALE, type Rate } from '../kit/units';
import type { OrderLine } from '../truth/sold';
import { discountOf, type LineDraft } from './draft-deal';

/** Billing periods in a term to 12 places: 230 of 365 is '0.630136986301'. */
export const multiplierText = ([count, of]: LineDraft['periods']): string =>
  rateText(divideHalfUp(count * RATE_SCALE, of));

/**
 * A line as CPQ prices it (CONTROLS CP-01): the net price of a billing period times the periods of
 * the term, rounded once, is the price of one unit for the whole term.
 */
export function priceLine(draft: LineDraft, key: string): OrderLine {
  const multiplier = multiplierText(draft.periods);
  const unitForTerm = forTerm(draft.net, rateOf(multiplier));
  return {
    ...{ key, orderItemId: salesforceId('OrderItem', key) },
    quoteLineId: salesforceId('SBQQ__QuoteLine__c', key),
    ...{ product: draft.product, charge: draft.charge, quantity: draft.quantity },
    ...{ listPerPeriod: draft.list, netPerPeriod: draft.net, multiplier, unitForTerm },
    total: unitForTerm * BigInt(draft.quantity),
    discount: discountOf(draft.list, draft.net),
    ...{ startOn: draft.start, endOn: draft.end, commit: draft.commit, overage: draft.overage },
    ...{ segment: draft.segment, revises: draft.revises },
  };
}

/** A price per period for the whole term: minor units. */
export const forTerm = (perPeriod: bigint, multiplier: Rate): bigint =>
  priceOf(multiplier, perPeriod);

import { priceOf, rateOf, sumOf, type Minor } from '../../kit/units';
import type { Deal, OrderLine, OrderTruth } from '../../truth/sold';
import { approvedValues } from '../approve-deal';
import { discountOf } from '../draft-deal';
import { DAYS_A_YEAR, pricesIn, stepUp } from '../price-book';

const MILLION = 1_000_000n;

/** The list price less a discount in millionths, in the steps that the line is priced in. */
export function netAt(line: OrderLine, order: OrderTruth, discount: bigint): Minor {
  const byDay = line.product === 'ENT-SEAT' && order.billingFrequency === 'Annual';
  const units = byDay ? DAYS_A_YEAR : 1n;
  const { step } = pricesIn(order.currency);
  return stepUp((line.listPerPeriod / units) * (MILLION - discount), MILLION, step) * units;
}

/** The line at another net price of a billing period. */
export function reprice(line: OrderLine, net: Minor): void {
  line.netPerPeriod = net;
  line.unitForTerm = priceOf(rateOf(line.multiplier), net);
  line.total = line.unitForTerm * BigInt(line.quantity);
  line.discount = discountOf(line.listPerPeriod, net);
}

export const retotal = (order: OrderTruth): void => {
  order.total = sumOf(order.lines.map(({ total }) => total));
};

/** The whole deal at another discount, from quote to order, as if it had been sold so. */
export function sellAtDiscount(deal: Deal, order: OrderTruth, discount: bigint): void {
  const before = deal.amount;
  for (const line of [...order.lines, ...(deal.quote?.lines ?? [])])
    if (line.charge === 'recurring') reprice(line, netAt(line, order, discount));
  retotal(order);
  for (const line of deal.lines) {
    const sold = order.lines.find(({ product }) => product === line.product);
    if (!sold) continue;
    line.unitForTerm = sold.unitForTerm;
    line.total = sold.unitForTerm * BigInt(line.quantity);
  }
  deal.amount = order.total;
  for (const row of deal.stages) if (row.amount === before) row.amount = order.total;
  if (!deal.quote) return;
  deal.quote.netAmount = order.total;
  const { quoteId, lines, netAmount, termMonths, paymentTermsDays } = deal.quote;
  const values = approvedValues(
    {
      ...{ quoteId, lines, net: netAmount, termMonths, termsDays: paymentTermsDays },
      ...{ freePeriod: false, ramp: false },
    },
    deal.currency,
  );
  for (const approval of deal.approvals) approval.values = values;
}

import { addDays, DAY, type Day, type Instant } from '../../kit/instants';
import { entities } from '../../truth/company';
import type { Deal, OrderTruth } from '../../truth/sold';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { Candidate } from '../../world/injection';

/** When a deal was closed; 0 while it is open. */
export const closedAt = (deal: Deal): Instant =>
  deal.isClosed ? (deal.stages.findLast(({ stage }) => stage.startsWith('Closed'))?.at ?? 0) : 0;

/** Won deals that sell something for money. */
export const wonDeals = (world: CustomerWorld): Deal[] =>
  world.sold.deals.filter(({ isWon, amount, deletedAt }) => {
    return isWon && amount > 0n && deletedAt === null;
  });

/** Won deals whose one order is activated and never amended: what befalls it stays with it. */
export const plainDeals = (world: CustomerWorld): { deal: Deal; order: OrderTruth }[] =>
  wonDeals(world).flatMap((deal) => {
    const [order, second] = deal.orders;
    if (!order || second || order.status !== 'Activated' || order.originalOrderId) return [];
    return isAmended(world, order) ? [] : [{ deal, order }];
  });

const isAmended = (world: CustomerWorld, { orderId }: OrderTruth): boolean =>
  world.sold.deals.some(({ orders }) => orders.some((o) => o.originalOrderId === orderId));

export const candidateOf = (deal: Deal): Candidate => ({
  key: deal.opportunityId,
  at: closedAt(deal),
});

/** Days that must have passed before a control looks at a deal without an order. */
export const isPastGrace = (deal: Deal, ctx: WorldContext): boolean =>
  deal.orderAfter === null && closedAt(deal) + 16 * DAY < ctx.options.now;

/** Throws RangeError when the candidate is not in this world. */
export function dealOf(world: CustomerWorld, { key }: Candidate): Deal {
  const deal = world.sold.deals.find(({ opportunityId }) => opportunityId === key);
  if (!deal) throw new RangeError(`${key} is no deal of ${world.customer.key}`);
  return deal;
}

/** The deal's first order. Throws RangeError when it has none. */
export function orderOf(deal: Deal): OrderTruth {
  const [order] = deal.orders;
  if (!order) throw new RangeError(`${deal.key} has no order`);
  return order;
}

export const bookDay = (world: CustomerWorld, at: Instant): Day =>
  entities[world.customer.entity].zone.dayOf(at);

/** The last day of the month before a day's, or of the quarter before it. */
export function endBefore(day: string, of: 'month' | 'quarter'): string {
  const [year = '', month = '01'] = day.split('-');
  const first = of === 'month' ? Number(month) : Math.floor((Number(month) - 1) / 3) * 3 + 1;
  return addDays(`${year}-${String(first).padStart(2, '0')}-01`, -1);
}

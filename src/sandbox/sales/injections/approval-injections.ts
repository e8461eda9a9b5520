import { peopleOn } from '../../company/people';
import { DAY, HOUR } from '../../kit/instants';
import { priceOf, rateOf } from '../../kit/units';
import type { ApprovalTruth, Deal, OrderTruth } from '../../truth/sold';
import type { CustomerWorld } from '../../world/customer-world';
import type { Candidate, ExpectedFinding, Injection } from '../../world/injection';
import { isEmployed } from '../sales-team';
import { sellAtDiscount } from './reprice-deal';
import { bookDay, candidateOf, dealOf, orderOf, plainDeals } from './sold-finders';

/** List less net over the term: what the approval was to protect. */
const discountValue = (order: OrderTruth): bigint =>
  order.lines.reduce((sum, line) => {
    const list = priceOf(rateOf(line.multiplier), line.listPerPeriod) * BigInt(line.quantity);
    return sum + list - line.total;
  }, 0n);

const finding = (code: string, order: OrderTruth): ExpectedFinding => ({
  ...{ control: 'BK-05', code, key: order.orderId },
  impact: { amount: discountValue(order), currency: order.currency },
});

/** Just above the floor, or nearly half. */
const discounts = { low: 110_000n, high: 450_000n } as const;

const noApproval: Injection = {
  id: 'A20',
  title: 'A discount above the floor that nobody approved',
  stage: 'sold',
  candidates: (world) =>
    plainDeals(world)
      .filter(({ deal }) => ['A1', 'A2', 'A3', 'S1'].includes(deal.shape))
      .map(({ deal }) => candidateOf(deal)),
  apply: (world, candidate, magnitude) => {
    const deal = dealOf(world, candidate);
    const order = orderOf(deal);
    deal.approvals = deal.approvals.filter(({ rule }) => rule !== 'discount');
    sellAtDiscount(deal, order, discounts[magnitude]);
    return [finding('BK05-NO_APPROVAL', order)];
  },
};

const approvalOf = (deal: Deal): ApprovalTruth | undefined =>
  deal.approvals.find(({ decision }) => decision === 'Approved');

/** Deals with exactly one approval, so that one finding is all there is. */
const approvedDeals = (world: CustomerWorld): { deal: Deal; order: OrderTruth }[] =>
  plainDeals(world).filter(({ deal }) => {
    return deal.approvals.filter(({ decision }) => decision === 'Approved').length === 1;
  });

const lateApproval: Injection = {
  id: 'A21',
  title: 'An approval given after the order was activated',
  stage: 'sold',
  candidates: (world, ctx) =>
    approvedDeals(world)
      .filter(({ order }) => (order.activatedAt ?? 0) + 21 * DAY < ctx.options.now)
      .map(({ deal }) => candidateOf(deal)),
  apply: (world, candidate, magnitude) => {
    const deal = dealOf(world, candidate);
    const order = orderOf(deal);
    const approval = approvalOf(deal);
    if (approval)
      approval.decidedAt = (order.activatedAt ?? 0) + (magnitude === 'low' ? HOUR : 20 * DAY);
    return [finding('BK05-LATE_APPROVAL', order)];
  },
};

/** A rep who was there and has two logins. */
function twoLogins(world: CustomerWorld, { at }: Candidate): readonly [string, string] | null {
  const day = bookDay(world, at);
  const person = peopleOn(day).find(
    (p) => p.role === 'rep' && p.userIds.length > 1 && isEmployed(p, day),
  );
  const [own, second] = person?.userIds ?? [];
  return own !== undefined && second !== undefined ? [own, second] : null;
}

const selfApproved: Injection = {
  id: 'A22',
  title: 'A rep approves their own deal through a second login',
  stage: 'sold',
  candidates: (world) =>
    approvedDeals(world)
      .map(({ deal }) => candidateOf(deal))
      .filter((candidate) => twoLogins(world, candidate)),
  apply: (world, candidate) => {
    const deal = dealOf(world, candidate);
    const order = orderOf(deal);
    const approval = approvalOf(deal);
    const logins = twoLogins(world, candidate);
    if (!approval || !logins) throw new RangeError(`${deal.key} has no approval to give`);
    const [own, second] = logins;
    deal.ownerId = own;
    for (const row of deal.stages) row.by = own;
    Object.assign(approval, { submittedBy: own, actorId: second, originalActorId: second });
    return [
      finding('BK05-SELF_APPROVED', order),
      { control: 'AC-01', code: 'AC01-SAME_PERSON_TXN', key: approval.processId, impact: null },
    ];
  },
};

/** Discounts and terms that nobody with authority approved in time (BK-05). */
export const approvalInjections: readonly Injection[] = [noApproval, lateApproval, selfApproved];

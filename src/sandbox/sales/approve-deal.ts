import { salesforceId } from '../kit/ids';
import type { Instant } from '../kit/instants';
import { majorText, rateText, type Minor } from '../kit/units';
import type { ApprovalTruth, OrderLine, Person } from '../truth/sold';
import { approvalsNeeded } from './sales-policy';
import { dealDeskGroupId, holdersOf, someoneAs, userIdOf } from './sales-team';
import type { Seller } from './seller';

/** The quote that is to be approved. */
export interface ToApprove {
  quoteId: string;
  lines: readonly OrderLine[];
  net: Minor;
  termMonths: number;
  termsDays: number;
  freePeriod: boolean;
  ramp: boolean;
}

/**
 * The values that an approval is bound to (BK-05): they must equal what is booked. Percent with
 * four places, money in major units.
 */
export function approvedValues(quote: ToApprove, currency: string): Record<string, string> {
  return {
    quantity: String(quote.lines.reduce((sum, { quantity }) => sum + quantity, 0)),
    net_amount: majorText(quote.net, currency),
    discount_percent: rateText(largestDiscount(quote.lines) * 100_000_000n),
    term_months: String(quote.termMonths),
    payment_terms_days: String(quote.termsDays),
  };
}

/** In millionths, over the lines that are not free altogether beside paid ones. */
export function largestDiscount(lines: readonly OrderLine[]): bigint {
  const paid = lines.filter(({ segment, discount }) => segment === null || discount < 1_000_000n);
  return paid.reduce((most, { discount }) => (discount > most ? discount : most), 0n);
}

/**
 * The approvals that the policy asks for, decided between proposal and close by someone with the
 * authority who is neither owner nor submitter.
 */
export function approveDeal(
  seller: Seller,
  quote: ToApprove,
  from: Instant,
  until: Instant,
): ApprovalTruth[] {
  const currency = seller.customer.currency;
  const needed = approvalsNeeded({
    ...{ discount: largestDiscount(quote.lines), value: quote.net, currency },
    ...{ termsDays: quote.termsDays, freePeriod: quote.freePeriod, ramp: quote.ramp },
  });
  return needed.flatMap(({ rule, role }) => {
    const decision = decide(seller, quote, { rule, role, from, until });
    return decision.random.chance(0.05)
      ? [rejectedBefore(decision.approval, from), decision.approval]
      : [decision.approval];
  });
}

interface Request {
  rule: ApprovalTruth['rule'];
  role: Person['role'];
  from: Instant;
  until: Instant;
}

function decide(seller: Seller, quote: ToApprove, { rule, role, from, until }: Request) {
  const random = seller.random('approval', quote.quoteId, rule);
  const span = until - from;
  const submittedAt = from + Math.floor(span * (0.1 + 0.2 * random.share()));
  const decidedAt = from + Math.floor(span * (0.5 + 0.4 * random.share()));
  const submittedBy = seller.ownerAt(submittedAt);
  const day = seller.dayOf(decidedAt);
  const apart = [seller.owner.key, ...personsOf(seller, submittedBy)];
  const actor = someoneAs(role, day, seller.staff, random, apart);
  const actorId = userIdOf(actor);
  const approval: ApprovalTruth = {
    processId: salesforceId('ProcessInstance', quote.quoteId, rule, 1),
    stepId: salesforceId('ProcessInstanceStep', quote.quoteId, rule, 1),
    ...{ targetId: quote.quoteId, rule, submittedBy, submittedAt, actorId },
    ...{ originalActorId: actorId, decidedAt, decision: 'Approved' },
    values: approvedValues(quote, seller.customer.currency),
  };
  assignOtherwise(seller, approval, actor);
  return { approval, random };
}

const personsOf = (seller: Seller, userId: string): string[] =>
  seller.staff.people.filter(({ userIds }) => userIds.includes(userId)).map(({ key }) => key);

/** Assigned to the queue (L20) or to a peer who handed it on; its values with spaces (L22). */
function assignOtherwise(seller: Seller, approval: ApprovalTruth, actor: Person): void {
  const at = approval.decidedAt ?? approval.submittedAt;
  if (actor.role === 'deal_desk' && seller.drawsLookAlike('L20', approval.processId, 0.3)) {
    approval.originalActorId = dealDeskGroupId;
    seller.note('L20', approval.targetId, at);
  } else if (seller.drawsLookAlike('delegated', approval.processId, 0.1)) {
    const peers = holdersOf(actor.role, seller.dayOf(at), seller.staff).filter(
      ({ key }) => key !== actor.key && key !== seller.owner.key,
    );
    if (peers.length > 0)
      approval.originalActorId = userIdOf(
        seller.random('delegated by', approval.processId).pick(peers),
      );
  }
  if (seller.drawsLookAlike('L22', approval.processId, 0.06)) {
    const { discount_percent: percent = '' } = approval.values;
    approval.values = { ...approval.values, discount_percent: ` ${percent} ` };
    seller.note('L22', approval.targetId, at);
  }
}

/** The same request, refused before it was made again; the latest decision wins. */
function rejectedBefore(approval: ApprovalTruth, from: Instant): ApprovalTruth {
  const span = approval.submittedAt - from;
  return {
    ...approval,
    processId: salesforceId('ProcessInstance', approval.processId, 'first'),
    stepId: salesforceId('ProcessInstanceStep', approval.processId, 'first'),
    submittedAt: from + Math.floor(span * 0.2),
    decidedAt: from + Math.floor(span * 0.6),
    decision: 'Rejected',
  };
}

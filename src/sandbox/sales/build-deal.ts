import { salesforceId } from '../kit/ids';
import { HOUR, type Day, type Instant } from '../kit/instants';
import { priceOf, rateOf, sumOf, type Minor } from '../kit/units';
import type { Deal, DealLine, OrderLine, QuoteTruth } from '../truth/sold';
import { approveDeal } from './approve-deal';
import type { DealCourse } from './deal-course';
import type { DealDraft } from './draft-deal';
import { priceLine } from './price-line';
import type { Seller } from './seller';

/** Names of stages; what is won is said by IsWon and IsClosed, never by a name (CONTROLS §1.1). */
export const salesStages = {
  open: ['Prospecting', 'Qualification', 'Proposal/Price Quote', 'Negotiation/Review'],
  won: 'Closed Won',
  lost: 'Closed Lost',
} as const;

export interface DealIdentity {
  key: string;
  type: Deal['type'];
  name: string;
  outcome: 'won' | 'lost';
}

/**
 * A deal with its lines, quote, approvals and trail, without orders, as if all of it had happened:
 * `cutSold` takes away what lies after now.
 */
export function buildDeal(
  seller: Seller,
  { key, type, name, outcome }: DealIdentity,
  draft: DealDraft,
  course: DealCourse,
): Deal {
  const { customer } = seller;
  const lines = draft.lines.map((line, i) => priceLine(line, `${key}-Q${String(i + 1)}`));
  const amount = sumOf(lines.map(({ total }) => total));
  const quote = quoteOf(seller, { key, type, outcome }, draft, course, lines);
  const approvals = approveDeal(
    seller,
    {
      ...{ quoteId: quote.quoteId, lines, net: amount, termMonths: draft.termMonths },
      ...{ termsDays: seller.paymentTermsDays, freePeriod: draft.freePeriod, ramp: draft.ramp },
    },
    quote.createdAt,
    course.closedAt,
  );
  return {
    ...{ key, opportunityId: salesforceId('Opportunity', key), name, type, shape: draft.shape },
    ownerId: seller.ownerAt(course.createdAt),
    ...{ createdAt: course.createdAt, closeDate: seller.dayOf(course.closedAt) },
    ...{ currency: customer.currency, amount },
    stages: stagesOf(seller, { key, outcome }, course, amount),
    ...{ isClosed: true, isWon: outcome === 'won', orderAfter: course.orderAfter },
    lines: lines.map((line) => dealLineOf(line, course.proposedAt)),
    ...{ quote, approvals, orders: [], edits: [], deletedAt: null },
  };
}

function quoteOf(
  seller: Seller,
  deal: Pick<DealIdentity, 'key' | 'type' | 'outcome'>,
  draft: DealDraft,
  course: DealCourse,
  lines: OrderLine[],
): QuoteTruth {
  return {
    quoteId: salesforceId('SBQQ__Quote__c', deal.key),
    createdAt: course.proposedAt + HOUR / 4,
    status: deal.outcome === 'won' ? 'Accepted' : 'Draft',
    type: deal.type === 'New Business' ? 'Quote' : deal.type,
    ...{ startOn: draft.start, endOn: draft.end, termMonths: draft.termMonths },
    paymentTermsDays: seller.paymentTermsDays,
    listAmount: sumOf(lines.map(listTotal)),
    netAmount: sumOf(lines.map(({ total }) => total)),
    lines: lines.map((line) => ({ ...line })),
  };
}

const listForTerm = (line: OrderLine): Minor =>
  priceOf(rateOf(line.multiplier), line.listPerPeriod);

const listTotal = (line: OrderLine): Minor => listForTerm(line) * BigInt(line.quantity);

export function dealLineOf(line: OrderLine, createdAt: Instant): DealLine {
  return {
    key: line.key,
    lineItemId: salesforceId('OpportunityLineItem', line.key),
    ...{ product: line.product, quantity: line.quantity, unitForTerm: line.unitForTerm },
    ...{ listForTerm: listForTerm(line), total: line.total, serviceDate: line.startOn, createdAt },
  };
}

type StageRow = Deal['stages'][number];

/** The trail: a round guess until there is a quote, then the roll-up of the lines. */
function stagesOf(
  seller: Seller,
  { key, outcome }: Pick<DealIdentity, 'key' | 'outcome'>,
  course: DealCourse,
  amount: Minor,
): StageRow[] {
  const random = seller.random('stages', key);
  const closeDate = seller.dayOf(course.closedAt);
  const hoped: Day = random.chance(0.5) ? closeDate : seller.dayOf(course.negotiatedAt);
  const guess = (amount * BigInt(random.int(70, 130))) / 100n;
  const instants = [
    course.createdAt,
    course.qualifiedAt,
    course.proposedAt,
    course.negotiatedAt,
  ] as const;
  const rows = salesStages.open.map((stage, i): StageRow => {
    const at = instants[i] ?? course.createdAt;
    const early = i < 2;
    return {
      ...{ stage, at, by: seller.ownerAt(at), amount: early ? roundGuess(guess) : amount },
      closeDate: early ? hoped : closeDate,
    };
  });
  const by = seller.ownerAt(course.closedAt);
  rows.push({ stage: salesStages[outcome], at: course.closedAt, by, amount, closeDate });
  return rows;
}

/** To three leading digits, as people guess; zero and less stay as they are. */
function roundGuess(amount: Minor): Minor {
  if (amount <= 0n) return amount;
  const unit = 10n ** BigInt(Math.max(0, String(amount).length - 3));
  return (amount / unit) * unit;
}

import { salesforceId } from '../kit/ids';
import { addDays, addMonths, DAY, utcDay, type Day, type Instant } from '../kit/instants';
import { hasTrait } from '../company/exemplars';
import type { Customer } from '../truth/company';
import type { ContractShape, ContractTruth, Deal, MergedAccount, Sold } from '../truth/sold';
import type { WorldContext } from '../world/customer-world';
import { amendTerms } from './amend-terms';
import { buildDeal } from './build-deal';
import { buildContract, buildOrder, type OrderSetup, type WonDeal } from './build-orders';
import { cutSold } from './cut-sold';
import { drawCourse, type DealCourse } from './deal-course';
import { liveWith } from './deal-look-alikes';
import { draftDeal, drawDiscount, drawShape, type DealDraft, type FlatContent } from './draft-deal';
import { renewsInto } from './renews-into';
import type { People } from './sales-team';
import { sellAmendments } from './sell-amendments';
import { Seller } from './seller';

type NewShape = Exclude<ContractShape, 'C1'>;

/** What the exemplary accounts buy first. */
const firstShapes: readonly NewShape[] = [
  ...(['U1', 'F1', 'A2', 'M1', 'S1'] as const),
  ...(['A3', 'A1', 'B1', 'U2', 'Z1'] as const),
];

/** Deals are not drawn beyond this many terms of one account. */
const MAX_TERMS = 12;

/**
 * Everything that sales did with one account up to now: deals won, lost and open with their trail,
 * orders, amendments, contracts. Past instants are the same for every later now.
 */
export function sell(customer: Customer, staff: People, ctx: WorldContext): Sold {
  const seller = new Seller(customer, staff, ctx);
  const { now } = ctx.options;
  const sold: Sold = { deals: [], contracts: [], mergedAccounts: mergedAccounts(seller) };
  sellTerms(seller, sold, now);
  sellLost(seller, sold, now);
  sold.deals.sort((a, b) => a.createdAt - b.createdAt || (a.key < b.key ? -1 : 1));
  for (const { id, key, at } of seller.notes) if (at <= now) ctx.noteLookAlike(id, key);
  return cutSold(sold, now, seller.entity.zone.dayOf(now));
}

/** One contract after another, each with its amendments, until a renewal is lost. */
function sellTerms(seller: Seller, sold: Sold, now: Instant): void {
  const arrival = seller.dayOf(seller.customer.arrivedAt);
  let shape = firstShapes[seller.place] ?? (drawShape(seller.random('shape')) as NewShape);
  let createdOn = addDays(arrival, 1);
  let startOn: Day | null = null;
  for (let term = 1; term <= MAX_TERMS; term += 1) {
    if (seller.entity.zone.startOf(createdOn) > now) return;
    const won = sellTerm(seller, term, shape, createdOn, startOn);
    if (!won) return;
    const { deal, contract, draft } = won;
    sold.deals.push(deal);
    if (!deal.isWon) return;
    sold.contracts.push(contract);
    sold.deals.push(...sellAmendments(seller, won, term));
    if (contract.evergreen) {
      seller.note('L18', contract.contractId, seller.entity.zone.startOf(addDays(draft.end, 1)));
      return;
    }
    startOn = addDays(draft.end, 1);
    createdOn = addDays(startOn, -seller.random('renewal lead', term).int(70, 95));
    shape = nextShape(seller, shape);
  }
}

/** Pilots, ramps and free months are sold once. */
function nextShape(seller: Seller, shape: NewShape): NewShape {
  if (hasTrait(seller.customer, 'billedByHand')) return 'A2';
  return shape === 'Z1' || shape === 'F1' || shape === 'M1' ? 'A1' : shape;
}

/** What the flat contracts of an exemplary account sell. */
function contentOf(seller: Seller): FlatContent | null {
  if (!seller.isExemplary) return null;
  return hasTrait(seller.customer, 'billedByHand') ? 'platform' : 'both';
}

/** The exemplary customers that are billed otherwise have contracts that end. */
const goesOnFor = ({ customer }: Seller): boolean =>
  !hasTrait(customer, 'leaves') && !hasTrait(customer, 'billedByHand');

function sellTerm(
  seller: Seller,
  term: number,
  shape: NewShape,
  createdOn: Day,
  renewsOn: Day | null,
): WonDeal | null {
  const key = `${seller.customer.key}-D${String(term)}`;
  const random = seller.random('deal', term);
  random.share(); // whether it is renewed: `renewsInto`
  const isRenewal = renewsOn !== null;
  const renews = renewsInto(seller, term);
  const discount = drawDiscount(random);
  const isAtList = hasTrait(seller.customer, 'amendsTerms');
  const atList = (isRenewal || isAtList) && seller.isExemplary;
  const outcome = isRenewal && !renews ? 'lost' : 'won';
  const course = drawDealCourse(seller, term, createdOn, renewsOn);
  const start = renewsOn ?? startAfter(seller, course, term);
  const draft = draftDeal(
    ...([shape, start, seller.customer.currency, atList ? 0n : discount] as const),
    seller.random('content'),
    contentOf(seller),
  );
  const type = isRenewal ? 'Renewal' : 'New Business';
  const name = `${seller.customer.name} - ${type} ${start.slice(0, 4)}`;
  const deal = buildDeal(seller, { key, type, name, outcome }, draft, course);
  const goesOn = ['A1', 'A2'].includes(shape) && goesOnFor(seller);
  const evergreen = goesOn && seller.drawsLookAlike('L18', key, 0.08);
  const sequence = term * 10;
  const contract = buildContract(seller, deal, sequence, draft, course.activatedAt, evergreen);
  if (outcome === 'won') {
    addOrders(seller, deal, { contract, sequence, draft, course });
    if (amendsTerms(seller, deal)) amendTerms(seller, deal);
    liveWith(seller, deal);
    noteAsLife(seller, deal, course);
  }
  return { deal, contract, draft };
}

const amendsTerms = (seller: Seller, deal: Deal): boolean =>
  deal.type === 'New Business' &&
  (seller.drawsLookAlike('L12', deal.key, 0.06) || hasTrait(seller.customer, 'amendsTerms')) &&
  seller.lookAlikes;

/** A first deal takes weeks; a renewal is closed before its term begins. */
function drawDealCourse(
  seller: Seller,
  term: number,
  createdOn: Day,
  renewsOn: Day | null,
): DealCourse {
  const random = seller.random('course', term);
  const { zone } = seller.entity;
  if (renewsOn !== null) {
    const closeOn = addDays(renewsOn, -random.int(10, 40));
    return drawCourse(zone, createdOn, closeOn, random);
  }
  const closeOn = addDays(createdOn, random.int(14, 62));
  const waits = seller.drawsLookAlike('L01', `course ${String(term)}`, 0.05);
  const orderAfter = waits ? addDays(closeOn, random.int(25, 70)) : null;
  return drawCourse(zone, createdOn, closeOn, random, { orderAfter, mayBeLate: true });
}

/** The first of a month, or a day soon after activation; never a day that some months lack. */
function startAfter(seller: Seller, course: DealCourse, term: number): Day {
  const random = seller.random('start', term);
  const isEarly = hasTrait(seller.customer, 'leaves');
  const earliest = addDays(seller.dayOf(course.activatedAt), isEarly ? 14 : 1);
  const nextFirst = `${addMonths(earliest, 1).slice(0, 7)}-01`;
  if (random.chance(0.45) || isEarly) return nextFirst;
  const day = addDays(earliest, random.int(0, 18));
  return day.slice(8) > '28' ? `${addMonths(day, 1).slice(0, 7)}-01` : day;
}

interface Ordering {
  contract: ContractTruth;
  sequence: number;
  draft: DealDraft;
  course: DealCourse;
}

/** One order; or one for each line where the customer asked for two (L03). */
function addOrders(seller: Seller, deal: Deal, ordering: Ordering): void {
  const { contract, sequence, draft, course } = ordering;
  const lines = (deal.quote?.lines ?? []).map((line) => ({ ...line }));
  const splits =
    lines.length === 2 &&
    !hasTrait(seller.customer, 'amendsTerms') &&
    draft.shape.startsWith('A') &&
    seller.drawsLookAlike('L03', deal.key, 0.4);
  const groups = splits ? lines.map((line) => [line]) : [lines];
  const po = seller.random('po', deal.key);
  const poNumber = po.chance(0.6) ? `PO-${String(po.int(10_000, 99_999))}` : null;
  const setup: OrderSetup = {
    type: deal.type === 'Renewal' ? 'Renewal' : 'New',
    ...{ originalOrderId: null, contractId: contract.contractId, poNumber },
  };
  groups.forEach((group, i) => {
    deal.orders.push(buildOrder(seller, deal, sequence + i, group, draft, course, setup));
  });
  if (splits) seller.note('L03', deal.opportunityId, course.activatedAt);
}

function noteAsLife(seller: Seller, deal: Deal, course: DealCourse): void {
  const { opportunityId } = deal;
  if (course.orderAfter !== null) seller.note('L01', opportunityId, course.closedAt);
  if (course.inTheEvening && utcDay(course.closedAt) !== deal.closeDate)
    seller.note('L08', opportunityId, course.closedAt);
  const discounts = deal.quote?.lines.map(({ discount }) => discount) ?? [];
  if (discounts.some((d) => d > 332_000n && d <= 333_334n))
    seller.note('L11', opportunityId, course.closedAt);
  for (const line of deal.orders.flatMap(({ lines }) => lines)) {
    if (line.charge !== 'recurring') continue;
    const at = course.activatedAt;
    if (line.multiplier !== '1') seller.note('L05', line.orderItemId, at);
    if (deal.shape === 'M1' && line.segment !== 1) seller.note('L09', line.orderItemId, at);
    if (deal.shape === 'Z1') seller.note('L27', line.orderItemId, at);
  }
}

/** Deals that came to nothing beside those that were won. */
function sellLost(seller: Seller, sold: Sold, now: Instant): void {
  const random = seller.random('lost');
  const count = random.weighted([
    [0, 40],
    [1, 40],
    [2, 20],
  ] as const);
  for (let n = 1; n <= Math.max(count, seller.isExemplary ? 1 : 0); n += 1) {
    const key = `${seller.customer.key}-L${String(n)}`;
    const draws = seller.random('lost', n);
    const from = seller.dayOf(seller.customer.arrivedAt + draws.int(2, 600) * DAY);
    if (seller.entity.zone.startOf(from) > now) continue;
    const course = drawCourse(seller.entity.zone, from, addDays(from, draws.int(14, 90)), draws);
    const start = startAfter(seller, course, 100 + n);
    const drawn = drawShape(draws) as NewShape;
    const shape = seller.isExemplary ? 'A1' : drawn;
    const discount = drawDiscount(draws);
    const draft = draftDeal(shape, start, seller.customer.currency, discount, draws);
    const name = `${seller.customer.name} - Expansion ${String(n)}`;
    const identity = { key, type: 'New Business', name, outcome: 'lost' } as const;
    sold.deals.push(buildDeal(seller, identity, draft, course));
  }
}

/** Another rep opened the account a second time; sales operations merged the two (L24). */
function mergedAccounts(seller: Seller): MergedAccount[] {
  const { customer } = seller;
  if (!seller.drawsLookAlike('L24', 'account', 0.03) || customer.sisterOf !== undefined) return [];
  const random = seller.random('merged');
  const createdAt = customer.arrivedAt + random.int(20, 60) * DAY;
  const mergedAt = createdAt + random.int(20, 90) * DAY;
  const accountId = salesforceId('Account', customer.key, 'duplicate');
  seller.note('L24', accountId, mergedAt);
  return [
    {
      ...{ accountId, name: `${customer.name} (2)`, createdAt, mergedAt },
      ...{ createdBy: seller.ownerAt(createdAt), mergedBy: seller.ownerAt(mergedAt) },
    },
  ];
}

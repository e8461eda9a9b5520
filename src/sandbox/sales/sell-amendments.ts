import { hasTrait } from '../company/exemplars';
import { salesforceId } from '../kit/ids';
import { addDays, addMonths, daysBetween, type Day } from '../kit/instants';
import type { Deal, OrderLine, OrderTruth } from '../truth/sold';
import { buildDeal } from './build-deal';
import { buildOrder, type WonDeal } from './build-orders';
import { drawCourse } from './deal-course';
import type { DealDraft, LineDraft } from './draft-deal';
import { DAYS_A_YEAR } from './price-book';
import { renewsInto } from './renews-into';
import type { Seller } from './seller';

/** A change of a contract in its term, with the line of seats that it changes. */
interface Amendment {
  seller: Seller;
  won: WonDeal;
  order: OrderTruth;
  seats: OrderLine;
  effectiveOn: Day;
  key: string;
  sequence: number;
}

const amendable: readonly string[] = ['A1', 'A2', 'A3', 'B1'];

/** About a sixth of all orders: add-ons and reductions of seats, quarterly true-ups of S1. */
export function sellAmendments(seller: Seller, won: WonDeal, term: number): Deal[] {
  const found = seatsOf(won.deal);
  if (!found || won.draft.termMonths !== 12) return [];
  // What is added is billed on the terms of the first order, and sold on the usual ones.
  const isAddable = found.order.paymentTermsDays === seller.paymentTermsDays;
  const base = { seller, won, ...found };
  if (won.deal.shape === 'S1') return isAddable ? trueUps(base, term) : [];
  const random = seller.random('amendment', term);
  const addsLater = hasTrait(seller.customer, 'addsLater') && term === 2;
  const isFirst = seller.isExemplary && term === 1 && !hasTrait(seller.customer, 'leaves');
  const isSure = isFirst || addsLater;
  const isLeft = hasTrait(seller.customer, 'leaves') || hasTrait(seller.customer, 'amendsTerms');
  const drawn = random.chance(0.36) && !isLeft;
  if (!amendable.includes(won.deal.shape) || !(drawn || isSure)) return [];
  const [exact, share] = [random.chance(0.2), random.share()];
  const adds = (isFirst ? won.deal.shape === 'A2' : null) ?? (random.chance(0.65) || addsLater);
  if (adds && !isAddable) return [];
  const amendment = { ...base, key: `${won.deal.key}-M1`, sequence: term * 10 + 5 };
  if (adds || won.draft.frequency !== 'Annual') {
    const effectiveOn = amendmentDay(won.draft, exact && !addsLater, addsLater ? share / 2 : share);
    return [(adds ? addOn : reduction)({ ...amendment, effectiveOn })];
  }
  if (!renewsInto(seller, term + 1)) return [];
  // The renewal takes up the credit before it is half a year old (CA03-CREDIT_AGED).
  const effectiveOn = addDays(won.draft.end, 1 - lastDays + Math.floor(share * 60));
  return [reduction({ ...amendment, effectiveOn })];
}

/** Days before the end of a year in which seats paid for it may be given back. */
const lastDays = 110;

function seatsOf(deal: Deal): { order: OrderTruth; seats: OrderLine } | null {
  for (const order of deal.orders)
    for (const seats of order.lines) if (seats.product === 'ENT-SEAT') return { order, seats };
  return null;
}

/**
 * Any day of a year billed at once (at times with 230 days left: L10); else the first day of a
 * billing period, so that what is left is whole periods.
 */
function amendmentDay({ start, end, frequency }: DealDraft, exact: boolean, share: number): Day {
  if (frequency === 'Annual')
    return exact ? addDays(end, 1 - 230) : addDays(start, 45 + Math.floor(share * 270));
  const step = frequency === 'Quarterly' ? 3 : 1;
  return addMonths(start, step * (1 + Math.floor(share * (12 / step - 2))));
}

/** Billing periods from a day to the end of the contract: co-termed. */
function periodsLeft({ won, effectiveOn }: Amendment): LineDraft['periods'] {
  const { end, frequency } = won.draft;
  const after = addDays(end, 1);
  if (frequency === 'Annual') return [BigInt(daysBetween(effectiveOn, after)), DAYS_A_YEAR];
  const step = frequency === 'Quarterly' ? 3 : 1;
  let periods = 0;
  while (addMonths(effectiveOn, periods * step) < after) periods += 1;
  return [BigInt(periods), 1n];
}

/** A delta of the line's seats at the line's own price, until the contract's end. */
const delta = (amendment: Amendment, quantity: number): LineDraft => ({
  ...{ product: 'ENT-SEAT', charge: 'recurring', quantity, periods: periodsLeft(amendment) },
  ...{ list: amendment.seats.listPerPeriod, net: amendment.seats.netPerPeriod },
  ...{ start: amendment.effectiveOn, end: amendment.won.draft.end },
  ...{ commit: null, overage: null, segment: null, revises: null },
});

const opportunityOf = (key: string): string => salesforceId('Opportunity', key);

function addOn(amendment: Amendment): Deal {
  const { seller, key, seats } = amendment;
  const more = seller.random('add-on', key).int(5, Math.max(8, Math.floor(seats.quantity / 2)));
  if (amendment.won.draft.frequency === 'Annual')
    seller.note('L10', opportunityOf(key), seller.entity.zone.startOf(amendment.effectiveOn));
  return amend(amendment, 'Amendment', [delta(amendment, more)]);
}

/** Fewer seats, and a row of nothing for what else the order has (L07). */
function reduction(amendment: Amendment): Deal {
  const { seller, key, seats, order } = amendment;
  const most = Math.max(5, Math.floor(seats.quantity * 0.4));
  const fewer = seller.random('reduction', key).int(4, most);
  const others = order.lines.filter((line) => line !== seats && line.charge === 'recurring');
  const unchanged = others.map((line) => ({
    ...delta({ ...amendment, seats: line }, 0),
    ...{ product: line.product, revises: line.key },
  }));
  seller.note('L07', opportunityOf(key), seller.entity.zone.startOf(amendment.effectiveOn));
  return amend(amendment, 'Reduction', [
    { ...delta(amendment, -fewer), revises: seats.key },
    ...unchanged,
  ]);
}

/**
 * Of S1, at the end of a quarter: the seats that were used above those bought are paid for the
 * quarter gone, once, and bought until the contract's end.
 */
function trueUps(base: Pick<Amendment, 'seller' | 'won' | 'order' | 'seats'>, term: number) {
  const { seller, won, seats } = base;
  return [1, 2, 3].flatMap((quarter) => {
    const random = seller.random('true-up', term, quarter);
    if (!random.chance(0.35)) return [];
    const effectiveOn = addMonths(won.draft.start, 3 * quarter);
    const from = addMonths(won.draft.start, 3 * (quarter - 1));
    const key = `${won.deal.key}-T${String(quarter)}`;
    const amendment = { ...base, effectiveOn, key, sequence: term * 10 + 4 + quarter };
    const line = delta(amendment, random.int(2, Math.max(3, Math.floor(seats.quantity / 10))));
    const days = BigInt(daysBetween(from, effectiveOn));
    const gone: LineDraft = {
      ...{ ...line, charge: 'one_time', periods: [1n, 1n] },
      list: (line.list / DAYS_A_YEAR) * days,
      net: (line.net / DAYS_A_YEAR) * days,
      ...{ start: from, end: addDays(effectiveOn, -1) },
    };
    return [amend(amendment, 'Amendment', [gone, line])];
  });
}

/** The amendment's own deal, closed days before it takes effect, and its order. */
function amend(amendment: Amendment, type: OrderTruth['type'], lines: LineDraft[]): Deal {
  const { seller, won, effectiveOn, key, sequence, order } = amendment;
  const random = seller.random('amendment course', key);
  const closeOn = addDays(effectiveOn, -random.int(8, 11));
  const createdOn = addDays(closeOn, -random.int(6, 14));
  const course = drawCourse(seller.entity.zone, createdOn, closeOn, random, {
    orderAfter: null,
    mayBeLate: false,
  });
  const draft: DealDraft = {
    ...won.draft,
    ...{ shape: 'C1', start: effectiveOn, lines, freePeriod: false, ramp: false },
    termMonths: Math.max(1, Math.round(daysBetween(effectiveOn, won.draft.end) / 30.4)),
  };
  const name = `${seller.customer.name} - Amendment ${effectiveOn}`;
  const identity = { key, type: 'Amendment', name, outcome: 'won' } as const;
  const deal = buildDeal(seller, identity, draft, course);
  const setup = {
    ...{ type, originalOrderId: order.orderId, contractId: order.contractId },
    poNumber: order.poNumber,
  };
  const orderLines = (deal.quote?.lines ?? []).map((line) => ({ ...line }));
  deal.orders.push(buildOrder(seller, deal, sequence, orderLines, draft, course, setup));
  return deal;
}

import { DAY, HOUR } from '../../kit/instants';
import { salesforceId } from '../../kit/ids';
import type { Deal, OrderLine, OrderTruth } from '../../truth/sold';
import type { CustomerWorld } from '../../world/customer-world';
import type { ExpectedFinding, Injection } from '../../world/injection';
import { peopleOn } from '../../company/people';
import { holdersOf, userIdOf } from '../sales-team';
import { netAt, reprice, retotal } from './reprice-deal';
import {
  bookDay,
  candidateOf,
  closedAt,
  dealOf,
  isPastGrace,
  orderOf,
  plainDeals,
} from './sold-finders';

const finding = (code: string, deal: Deal, amount: bigint): ExpectedFinding => ({
  ...{ control: 'BK-01', code, key: deal.opportunityId },
  impact: { amount, currency: deal.currency },
});

const withoutContract = (world: CustomerWorld, deal: Deal): void => {
  world.sold.contracts = world.sold.contracts.filter(({ dealKey }) => dealKey !== deal.key);
};

const noOrder: Injection = {
  id: 'A01',
  title: 'A won deal whose order was never created',
  stage: 'sold',
  candidates: (world, ctx) =>
    plainDeals(world)
      .filter(({ deal }) => isPastGrace(deal, ctx))
      .map(({ deal }) => candidateOf(deal)),
  apply: (world, candidate) => {
    const deal = dealOf(world, candidate);
    deal.orders = [];
    withoutContract(world, deal);
    return [finding('BK01-NO_ORDER', deal, deal.amount)];
  },
};

const stuckDraft: Injection = {
  id: 'A02',
  title: 'An order that stays a draft for more than ten working days',
  stage: 'sold',
  candidates: (world, ctx) =>
    plainDeals(world)
      .filter(({ deal }) => isPastGrace(deal, ctx))
      .map(({ deal }) => candidateOf(deal)),
  apply: (world, candidate) => {
    const deal = dealOf(world, candidate);
    Object.assign(orderOf(deal), {
      ...{ status: 'Draft', activatedAt: null, activatedBy: null, contractId: null },
    });
    withoutContract(world, deal);
    return [finding('BK01-ORDER_NOT_ACTIVATED', deal, deal.amount)];
  },
};

const cutLine = (order: OrderTruth) =>
  order.lines.find((line) => isAtList(line) && line.segment === null);

const isAtList = ({ charge, product, discount }: OrderLine): boolean =>
  charge === 'recurring' && product !== 'API-COMMIT' && discount === 0n;

/** High takes a tenth off the order, low just more than the rounding of its lines. */
const lowerAmount: Injection = {
  id: 'A03',
  title: 'An order for less than its deal',
  stage: 'sold',
  candidates: (world) =>
    plainDeals(world)
      .filter(({ deal, order }) => deal.approvals.length === 0 && cutLine(order))
      .map(({ deal }) => candidateOf(deal)),
  apply: (world, candidate, magnitude) => {
    const deal = dealOf(world, candidate);
    const order = orderOf(deal);
    for (const line of order.lines) {
      if (!isAtList(line)) continue;
      const inThousandths = ['KWD', 'BHD'].includes(order.currency);
      const least = inThousandths ? 10n : BigInt(order.lines.length + 1);
      if (magnitude === 'high') reprice(line, netAt(line, order, 100_000n));
      else reprice(line, line.netPerPeriod - least);
      if (magnitude === 'low') break;
    }
    retotal(order);
    return [finding('BK01-AMT_DIFF', deal, deal.amount - order.total)];
  },
};

/** Activated with all that follows, two days after the deal was lost. */
const orderOnLost: Injection = {
  id: 'A04',
  title: 'An activated order on a lost deal',
  stage: 'sold',
  candidates: (world, ctx) =>
    world.sold.deals
      .filter(({ isClosed, isWon, quote, shape }) => {
        return isClosed && !isWon && quote !== null && (shape === 'A1' || shape === 'A2');
      })
      .filter((deal) => closedAt(deal) + 4 * DAY < ctx.options.now)
      .map(candidateOf),
  apply: (world, candidate) => {
    const deal = dealOf(world, candidate);
    deal.orders = [orderOfLost(world, deal)];
    return [finding('BK01-ORDER_NO_OPP', deal, orderOf(deal).total)];
  },
};

function orderOfLost(world: CustomerWorld, deal: Deal): OrderTruth {
  const { quote } = deal;
  if (!quote) throw new RangeError(`${deal.key} has no quote`);
  const createdAt = closedAt(deal) + HOUR;
  const activatedAt = createdAt + 2 * HOUR;
  const day = bookDay(world, activatedAt);
  const [activator] = holdersOf('revenue', day, { people: peopleOn(day) });
  const key = `${deal.key}-O1`;
  return {
    ...{
      key,
      orderId: salesforceId('Order', key),
      number: `${deal.key.slice(1, 7)}9${deal.key.slice(-1)}`,
    },
    ...{ type: 'New', status: 'Activated', createdAt, activatedAt },
    ...{ activatedBy: activator ? userIdOf(activator) : null, effectiveOn: quote.startOn },
    ...{ endOn: quote.endOn, originalOrderId: null, contractId: null },
    paymentTermsDays: quote.paymentTermsDays,
    billingFrequency: deal.shape === 'A2' ? 'Quarterly' : 'Annual',
    ...{ billing: 'advance', poNumber: null, currency: deal.currency, total: quote.netAmount },
    lines: quote.lines.map((line) => ({ ...line })),
  };
}

/** Orders that are missing, stuck, too small or without a won deal (BK-01). */
export const orderInjections: readonly Injection[] = [
  noOrder,
  stuckDraft,
  lowerAmount,
  orderOnLost,
];

import { addMonthsToInstant, DAY } from '../../kit/instants';
import { RATE_SCALE } from '../../kit/units';
import type { CouponPlan, ItemPlan, PlanChange, SubscriptionPlan } from '../../truth/plan';
import type { OrderLine, OrderTruth } from '../../truth/sold';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { Candidate, ExpectedFinding, Injection } from '../../world/injection';

/** An item that was set up for an order line. */
interface SetUp {
  subscription: SubscriptionPlan;
  item: ItemPlan;
  line: OrderLine;
  order: OrderTruth;
}

/** Items of subscriptions that have begun, with the order lines they were set up for. */
function setUps({ sold, plan }: CustomerWorld, ctx: WorldContext): SetUp[] {
  const lines = sold.deals
    .flatMap(({ orders }) => orders)
    .flatMap((order) => order.lines.map((line) => ({ order, line })));
  return plan.subscriptions
    .filter(({ startAt }) => startAt <= ctx.options.now)
    .flatMap((subscription) =>
      subscription.items.flatMap((item) => {
        const found = lines.find(({ line }) => line.key === item.orderLineKey);
        return found ? [{ subscription, item, ...found }] : [];
      }),
    );
}

const candidateOf = ({ subscription, line }: SetUp): Candidate => ({
  key: line.orderItemId,
  at: subscription.startAt,
});

function setUpOf(world: CustomerWorld, { key }: Candidate, ctx: WorldContext): SetUp {
  const found = setUps(world, ctx).find(({ line }) => line.orderItemId === key);
  if (!found) throw new RangeError(`${key} is not set up for ${world.customer.key}`);
  return found;
}

const finding = (code: string, { line, order }: Pick<SetUp, 'line' | 'order'>, amount: bigint) =>
  ({
    ...{ control: 'BK-02', code, key: line.orderItemId },
    impact: { amount, currency: order.currency },
  }) satisfies ExpectedFinding;

const size = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** A flat licensed item whose line is billed several times in its term. */
const isBilledOften = ({ item, line, subscription }: SetUp): boolean =>
  item.price.usage === 'licensed' &&
  subscription.couponKey === null &&
  line.netPerPeriod > 0n &&
  line.unitForTerm > line.netPerPeriod;

/** High loads the price of the whole term as that of one period, low is just past rounding. */
const termPrice: Injection = {
  id: 'A05',
  title: 'The price of the whole term loaded as the price of one billing period',
  stage: 'plan',
  candidates: (world, ctx) => setUps(world, ctx).filter(isBilledOften).map(candidateOf),
  apply: (world, candidate, magnitude, ctx) => {
    const found = setUpOf(world, candidate, ctx);
    const { item, line } = found;
    const least = found.order.currency === 'KWD' || found.order.currency === 'BHD' ? 10n : 2n;
    const unit = magnitude === 'high' ? line.unitForTerm : line.netPerPeriod + least;
    item.price = { ...item.price, unit: unit * RATE_SCALE };
    return [finding('BK02-PRICE', found, (unit - line.netPerPeriod) * BigInt(line.quantity))];
  },
};

const isSteadySeats = ({ item, subscription }: SetUp): boolean =>
  item.price.product === 'ENT-SEAT' &&
  (item.quantity ?? 0n) >= 10n &&
  !subscription.changes.some((c) => c.kind === 'quantity' && c.itemKey === item.key);

/** High loses the last digit of the quantity, low one seat. */
const wrongQuantity: Injection = {
  id: 'A06',
  title: 'A quantity of seats loaded wrong',
  stage: 'plan',
  candidates: (world, ctx) => setUps(world, ctx).filter(isSteadySeats).map(candidateOf),
  apply: (world, candidate, magnitude, ctx) => {
    const found = setUpOf(world, candidate, ctx);
    const booked = found.item.quantity ?? 0n;
    found.item.quantity = magnitude === 'high' ? booked / 10n : booked - 1n;
    const impact = (booked - found.item.quantity) * found.line.netPerPeriod;
    return [finding('BK02-QTY', found, impact)];
  },
};

/** Licensed items that stay as they are: what befalls their subscription befalls each of them. */
const isSteady = ({ subscription, item }: SetUp): boolean =>
  subscription.changes.length === 0 && item.from === null && item.price.usage === 'licensed';

/** All items of the subscription, each with its own finding. */
const sharing = (world: CustomerWorld, { subscription }: SetUp, ctx: WorldContext): SetUp[] =>
  setUps(world, ctx).filter((one) => one.subscription === subscription);

const isLicensed = ({ item, line }: SetUp): boolean =>
  item.price.usage === 'licensed' && line.netPerPeriod > 0n;

/** Its service was sold from an earlier day on than any invoice covers. */
const unbilled = ({ item }: SetUp): ExpectedFinding => ({
  ...{ control: 'SU-01', code: 'SU01-GAP', key: item.id, impact: null },
});

/** A month late, or a day; the end stays. */
const lateStart: Injection = {
  id: 'A07',
  title: 'A subscription that starts later than its order',
  stage: 'plan',
  candidates: (world, ctx) =>
    setUps(world, ctx)
      .filter((one) => isSteady(one) && one.subscription.couponKey === null)
      .filter(({ subscription }) => subscription.startAt + 32 * DAY < ctx.options.now)
      .map(candidateOf),
  apply: (world, candidate, magnitude, ctx) => {
    const found = setUpOf(world, candidate, ctx);
    const { subscription } = found;
    const { startAt } = subscription;
    const late = magnitude === 'high' ? addMonthsToInstant(startAt, 1) : startAt + DAY;
    Object.assign(subscription, { createdAt: late, startAt: late, anchorAt: late });
    const days = BigInt((late - startAt) / DAY);
    return sharing(world, found, ctx).flatMap((one): ExpectedFinding[] => {
      const start = finding(
        'BK02-START',
        one,
        (one.line.total * days) / BigInt(termDays(one.line)),
      );
      return isLicensed(one) ? [start, unbilled(one)] : [start];
    });
  },
};

const termDays = ({ startOn, endOn }: OrderLine): number =>
  (Date.parse(endOn) - Date.parse(startOn)) / (DAY * 1000) + 1;

/** The first year goes on at its price: in place of the second, or (high) of both that follow. */
const rampMissing: Injection = {
  id: 'A08',
  title: 'A phase of a ramp that was not set up',
  stage: 'plan',
  candidates: (world, ctx) =>
    setUps(world, ctx)
      .filter(({ line }) => line.segment === 1 && line.discount < 1_000_000n)
      .filter(({ subscription }) => subscription.items.length === 3)
      .map(candidateOf),
  apply: (world, candidate, magnitude, ctx) => {
    const first = setUpOf(world, candidate, ctx);
    const { subscription, item, line } = first;
    const later = sharing(world, first, ctx).filter((one) => one.item !== item);
    const missing = magnitude === 'high' ? later : later.slice(0, 1);
    item.to = missing.at(-1)?.item.to ?? null;
    const gone = missing.map((one) => one.item);
    subscription.items = subscription.items.filter((one) => !gone.includes(one));
    return missing.map((one) => finding('BK02-RAMP_MISSING', one, one.line.total - line.total));
  },
};

/** The order line that a change came from: its own, or the reduction of its item. */
function amendmentOf(world: CustomerWorld, change: PlanChange) {
  const orders = world.sold.deals.flatMap((deal) => deal.orders);
  for (const order of orders)
    for (const line of order.lines) {
      if (order.originalOrderId === null || line.quantity === 0) continue;
      if (change.kind === 'add_item' && change.item.orderLineKey === line.key)
        return { order, line };
      if (change.kind === 'quantity' && `${line.revises ?? ''}-I` === change.itemKey)
        return { order, line };
    }
  return null;
}

const amendments = (world: CustomerWorld) =>
  world.plan.subscriptions.flatMap((subscription) =>
    subscription.changes.flatMap((change) => {
      const found = amendmentOf(world, change);
      return found ? [{ subscription, change, ...found }] : [];
    }),
  );

const amendmentMissing: Injection = {
  id: 'A09',
  title: 'An amendment that was never applied to its subscription',
  stage: 'plan',
  candidates: (world, ctx) =>
    amendments(world)
      .filter(({ change }) => change.at <= ctx.options.now)
      .map(({ line, change }) => ({ key: line.orderItemId, at: change.at })),
  apply: (world, { key }) => {
    const found = amendments(world).find(({ line }) => line.orderItemId === key);
    if (!found) throw new RangeError(`${key} amends nothing`);
    const { subscription, change, line } = found;
    subscription.changes = subscription.changes.filter((one) => one !== change);
    return [finding('BK02-AMEND_NOT_APPLIED', found, size(line.total))];
  },
};

const couponOf = ({ plan }: CustomerWorld, { subscription }: SetUp): CouponPlan | undefined =>
  plan.coupons.find(({ key }) => key === subscription.couponKey);

/** High never ends, low a month late. */
const lastingCoupon: Injection = {
  id: 'A11',
  title: 'A coupon for the free months that goes on after them',
  stage: 'plan',
  candidates: (world, ctx) =>
    setUps(world, ctx)
      .filter((one) => couponOf(world, one)?.months === 3)
      .map(candidateOf),
  apply: (world, candidate, magnitude, ctx) => {
    const found = setUpOf(world, candidate, ctx);
    const coupon = couponOf(world, found);
    if (!coupon) throw new RangeError(`${candidate.key} has no coupon`);
    const lasting = magnitude === 'high' ? { duration: 'forever', months: null } : { months: 4 };
    Object.assign(coupon, lasting);
    const periods = magnitude === 'high' ? 9n : 1n;
    const each = found.line.netPerPeriod * BigInt(found.line.quantity);
    return [finding('BK02-DISCOUNT_PERSISTS', found, each * periods)];
  },
};

/** Sixty days too many, or (low) fifteen. */
const wrongTerms: Injection = {
  id: 'A12',
  title: 'Payment terms longer than the order has them',
  stage: 'plan',
  candidates: (world, ctx) => setUps(world, ctx).filter(isSteady).map(candidateOf),
  apply: (world, candidate, magnitude, ctx) => {
    const found = setUpOf(world, candidate, ctx);
    const extra = magnitude === 'high' ? 60 : 15;
    found.subscription.daysUntilDue = found.order.paymentTermsDays + extra;
    return sharing(world, found, ctx).map((one) => ({
      ...finding('BK02-TERMS', one, 0n),
      impact: null,
    }));
  },
};

/** What is set up in Stripe otherwise than it was sold (BK-02). */
export const setupInjections: readonly Injection[] = [
  termPrice,
  wrongQuantity,
  lateStart,
  rampMissing,
  amendmentMissing,
  lastingCoupon,
  wrongTerms,
];

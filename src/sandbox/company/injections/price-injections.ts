import { stripeId } from '../../kit/ids';
import { major, RATE_SCALE, type Rate } from '../../kit/units';
import type { Price } from '../../truth/catalog';
import type { ItemPlan, SubscriptionPlan } from '../../truth/plan';
import { servedItems } from '../../usage/service-times';
import { usageHabit } from '../../usage/usage-habit';
import type { CustomerWorld, WorldContext } from '../../world/customer-world';
import type { Candidate, Injection } from '../../world/injection';

export const candidateOf = ({ id, startAt }: SubscriptionPlan): Candidate => ({
  key: id,
  at: startAt,
});

/** The subscription of a candidate. Throws RangeError when the world has no such. */
export function subscriptionIn(
  { plan, customer }: CustomerWorld,
  { key }: Candidate,
): SubscriptionPlan {
  const found = plan.subscriptions.find(({ id }) => id === key);
  if (found === undefined) throw new RangeError(`${customer.key} has no subscription ${key}`);
  return found;
}

/** A Plus plan by the month, at its list price. */
export const isPlainPlus = ({ items, couponKey }: SubscriptionPlan): boolean =>
  items.length === 1 &&
  items[0]?.price.product === 'PLUS' &&
  items[0].price.interval?.unit === 'month' &&
  items[0].price.unit !== 0n &&
  couponKey === null;

/** High asks one dollar (euro, pound, hundred yen), low one minor unit less than the list. */
const offPriceList: Injection = {
  id: 'A19',
  title: 'A self-serve plan on a price that was never published',
  stage: 'plan',
  candidates: ({ customer, plan }) =>
    customer.segment === 'self_serve'
      ? plan.subscriptions.filter(isPlainPlus).map(candidateOf)
      : [],
  apply: (world, candidate, magnitude) => {
    const subscription = subscriptionIn(world, candidate);
    return subscription.items.map((item) => {
      const { currency, unit: list } = item.price;
      const least = currency === 'JPY' ? major(100, currency) : major(1, currency);
      const unit = magnitude === 'high' ? least * RATE_SCALE : (list ?? 0n) - RATE_SCALE;
      item.price = {
        ...item.price,
        ...{ id: stripeId('price', 'off list', item.key), unit, published: false, active: true },
        ...{ createdAt: subscription.createdAt - 60, metadata: {} },
      };
      return {
        ...{ control: 'BK-04', code: 'BK04-OFF_PRICELIST', key: item.id },
        impact: { amount: ((list ?? 0n) - unit) / RATE_SCALE, currency },
      };
    });
  },
};

/** Metered items with about what an average month uses of them. */
function usedItems(world: CustomerWorld, ctx: WorldContext): { item: ItemPlan; monthly: number }[] {
  const { customer, plan } = world;
  if (customer.segment !== 'api' || plan.subscriptions.length === 0) return [];
  const { monthly } = usageHabit(customer, plan, servedItems(plan), ctx);
  return plan.subscriptions
    .flatMap(({ items }) => items)
    .flatMap((item) =>
      item.price.meter === null ? [] : [{ item, monthly: monthly[item.price.meter] }],
    );
}

const itemCandidate = (world: CustomerWorld, { id, key }: ItemPlan): Candidate => ({
  key: id,
  at: world.plan.subscriptions.find(({ items }) => items.some((i) => i.key === key))?.startAt ?? 0,
});

function itemIn({ plan, customer }: CustomerWorld, { key }: Candidate): ItemPlan {
  const found = plan.subscriptions.flatMap(({ items }) => items).find(({ id }) => id === key);
  if (found === undefined) throw new RangeError(`${customer.key} has no item ${key}`);
  return found;
}

/** Well beyond the first tier in most months, so that the two modes differ. */
const isBeyondFirstTier = ({ item, monthly }: { item: ItemPlan; monthly: number }): boolean => {
  const { tiers, tiersMode } = item.price;
  return tiersMode === 'graduated' && monthly > 2 * Number(tiers?.[0]?.upTo ?? 0n);
};

/** A second price in the place of one of the list, loaded when the customer came. */
const loadedAnew = (world: CustomerWorld, item: ItemPlan): Price => ({
  ...item.price,
  ...{ published: false, createdAt: itemCandidate(world, item).at - 60 },
});

/** High changes every tiered item of the customer, low the one. */
const tiersByVolume: Injection = {
  id: 'A39',
  title: 'Tiers set up by volume instead of graduated',
  stage: 'plan',
  candidates: (world, ctx) =>
    usedItems(world, ctx)
      .filter(isBeyondFirstTier)
      .map(({ item }) => itemCandidate(world, item)),
  apply: (world, candidate, magnitude, ctx) => {
    const tiered = usedItems(world, ctx).filter(isBeyondFirstTier);
    const items = tiered
      .map(({ item }) => item)
      .filter(({ id }) => magnitude === 'high' || id === candidate.key);
    return items.map((item) => {
      const id = stripeId('price', 'volume', item.key);
      item.price = { ...loadedAnew(world, item), id, tiersMode: 'volume' };
      return { control: 'US-02', code: 'US02-TIER_MODE', key: item.id, impact: null };
    });
  },
};

const scaled = (price: Price, by: (rate: Rate) => Rate): Price => ({
  ...price,
  unit: price.unit === null ? null : by(price.unit),
  tiers: price.tiers?.map((tier) => ({ ...tier, unit: by(tier.unit) })) ?? null,
});

/** High charges per token what is the price of a thousand, low 2 % too much. */
const wrongRate: Injection = {
  id: 'A40',
  title: 'A metered rate loaded for the wrong unit',
  stage: 'plan',
  candidates: (world, ctx) =>
    usedItems(world, ctx)
      .filter(({ monthly }) => monthly > 30_000_000)
      .map(({ item }) => itemCandidate(world, item)),
  apply: (world, candidate, magnitude) => {
    const item = itemIn(world, candidate);
    const by = (rate: Rate): Rate =>
      magnitude === 'high' ? rate * 1_000n : rate + (rate * 2n) / 100n;
    const id = stripeId('price', 'wrong rate', item.key);
    item.price = { ...scaled(loadedAnew(world, item), by), id };
    return [{ control: 'US-02', code: 'US02-RATE', key: item.id, impact: null }];
  },
};

export const priceInjections: readonly Injection[] = [offPriceList, tiersByVolume, wrongRate];

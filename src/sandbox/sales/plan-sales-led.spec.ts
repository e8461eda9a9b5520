import { addDays, addMonthsToInstant, instantOf, utcDay, type Instant } from '../kit/instants';
import { divideHalfUp, RATE_SCALE, sumOf, type Minor } from '../kit/units';
import { entities } from '../truth/company';
import type { BillingPlan, ItemPlan, SubscriptionPlan } from '../truth/plan';
import type { OrderLine, OrderTruth, Sold } from '../truth/sold';
import { salesOptions, sellAll } from './sales-spec-world';

const everything = sellAll(salesOptions);
const subscriptions = everything.flatMap(({ plan }) => plan.subscriptions);
const activated = (sold: Sold): OrderTruth[] =>
  sold.deals.flatMap((d) => d.orders).filter(({ status }) => status === 'Activated');

const itemsOf = (subscription: SubscriptionPlan): ItemPlan[] => [
  ...subscription.items,
  ...subscription.changes.flatMap((c) => (c.kind === 'add_item' ? [c.item] : [])),
];

test('every line of every activated order is set up once, under its own ids', () => {
  const { now } = salesOptions;
  for (const { sold, plan } of everything) {
    const orderLines = activated(sold).flatMap((o) => o.lines.map((line) => ({ line, order: o })));
    for (const { line, order } of orderLines) {
      const setUp = setUpOf(line, plan);
      expect(new Set(setUp.map(({ metadata }) => JSON.stringify(metadata))).size).toBeLessThan(2);
      for (const { metadata } of setUp)
        expect(metadata).toEqual({
          salesforce_order_id: order.orderId,
          salesforce_order_item_id: line.orderItemId,
        });
      const begun = line.startOn > order.effectiveOn ? line.startOn : order.effectiveOn;
      const month = addDays(begun, 32) < utcDay(now);
      const isFree = line.segment === 1 && line.discount === 1_000_000n;
      if (line.quantity > 0 && month && line.product !== 'API-COMMIT')
        expect(setUp.length > 0).toBe(!isFree);
    }
  }
});

const setUpOf = (line: OrderLine, plan: BillingPlan) => [
  ...plan.subscriptions
    .flatMap(itemsOf)
    .filter(({ orderLineKey }) => orderLineKey === line.key)
    .map(({ metadata }) => ({ metadata })),
  ...plan.oneOffs.filter(({ orderLineKey }) => orderLineKey === line.key),
];

test('prices are those of the order line per billing period, archived, in its currency', () => {
  const lines = new Map(
    everything.flatMap(({ sold }) =>
      activated(sold).flatMap((order) => order.lines.map((line) => [line.key, { order, line }])),
    ) as [string, { order: OrderTruth; line: OrderLine }][],
  );
  const items = subscriptions.flatMap(itemsOf);
  expect(items.length).toBeGreaterThan(250);
  for (const { price, orderLineKey, quantity } of items) {
    const found = lines.get(orderLineKey ?? '');
    expect(found?.order.currency).toBe(price.currency);
    expect([price.active, price.published]).toEqual([false, false]);
    if (found?.line.charge === 'usage') expect(price.unit).toBe(found.line.overage);
    else if (found?.line.netPerPeriod !== 0n)
      expect(price.unit).toBe((found?.line.netPerPeriod ?? -1n) * RATE_SCALE);
    if (found?.line.charge === 'recurring') expect(quantity).toBe(BigInt(found.line.quantity));
  }
});

test('a subscription runs over the days of its order in the books of its entity', () => {
  for (const { customer, sold, plan } of everything)
    for (const subscription of plan.subscriptions) {
      const { zone } = entities[customer.entity];
      const order = activated(sold).find(({ key }) => key === subscription.orderKeys[0]);
      expect(zone.dayOf(subscription.startAt)).toBe(order?.effectiveOn);
      expect(subscription.daysUntilDue).toBe(order?.paymentTermsDays);
      expect(subscription.metadata).toEqual({ salesforce_order_id: order?.orderId });
      if (subscription.endsAt !== null)
        expect(zone.dayOf(subscription.endsAt)).toBe(addDays(order?.endOn ?? '', 1));
    }
});

test('a ramp is one item after another, without a gap', () => {
  const ramps = subscriptions.filter(({ items }) => items.some(({ from }) => from !== null));
  expect(ramps.length).toBeGreaterThan(8);
  for (const { items, startAt, endsAt } of ramps) {
    expect(items.map(({ from }) => from)).toEqual([startAt, items[0]?.to, items[1]?.to]);
    expect(items.at(-1)?.to).toBe(endsAt);
  }
});

test('a prepaid year of usage buys credit that ends with it, a minimum is on its meters', () => {
  const grants = everything.flatMap(({ plan }) =>
    plan.grants.map(
      (grant) => [grant, plan.oneOffs.find(({ key }) => key === grant.boughtBy)] as const,
    ),
  );
  expect(grants.length).toBeGreaterThan(20);
  for (const [grant, charge] of grants) {
    expect(grant.amount).toBe(charge?.unit);
    expect(grant.expiresAt).toBe(charge?.periodEnd);
  }
  const withMinimum = subscriptions.filter(({ minimum }) => minimum);
  expect(withMinimum.length).toBeGreaterThan(3);
  for (const { items, minimum } of withMinimum) {
    expect(items.every(({ price }) => price.usage === 'metered')).toBe(true);
    expect((minimum?.amount ?? 0n) > 0n).toBe(true);
  }
});

test('what is set up for contracts that are over comes to what was sold, to the last unit', () => {
  const later = sellAll({ ...salesOptions, now: instantOf('2027-06-30T20:00:00Z') });
  let compared = 0;
  for (const { sold, plan } of later)
    for (const contract of sold.contracts.filter((c) => c.endOn < '2027-06-01' && !c.evergreen)) {
      const orders = activated(sold).filter((o) => o.contractId === contract.contractId);
      if (
        orders.some((o) => o.lines.some(({ commit, charge }) => commit && charge === 'recurring'))
      )
        continue; // a minimum depends on usage
      const keys = orders.map(({ key }) => key);
      const lineKeys = orders.flatMap((o) => o.lines.map(({ key }) => key));
      const planned = [
        ...plan.subscriptions
          .filter((s) => s.orderKeys.some((key) => keys.includes(key)))
          .map((s) => plannedValue(s, plan)),
        ...plan.oneOffs
          .filter((c) => lineKeys.includes(c.orderLineKey ?? ''))
          .map((c) => c.unit * c.quantity),
      ];
      expect(sumOf(planned)).toBe(sumOf(orders.map(({ total }) => total)));
      compared += 1;
    }
  expect(compared).toBeGreaterThan(100);
});

test('a later now leaves what was set up as it was, and adds to it', () => {
  const now = instantOf('2025-11-14T18:00:00Z');
  const laterPlans = new Map(everything.map(({ customer, plan }) => [customer.key, plan]));
  let compared = 0;
  for (const { customer, plan } of sellAll({ ...salesOptions, now })) {
    const later = laterPlans.get(customer.key);
    expect(later?.oneOffs).toEqual(expect.arrayContaining(plan.oneOffs));
    expect(later?.grants).toEqual(expect.arrayContaining(plan.grants));
    expect(later?.paying.method).toBe(plan.paying.method);
    for (const earlier of plan.subscriptions) {
      const same = later?.subscriptions.find(({ key }) => key === earlier.key);
      expect(same?.items).toEqual(earlier.items);
      expect(same?.changes.slice(0, earlier.changes.length)).toEqual(earlier.changes);
      expect([same?.id, same?.startAt, same?.endsAt]).toEqual([
        ...[earlier.id, earlier.startAt, earlier.endsAt],
      ]);
      compared += 1;
    }
  }
  expect(compared).toBeGreaterThan(80);
});

interface Stretch {
  item: ItemPlan;
  quantity: bigint;
  from: Instant;
  to: Instant;
}

/** What a subscription bills over its term: whole cycles, and shares of them by seconds. */
function plannedValue(subscription: SubscriptionPlan, plan: BillingPlan): Minor {
  const coupon = plan.coupons.find(({ key }) => key === subscription.couponKey);
  const freeUntil = addMonthsToInstant(subscription.startAt, coupon?.months ?? 0);
  return sumOf(
    stretchesOf(subscription).flatMap(({ item, quantity, from, to }) =>
      cyclesOf(subscription, item).map(([start, end]) => {
        const seconds = Math.min(to, end) - Math.max(from, start);
        if (seconds <= 0 || start < freeUntil) return 0n;
        const whole = ((item.price.unit ?? 0n) * quantity) / RATE_SCALE;
        return divideHalfUp(whole * BigInt(seconds), BigInt(end - start));
      }),
    ),
  );
}

function stretchesOf(subscription: SubscriptionPlan): Stretch[] {
  const { startAt, changes } = subscription;
  const endsAt = subscription.endsAt ?? startAt;
  const whole = (item: ItemPlan, from: Instant): Stretch[] =>
    item.price.usage === 'metered'
      ? []
      : [{ item, quantity: item.quantity ?? 0n, from: item.from ?? from, to: item.to ?? endsAt }];
  const stretches = subscription.items.flatMap((item) => whole(item, startAt));
  for (const change of changes) {
    if (change.kind === 'add_item') stretches.push(...whole(change.item, change.at));
    if (change.kind !== 'quantity') continue;
    const last = stretches.filter(({ item }) => item.key === change.itemKey).at(-1);
    if (!last) throw new RangeError(`${change.itemKey} is changed before it is there`);
    stretches.push({ ...last, from: change.at, quantity: change.quantity });
    last.to = change.at;
  }
  return stretches;
}

function cyclesOf({ anchorAt, endsAt }: SubscriptionPlan, { price }: ItemPlan) {
  const months = (price.interval?.count ?? 1) * (price.interval?.unit === 'year' ? 12 : 1);
  const cycles: [Instant, Instant][] = [];
  for (let at = anchorAt, n = 1; at < (endsAt ?? anchorAt); n += 1) {
    const next = addMonthsToInstant(anchorAt, n * months);
    cycles.push([at, next]);
    at = next;
  }
  return cycles;
}

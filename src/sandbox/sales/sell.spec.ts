import { instantOf } from '../kit/instants';
import { priceOf, rateOf, sumOf } from '../kit/units';
import { entities } from '../truth/company';
import type { Deal, OrderTruth } from '../truth/sold';
import type { LookAlike } from '../world/world-context';
import { salesOptions, sellAll } from './sales-spec-world';
import { addWorkingDays } from './working-time';

const everything = sellAll(salesOptions);
const deals = everything.flatMap(({ customer, sold }) =>
  sold.deals.map((deal) => ({ deal, zone: entities[customer.entity].zone })),
);
const won = deals.filter(({ deal }) => deal.isWon);
const orders = deals.flatMap(({ deal, zone }) => deal.orders.map((order) => ({ order, zone })));
const share = (some: number, all: number): number => Math.round((100 * some) / all);

test('the company sells about 1.3 terms per account, a sixth of its orders amend', () => {
  const amending = orders.filter(({ order }) => order.originalOrderId !== null);
  const terms = won.filter(({ deal }) => deal.type !== 'Amendment');
  expect(share(terms.length, everything.length)).toBeGreaterThanOrEqual(120);
  expect(share(terms.length, everything.length)).toBeLessThanOrEqual(140);
  expect(share(amending.length, orders.length)).toBeGreaterThanOrEqual(14);
  expect(share(amending.length, orders.length)).toBeLessThanOrEqual(20);
  expect(deals.filter(({ deal }) => !deal.isClosed).length).toBeGreaterThan(8);
});

test('every shape is sold, and its share is near that of the company profile', () => {
  const first = won.filter(({ deal }) => deal.type === 'New Business').map(({ deal }) => deal);
  const shares = (['A1', 'A2', 'A3', 'M1', 'U1', 'U2', 'S1', 'B1', 'F1', 'Z1'] as const).map(
    (shape) => share(first.filter((deal) => deal.shape === shape).length, first.length),
  );
  [35, 15, 6, 10, 14, 5, 8, 4, 2, 1].forEach((expected, i) => {
    expect(Math.abs((shares[i] ?? 0) - expected)).toBeLessThanOrEqual(5);
    expect(shares[i]).toBeGreaterThan(0);
  });
});

test('a deal, its lines and its orders are one amount', () => {
  for (const { deal } of won) {
    expect(sumOf(deal.lines.map(({ total }) => total))).toBe(deal.amount);
    expect(deal.quote?.netAmount).toBe(deal.amount);
    if (deal.orders.length > 0)
      expect(sumOf(deal.orders.map(({ total }) => total))).toBe(deal.amount);
  }
});

test('an order is the sum of lines, each a term price rounded once times a quantity', () => {
  for (const { order } of orders) {
    expect(sumOf(order.lines.map(({ total }) => total))).toBe(order.total);
    for (const line of order.lines) {
      expect(priceOf(rateOf(line.multiplier), line.netPerPeriod)).toBe(line.unitForTerm);
      expect(line.unitForTerm * BigInt(line.quantity)).toBe(line.total);
      expect(line.netPerPeriod <= line.listPerPeriod).toBe(true);
    }
  }
});

test('a stub of days is worth whole minor units, so that proration loses none', () => {
  const stubs = orders
    .flatMap(({ order }) => order.lines)
    .filter(({ multiplier, quantity }) => multiplier.includes('.') && quantity !== 0);
  expect(stubs.length).toBeGreaterThan(10);
  expect(stubs.some(({ multiplier }) => multiplier === '0.630136986301')).toBe(true); // 230 / 365
  for (const line of stubs) {
    const days = BigInt(Math.round(Number(line.multiplier) * 365));
    expect(line.unitForTerm * 365n).toBe(line.netPerPeriod * days);
  }
});

test('amounts in thousandths end in zero', () => {
  const amounts = orders
    .filter(({ order }) => ['KWD', 'BHD'].includes(order.currency))
    .flatMap(({ order }) => order.lines.flatMap((l) => [l.netPerPeriod, l.unitForTerm]));
  expect(amounts.length).toBeGreaterThan(2);
  expect(amounts.filter((amount) => amount % 10n !== 0n)).toEqual([]);
});

test('a won deal is ordered within three working days, or after the day it waited for', () => {
  for (const { deal, zone } of won)
    for (const { activatedAt, effectiveOn } of deal.orders) {
      if (activatedAt === null) continue;
      const from = deal.orderAfter ?? deal.closeDate;
      expect(zone.dayOf(activatedAt) <= addWorkingDays(from, 3)).toBe(true);
      expect(zone.dayOf(activatedAt) < effectiveOn).toBe(true);
    }
});

test('a deal closes on the book day of the instant at which it was won', () => {
  for (const { deal, zone } of won) {
    const last = deal.stages.at(-1);
    expect(last && zone.dayOf(last.at)).toBe(deal.closeDate);
  }
});

test('amendments fold to a position that is never below nothing, until the same end', () => {
  const byId = new Map(orders.map(({ order }) => [order.orderId, order]));
  const amending = orders.filter(({ order }) => order.originalOrderId !== null);
  const reductions = amending.filter(({ order }) => order.type === 'Reduction');
  expect(reductions.length).toBeGreaterThan(5);
  for (const { order } of amending) {
    const original = byId.get(order.originalOrderId ?? '');
    expect(original?.endOn).toBe(order.endOn);
    expect(seats(original) + seats(order)).toBeGreaterThan(0);
    expect(seats(order) < 0).toBe(order.type === 'Reduction');
  }
});

test('what is added to an order is sold on its terms, because it is billed on them', () => {
  const byId = new Map(orders.map(({ order }) => [order.orderId, order]));
  const added = orders
    .map(({ order }) => order)
    .filter(({ originalOrderId, type }) => originalOrderId !== null && type !== 'Reduction');
  expect(added.length).toBeGreaterThan(5);
  for (const { originalOrderId, paymentTermsDays } of added)
    expect(paymentTermsDays).toBe(byId.get(originalOrderId ?? '')?.paymentTermsDays);
});

const seats = (order: OrderTruth | undefined): number =>
  (order?.lines ?? [])
    .filter(({ product, charge }) => product === 'ENT-SEAT' && charge === 'recurring')
    .reduce((sum, { quantity }) => sum + quantity, 0);

test('every id has 18 characters and is given once', () => {
  const ids = deals.flatMap(({ deal }) => idsOf(deal));
  expect(ids.filter((id) => !/^[0-9A-Za-z]{15}[A-Z0-5]{3}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
  const numbers = orders.map(({ order }) => order.number);
  expect(new Set(numbers).size).toBe(numbers.length);
});

const idsOf = (deal: Deal): string[] => [
  deal.opportunityId,
  ...(deal.quote ? [deal.quote.quoteId, ...deal.quote.lines.map((l) => l.quoteLineId)] : []),
  ...deal.lines.map(({ lineItemId }) => lineItemId),
  ...deal.orders.flatMap((o) => [o.orderId, ...o.lines.map((l) => l.orderItemId)]),
  ...deal.approvals.flatMap((a) => [a.processId, a.stepId]),
];

test('the same seed sells the same, another seed something else', () => {
  const small = { ...salesOptions, scale: 0.02 };
  expect(sellAll(small)).toEqual(sellAll(small));
  expect(sellAll({ ...small, seed: 'another' })).not.toEqual(sellAll(small));
});

test('a later now leaves what had happened as it was', () => {
  const earlier = sellAll({ ...salesOptions, now: instantOf('2025-11-14T18:00:00Z') });
  const later = new Map(everything.map((one) => [one.customer.key, one]));
  const facts = (all: typeof everything, cut: number) =>
    all.flatMap(({ sold }) =>
      sold.deals.flatMap((deal) => [
        ...deal.stages.filter(({ at }) => at <= cut).map((s) => [deal.opportunityId, s]),
        ...deal.edits.filter(({ at }) => at <= cut).map((e) => [e.recordId, e]),
        ...deal.orders
          .filter(({ activatedAt }) => activatedAt !== null && activatedAt <= cut)
          .map((o) => [deal.opportunityId, o]),
        ...deal.approvals.filter((a) => a.decidedAt !== null && a.decidedAt <= cut),
      ]),
    );
  const cut = instantOf('2025-11-14T18:00:00Z');
  const same = earlier.flatMap(({ customer }) => later.get(customer.key) ?? []);
  expect(same.length).toBe(earlier.length);
  expect(facts(same, cut)).toEqual(facts(earlier, cut));
});

test('look-alikes come at natural rates, and none where none are asked for', () => {
  const ids = [...new Set(notedIn(true).map(({ id }) => id))].sort();
  expect(ids.join(' ')).toBe(
    'L01 L03 L04 L05 L07 L08 L09 L10 L11 L12 L13 L18 L20 L21 L22 L23 L24 L25 L27 L43',
  );
  expect(notedIn(false)).toEqual([]);
});

function notedIn(lookAlikes: boolean): LookAlike[] {
  const noted: LookAlike[] = [];
  sellAll({ ...salesOptions, lookAlikes }, (one) => noted.push(one));
  return noted;
}

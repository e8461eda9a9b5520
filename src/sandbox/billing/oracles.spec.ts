import { instantOf } from '../kit/instants';
import { rateOf, RATE_SCALE } from '../kit/units';
import type { Billing } from '../truth/billing';
import type { Price } from '../truth/catalog';
import type { BillingPlan, PlanChange, SubscriptionPlan } from '../truth/plan';
import type { Usage } from '../truth/usage';
import { bill } from './bill';
import { endingBalance } from './finalise-invoice';
import { ratePrice } from './rate-price';
import {
  meteredPrice,
  sampleContext,
  sampleCustomer,
  sampleItem,
  samplePlan,
  samplePrice,
  sampleSubscription,
  sampleUsage,
} from './sample-plan';

/** Figures of CONTROLS §6: published by Stripe or others, or derived there. */
const billed = (
  subscription: SubscriptionPlan,
  now: string,
  more: { usage?: Usage; plan?: Partial<BillingPlan>; currency?: string } = {},
): Billing =>
  bill(
    sampleCustomer({ currency: more.currency ?? 'EUR' }),
    samplePlan({ subscriptions: [subscription], ...more.plan }),
    more.usage ?? sampleUsage(),
    sampleContext(now),
  );

const amounts = ({ invoices }: Billing): bigint[][] =>
  invoices.map(({ lines }) => lines.map(({ amount }) => amount));

const toPrice = (at: string, minorUnits: string, rest = {}): PlanChange => ({
  ...{ at: instantOf(at), kind: 'price', itemKey: 'item', price: samplePrice(minorUnits) },
  ...{ proration: 'create_prorations', ...rest },
});

const monthly = (start: string, minorUnits: string, changes: PlanChange[]) =>
  sampleSubscription(start, [sampleItem(samplePrice(minorUnits))], { changes });

describe('prorations', () => {
  test.each([
    ['ST-05', '9000', '12000', [-3000n, 4000n]],
    ['ST-06', '9000', '3000', [-3000n, 1000n]],
  ])('%s: 10 of 30 days are credited and charged anew', (_id, from, to, expected) => {
    const sub = monthly('2026-04-01T00:00:00Z', from, [toPrice('2026-04-21T00:00:00Z', to)]);
    const billing = billed(sub, '2026-05-02T00:00:00Z');
    expect(amounts(billing)).toEqual([[BigInt(from)], [BigInt(to), ...expected]]);
  });

  test('ST-08: half of the period', () => {
    const sub = monthly('2026-04-01T00:00:00Z', '1000', [toPrice('2026-04-16T00:00:00Z', '2000')]);
    expect(amounts(billed(sub, '2026-05-02T00:00:00Z'))[1]).toEqual([2000n, -500n, 1000n]);
  });

  test('OW-05: to the second, each side rounded on its own, and linked to what it credits', () => {
    const sub = monthly('2026-03-01T00:00:00Z', '1000', [
      toPrice('2026-03-11T07:30:00Z', '2000', { proration: 'always_invoice' }),
    ]);
    const billing = billed(sub, '2026-03-12T00:00:00Z');
    expect(amounts(billing)).toEqual([[1000n], [-667n, 1335n]]);
    const [first, update] = billing.invoices;
    expect(update?.reason).toBe('subscription_update');
    expect(update?.lines[0]?.credits).toEqual([first?.lines[0]?.key]);
    expect(update?.totals.amountPaid).toBe(668n);
  });

  test('a second change credits the charge of the first, not the original', () => {
    const sub = monthly('2026-04-01T00:00:00Z', '3000', [
      toPrice('2026-04-11T00:00:00Z', '6000'),
      toPrice('2026-04-21T00:00:00Z', '9000'),
    ]);
    const [, cycle] = billed(sub, '2026-05-02T00:00:00Z').invoices;
    const lines = cycle?.lines.map(({ amount, credits }) => [amount, credits.length]);
    expect(lines).toEqual([
      [9000n, 0],
      [-2000n, 1],
      [4000n, 0],
      [-2000n, 1],
      [3000n, 0],
    ]);
    expect(cycle?.lines[3]?.credits).toEqual([cycle?.lines[2]?.key]);
  });

  test('a downgrade below nothing is a paid invoice, and its credit pays the next (S7)', () => {
    const sub = monthly('2026-04-01T00:00:00Z', '9000', [
      toPrice('2026-04-02T00:00:00Z', '1000', { proration: 'always_invoice' }),
    ]);
    const billing = billed(sub, '2026-05-02T00:00:00Z');
    const [, update, cycle] = billing.invoices;
    expect(update?.totals.total).toBe(-7733n);
    expect([update?.status, update?.totals.amountDue, update?.endingBalance]).toEqual([
      'paid',
      0n,
      -7733n,
    ]);
    expect([cycle?.startingBalance, cycle?.endingBalance, cycle?.totals.amountDue]).toEqual([
      -7733n,
      -6733n,
      0n,
    ]);
    expect(billing.balance).toBe(-6733n);
  });

  test('a prorated co-term stub comes before the rhythm of its anchor (L10)', () => {
    const price = samplePrice('36500', { interval: { unit: 'year', count: 1 } });
    const sub = sampleSubscription('2025-02-14T00:00:00Z', [sampleItem(price)], {
      anchorAt: instantOf('2025-10-02T00:00:00Z'),
    });
    const billing = billed(sub, '2025-10-03T00:00:00Z');
    // 230 of 365 days.
    expect(amounts(billing)).toEqual([[23000n], [36500n]]);
    expect(billing.invoices[0]?.lines[0]?.kind).toBe('proration_debit');
  });
});

describe('usage', () => {
  const per100 = (minorUnits: string): Price =>
    meteredPrice(minorUnits, { unit: rateOf(minorUnits) / 100n });
  const change: PlanChange = {
    ...{ at: instantOf('2026-01-15T00:00:00Z'), kind: 'price', itemKey: 'item' },
    ...{ price: per100('15'), proration: 'none' },
  };
  const usage = sampleUsage([
    ['2026-01-05T10:00:00Z', 1000],
    ['2026-01-20T10:00:00Z', 500],
  ]);

  test.each([
    ['classic' as const, [75n]],
    ['flexible' as const, [100n, 75n]],
  ])('ST-09: a price change in %s mode', (mode, expected) => {
    const item = sampleItem(per100('10'));
    const sub = sampleSubscription('2026-01-01T00:00:00Z', [item], { mode, changes: [change] });
    expect(amounts(billed(sub, '2026-02-02T00:00:00Z', { usage }))).toEqual([expected]);
  });

  test.each([
    ['classic' as const, [25000n]],
    ['flexible' as const, [10000n, 15000n]],
  ])('ST-10: two backdated months in %s mode', (mode, expected) => {
    const sub = sampleSubscription('2026-05-01T00:00:00Z', [sampleItem(meteredPrice('100'))], {
      ...{ mode, startAt: instantOf('2026-03-01T00:00:00Z') },
    });
    const backdated = sampleUsage([
      ['2026-03-10T00:00:00Z', 100],
      ['2026-04-10T00:00:00Z', 150],
    ]);
    const billing = billed(sub, '2026-05-02T00:00:00Z', { usage: backdated });
    expect(amounts(billing)).toEqual([expected]);
  });

  test('counts an hour in the period that holds its first event, to the second', () => {
    const sub = sampleSubscription('2026-01-31T07:30:12Z', [sampleItem(meteredPrice('1'))]);
    const edge = sampleUsage([
      ['2026-01-31T07:30:11Z', 1],
      ['2026-01-31T07:30:12Z', 10],
      ['2026-02-28T07:30:11Z', 100],
      ['2026-02-28T07:30:12Z', 1000],
    ]);
    expect(amounts(billed(sub, '2026-03-01T00:00:00Z', { usage: edge }))).toEqual([[110n]]);
  });

  test('without usage has no line in flexible mode, and a line of nothing in classic (L35)', () => {
    const sub = (mode: 'classic' | 'flexible') =>
      sampleSubscription('2026-01-01T00:00:00Z', [sampleItem(meteredPrice('1'))], { mode });
    expect(amounts(billed(sub('flexible'), '2026-02-02T00:00:00Z'))).toEqual([]);
    expect(amounts(billed(sub('classic'), '2026-02-02T00:00:00Z'))).toEqual([[0n]]);
  });

  test('below a monthly minimum is topped up to it', () => {
    const sub = sampleSubscription('2026-01-01T00:00:00Z', [sampleItem(meteredPrice('1'))], {
      minimum: {
        ...{ product: 'API-COMMIT', amount: 5000n, description: 'Minimum', orderLineKey: 'L' },
      },
    });
    const few = sampleUsage([['2026-01-05T00:00:00Z', 4200]]);
    expect(amounts(billed(sub, '2026-02-02T00:00:00Z', { usage: few }))).toEqual([[4200n, 800n]]);
    expect(amounts(billed(sub, '2026-02-02T00:00:00Z'))).toEqual([[5000n]]);
  });
});

describe('prices in tiers', () => {
  const tiers = [
    { upTo: 5n, unit: rateOf('700') },
    { upTo: 10n, unit: rateOf('650') },
    { upTo: null, unit: rateOf('600') },
  ];
  const price = (tiersMode: 'graduated' | 'volume') =>
    samplePrice('0', { unit: null, tiers, tiersMode });

  test.each([
    [6n, 4150n, 3900n],
    [20n, 12750n, 12000n],
    [25n, 15750n, 15000n],
  ])('PB-05: %s units, graduated and by volume', (quantity, graduated, volume) => {
    expect(ratePrice(price('graduated'), quantity)).toBe(graduated);
    expect(ratePrice(price('volume'), quantity)).toBe(volume);
  });

  test('PB-04: half a unit is rounded up once per line, in the step of the currency', () => {
    const unit = (rate: bigint, currency: string) => samplePrice('1', { unit: rate, currency });
    expect(ratePrice(unit((44556n * RATE_SCALE) / 1000n, 'USD'), 1n)).toBe(45n);
    expect(ratePrice(unit(rateOf('0.00025'), 'USD'), 189_363n)).toBe(47n);
    expect(ratePrice(unit(rateOf('0.5'), 'JPY'), 3n)).toBe(2n);
    expect(ratePrice(unit(rateOf('1.5'), 'KWD'), 10n)).toBe(20n);
    expect(ratePrice(unit(rateOf('1.4'), 'KWD'), 10n)).toBe(10n);
  });
});

test.each([
  [3100n, -1100n, 2000n],
  [3100n, 1000n, 4100n],
  [-3100n, 0n, 0n],
  [30n, 0n, 0n],
])('ST-30: a total of %s on a balance of %s is due with %s', (total, starting, due) => {
  expect(total + starting - endingBalance(total, starting, 50n)).toBe(due);
});

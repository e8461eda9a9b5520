import { addMonthsToInstant, DAY, instantOf, type Instant } from '../kit/instants';
import type { Customer, Segment, WorldOptions } from '../truth/company';
import type { BillingPlan, PlanChange, SubscriptionPlan } from '../truth/plan';
import { worldContext } from '../world/world-context';
import { hasTrait } from './exemplars';
import { planApi } from './plan-api';
import { planSelfServe } from './plan-self-serve';
import { planTeam } from './plan-team';
import { listChangedAt } from './price-list';
import { openRoster } from './roster';

interface Planned {
  customer: Customer;
  plan: BillingPlan;
}

const options: WorldOptions = {
  ...{ seed: 'plan spec', scale: 0.15, lookAlikes: true },
  now: instantOf('2026-07-01T00:00:00Z'),
};

const planners = { self_serve: planSelfServe, team: planTeam, api: planApi };

function planAll(of: WorldOptions, notes = new Map<string, string[]>()): Planned[] {
  const roster = openRoster(of);
  const ctx = worldContext(of, ({ id, key }) => notes.set(id, [...(notes.get(id) ?? []), key]));
  return Array.from({ length: roster.size }, (_, i) => roster.customer(i + 1)).flatMap(
    (customer) => {
      if (customer.segment === 'sales_led') return [];
      return [{ customer, plan: planners[customer.segment](customer, ctx) }];
    },
  );
}

const notes = new Map<string, string[]>();
const planned = planAll(options, notes);
const subscriptionsOf = (segment: Segment): SubscriptionPlan[] =>
  planned
    .filter(({ customer }) => customer.segment === segment)
    .flatMap(({ plan }) => plan.subscriptions);
const changesOf = <Kind extends PlanChange['kind']>(
  segment: Segment,
  kind: Kind,
): Extract<PlanChange, { kind: Kind }>[] =>
  subscriptionsOf(segment).flatMap(({ changes }) =>
    changes.filter((c): c is Extract<PlanChange, { kind: Kind }> => c.kind === kind),
  );

/** The months that subscriptions were alive, counted until they asked to leave. */
const monthsOf = (subscriptions: readonly SubscriptionPlan[]): number =>
  subscriptions.reduce((sum, { anchorAt, changes }) => {
    const end = changes.find(({ kind }) => kind === 'cancel')?.at ?? options.now;
    return sum + Math.max(0, end - anchorAt) / 2_629_746;
  }, 0);

const isAnnual = ({ items }: SubscriptionPlan): boolean =>
  items[0]?.price.interval?.unit === 'year';

describe('plans', () => {
  test('have at an earlier now the same past, and nothing of the future', () => {
    const earlier = instantOf('2025-11-11T11:11:11Z');
    const then = new Map(
      planAll({ ...options, now: earlier }).map(({ customer, plan }) => [customer.key, plan]),
    );
    const cut = (plan: BillingPlan, now: Instant): BillingPlan => ({
      ...plan,
      subscriptions: plan.subscriptions
        .filter(({ createdAt }) => createdAt <= now)
        .map((s) => ({ ...s, changes: s.changes.filter(({ at }) => at <= now) })),
      oneOffs: plan.oneOffs.filter(({ at }) => at <= now),
      grants: plan.grants.filter(({ effectiveAt }) => effectiveAt <= now),
      coupons: [],
    });
    for (const { customer, plan } of planned) {
      if (customer.arrivedAt > earlier) continue;
      expect(then.get(customer.key)).toEqual({ ...cut(plan, earlier), coupons: expect.anything() });
    }
    expect(then.size).toBeGreaterThan(1_000);
  });

  test('of self-serve customers are annual, churn and pause at the rates of the company', () => {
    const all = subscriptionsOf('self_serve');
    const monthly = all.filter((one) => !isAnnual(one) && one.items[0]?.price.unit !== 0n);
    expect(Math.abs(all.filter(isAnnual).length / all.length - 0.12)).toBeLessThan(0.03);
    const leaving = monthly.filter(
      ({ changes, anchorAt }) => (changes.find((c) => c.kind === 'cancel')?.at ?? 0) > anchorAt,
    );
    expect(Math.abs(leaving.length / monthsOf(monthly) - 0.04)).toBeLessThan(0.004);
    const pauses = changesOf('self_serve', 'pause');
    expect(pauses.length).toBeGreaterThan(10);
    for (const { at, until } of pauses) expect(until - at).toBeLessThanOrEqual(60 * DAY);
  });

  test('begin at the second of arrival, after a trial of fourteen days at most', () => {
    for (const { customer, plan } of planned) {
      const [first] = plan.subscriptions;
      if (first === undefined || hasTrait(customer, 'leapYear')) continue;
      expect(first.startAt).toBe(customer.arrivedAt);
      expect(first.anchorAt).toBe(first.trialEndAt ?? customer.arrivedAt);
      if (first.trialEndAt !== null) expect(first.trialEndAt - first.startAt).toBe(14 * DAY);
    }
    const seconds = new Set(planned.map(({ customer }) => customer.arrivedAt % 60));
    expect(seconds.size).toBe(60);
  });

  test('change seats 6 times up and 3 times down in 100 team-months', () => {
    const teams = subscriptionsOf('team');
    const months = monthsOf(teams);
    const steps = teams.flatMap(({ items, changes }) => {
      let seats = items[0]?.quantity ?? 0n;
      return changes.flatMap((change) => {
        if (change.kind !== 'quantity') return [];
        const step = change.quantity - seats;
        seats = change.quantity;
        return [step];
      });
    });
    expect(Math.abs(steps.filter((step) => step > 0n).length / months - 0.06)).toBeLessThan(0.015);
    expect(Math.abs(steps.filter((step) => step < 0n).length / months - 0.03)).toBeLessThan(0.015);
    expect(steps.filter((step) => step === 0n)).toEqual([]);
    for (const { items } of teams) {
      expect(items[0]?.quantity).toBeGreaterThanOrEqual(2n);
      expect(items[0]?.quantity).toBeLessThanOrEqual(150n);
    }
  });

  test('let no proration of an annual plan wait for its next invoice', () => {
    const annual = subscriptionsOf('team').filter(isAnnual);
    const more: string[] = [];
    const fewer: string[] = [];
    for (const { items, changes, anchorAt } of annual) {
      let seats = items[0]?.quantity ?? 0n;
      for (const change of changes) {
        if (change.kind !== 'quantity') continue;
        (change.quantity > seats ? more : fewer).push(change.proration);
        const years = [1, 2].map((n) => addMonthsToInstant(anchorAt, 12 * n));
        // No credit: it would lie idle for up to a year (CA03-CREDIT_AGED).
        if (change.quantity < seats) expect(years).toContain(change.at);
        seats = change.quantity;
      }
    }
    expect(Math.min(more.length, fewer.length)).toBeGreaterThan(3);
    expect([new Set(more), new Set(fewer)]).toEqual([
      new Set(['always_invoice']),
      new Set(['none']),
    ]);
  });

  test('bring a contract year with 29 February 2024 into the books, whatever the scale', () => {
    for (const scale of [0.001, 0.15]) {
      const came = planAll({ ...options, scale }).find(({ customer }) => {
        return hasTrait(customer, 'leapYear');
      });
      const [first] = came?.plan.subscriptions ?? [];
      expect(first?.startAt).toBe(instantOf('2024-02-12T18:20:37Z'));
      expect(first?.items[0]?.price.interval?.unit).toBe('year');
      expect(first?.createdAt).toBe(came?.customer.arrivedAt);
    }
  });

  test('bill about 9,000 Plus customers by now at scale 1, twice as many as at first', () => {
    const aliveAt = (at: Instant): number =>
      subscriptionsOf('self_serve').filter(({ createdAt, changes }) => {
        const left = changes.find(({ kind }) => kind === 'cancel')?.at ?? Infinity;
        return createdAt <= at && left > at;
      }).length / options.scale;
    const [early, late] = [aliveAt(instantOf('2024-08-01T00:00:00Z')), aliveAt(options.now)];
    expect(Math.abs(late / early - 1.03 ** 23)).toBeLessThan(0.3);
    expect(Math.abs(late - 9_000)).toBeLessThan(700);
  });

  test('end metered service with a period, and never in flexible mode before it existed', () => {
    for (const { atPeriodEnd } of changesOf('api', 'cancel')) expect(atPeriodEnd).toBe(true);
    const all = planned.flatMap(({ plan }) => plan.subscriptions);
    const flexible = all.filter(({ mode }) => mode === 'flexible');
    expect(flexible.length).toBeGreaterThan(100);
    const first = Math.min(...flexible.map(({ createdAt }) => createdAt));
    expect(first).toBeGreaterThanOrEqual(instantOf('2025-07-01T00:00:00Z'));
  });

  test('move metered prices in mid-period in flexible mode only', () => {
    const moved = subscriptionsOf('api').filter(({ changes }) =>
      changes.some(({ kind }) => kind === 'price'),
    );
    expect(moved.length).toBeGreaterThan(1);
    for (const { mode, changes, items } of moved) {
      expect(mode).toBe('flexible');
      const prices = changes.flatMap((change) => (change.kind === 'price' ? [change] : []));
      expect(prices.map(({ itemKey }) => itemKey)).toEqual(items.map(({ key }) => key));
      for (const { price, at } of prices) {
        expect(price.metadata.price_list).toBe('2025-10');
        expect(at).toBeGreaterThan(listChangedAt);
      }
    }
  });

  test('give a grant of a year for every top-up, of the amount paid', () => {
    const bought = planned.flatMap(({ plan }) =>
      plan.oneOffs
        .filter(({ product }) => product === 'CREDIT-TOPUP')
        .map((charge) => ({
          charge,
          grant: plan.grants.find(({ boughtBy }) => boughtBy === charge.key),
        })),
    );
    expect(bought.length).toBeGreaterThan(100);
    for (const { charge, grant } of bought)
      expect(grant).toMatchObject({
        category: 'paid',
        amount: charge.unit * charge.quantity,
        effectiveAt: charge.at,
        expiresAt: addMonthsToInstant(charge.at, 12),
      });
  });

  test('note every kind of look-alike they hold, and none are there without', () => {
    const kinds = ['L11', 'L18', 'L19', 'L26', 'L27', 'L29', 'L37', 'L38', 'L40', 'L43', 'L50'];
    expect(kinds.filter((id) => !notes.has(id))).toEqual([]);
    const plain = planAll({ ...options, scale: 0.03, lookAlikes: false });
    for (const { plan } of plain) {
      expect([plan.coupons, plan.grants, plan.oneOffs]).toEqual([[], [], []]);
      expect(plan.subscriptions.filter(({ trialEndAt }) => trialEndAt !== null)).toEqual([]);
    }
  });

  test('bill nobody of our own', () => {
    const internal = planned.filter(({ customer }) => customer.internal);
    expect(internal.length).toBeGreaterThan(0);
    for (const { plan } of internal) expect(plan.subscriptions).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { intervalAt } from '../billing/billing-periods';
import { planApi } from '../company/plan-api';
import { noPlan } from '../company/plan-parts';
import { planTeam } from '../company/plan-team';
import { openRoster } from '../company/roster';
import { DAY, HOUR, instantOf, utcDay } from '../kit/instants';
import { entities, type Customer, type WorldOptions } from '../truth/company';
import type { BillingPlan } from '../truth/plan';
import type { Usage, UsageHour } from '../truth/usage';
import { worldContext } from '../world/world-context';
import { meteredQuantity } from './metered-quantity';
import { useProduct } from './use-product';
import { usageHabit } from './usage-habit';

const options: WorldOptions = {
  ...{ seed: 'usage spec', scale: 0.015, lookAlikes: true },
  now: instantOf('2026-07-01T00:00:00Z'),
};

interface Used {
  customer: Customer;
  plan: BillingPlan;
  usage: Usage;
}

function useAll(of: WorldOptions, segment: 'api' | 'team', notes = new Set<string>()): Used[] {
  const roster = openRoster(of);
  const ctx = worldContext(of, ({ id }) => notes.add(id));
  return Array.from({ length: roster.size }, (_, i) => roster.customer(i + 1))
    .filter((customer) => customer.segment === segment)
    .map((customer) => {
      const plan = segment === 'api' ? planApi(customer, ctx) : planTeam(customer, ctx);
      return { customer, plan, usage: useProduct(customer, plan, ctx) };
    });
}

const notes = new Set<string>();
const api = useAll(options, 'api', notes);
const billed = api.filter(({ customer }) => !customer.internal);
/** The end of the monthly period that holds an instant, for questions in order. */
function periodEnds(anchor: number): (at: number) => number {
  let known = intervalAt(anchor, 1, anchor);
  return (at) => {
    if (at < known.start || at >= known.end) known = intervalAt(anchor, 1, at);
    return known.end;
  };
}

const sumOf = (hours: readonly UsageHour[]): number =>
  hours.reduce((sum, { quantity }) => sum + quantity, 0);
const count = (test: (hour: UsageHour) => boolean): number =>
  api.reduce((sum, { usage }) => sum + usage.store.filter(test).length, 0);
const allHours = count(() => true);

describe('hourly usage', () => {
  test('has whole quantities in order, each hour and its events inside it', () => {
    for (const { usage } of api) {
      let last = '';
      for (const { meter, hour, firstAt, lastAt, quantity, events, ingestedAt } of usage.store) {
        const place = `${meter}/${String(hour)}`;
        const isRight =
          place > last &&
          hour % HOUR === 0 &&
          firstAt >= hour &&
          lastAt >= firstAt &&
          lastAt < hour + HOUR &&
          Number.isSafeInteger(quantity) &&
          quantity >= events &&
          events >= 1 &&
          ingestedAt > hour + HOUR &&
          ingestedAt <= options.now;
        if (!isRight) throw new Error(`${place} is wrong`);
        last = place;
      }
    }
    expect(allHours).toBeGreaterThan(100_000);
  });

  test('is metered as it is stored, but for internal workspaces', () => {
    for (const { usage, customer } of api)
      expect(sumOf(usage.metered)).toBe(customer.internal ? 0 : sumOf(usage.store));
  });

  test('lies on one side of every period of the bill', () => {
    let cut = 0;
    for (const { usage, plan } of billed)
      for (const { anchorAt } of plan.subscriptions) {
        const endOf = periodEnds(anchorAt);
        for (const { firstAt, lastAt, hour } of usage.store) {
          const end = endOf(firstAt);
          if (lastAt >= end) throw new Error(`${String(hour)} spans ${String(end)}`);
          if (end < hour + HOUR) cut += 1;
        }
      }
    expect(cut).toBeGreaterThan(100);
  });

  test('lies inside the service', () => {
    for (const { usage, plan } of billed) {
      const [subscription] = plan.subscriptions;
      const cancel = subscription?.changes.find(({ kind }) => kind === 'cancel');
      const anchor = subscription?.anchorAt ?? 0;
      const end = cancel ? intervalAt(anchor, 1, cancel.at).end : options.now;
      const outside = usage.store.filter((h) => h.firstAt < anchor || h.lastAt >= end);
      expect(outside).toEqual([]);
    }
  });

  test('lies on one side of a change of price, whichever is longer', () => {
    const busy = billed.find(({ usage }) => usage.store.length > 10_000);
    const [subscription] = busy?.plan.subscriptions ?? [];
    const item = subscription?.items[0];
    if (busy === undefined || item === undefined) throw new Error('nobody is busy');
    const ctx = worldContext(options);
    const hours = busy.usage.store.filter(({ meter }) => meter === item.price.meter).slice(50, 90);
    const plan = planApi(busy.customer, ctx);
    plan.subscriptions[0]?.changes.unshift(
      ...hours.map(({ hour }, i) => ({
        ...{ at: hour + 90 * i + 1, kind: 'price' as const, itemKey: item.key },
        ...{ price: item.price, proration: 'none' as const },
      })),
    );
    const again = new Map(
      useProduct(busy.customer, plan, ctx)
        .store.filter(({ meter }) => meter === item.price.meter)
        .map((hour) => [hour.hour, hour]),
    );
    const sides = hours.map(({ hour }, i) => {
      const used = again.get(hour);
      const at = hour + 90 * i + 1;
      if (used === undefined || (used.firstAt < at && used.lastAt >= at)) return 'both';
      return used.lastAt < at ? 'before' : 'after';
    });
    const longer = hours.map((_, i) => (90 * i + 1 < 1_800 ? 'after' : 'before'));
    expect(sides).toEqual(longer);
  });

  test('comes late by days 1.5 times in a hundred, never across a bill or a month end', () => {
    const isLate = ({ hour, ingestedAt }: UsageHour): boolean => ingestedAt >= hour + DAY;
    expect(Math.abs(count(isLate) / allHours - 0.015)).toBeLessThan(0.002);
    for (const { usage, plan, customer } of billed) {
      const { zone } = entities[customer.entity];
      const month = (at: number): string => zone.dayOf(at).slice(0, 7);
      const endOf = periodEnds(plan.subscriptions[0]?.anchorAt ?? 0);
      const across = usage.store
        .filter(isLate)
        .filter(
          (h) => h.ingestedAt >= endOf(h.firstAt) || month(h.ingestedAt) !== month(h.firstAt),
        );
      expect(across).toEqual([]);
    }
  });

  // A draft of a cycle stays open for an hour: what came before its end is in the store by then.
  test('is in the store before the bill of its period is final', () => {
    for (const { usage, plan } of billed) {
      const endOf = periodEnds(plan.subscriptions[0]?.anchorAt ?? 0);
      const tooLate = usage.store.filter(
        ({ firstAt, ingestedAt }) => ingestedAt >= endOf(firstAt) + 3_600,
      );
      expect(tooLate).toEqual([]);
    }
  });

  test('is busier on weekdays', () => {
    const perDay = [0, 0, 0, 0, 0, 0, 0];
    for (const { usage } of api)
      for (const { hour, events } of usage.store) {
        const day = (Math.floor(hour / DAY) + 3) % 7;
        perDay[day] = (perDay[day] ?? 0) + events;
      }
    const weekday = perDay.slice(0, 5).reduce((a, b) => a + b, 0) / 5;
    const weekend = perDay.slice(5).reduce((a, b) => a + b, 0) / 2;
    expect(weekday / weekend).toBeGreaterThan(1.7);
    expect(weekday / weekend).toBeLessThan(2.6);
  });

  test('has at an earlier now the same past, hour for hour', () => {
    const now = instantOf('2025-12-10T15:47:11Z');
    const earlier = new Map(
      useAll({ ...options, now }, 'api').map(({ customer, usage }) => [customer.key, usage]),
    );
    for (const { customer, usage } of api) {
      const before = earlier.get(customer.key);
      if (before === undefined) continue;
      const past = usage.store.filter(({ ingestedAt }) => ingestedAt <= now);
      expect(JSON.stringify(before.store) === JSON.stringify(past)).toBe(true);
      const closed = usage.batches.filter((b) => instantOf(`${b.day}T00:00:00Z`) + DAY < now);
      const facts = (of: typeof closed): string =>
        JSON.stringify(
          of.map(({ key, sentEvents, sentQuantity }) => [key, sentEvents, sentQuantity]),
        );
      expect(facts(before.batches) === facts(closed)).toBe(true);
    }
    expect(earlier.size).toBeGreaterThan(20);
  });
});

const paying: BillingPlan['paying'] = {
  ...{ method: 'card', failure: 0, recovery: 0, daysToPay: 0, refund: 0, dispute: 0 },
};

// CONTROLS §5.1: of the segment at scale 1, by what its habits say of a month.
test('the largest hundredth of customers makes about 45 % of all usage', () => {
  const of = { ...options, scale: 1 };
  const ctx = worldContext(of);
  const roster = openRoster(of);
  const sizes = Array.from({ length: roster.size }, (_, i) => roster.customer(i + 1))
    .filter(({ segment }) => segment === 'api')
    .map((customer) => {
      const plan = noPlan(paying);
      return usageHabit(customer, plan, [], ctx).monthly.input_tokens;
    })
    .sort((a, b) => b - a);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const share = sum(sizes.slice(0, Math.round(sizes.length / 100))) / sum(sizes);
  expect(Math.abs(share - 0.45)).toBeLessThan(0.08);
});

describe('batches', () => {
  test('account for all that was sent, once', () => {
    let [sent, duplicates] = [0, 0];
    for (const { usage } of billed) {
      for (const batch of usage.batches) {
        const { acceptedEvents, duplicateEvents, rejectedEvents, replayedEvents } = batch;
        const { acceptedQuantity, duplicateQuantity, rejectedQuantity } = batch;
        const isRight =
          acceptedEvents + duplicateEvents + rejectedEvents === batch.sentEvents &&
          acceptedQuantity + duplicateQuantity + rejectedQuantity === batch.sentQuantity &&
          replayedEvents === rejectedEvents;
        if (!isRight) throw new Error(`${batch.key} does not add up`);
        sent += batch.sentEvents;
        duplicates += batch.duplicateEvents;
      }
      const lastDay = utcDay(options.now);
      const inBatches = usage.metered.filter(({ ingestedAt }) => utcDay(ingestedAt) < lastDay);
      const taken = usage.batches.reduce((n, b) => n + b.acceptedQuantity + b.replayedQuantity, 0);
      const open = usage.batches.some(({ day }) => day === utcDay(options.now - DAY));
      if (open) expect(taken).toBe(sumOf(inBatches));
    }
    expect(Math.abs(duplicates / sent - 0.002)).toBeLessThan(0.001);
  });

  test('are refused and sent again within four hours', () => {
    const errors = billed.flatMap(({ usage }) => usage.errors);
    expect(errors.length).toBeGreaterThan(10);
    for (const { at, replayedAt } of errors) expect((replayedAt ?? 0) - at).toBeLessThan(4 * HOUR);
  });

  test('lack what is refused and not yet sent again', () => {
    const [used] = billed.filter(({ usage }) => usage.errors.length > 0);
    const error = used?.usage.errors[0];
    if (used === undefined || error === undefined) throw new Error('no refused hour');
    const now = error.at + 60;
    const ctx = worldContext({ ...options, now });
    const usage = useProduct(used.customer, planApi(used.customer, ctx), ctx);
    expect(usage.errors.at(-1)).toEqual({ ...error, replayedAt: null });
    expect(sumOf(usage.store) - sumOf(usage.metered)).toBe(error.quantity);
  });
});

test('a metered quantity is that of the hours that began in the stretch', () => {
  const hour = (meter: UsageHour['meter'], firstAt: number, quantity: number): UsageHour => ({
    ...{ meter, firstAt, lastAt: firstAt, quantity, events: 1, ingestedAt: firstAt + HOUR },
    hour: firstAt - (firstAt % HOUR),
  });
  const metered = [
    hour('input_tokens', 1_000, 5),
    hour('input_tokens', 4_000, 7),
    hour('input_tokens', 8_000, 11),
    hour('output_tokens', 4_000, 13),
  ];
  expect(meteredQuantity({ metered }, 'input_tokens', 1_000, 8_000)).toBe(12n);
  expect(meteredQuantity({ metered }, 'input_tokens', 1_001, 8_001)).toBe(18n);
  expect(meteredQuantity({ metered }, 'output_tokens', 0, 9_000)).toBe(13n);
  expect(meteredQuantity({ metered }, 'images', 0, 9_000)).toBe(0n);
});

describe('seats', () => {
  const teams = useAll({ ...options, scale: 0.1 }, 'team', notes);

  test('are assigned on whole days, never more than are paid for at any second', () => {
    let days = 0;
    for (const { usage, plan, customer } of teams) {
      if (customer.internal) continue;
      for (const { workspace, day, assigned, active } of usage.seats) {
        const [from, to] = [instantOf(`${day}T00:00:00Z`), instantOf(`${day}T00:00:00Z`) + DAY];
        const least = plan.subscriptions
          .filter(({ items, startAt }) => items[0]?.workspace === workspace && startAt < to)
          .map(({ items, changes }) => {
            const seats = changes.flatMap((c) => (c.kind === 'quantity' ? [c] : []));
            const before = seats.filter(({ at }) => at <= from).at(-1)?.quantity;
            const during = seats.filter(({ at }) => at > from && at < to);
            const all = [before ?? items[0]?.quantity ?? 0n, ...during.map((c) => c.quantity)];
            return Math.min(...all.map(Number));
          });
        if (assigned > (least[0] ?? 0) || active > assigned || assigned < 1)
          throw new Error(`${workspace} on ${day}: ${String(assigned)} of ${String(least[0])}`);
        days += 1;
      }
    }
    expect(days).toBeGreaterThan(20_000);
  });

  test('of annual plans may lie idle for long, of monthly ones for a month', () => {
    expect(['L06', 'L30', 'L32', 'L34'].filter((id) => !notes.has(id))).toEqual([]);
  });
});

test('the time zone of the host changes nothing', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tieout-zone-'));
  const script = path.join(folder, 'digest.ts');
  const source = (file: string): string => JSON.stringify(path.resolve('src/sandbox', file));
  writeFileSync(
    script,
    `import { createHash } from 'node:crypto';
     import { planApi } from ${source('company/plan-api')};
     import { openRoster } from ${source('company/roster')};
     import { instantOf } from ${source('kit/instants')};
     import { useProduct } from ${source('usage/use-product')};
     import { worldContext } from ${source('world/world-context')};
     const now = instantOf('2025-03-20T10:00:00Z');
     const options = { seed: 'zones', scale: 0.001, lookAlikes: true, now };
     const ctx = worldContext(options);
     const roster = openRoster(options);
     const hash = createHash('sha256');
     for (let n = 1; n <= roster.size; n += 1) {
       const customer = roster.customer(n);
       if (customer.segment !== 'api') continue;
       const plan = planApi(customer, ctx);
       const all = [customer, plan, useProduct(customer, plan, ctx)];
       hash.update(JSON.stringify(all, (_, v) => typeof v === 'bigint' ? v + 'n' : v));
     }
     process.stdout.write(hash.digest('hex'));`,
  );
  const digest = (zone: string): string =>
    execFileSync(process.execPath, ['scripts/run-ts.cjs', script], {
      env: { ...process.env, TZ: zone },
      encoding: 'utf8',
    });
  const zones = ['UTC', 'Pacific/Kiritimati', 'America/St_Johns'].map(digest);
  rmSync(folder, { recursive: true });
  expect(zones[0]).toMatch(/^[0-9a-f]{64}$/);
  expect(new Set(zones).size).toBe(1);
}, 60_000);

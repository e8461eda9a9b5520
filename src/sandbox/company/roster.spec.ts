import { addMonthsToInstant, instantOf, type Instant } from '../kit/instants';
import type { Customer, WorldOptions } from '../truth/company';
import { systemUsers } from './people';
import { renderPeople } from './render-people';
import { openRoster } from './roster';
import { historyStart } from './segments';

const options = (now: string, scale: number, lookAlikes = true): WorldOptions => ({
  ...{ seed: 'roster spec', scale, lookAlikes },
  now: instantOf(now),
});

function customersOf(of: WorldOptions): Customer[] {
  const roster = openRoster(of);
  return Array.from({ length: roster.size }, (_, i) => roster.customer(i + 1));
}

const atYearEnd = customersOf(options('2026-01-01T00:00:00Z', 0.02));
const atMidyear = customersOf(options('2026-07-01T00:00:00Z', 0.02));

describe('the roster', () => {
  test('grows at its end only as time goes on', () => {
    expect(atMidyear.length).toBeGreaterThan(atYearEnd.length + 20);
    expect(atMidyear.slice(0, atYearEnd.length)).toEqual(atYearEnd);
    expect(atMidyear.map(({ n }) => n)).toEqual(atMidyear.map((_, i) => i + 1));
  });

  test('holds the same customers at a larger scale, and more', () => {
    const larger = new Map(
      customersOf(options('2026-07-01T00:00:00Z', 0.1)).map((customer) => [customer.key, customer]),
    );
    for (const customer of atMidyear)
      expect({ ...larger.get(customer.key), n: customer.n }).toEqual(customer);
  });

  test.each([0.001, 0.02])('has every currency among sales-led customers at scale %d', (scale) => {
    const customers = customersOf(options('2024-09-01T00:00:00Z', scale));
    const salesLed = customers.filter(({ segment }) => segment === 'sales_led');
    expect(new Set(salesLed.map(({ currency }) => currency))).toEqual(
      new Set(['USD', 'EUR', 'GBP', 'JPY', 'KWD', 'ISK', 'BHD', 'HUF']),
    );
    expect(new Set(customers.map(({ segment }) => segment)).size).toBe(4);
  });

  test.each([0.001, 0.1])('has accounts that buy in two currencies at scale %d (L43)', (scale) => {
    const customers = customersOf(options('2026-07-01T00:00:00Z', scale));
    const byKey = new Map(customers.map((customer) => [customer.key, customer]));
    const sisters = customers.filter((c) => c.sisterOf !== undefined && c.accountId !== null);
    expect(sisters.map(({ key }) => key)).toContain('C400011');
    for (const { sisterOf = '', ...sister } of sisters) {
      const first = byKey.get(sisterOf);
      expect([first?.accountId, first?.name, first?.entity, first?.sisterOf]).toEqual([
        ...[sister.accountId, sister.name, sister.entity, undefined],
      ]);
      expect(first?.currency).not.toBe(sister.currency);
      expect(first?.stripeId).not.toBe(sister.stripeId);
      expect(sister.arrivedAt).toBeGreaterThan(first?.arrivedAt ?? Infinity);
    }
  });

  test('gives no two customers the same ids or address', () => {
    const ids = atMidyear.flatMap((c) => [c.key, c.stripeId, c.organizationId, c.email]);
    const workspaces = atMidyear.flatMap((c) => c.workspaces);
    expect(new Set([...ids, ...workspaces]).size).toBe(ids.length + workspaces.length);
  });

  test('knows its people as of now, and says who nobody is', () => {
    const early = openRoster(options('2025-01-15T12:00:00Z', 0.001));
    const late = openRoster(options('2026-07-01T00:00:00Z', 0.001));
    const ended = (roster: typeof late): string[] =>
      roster.people.filter((p) => p.terminatedOn !== null).map(({ key }) => key);
    expect([early.people.length, late.people.length]).toEqual([25, 26]);
    expect(ended(early)).toEqual([]);
    expect(ended(late)).toEqual([
      'greta.lindqvist',
      'jasper.vanterpool',
      'soren.dahlgaard',
      'valentina.rios',
    ]);
    expect(late.people.filter(({ userIds }) => userIds.length === 2)).toHaveLength(2);
    expect(late.person('leopold.achebe').managerKey).toBe('anselm.okonkwo');
    expect(() => early.person('leopold.achebe')).toThrow('nobody called leopold.achebe');
    expect(() => early.customer(early.size + 1)).toThrow('there is no customer');
  });

  test('writes HR rows for people and none for system users', () => {
    const roster = openRoster(options('2026-07-01T00:00:00Z', 0.001));
    const rows = [...renderPeople(roster)].map(({ row }) => row);
    expect(rows[4]).toEqual({
      hr_id: 'E1029',
      name: 'Calla Whitfield',
      email: 'calla.whitfield@northwind.example',
      title: 'Account executive',
      department: 'Sales',
      manager_hr_id: 'E1008',
      hired_on: '2020-01-13',
      terminated_on: null,
      status: 'active',
    });
    const logins = new Set(systemUsers.map(({ login }) => login));
    expect(rows.filter(({ email }) => logins.has(email ?? ''))).toEqual([]);
  });
});

describe('arrivals at scale 1', () => {
  const roster = openRoster(options('2026-07-01T00:00:00Z', 1));
  const all = Array.from({ length: roster.size }, (_, i) => roster.customer(i + 1));
  const count = (of: readonly Customer[], from: Instant, to: Instant): number =>
    of.filter(({ arrivedAt }) => arrivedAt >= from && arrivedAt < to).length;

  // CONTROLS §5.1.
  test.each([
    ['self_serve', 15_100, 400],
    ['team', 900, 90],
    ['api', 2_500, 150],
    ['sales_led', 400, 60],
  ])('the segment %s has about %i customers after two years', (segment, expected, bound) => {
    const found = all.filter((customer) => customer.segment === segment).length;
    expect(Math.abs(found - expected)).toBeLessThan(bound);
  });

  test('grow by 3 % a month once the old system is left', () => {
    const selfServe = all.filter(({ segment }) => segment === 'self_serve');
    const month = (k: number): Instant => addMonthsToInstant(historyStart, k);
    const first = count(selfServe, month(1), month(12));
    const second = count(selfServe, month(13), month(24));
    expect(Math.abs(second / first - 1.03 ** 12)).toBeLessThan(0.15);
  });

  test('come in the currencies, taxes and books of their countries', () => {
    const share = (test: (customer: Customer) => boolean): number =>
      all.filter(test).length / all.length;
    expect(Math.abs(share(({ currency }) => currency === 'USD') - 0.71)).toBeLessThan(0.03);
    expect(Math.abs(share(({ currency }) => currency === 'EUR') - 0.155)).toBeLessThan(0.02);
    expect(Math.abs(share(({ currency }) => currency === 'GBP') - 0.08)).toBeLessThan(0.02);
    expect(Math.abs(share(({ currency }) => currency === 'JPY') - 0.04)).toBeLessThan(0.01);
    for (const currency of ['KWD', 'ISK', 'BHD', 'HUF'])
      expect(all.filter((customer) => customer.currency === currency)).toHaveLength(1);
    const american = all.filter(({ country }) => country === 'US');
    const taxed = american.filter(({ taxStatus }) => taxStatus === 'us_sales_tax');
    expect(Math.abs(taxed.length / american.length - 0.4)).toBeLessThan(0.02);
    expect(taxed.every(({ taxRate, entity }) => taxRate > 0n && entity === 'ni-us')).toBe(true);
    const europe = all.filter(({ entity }) => entity === 'ni-ie');
    expect(europe.filter(({ currency }) => currency === 'USD')).toEqual([]);
    const reverse = all.filter(({ taxStatus }) => taxStatus === 'eu_reverse_charge');
    expect(reverse.every(({ taxRate, country }) => taxRate === 0n && country !== 'IE')).toBe(true);
  });
});

test('without look-alikes nobody is internal and everybody has one workspace', () => {
  const plain = customersOf(options('2026-07-01T00:00:00Z', 0.2, false));
  expect(plain.filter(({ internal, workspaces }) => internal || workspaces.length > 1)).toEqual([]);
  const full = customersOf(options('2026-07-01T00:00:00Z', 0.2));
  expect(full.filter(({ internal }) => internal).length).toBeGreaterThan(0);
  expect(full.filter(({ workspaces }) => workspaces.length === 2).length).toBeGreaterThan(10);
});

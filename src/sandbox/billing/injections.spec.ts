import { planApi } from '../company/plan-api';
import { planSelfServe } from '../company/plan-self-serve';
import { planTeam } from '../company/plan-team';
import { openRoster, type Roster } from '../company/roster';
import { instantOf } from '../kit/instants';
import { planSalesLed } from '../sales/plan-sales-led';
import { sell } from '../sales/sell';
import type { Billing } from '../truth/billing';
import type { Customer, WorldOptions } from '../truth/company';
import { useProduct } from '../usage/use-product';
import type { CustomerWorld } from '../world/customer-world';
import type { ExpectedFinding, Injection, Magnitude } from '../world/injection';
import { worldContext } from '../world/world-context';
import { bill } from './bill';
import { brokenIdentities } from './identities';
import { billingInjections } from './injections';

const options: WorldOptions = {
  ...{ seed: 'injections', scale: 0.03, now: instantOf('2026-07-10T00:00:00Z'), lookAlikes: true },
};
const context = worldContext(options);

function worldOf(customer: Customer, roster: Roster): CustomerWorld {
  const isSalesLed = customer.segment === 'sales_led';
  const sold = isSalesLed ? sell(customer, roster, context) : { deals: [], contracts: [] };
  const plan = {
    self_serve: () => planSelfServe(customer, context),
    team: () => planTeam(customer, context),
    api: () => planApi(customer, context),
    sales_led: () => planSalesLed(customer, sold, context),
  }[customer.segment]();
  const usage = useProduct(customer, plan, context);
  return {
    ...{ customer, sold, plan, usage, billing: bill(customer, plan, usage, context) },
    ...{ cutover: { billed: [], loaded: [] }, movements: [], wires: [] },
    ledger: { contracts: [], obligations: [], schedule: [], entries: [], postings: [], ageing: [] },
  };
}

/** Ids that came, went or changed, number and reference of documents apart. */
function changes(before: Billing, after: Billing): Record<string, string[]> {
  const collections = [
    ...(['invoices', 'payments', 'refunds', 'disputes', 'creditNotes'] as const),
    ...(['pendingItems', 'grants', 'balanceTransactions'] as const),
  ];
  const text = (item: object): string =>
    JSON.stringify(item, (key, value: unknown) => {
      if (key === 'number' || key === 'reference') return null;
      return typeof value === 'bigint' ? String(value) : value;
    });
  const all: Record<string, string[]> = {};
  for (const name of collections) {
    const [old, now] = [before, after].map((billing) => {
      return new Map(billing[name].map((item) => [item.id, text(item)]));
    });
    const marks = [
      ...[...(now?.keys() ?? [])].filter((id) => old?.has(id) !== true).map(() => '+'),
      ...[...(old?.keys() ?? [])].filter((id) => now?.has(id) !== true).map(() => '-'),
      ...[...(now ?? [])]
        .filter(([id, value]) => old?.has(id) === true && old.get(id) !== value)
        .map(() => '~'),
    ];
    if (marks.length > 0) all[name] = marks;
  }
  return all;
}

/** Of each anomaly: codes found, documents that change, identities that break with it. */
const expected: Record<string, [codes: string[], changed: object, broken?: string[]]> = {
  A13: [['BK03-NOT_BILLED', 'SU01-GAP'], { invoices: ['-'] }],
  A14: [['BK03-DRAFT_STUCK'], { invoices: ['~'] }],
  A16: [['BK03-PENDING_ITEM_STALE'], { pendingItems: ['+'] }],
  A17: [['BK04-NO_BOOKING'], { invoices: ['+'], payments: ['+'] }],
  A18: [['BK04-EXPIRED_BOOKING'], { invoices: ['+'], payments: ['+'] }],
  A28: [['SU01-GAP'], { invoices: ['-'], payments: ['-'] }],
  A38: [['US01-MISSING_LINE'], { invoices: ['~'], payments: ['~'] }],
  A42: [['US02-OVERAGE_EARLY'], { invoices: ['~'], payments: ['+'], grants: ['~'] }],
  A43: [['US02-CREDIT_EXPIRED_USED'], { invoices: ['~'], payments: ['~'], grants: ['~'] }],
  A44: [['IN01-I9', 'IN01-I1'], { invoices: ['~'] }, ['I1', 'I9']],
  A46: [['IN01-I3'], { invoices: ['~'], payments: ['~'] }, ['I3']],
  A47: [['IN02-DUP_EXACT'], { invoices: ['+'], payments: ['+'] }],
  // Only numbers change, which `changes` does not look at.
  A49: [['IN03-GAP'], {}],
  A50: [['CA01-PAID_NO_CASH', 'IN01-I5'], { invoices: ['~'], payments: ['~'] }, ['I5']],
  A52: [['CA01-FAILED_LATER'], { payments: ['~'] }],
  A53: [['CA02-NO_BANK'], { payments: ['~'] }],
  A55: [['CA02-SELF_MARKED'], { payments: ['~'] }],
  A56: [['CA03-PAYMENT_NO_INVOICE'], { payments: ['+'] }],
  A63: [['CR01-NO_APPROVAL'], { refunds: ['~'] }],
  A65: [['CR01-EXCEEDS_ORIGINAL'], { invoices: ['~'], creditNotes: ['+'] }],
  A66: [['CR01-BACKDATED'], { creditNotes: ['~'] }],
  A70: [['CR03-REFUND_AND_DISPUTE'], { payments: ['~'], refunds: ['+'] }],
  A72: [['CR04-DUE_DATE_EXTENDED'], { invoices: ['~'] }],
};

describe('an anomaly of billing', () => {
  const roster = openRoster(options);
  const worlds: CustomerWorld[] = [];
  for (let n = 1; n <= roster.size; n += 1) worlds.push(worldOf(roster.customer(n), roster));
  // Contracts that ended without a renewal are few: customers of a larger company have some.
  const larger = openRoster({ ...options, scale: 0.3 });
  for (let n = 1; n <= larger.size; n += 1) {
    const customer = larger.customer(n);
    if (customer.segment === 'sales_led') worlds.push(worldOf(customer, larger));
  }

  /** Befalls a copy of the world of its first candidate. */
  function befall(injection: Injection, magnitude: Magnitude) {
    for (const world of worlds) {
      const [candidate] = injection.candidates(world, context);
      if (candidate === undefined) continue;
      const after = { ...world, billing: structuredClone(world.billing) };
      const found = injection.apply(after, candidate, magnitude, context);
      return { world, after, found, changed: changes(world.billing, after.billing) };
    }
    throw new RangeError(`nobody can suffer ${injection.id}`);
  }

  test('is listed once, and only those of billing', () => {
    expect(billingInjections.map(({ id }) => id)).toEqual(Object.keys(expected));
    expect(new Set(billingInjections.map(({ stage }) => stage))).toEqual(new Set(['billing']));
  });

  test.each(billingInjections.map((injection) => [injection.id, injection] as const))(
    '%s changes its own documents and nothing else, at both magnitudes',
    (id, injection) => {
      const [codes = [], changed = {}, broken = []] = expected[id] ?? [];
      const low = befall(injection, 'low');
      const high = befall(injection, 'high');
      for (const { world, after } of [low, high]) {
        expect(brokenIdentities(world.billing, world.customer)).toEqual([]);
        const names = brokenIdentities(after.billing, after.customer);
        expect(names.map((text) => text.split(' ')[0])).toEqual(broken);
      }
      expect([...new Set(high.found.map(({ code }: ExpectedFinding) => code))]).toEqual(codes);
      expect(low.found.length).toBeGreaterThan(0);
      const firstOfEach = Object.fromEntries(
        Object.entries(low.changed).map(([name, marks]) => [name, [...new Set(marks)]]),
      );
      expect(firstOfEach).toMatchObject(changed);
      expect(low.found.every(({ impact }) => impact === null || impact.amount > 0n)).toBe(true);
    },
  );

  test('has finding keys that are ids of the world it is in', () => {
    for (const injection of billingInjections) {
      for (const { key } of befall(injection, 'low').found) {
        expect(key).toMatch(/^((in|il|ii|si|re|cn|du|pi)_1R\w{22}|802\w{15}|NIE-\w+-\d{4})$/);
      }
    }
  });
});

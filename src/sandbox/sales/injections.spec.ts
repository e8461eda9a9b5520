import { openRoster } from '../company/roster';
import { renderSalesforceOrg } from '../salesforce/render/render-salesforce-org';
import { DAY } from '../kit/instants';
import type { CustomerWorld } from '../world/customer-world';
import type { Candidate, ExpectedFinding, Injection, Magnitude } from '../world/injection';
import { worldContext } from '../world/world-context';
import { salesInjections } from './injections';
import { orgInjections, type SalesforceOrg } from './injections/org-injections';
import { planSalesLed } from './plan-sales-led';
import { salesOptions, sellAll } from './sales-spec-world';

const ctx = worldContext(salesOptions);

/** Worlds as far as sales makes them: later stages are not looked at here. */
const worldsAt = (scale: number): CustomerWorld[] =>
  sellAll({ ...salesOptions, scale }) as unknown as CustomerWorld[];
const worlds = worldsAt(salesOptions.scale);

interface Applied {
  world: CustomerWorld;
  candidate: Candidate;
  findings: ExpectedFinding[];
  changed: string[];
}

function applyFirst(injection: Injection, magnitude: Magnitude): Applied {
  for (const clean of worlds) {
    const [candidate] = injection.candidates(clean, ctx);
    if (!candidate) continue;
    const world = structuredClone({ sold: clean.sold, plan: clean.plan }) as CustomerWorld;
    world.customer = clean.customer;
    const findings = injection.apply(world, candidate, magnitude, ctx);
    return { world, candidate, findings, changed: changedBetween(clean, world) };
  }
  throw new RangeError(`${injection.id} befalls nobody`);
}

/** Paths of leaves that differ; elements of arrays go by their keys, which are left out. */
function changedBetween(before: CustomerWorld, after: CustomerWorld): string[] {
  const [a, b] = [before, after].map(({ sold, plan }) => leaves({ sold, plan }));
  const paths = [...new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])])];
  const differing = paths.filter((path) => a?.get(path) !== b?.get(path));
  return [...new Set(differing.map((path) => path.replace(/\[[^\]]*\]/g, '')))].sort();
}

function leaves(value: unknown, path = '', found = new Map<string, string>()) {
  if (Array.isArray(value))
    value.forEach((element: unknown, i) =>
      leaves(element, `${path}[${nameOf(element, i)}]`, found),
    );
  else if (typeof value === 'object' && value !== null)
    for (const [name, part] of Object.entries(value)) leaves(part, `${path}.${name}`, found);
  else found.set(path, String(value));
  return found;
}

function nameOf(element: unknown, index: number): string {
  const named = element as { key?: string; processId?: string };
  return named.key ?? named.processId ?? String(index);
}

/** What each changes, and nothing else: prefixes of the paths that differ. */
const expected: Readonly<Record<string, readonly [string, string, readonly string[]]>> = {
  A01: ['BK-01', 'BK01-NO_ORDER', ['.sold.deals.orders', '.sold.contracts']],
  A02: [
    ...(['BK-01', 'BK01-ORDER_NOT_ACTIVATED'] as const),
    [
      ...['.sold.deals.orders.status', '.sold.deals.orders.activatedAt', '.sold.contracts'],
      ...['.sold.deals.orders.activatedBy', '.sold.deals.orders.contractId'],
    ],
  ],
  A03: [
    ...(['BK-01', 'BK01-AMT_DIFF'] as const),
    ['.sold.deals.orders.lines', '.sold.deals.orders.total'],
  ],
  A04: ['BK-01', 'BK01-ORDER_NO_OPP', ['.sold.deals.orders']],
  A05: ['BK-02', 'BK02-PRICE', ['.plan.subscriptions.items.price.unit']],
  A06: ['BK-02', 'BK02-QTY', ['.plan.subscriptions.items.quantity']],
  A07: [
    ...(['BK-02', 'BK02-START'] as const),
    [
      '.plan.subscriptions.createdAt',
      '.plan.subscriptions.startAt',
      '.plan.subscriptions.anchorAt',
    ],
  ],
  A08: ['BK-02', 'BK02-RAMP_MISSING', ['.plan.subscriptions.items']],
  A09: ['BK-02', 'BK02-AMEND_NOT_APPLIED', ['.plan.subscriptions.changes']],
  A11: ['BK-02', 'BK02-DISCOUNT_PERSISTS', ['.plan.coupons']],
  A12: ['BK-02', 'BK02-TERMS', ['.plan.subscriptions.daysUntilDue']],
  A20: ['BK-05', 'BK05-NO_APPROVAL', ['.sold.deals']],
  A21: ['BK-05', 'BK05-LATE_APPROVAL', ['.sold.deals.approvals.decidedAt']],
  A22: [
    ...(['BK-05', 'BK05-SELF_APPROVED'] as const),
    ['.sold.deals.approvals', '.sold.deals.ownerId', '.sold.deals.stages.by'],
  ],
  A24: [
    ...(['BK-06', 'BK06-CLOSEDATE_BACKDATED'] as const),
    ['.sold.deals.closeDate', '.sold.deals.edits', '.sold.deals.stages'],
  ],
  A26: ['BK-06', 'BK06-DELETED', ['.sold.deals.deletedAt']],
  A27: ['BK-06', 'BK06-LINE_EDIT', ['.sold.deals.edits', '.sold.deals.lines.product']],
};

test('there is one of each id', () => {
  expect(salesInjections.map(({ id }) => id).sort()).toEqual(Object.keys(expected).sort());
});

describe.each(salesInjections.map((one) => [one.id, one] as const))('%s', (id, injection) => {
  const [control, code, prefixes] = expected[id] ?? ['', '', []];

  test.each(['low', 'high'] as const)('of %s magnitude changes what it says, no more', (size) => {
    const { changed, findings } = applyFirst(injection, size);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((path) => !prefixes.some((p) => path.startsWith(p)))).toEqual([]);
    expect(findings[0]).toMatchObject({ control, code });
  });

  test('names the item as its control keys it', () => {
    const { world, findings } = applyFirst(injection, 'high');
    const orders = world.sold.deals.flatMap((deal) => deal.orders);
    const keys: Readonly<Record<string, readonly string[]>> = {
      'BK-01': world.sold.deals.map(({ opportunityId }) => opportunityId),
      'BK-06': world.sold.deals.map(({ opportunityId }) => opportunityId),
      'BK-05': orders.map(({ orderId }) => orderId),
      'BK-02': orders.flatMap(({ lines }) => lines.map(({ orderItemId }) => orderItemId)),
    };
    expect(keys[control]).toContain(findings[0]?.key);
  });

  test('weighs more when it is gross', () => {
    const [low, high] = (['low', 'high'] as const).map(
      (size) => applyFirst(injection, size).findings[0]?.impact?.amount ?? 0n,
    );
    expect((high ?? -1n) >= (low ?? 0n)).toBe(true);
  });

  test('leaves a world that can still be set up', () => {
    const { world } = applyFirst(injection, 'high');
    expect(() => planSalesLed(world.customer, world.sold, ctx)).not.toThrow();
  });
});

test('a company a fiftieth of the size has someone for each to befall', () => {
  const small = worldsAt(0.02);
  const without = salesInjections.filter(
    (one) => !small.some((world) => one.candidates(world, ctx).length > 0),
  );
  expect(without.map(({ id }) => id)).toEqual([]);
});

test('an order a tenth lower is that much below its deal', () => {
  const injection = salesInjections.find(({ id }) => id === 'A03');
  if (!injection) throw new RangeError('there is no A03');
  const { world, candidate, findings } = applyFirst(injection, 'high');
  const deal = world.sold.deals.find(({ opportunityId }) => opportunityId === candidate.key);
  const total = deal?.orders[0]?.total ?? 0n;
  expect(findings[0]?.impact?.amount).toBe((deal?.amount ?? 0n) - total);
});

test('a deal sold at nearly half ties out from quote to order, at that discount', () => {
  const injection = salesInjections.find(({ id }) => id === 'A20');
  if (!injection) throw new RangeError('there is no A20');
  const { world, candidate } = applyFirst(injection, 'high');
  const deal = world.sold.deals.find(({ opportunityId }) => opportunityId === candidate.key);
  expect(deal?.orders[0]?.total).toBe(deal?.amount);
  expect(deal?.quote?.netAmount).toBe(deal?.amount);
  expect(deal?.stages.at(-1)?.amount).toBe(deal?.amount);
  expect(deal?.approvals.filter(({ rule }) => rule === 'discount')).toEqual([]);
  const discount = deal?.orders[0]?.lines[0]?.discount ?? 0n;
  expect(discount > 440_000n && discount <= 450_000n).toBe(true);
});

test.each(['A24', 'A26', 'A27'])('%s is known on the day as of which controls judge', (id) => {
  const injection = salesInjections.find((one) => one.id === id);
  const world = worlds.find((one) => (injection?.candidates(one, ctx) ?? []).length > 0);
  if (!injection || !world) throw new RangeError(`${id} befalls nobody`);
  const [first] = injection.candidates(world, ctx);
  const keysAfter = (days: number): string[] => {
    const now = (first?.at ?? 0) + days * DAY;
    const then = { ...ctx, options: { ...ctx.options, now } };
    return injection.candidates(world, then).map(({ key }) => key);
  };
  expect(keysAfter(1)).not.toContain(first?.key);
  expect(keysAfter(4)).toContain(first?.key);
});

const orgOf = (): SalesforceOrg => {
  const { people } = openRoster({ ...salesOptions, scale: 0.01 });
  return { people, records: [...renderSalesforceOrg({ people }, ctx)] };
};

test.each([
  ['A107', ['AC01-TERMINATED_ACTIVE'], ['AC01-TERMINATED_ACTIVE'], 'User'],
  ['A108', ['AC01-TOXIC'], ['AC01-TOXIC'], 'User'],
  [
    ...(['A109', ['AC01-CONFIG_NO_TICKET']] as const),
    ['AC01-CONFIG_NO_TICKET', 'AC01-LOGIN_AS'],
    'SetupAuditTrail',
  ],
] as const)('%s is found by the record that it made or changed', (id, low, high, object) => {
  const injection = orgInjections.find((one) => one.id === id);
  for (const [magnitude, codes] of [
    ['low', low],
    ['high', high],
  ] as const) {
    const org = orgOf();
    const clean = new Map(orgOf().records.map(({ record }) => [record.Id, JSON.stringify(record)]));
    const findings = injection?.apply(org, magnitude, ctx) ?? [];
    expect(findings.map(({ code }) => code)).toEqual(codes);
    const changed = org.records.filter(
      ({ record }) => clean.get(record.Id) !== JSON.stringify(record),
    );
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.length).toBeLessThanOrEqual(2);
    const ids = org.records.filter((r) => r.object === object).map(({ record }) => record.Id);
    for (const { key } of findings) expect(ids).toContain(key);
  }
});

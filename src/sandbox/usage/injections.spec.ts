import { bill } from '../billing/bill';
import { companyInjections } from '../company/injections';
import { planApi } from '../company/plan-api';
import { planSelfServe } from '../company/plan-self-serve';
import { planTeam } from '../company/plan-team';
import { openRoster } from '../company/roster';
import { DAY, instantOf } from '../kit/instants';
import { RATE_SCALE } from '../kit/units';
import type { Segment, WorldOptions } from '../truth/company';
import type { UsageHour } from '../truth/usage';
import type { CustomerWorld } from '../world/customer-world';
import type { Candidate, ExpectedFinding, Injection, Magnitude } from '../world/injection';
import { worldContext } from '../world/world-context';
import { usageInjections } from './injections';
import { renderUsage } from './render-usage';
import { useProduct } from './use-product';

const options: WorldOptions = {
  ...{ seed: 'injection spec', scale: 0.08, lookAlikes: true },
  now: instantOf('2026-07-01T00:00:00Z'),
};
const ctx = worldContext(options);
const roster = openRoster(options);
const planners = { self_serve: planSelfServe, team: planTeam, api: planApi };

const injection = (id: string): Injection => {
  const found = [...companyInjections, ...usageInjections].find((one) => one.id === id);
  if (found === undefined) throw new Error(`no injection ${id}`);
  return found;
};

/** The worlds of a segment up to usage, made anew each time: injections change them in place. */
function* worldsOf(segment: Exclude<Segment, 'sales_led'>): Generator<CustomerWorld> {
  for (let n = 1; n <= roster.size; n += 1) {
    const customer = roster.customer(n);
    if (customer.segment !== segment) continue;
    const plan = planners[segment](customer, ctx);
    const usage = useProduct(customer, plan, ctx);
    yield {
      ...{ customer, plan, usage, sold: { deals: [], contracts: [], mergedAccounts: [] } },
      billing: {
        ...{ subscriptions: [], invoices: [], pendingItems: [], payments: [], refunds: [] },
        ...{ disputes: [], creditNotes: [], balanceTransactions: [], grants: [], balance: 0n },
      },
      ...{ cutover: { billed: [], loaded: [] }, movements: [], wires: [] },
      ledger: {
        contracts: [],
        obligations: [],
        schedule: [],
        entries: [],
        postings: [],
        ageing: [],
      },
    };
  }
}

interface Befallen {
  world: CustomerWorld;
  candidate: Candidate;
  findings: ExpectedFinding[];
}

/** The first world of the segment that an injection can befall, with it done. */
function befall(
  id: string,
  segment: Exclude<Segment, 'sales_led'>,
  magnitude: Magnitude,
  ready: (world: CustomerWorld) => void = () => undefined,
): Befallen {
  for (const world of worldsOf(segment)) {
    ready(world);
    const [candidate] = injection(id).candidates(world, ctx);
    if (candidate === undefined) continue;
    const findings = injection(id).apply(world, candidate, magnitude, ctx);
    return { world, candidate, findings };
  }
  throw new Error(`${id} befalls nobody`);
}

const sumOf = (hours: readonly UsageHour[]): number =>
  hours.reduce((sum, { quantity }) => sum + quantity, 0);
const codes = (findings: readonly ExpectedFinding[]): string[] => [
  ...new Set(findings.map(({ code }) => code)),
];

describe('what befalls the plan', () => {
  test('A19 asks a price that is on no list', () => {
    const { world, findings } = befall('A19', 'self_serve', 'high');
    const price = world.plan.subscriptions[0]?.items[0]?.price;
    expect([price?.published, price?.metadata]).toEqual([false, {}]);
    expect(price?.unit).toBe(100n * RATE_SCALE);
    expect(findings[0]).toMatchObject({ control: 'BK-04', code: 'BK04-OFF_PRICELIST' });
    const low = befall('A19', 'self_serve', 'low');
    expect(low.findings[0]?.impact?.amount).toBe(1n);
  });

  test('A32 stretches the trial, and billing begins after it', () => {
    const { world, candidate } = befall('A32', 'self_serve', 'high');
    const hit = world.plan.subscriptions.find(({ id }) => id === candidate.key);
    expect((hit?.trialEndAt ?? 0) - (hit?.startAt ?? 0)).toBe(180 * DAY);
    expect(hit?.anchorAt).toBe(hit?.trialEndAt);
  });

  test('A39 and A40 change the price of a meter that is much used', () => {
    const volume = befall('A39', 'api', 'low');
    const items = volume.world.plan.subscriptions.flatMap((one) => one.items);
    const changed = items.filter(({ price }) => price.tiersMode === 'volume');
    expect(changed.map(({ id }) => id)).toContain(volume.candidate.key);
    const clean = planApi(volume.world.customer, ctx).subscriptions[0]?.items ?? [];
    const wrong = befall('A40', 'api', 'high');
    const before = planApi(wrong.world.customer, ctx).subscriptions[0]?.items ?? [];
    const after = wrong.world.plan.subscriptions[0]?.items ?? [];
    const rate = (of: typeof items): bigint | null | undefined => {
      const price = of.find(({ id }) => id === wrong.candidate.key)?.price;
      return price?.unit ?? price?.tiers?.[0]?.unit;
    };
    expect(rate(after)).toBe((rate(before) ?? 0n) * 1_000n);
    expect(clean.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });

  test('A48 sets up a second subscription of one workspace within a day', () => {
    const { world, findings } = befall('A48', 'self_serve', 'low');
    const [first, second] = world.plan.subscriptions;
    expect(second?.metadata.workspace).toBe(first?.metadata.workspace);
    expect((second?.createdAt ?? 0) - (first?.createdAt ?? 0)).toBe(DAY - 600);
    expect(findings.map(({ key }) => key)).toEqual([second?.id]);
  });
});

describe('what befalls usage', () => {
  test.each(['low', 'high'] as const)('A33 (%s) loses hours that were sent', (magnitude) => {
    const { world, findings } = befall('A33', 'api', magnitude);
    const { store, metered, batches } = world.usage;
    const lost = sumOf(store) - sumOf(metered);
    expect(store.length - metered.length).toBeGreaterThanOrEqual(magnitude === 'low' ? 1 : 2);
    const missing = batches.reduce(
      (sum, b) =>
        sum + b.sentQuantity - b.acceptedQuantity - b.duplicateQuantity - b.rejectedQuantity,
      0,
    );
    expect(missing).toBe(lost);
    expect(codes(findings)).toEqual(['US01-LOST', 'IPE02-REPLAY_LOST']);
  });

  test('A37 leaves a refusal open, and the batch says so', () => {
    const { world, findings, candidate } = befall('A37', 'api', 'low');
    const { store, metered, batches, errors } = world.usage;
    const open = errors.filter(({ replayedAt }) => replayedAt === null);
    expect(open.map(({ key }) => key)).toEqual([candidate.key]);
    expect(sumOf(store) - sumOf(metered)).toBe(open[0]?.quantity);
    const unresolved = batches.reduce((n, b) => n + b.rejectedQuantity - b.replayedQuantity, 0);
    expect(unresolved).toBe(open[0]?.quantity);
    expect(codes(findings)).toEqual(['US01-LOST', 'IPE02-METER_ERR']);
  });

  test('A35 and A35b move the same units of the same hour', () => {
    const [loss, gain] = [befall('A35', 'api', 'high'), befall('A35b', 'api', 'high')];
    const moved = ({ world }: Befallen): number =>
      sumOf(world.usage.metered) - sumOf(world.usage.store);
    expect([moved(loss), moved(gain)]).toEqual([-1_000, 1_000]);
    expect(loss.candidate.key.split('/').slice(1)).toEqual(gain.candidate.key.split('/').slice(1));
  });

  test('A31 assigns for forty days what was never paid for', () => {
    const { world, candidate } = befall('A31', 'team', 'low');
    const clean = useProduct(world.customer, world.plan, ctx).seats;
    const changed = world.usage.seats.filter(({ assigned }, i) => assigned !== clean[i]?.assigned);
    expect(changed).toHaveLength(40);
    expect(new Set(changed.map(({ workspace }) => workspace))).toEqual(new Set([candidate.key]));
  });
});

describe('what befalls access', () => {
  const accessRows = (world: CustomerWorld): string[] =>
    [...renderUsage(world)]
      .filter(({ table }) => table === 'entitlement')
      .map(({ row }) => `${row.workspace_id ?? ''} ${row.status ?? ''}`);
  const billed = (world: CustomerWorld): void => {
    world.billing = bill(world.customer, world.plan, world.usage, ctx);
  };

  test('A30 keeps a workspace open whose subscription ended', () => {
    const { world, candidate } = befall('A30', 'self_serve', 'high', billed);
    expect(accessRows(world)).toEqual([`${candidate.key} revoked`, `${candidate.key} active`]);
  });

  test('A29 keeps a workspace open that nobody pays for', () => {
    const { world, findings } = befall('A29', 'self_serve', 'low', billed);
    const rows = accessRows(world);
    expect(rows.at(-1)).toMatch(/^ws_\w+ active$/);
    expect(rows.slice(0, -1).every((row) => row.endsWith('revoked'))).toBe(true);
    expect(codes(findings)).toEqual(['SU01-UNPAID_STATE']);
  });
});

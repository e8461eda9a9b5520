import Stripe from 'stripe';
import type { StripeRecord } from '../../world/records';
import { MemoryStore } from '../store/memory-store';
import type { Faults } from './faults';
import { startStripeStandIn, type StripeStandIn } from './start-stripe-stand-in';

const secret = 'sk_live_faults1234';
const accounts = [
  { entity: 'ni-us' as const, id: 'acct_1', keys: [{ secret, permissions: 'all' as const }] },
];
const start = 1_780_000_000;

/** Refunds, since they are small: so many, so many in each second. */
const refunds = (count: number, perSecond: number): StripeRecord[] =>
  Array.from({ length: count }, (_, i) => {
    const id = `re_${String(i).padStart(4, '0')}`;
    const created = start + Math.floor(i / perSecond);
    const object = { id, object: 'refund', created, amount: 100, charge: null };
    return { entity: 'ni-us', collection: 'refunds', id, created, filters: {}, object };
  });

let standIn: StripeStandIn | undefined;
let now = start + 1_000;
const clock = { now: () => new Date(now * 1000).toISOString() };

beforeEach(() => {
  now = start + 1_000;
});
afterEach(() => standIn?.stop());

async function open(
  records: StripeRecord[],
  faults: Omit<Faults, 'seed'>,
  maxNetworkRetries = 0,
): Promise<Stripe> {
  const store = new MemoryStore(records);
  standIn = await startStripeStandIn({ store, accounts, clock, faults: { seed: '7', ...faults } });
  const { host, port } = standIn;
  return new Stripe(secret, { host, port, protocol: 'http', maxNetworkRetries });
}

async function allOf(stripe: Stripe, params: Stripe.RefundListParams = {}): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of stripe.refunds.list({ limit: 3, ...params })) ids.push(id);
  return ids;
}

/** Reads every few seconds what is new: with or without an overlap behind the newest seen. */
async function syncIncrementally(stripe: Stripe, overlapS: number, toS: number) {
  const seen = new Set<string>();
  let newest = start - 1;
  for (now = start; now < start + toS; now += 5) {
    const created = { gt: newest - overlapS };
    for await (const refund of stripe.refunds.list({ limit: 100, created })) {
      seen.add(refund.id);
      newest = Math.max(newest, refund.created);
    }
  }
  return seen;
}

describe('objects seen late', () => {
  test('a lag hides an object until it has passed, on lists and by id', async () => {
    const stripe = await open(refunds(4, 1), { visibilityLagS: 10 });
    now = start + 11;
    expect(await allOf(stripe)).toEqual(['re_0001', 're_0000']);
    await expect(stripe.refunds.retrieve('re_0002')).rejects.toMatchObject({ statusCode: 404 });
    now = start + 13;
    expect(await allOf(stripe)).toHaveLength(4);
  });

  test('late commits: the newest seen as a cursor loses rows, an overlap loses none', async () => {
    const records = refunds(120, 2);
    const stripe = await open(records, { lateCommits: { share: 0.3, delayS: 40 } });
    const naive = await syncIncrementally(stripe, 0, 150);
    const careful = await syncIncrementally(stripe, 60, 150);
    expect(naive.size).toBeLessThan(110);
    expect(careful.size).toBe(120);
  });

  test('objects of one second seen late: the naive cursor loses, an overlap does not', async () => {
    const lateIn = { lateCommits: { share: 0.5, delayS: 7 }, visibilityLagS: 3 };
    const stripe = await open(refunds(60, 3), lateIn);
    expect((await syncIncrementally(stripe, 0, 60)).size).toBeLessThan(60);
    expect((await syncIncrementally(stripe, 30, 60)).size).toBe(60);
  });
});

describe('paging', () => {
  test('a head that grows loses nothing that was there, and the head is read again', async () => {
    const stripe = await open(refunds(20, 1), { headGrowth: 5 });
    const first = await allOf(stripe);
    expect(first).toHaveLength(15);
    expect(new Set(first).size).toBe(15);
    const head = await stripe.refunds.list({ ending_before: first[0] ?? '', limit: 100 });
    expect(head.data.map(({ id }) => id)).toHaveLength(5);
  });

  test('a row that comes again on the next page is the same row', async () => {
    const stripe = await open(refunds(30, 1), { repeatedRows: 1 });
    const ids = await allOf(stripe);
    expect([ids.length, new Set(ids).size]).toEqual([39, 30]);
  });

  test('a cursor inside a second loses the rest of a range; a second alone none', async () => {
    const stripe = await open(refunds(50, 10), { burstCursors: true });
    const last = start + 4;
    const naive = await allOf(stripe, { created: { lte: last } });
    expect(naive).toHaveLength(3);
    const careful = new Set<string>();
    for (let second = last; second >= start; second -= 1)
      for (const id of await allOf(stripe, { created: second })) careful.add(id);
    expect(careful.size).toBe(50);
    expect(await allOf(stripe)).toHaveLength(50);
  });

  test('a cursor that was deleted is refused, and gone by id', async () => {
    const stripe = await open(refunds(10, 1), {});
    const page = await stripe.refunds.list({ limit: 3 });
    const cursor = page.data[2]?.id ?? '';
    standIn?.remove(cursor);
    await expect(stripe.refunds.list({ limit: 3, starting_after: cursor })).rejects.toMatchObject({
      code: 'resource_missing',
      param: 'starting_after',
    });
    await expect(stripe.refunds.retrieve(cursor)).rejects.toMatchObject({ statusCode: 404 });
    expect(await allOf(stripe)).toHaveLength(9);
  });
});

describe('answers that fail', () => {
  test.each([
    [1, '1'],
    [null, undefined],
  ])('a storm refuses with 429 and Retry-After %s', async (retryAfterS, header) => {
    const rateLimitStorms = { share: 0.5, requests: 3, retryAfterS };
    const stripe = await open(refunds(9, 1), { rateLimitStorms });
    const refused: Stripe.errors.StripeError[] = [];
    for (let i = 0; i < 30; i += 1)
      await stripe.refunds.list().catch((error: unknown) => {
        refused.push(error as Stripe.errors.StripeError);
      });
    expect(refused.length).toBeGreaterThan(5);
    expect(refused.length).toBeLessThan(25);
    for (const error of refused)
      expect([error.type, error.headers?.['retry-after']]).toEqual([
        'StripeRateLimitError',
        header,
      ]);
  });

  test('a failure is a function of the seed and of the number of the request', async () => {
    const statuses: number[][] = [];
    for (let round = 0; round < 2; round += 1) {
      const stripe = await open(refunds(3, 1), { serverErrors: 0.4 });
      for (let i = 0; i < 20; i += 1) await stripe.refunds.list().catch(() => undefined);
      statuses.push(standIn?.requests().map(({ status }) => status) ?? []);
      await standIn?.stop();
    }
    expect(statuses[0]).toEqual(statuses[1]);
    expect(new Set(statuses[0])).toEqual(new Set([200, 500]));
  });

  test('an SDK that retries reads all pages through errors of the server', async () => {
    const stripe = await open(refunds(12, 1), { serverErrors: 0.3 }, 5);
    expect(await allOf(stripe)).toHaveLength(12);
    const statuses = standIn?.requests().map(({ status }) => status) ?? [];
    expect([statuses.filter((one) => one === 200).length, statuses.includes(500)]).toEqual([
      4,
      true,
    ]);
  });

  // The SDK retries a connection that fails before the answer, not one cut inside it.
  test('a connection cut inside an answer is an error even to an SDK that retries', async () => {
    const stripe = await open(refunds(12, 1), { halfAnswers: { share: 1, kind: 'cut' } }, 2);
    await expect(stripe.refunds.list()).rejects.toMatchObject({ type: 'StripeConnectionError' });
    expect(standIn?.requests()).toHaveLength(1);
  });

  test('JSON that ends early is an error, never a shorter page', async () => {
    const stripe = await open(refunds(12, 1), { halfAnswers: { share: 1, kind: 'json' } });
    await expect(stripe.refunds.list()).rejects.toThrow(/Invalid JSON/);
  });

  test('a slow answer is late by what was set', async () => {
    const stripe = await open(refunds(3, 1), { slowAnswers: { share: 1, delayMs: 150 } });
    const before = performance.now();
    await stripe.refunds.list();
    expect(performance.now() - before).toBeGreaterThanOrEqual(149);
  });

  test('events of more than thirty days ago are gone', async () => {
    const events = [0, 29, 31].map((days): StripeRecord => {
      const created = start - days * 86_400;
      const id = `evt_${days}`;
      const object = {
        id,
        object: 'event',
        created,
        type: 'charge.succeeded',
        data: { object: {} },
      };
      return { entity: 'ni-us', collection: 'events', id, created, filters: {}, object };
    });
    const stripe = await open(events, {});
    now = start + 10;
    expect((await stripe.events.list()).data.map(({ id }) => id)).toEqual(['evt_0', 'evt_29']);
    await expect(stripe.events.retrieve('evt_31')).rejects.toMatchObject({ statusCode: 404 });
  });
});

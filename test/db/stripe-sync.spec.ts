import { closedCoverage } from '../../src/books/source-windows';
import type { Faults } from '../../src/sandbox/stripe/server/faults';
import { stripeStreams } from '../../src/sources/stripe/streams';
import type { StripeSync } from '../../src/sources/stripe/sync-report';
import { createTestDatabase, type TestDatabase } from '../support/database';
import {
  heldByBooks,
  heldByWorld,
  openStripeBench,
  type StripeBench,
} from '../support/stripe-account';

const now = '2025-07-03T09:00:00.000Z';
const since = '2025-06-20';
/** Enough for the balance to be proven, and for something of every kind to happen. */
const longSince = '2025-06-01';

let database: TestDatabase;
let bench: StripeBench;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await bench.standIn.stop();
  await database.drop();
});

async function syncLater(minutes: number): Promise<StripeSync> {
  bench.clock.move(minutes);
  return bench.sync(database);
}

const newVersions = ({ streams }: StripeSync): bigint =>
  streams.reduce((sum, one) => sum + BigInt(one.newVersions), 0n);

/** By object: how far its windows are closed since the first day. */
async function coverage(from = since): Promise<Record<string, string>> {
  const of = { source: 'stripe', account: 'ie' };
  const found: Record<string, string> = {};
  for (const { object } of stripeStreams) {
    const { closedThrough } = await closedCoverage(database.app, { ...of, object }, from);
    found[object] = closedThrough.slice(0, 10);
  }
  return found;
}

const everyStream = (day: string): Record<string, string> =>
  Object.fromEntries(stripeStreams.map(({ object }) => [object, day]));

test('the books hold exactly the account; a second sync closes every past window', async () => {
  bench = await openStripeBench({ now, since: longSince });
  const first = await bench.sync(database);
  expect(first.problems).toEqual([]);
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, longSince));
  expect(await coverage(longSince)).toEqual(everyStream(longSince));
  expect(first.balance).toMatchObject([
    { currency: 'EUR', agrees: true },
    { currency: 'GBP', agrees: true },
    { currency: 'HUF', agrees: true },
  ]);

  const second = await syncLater(15);
  expect(second.problems).toEqual([]);
  expect(newVersions(second)).toBe(0n);
  expect(await coverage(longSince)).toEqual(everyStream('2025-07-03'));
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, longSince));
  const totals = await database.app.raw<{ rows: { object: string; said: string }[] }>(
    `select distinct object, source_total as said from books.source_windows
     where state = 'closed' and object in ('balance_transaction', 'invoice', 'charge') order by 1`,
  );
  expect(totals.rows).toEqual([
    { object: 'balance_transaction', said: 'agrees' },
    { object: 'charge', said: 'unavailable' },
    { object: 'invoice', said: 'agrees' },
  ]);

  // Within the day only today is read again.
  const third = await syncLater(15);
  const read = third.streams.filter(({ windowsRead }) => windowsRead > 0);
  expect(read.every(({ windowsRead }) => windowsRead === 1)).toBe(true);
  expect(third.requests).toBeLessThan(second.requests / 2);
});

test('the size of pages makes no difference', async () => {
  bench = await openStripeBench({ now, since });
  await bench.sync(database, { pageSize: 1 });
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, since));
});

const seed = 'sync';
test.each<[string, Faults]>([
  ['objects that show late', { seed, visibilityLagS: 7200 }],
  ['repeated rows', { seed, repeatedRows: 0.5 }],
  ['cursors that lose a burst', { seed, burstCursors: true }],
  ['storms of 429', { seed, rateLimitStorms: { share: 0.2, requests: 5, retryAfterS: 1 } }],
  ['errors in between', { seed, serverErrors: 0.1 }],
  ['answers cut off', { seed, halfAnswers: { share: 0.1, kind: 'cut' } }],
  ['JSON that ends early', { seed, halfAnswers: { share: 0.1, kind: 'json' } }],
])('nothing is lost to %s', async (_, faults) => {
  bench = await openStripeBench({ now, since, faults });
  for (let n = 0; n < 3; n += 1) await syncLater(n === 0 ? 0 : 45);
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, since));
  expect(await coverage()).toEqual(everyStream('2025-07-03'));
});

test('nothing is lost to lists whose head grows; what is named and not there is told', async () => {
  bench = await openStripeBench({ now, since: longSince, faults: { seed, headGrowth: 2 } });
  await bench.sync(database);
  await syncLater(45);
  const last = await syncLater(45);
  const [books, world] = [await heldByBooks(database), heldByWorld(bench.records, longSince)];
  const unlike = Object.keys(world).filter(
    (table) => JSON.stringify(books[table]?.count) !== JSON.stringify(world[table]?.count),
  );
  // The newest discounts and payment records are on no list that could grow: they stay hidden.
  expect(unlike).toEqual(['discounts', 'payments']);
  expect((world['payments']?.count ?? 0) - (books['payments']?.count ?? 0)).toBe(2);
  const told = last.problems.filter(({ object }) => object === 'payment_record');
  expect(told.filter(({ message }) => message.endsWith('Stripe does not give it'))).toHaveLength(2);
  // When they were made is not known, so no window of payment records is proven.
  expect(told.filter(({ window }) => window !== null)).toHaveLength(3);
});

test('what is written days late opens its window again, and is told', async () => {
  const faults = { seed, lateCommits: { share: 0.5, delayS: 3 * 86_400 } };
  bench = await openStripeBench({ now, since, faults });
  await bench.sync(database);
  await syncLater(15);
  expect(await coverage()).toEqual(everyStream('2025-07-03'));
  expect(await heldByBooks(database)).not.toEqual(heldByWorld(bench.records, since));
  const later = await syncLater(4 * 1440);
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, since));
  const drifted = later.problems.filter(({ message }) => message.includes('now has other ids'));
  expect(drifted.length).toBeGreaterThan(0);
  await syncLater(15);
  expect((await coverage())['balance_transaction']).toBe('2025-07-07');
});

test('an object that is deleted gets a tombstone, and leaves the books', async () => {
  bench = await openStripeBench({ now, since });
  await bench.sync(database);
  await syncLater(15);
  const item = bench.records.find(
    ({ collection, created }) =>
      collection === 'invoiceitems' && created * 1000 > Date.parse(since),
  );
  const customer = bench.records.find(({ collection }) => collection === 'customers');
  bench.standIn.remove(item?.id ?? '');
  bench.standIn.remove(customer?.id ?? '');
  const night = await syncLater(1440);
  expect(night.streams.filter(({ deletions }) => deletions > 0)).toMatchObject([
    { object: 'customer', deletions: 1 },
    { object: 'invoiceitem', deletions: 1 },
  ]);
  const left = await database.app.raw<{ rows: unknown[] }>(
    `select 'item' as what from books.invoice_items where invoice_item_id = ?
     union all select is_deleted::text from books.customers where customer_id = ?`,
    [item?.id ?? '', customer?.id ?? ''],
  );
  expect(left.rows).toEqual([{ what: 'true' }]);
});

test('events of any shape are hints: what they name is asked for again', async () => {
  bench = await openStripeBench({ now, since });
  bench.clock.move(-14 * 1440);
  await bench.sync(database);
  const events = bench.records.filter(
    ({ collection, created }) => collection === 'events' && created * 1000 > Date.parse(since),
  );
  const versions = new Set(
    events.map(({ object }) => Reflect.get(object, 'api_version') as string),
  );
  expect(versions.size).toBe(2);
  const later = await syncLater(14 * 1440);
  expect(later.problems.filter(({ object }) => object === 'event')).toEqual([]);
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, since));
  expect(later.fullReadBecause).toBeNull();
});

test('after more than 25 days everything is read again, and the sync says why', async () => {
  bench = await openStripeBench({ now, since });
  bench.clock.move(-26 * 1440);
  await bench.sync(database);
  const later = await syncLater(26 * 1440);
  expect(later.fullReadBecause).toBe(
    'the last sync was 26 days ago, and Stripe forgets events after 30',
  );
  expect(await heldByBooks(database)).toEqual(heldByWorld(bench.records, since));
});

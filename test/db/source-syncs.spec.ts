import { createLogger } from '../../src/platform/logger';
import { SourcesQueries } from '../../src/sources/sources.queries';
import { unreadOf } from '../../src/sources/source-sync';
import { syncApis } from '../../src/sources/sync-apis';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { json, list, openOddStripe, type OddStripe } from '../support/odd-stripe';

// What a sync could not read is known to whoever looks at the sources afterwards.
let database: TestDatabase;
let stripe: OddStripe;
let now = '2026-06-03T09:00:00.000Z';

beforeAll(async () => {
  database = await createTestDatabase();
  stripe = await openOddStripe();
});
afterAll(async () => {
  await stripe.close();
  await database.drop();
});

async function sync() {
  const main = {
    ...{ entity: 'ni-us', key: 'rk_live_odd', api_url: stripe.url, since: '2026-05-01' },
    ...{ settle_minutes: 15, metadata_prefix: '', requests_per_second: 1000 },
  };
  const entity = {
    ...{ id: 'ni-us', name: 'US', currency: 'USD', time_zone: 'UTC', calendar: 'plain' },
    ...{ materiality: {}, parameters: {} },
  };
  const sources = { files: {}, salesforce: {}, warehouse: {}, stripe: { main } };
  const [came] = await syncApis({ sources, entities: [entity] }, database, {
    clock: { now: () => now },
    logger: createLogger({ level: 'error' }),
    progress: () => undefined,
  });
  if (!came) throw new Error('the source was not synced');
  const { unread, unread_total: total } = await new SourcesQueries(database.app).unread();
  return { came, unread, total };
}

test('a list that never ends is told once, with its windows', async () => {
  const created = Date.parse('2024-07-08T12:00:00Z') / 1000;
  stripe.charges = (response) =>
    json(response, 200, { ...list([{ id: 'ch_1', created }]), has_more: true });
  const { unread, total } = await sync();
  expect(total).toBe('1');
  expect(unread).toEqual([
    expect.objectContaining({ source: 'stripe', name: 'main', object: 'charge', windows: '4' }),
  ]);
  expect(unread[0]?.message).toMatch(/^a page said there was more, and what followed/);
});

test('an object that is not there is told as a whole, until a sync reads it', async () => {
  now = '2026-06-04T09:00:00.000Z';
  stripe.charges = (response) => json(response, 404, { error: { message: 'No such URL' } });
  const missing = await sync();
  expect(missing.unread).toEqual([
    expect.objectContaining({ object: 'charge', windows: null, from_at: null }),
  ]);
  expect(unreadOf(missing.came)).toHaveLength(1);
  now = '2026-06-05T09:00:00.000Z';
  stripe.charges = (response) => json(response, 200, list([]));
  expect(await sync()).toMatchObject({ unread: [], total: '0' });
});

test('a source that refuses the key is told as a whole; what was told stays', async () => {
  now = '2026-06-06T09:00:00.000Z';
  stripe.account = (response) => json(response, 401, { error: { message: 'Invalid API Key' } });
  const { unread } = await sync();
  expect(unread).toEqual([
    expect.objectContaining({ name: 'main', object: null, told_at: '2026-06-06T09:00:00.000000Z' }),
  ]);
  await expect(database.app.raw('delete from books.source_syncs')).rejects.toThrow(
    /refused|denied/,
  );
});

import type { StripeSync } from '../../src/sources/stripe/sync-report';
import { syncStripe } from '../../src/sources/stripe/sync-stripe';
import { createLogger } from '../../src/platform/logger';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { json, list, openOddStripe, type OddAnswer, type OddStripe } from '../support/odd-stripe';

// Answers as no documentation has them: from a proxy, a stand-in of others, an old release.
const charge = {
  ...{ id: 'ch_1', object: 'charge', created: 1_780_358_400, livemode: true, amount: 100 },
};

/** What becomes of `GET /v1/charges`, and what must be said of it. */
const cases: [name: string, odd: OddAnswer, said: RegExp][] = [
  ['a place that is not there', (r) => json(r, 404, { error: { message: 'No such URL' } }), /404/],
  ['a 404 without an error', (r) => json(r, 404, { message: 'Not found' }), /404/],
  ['a 404 in HTML', (r) => json(r, 404, '<html>nothing here</html>'), /404/],
  [
    'a 403',
    (r) => json(r, 403, { error: { message: 'The key lacks charge_read' } }),
    /charge_read/,
  ],
  ['a 500 without an error', (r) => json(r, 500, { oops: true }), /500/],
  ['a 200 with an error', (r) => json(r, 200, { error: { message: 'no luck' } }), /no luck/],
  ['a 503 in HTML', (r) => json(r, 503, '<html>down</html>'), /503/],
  ['a page of a proxy', (r) => json(r, 200, '<html>sign in</html>'), /JSON/],
  ['nothing at all', (r) => json(r, 200, ''), /JSON/],
  ['a 204', (r) => void r.writeHead(204).end(), /JSON|204/],
  ['null', (r) => json(r, 200, 'null'), /JSON/],
  ['a bare array', (r) => json(r, 200, [charge]), /no list/],
  ['an object instead of a list', (r) => json(r, 200, charge), /no list/],
  ['no has_more', (r) => json(r, 200, list([charge], {})), /no list/],
  ['has_more as text', (r) => json(r, 200, list([charge], { has_more: 'true' })), /no list/],
  ['has_more null', (r) => json(r, 200, list([charge], { has_more: null })), /no list/],
  ['data that is no array', (r) => json(r, 200, list({ ch_1: charge })), /no list/],
  ['null among the objects', (r) => json(r, 200, list([null])), /no id or created/],
  ['text among the objects', (r) => json(r, 200, list(['ch_1'])), /no id or created/],
  [
    'created as text',
    (r) => json(r, 200, list([{ ...charge, created: '1780358400' }])),
    /no id or created/,
  ],
  ['an id as number', (r) => json(r, 200, list([{ ...charge, id: 1 }])), /no id or created/],
  ['JSON cut short', (r) => json(r, 200, '{"object":"list","data":[{"id":"ch_'), /JSON/],
  [
    'always more of the same',
    (r) => json(r, 200, list([charge], { has_more: true })),
    /more|order|same/,
  ],
  [
    'a redirection to elsewhere',
    (r) => void r.writeHead(302, { location: 'http://127.0.0.1:9/v1/charges' }).end(),
    /302/,
  ],
  [
    'a redirection to itself',
    (r) => void r.writeHead(307, { location: '/v1/charges' }).end(),
    /307/,
  ],
  ['a connection that is reset', (r) => r.socket?.resetAndDestroy(), /connection|socket|fetch/i],
  [
    'a body that breaks off',
    (r) => {
      r.writeHead(200, { 'content-length': '5000' });
      r.write('{"object":"list","data":[');
      setImmediate(() => r.socket?.destroy());
    },
    /connection|terminated|JSON/i,
  ],
  [
    'an endless storm of 429',
    (r) => json(r, 429, { error: { message: 'slow down' } }),
    /slow down/,
  ],
];

let database: TestDatabase;
let stripe: OddStripe;

beforeAll(async () => {
  database = await createTestDatabase();
  stripe = await openOddStripe();
});
afterAll(async () => {
  await stripe.close();
  await database.drop();
});

let accounts = 0;
async function sync(
  now = '2026-06-03T09:00:00.000Z',
  name = `odd_${(accounts += 1)}`,
): Promise<{ read: StripeSync; account: string }> {
  const config = {
    ...{ entity: 'ni-us', key: 'rk_live_odd', api_url: stripe.url },
    ...{ since: '2026-06-01', settle_minutes: 15, metadata_prefix: '', requests_per_second: 1000 },
  };
  const entity = { entityId: 'ni-us', bookZone: 'UTC' };
  const read = await syncStripe(
    database,
    { name, config, entity },
    {
      clock: { now: () => now },
      logger: createLogger({ level: 'error' }),
      sleep: () => Promise.resolve(),
    },
  );
  return { read, account: name };
}

async function windowsOf(object: string, account: string): Promise<string[]> {
  const found = await database.app.raw<{ rows: { state: string }[] }>(
    'select state from books.source_windows where account = ? and object = ? order by read_no',
    [account, object],
  );
  return found.rows.map(({ state }) => state);
}

test.each(cases)('%s is told, and charges have no closed window', async (_name, given, said) => {
  stripe.charges = given;
  const { read, account } = await sync();
  const told = read.unread.filter(({ object }) => object === 'charge');
  expect(told.map(({ message }) => message).join('\n')).toMatch(said);
  expect(await windowsOf('charge', account)).not.toContain('closed');
  // Only charges are in question: what else there is was read.
  expect(read.unread.filter(({ object }) => object === 'refund')).toEqual([]);
  expect(read.streams.find(({ object }) => object === 'refund')?.windowsRead).toBeGreaterThan(0);
});

test('fields that nobody knows, slow pages and old names are no problem of a list', async () => {
  stripe.charges = (response) =>
    void setTimeout(() => json(response, 200, { ...list([]), total_count: 0, brand_new: [1] }), 30);
  const { read } = await sync();
  expect([...read.unread, ...read.problems].filter(({ object }) => object === 'charge')).toEqual(
    [],
  );
});

const children = {
  'billing.meter_event_summary': { path: '/v1/billing/meters', parent: 'billing.meter' },
  'billing.credit_balance_transaction': {
    ...{ path: '/v1/billing/credit_grants', parent: 'billing.credit_grant' },
  },
  payment_record: { path: '/v1/invoice_payments', parent: 'invoice_payment' },
  customer_balance_transaction: { path: '/v1/customers', parent: 'customer' },
};

test('what is read by its parent is not proven where the parent was not read', async () => {
  stripe.missing = Object.values(children).map(({ path }) => path);
  const { account } = await sync();
  const { read } = await sync('2026-06-03T09:30:00.000Z', account);
  for (const [object, { parent }] of Object.entries(children)) {
    expect(await windowsOf(object, account)).not.toContain('closed');
    const told = read.problems.filter((problem) => problem.object === object);
    expect(told.map(({ message }) => message).join()).toContain(`${parent} was not read`);
  }
  stripe.missing = [];
  await sync('2026-06-03T10:00:00.000Z', account);
  for (const object of Object.keys(children))
    expect(await windowsOf(object, account)).toContain('closed');
});

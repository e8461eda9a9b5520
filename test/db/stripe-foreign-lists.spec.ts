import { createLogger } from '../../src/platform/logger';
import type { StripeSync } from '../../src/sources/stripe/sync-report';
import { syncStripe } from '../../src/sources/stripe/sync-stripe';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { json, list, openOddStripe, type OddAnswer, type OddStripe } from '../support/odd-stripe';

// Lists as stand-ins of others give them: what they hold must be in the books all the same.
const begin = 1_780_444_800; // 2026-06-03
const now = '2026-06-05T09:00:00.000Z';
const later = '2026-06-05T09:30:00.000Z';

interface Listed {
  id: string;
  created: number;
}

/** Of two days, in an order of their own. */
const made = (of: { id: string; object: string }, count: number): (typeof of & Listed)[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ ...of, livemode: true, metadata: {}, name: 'A', active: true },
    ...{ id: `${of.id}_${at}`, created: begin + (at % 2) * 86_400 + ((at * 7) % 1000) },
  }));

const chargesOf = (id: string): Listed[] =>
  made({ id, object: 'charge' }, 230).map((charge, at) => ({
    ...{ ...charge, amount: 100 + at, currency: 'usd', balance_transaction: null },
    ...{ status: 'succeeded', paid: true, captured: true, customer: null },
    ...{ amount_captured: 100 + at, amount_refunded: 0, refunded: false, disputed: false },
  }));

/** A page of a list: by `limit` and `starting_after`, and by `created` where it `keeps` to it. */
const paged =
  (all: readonly Listed[], keeps = false): OddAnswer =>
  (response, { searchParams: asked }) => {
    const bound = (name: string): number => Number(asked.get(`created[${name}]`) ?? Number.NaN);
    const kept = keeps
      ? all.filter(({ created }) => !(created < bound('gte')) && !(created > bound('lte')))
      : all;
    const from = kept.findIndex(({ id }) => id === asked.get('starting_after')) + 1;
    const to = from + Number(asked.get('limit') ?? 10);
    json(response, 200, list(kept.slice(from, to), { has_more: to < kept.length }));
  };

/** A list that answers only where nothing is said of `created`. */
const refusing =
  (all: readonly Listed[], refuse: OddAnswer): OddAnswer =>
  (response, url) =>
    (url.searchParams.has('created[gte]') ? refuse : paged(all))(response, url);

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

async function sync(name: string, at: string): Promise<StripeSync> {
  const config = {
    ...{ entity: 'ni-us', key: 'rk_live_odd', api_url: stripe.url },
    ...{ since: '2026-06-03', settle_minutes: 15, metadata_prefix: '', requests_per_second: 1000 },
  };
  return syncStripe(
    database,
    { name, config, entity: { entityId: 'ni-us', bookZone: 'UTC' } },
    {
      clock: { now: () => at },
      logger: createLogger({ level: 'error' }),
      sleep: () => Promise.resolve(),
    },
  );
}

/** What became of the windows of an object that could close. */
async function settledOf(account: string, object: string): Promise<object> {
  const found = await database.app.raw<{ rows: object[] }>(
    `select sum(rows)::int as rows, string_agg(distinct state, ', ') as states,
       string_agg(distinct source_total_reason, ', ') as why
     from books.source_windows
     where account = ? and object = ? and to_at <= '2026-06-05T00:00:00Z'`,
    [account, object],
  );
  return found.rows[0] ?? {};
}

async function paymentsOf(account: string): Promise<object> {
  const found = await database.app.raw<{ rows: object[] }>(
    `select count(*)::int as rows, sum(amount)::numeric(12, 2)::text as amount
     from books.payments where source_account = ?`,
    [account],
  );
  return found.rows[0] ?? {};
}

const wholeList = (...paths: string[]): string[] =>
  paths.map((path) => `GET ${path} does not keep to \`created\`: its whole list was read`);

test('lists that know no filter by created land whole, are proven, and are named', async () => {
  stripe.charges = paged(chargesOf('ch_own'));
  stripe.answers = {
    '/v1/products': refusing(made({ id: 'prod', object: 'product' }, 30), (response) =>
      json(response, 400, { error: { message: 'Unexpected created' } }),
    ),
    '/v1/customers': refusing(made({ id: 'cus', object: 'customer' }, 120), (response) =>
      response.writeHead(500, { 'content-type': 'text/plain' }).end('Server Error'),
    ),
  };
  const reads = [await sync('unfiltered', now), await sync('unfiltered', later)];
  const told = wholeList('/v1/products', '/v1/customers', '/v1/charges');
  for (const { unread, problems, check } of reads) {
    expect(unread).toEqual([]);
    expect(problems.map(({ message }) => message)).toEqual(told);
    const doctor = check.problems.filter(({ code }) => code === 'unfiltered');
    expect(doctor.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^product: .* refuses it \(.*Unexpected created/),
      expect.stringMatching(/^customer: .* refuses it \(.*500/),
      expect.stringMatching(/^charge: .* gives objects that were created at other times/),
    ]);
  }
  expect(await paymentsOf('unfiltered')).toEqual({ rows: 230, amount: '493.35' });
  for (const [object, rows] of Object.entries({ charge: 230, product: 30, customer: 120 }))
    expect(await settledOf('unfiltered', object)).toMatchObject({ rows, states: 'closed' });
});

test('a list of another order lands whole, a filter that does nothing is no proof', async () => {
  stripe.charges = paged(
    chargesOf('ch_old').sort((a, b) => a.created - b.created),
    true,
  );
  const products = made({ id: 'prod_old', object: 'product' }, 3);
  // By created, newest first, as it should; `active` is not heard.
  const sorted = [...products].sort((a, b) => b.created - a.created);
  stripe.answers = { '/v1/products': paged(sorted, true) };
  await sync('unordered', now);
  const { unread, problems } = await sync('unordered', later);
  expect(unread).toEqual([]);
  expect(problems.map(({ message }) => message)).toEqual(wholeList('/v1/charges'));
  expect(await paymentsOf('unordered')).toEqual({ rows: 230, amount: '493.35' });
  expect(await settledOf('unordered', 'charge')).toMatchObject({ rows: 230, states: 'closed' });
  expect(await settledOf('unordered', 'product')).toEqual({
    ...{ rows: 3, states: 'closed' },
    why: 'the list by active gives the same for every active',
  });
});

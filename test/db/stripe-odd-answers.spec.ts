import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StripeSync } from '../../src/sources/stripe/sync-report';
import { syncStripe } from '../../src/sources/stripe/sync-stripe';
import { createLogger } from '../../src/platform/logger';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** Answers as no documentation has them: from a proxy, a stand-in of others, an old release. */
type Odd = (response: ServerResponse, url: URL) => void;

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_odd' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const list = (data: unknown, more: object = { has_more: false }): object => ({
  object: 'list',
  url: '/v1/charges',
  data,
  ...more,
});
const charge = {
  ...{ id: 'ch_1', object: 'charge', created: 1_780_358_400, livemode: true, amount: 100 },
};

/** What becomes of `GET /v1/charges`, and what must be said of it. */
const cases: [name: string, odd: Odd, said: RegExp][] = [
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
  ['rows that were not asked for', (r) => json(r, 200, list([{ ...charge, created: 5 }])), /order/],
  [
    'an endless storm of 429',
    (r) => json(r, 429, { error: { message: 'slow down' } }),
    /slow down/,
  ],
];

let database: TestDatabase;
let server: Server;
let odd: Odd = () => undefined;

const answer = (request: IncomingMessage, response: ServerResponse): void => {
  request.resume();
  const url = new URL(request.url ?? '/', 'http://stripe.test');
  if (url.pathname === '/v1/charges') return odd(response, url);
  if (url.pathname === '/v1/account')
    return json(response, 200, { id: 'acct_1', object: 'account' });
  if (request.method === 'POST')
    return json(response, 403, { error: { type: 'invalid_request_error', message: 'read only' } });
  json(response, 200, list([]));
};

beforeAll(async () => {
  database = await createTestDatabase();
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await database.drop();
});

let accounts = 0;
async function sync(): Promise<{ read: StripeSync; account: string }> {
  accounts += 1;
  const name = `odd_${accounts}`;
  const { port } = server.address() as AddressInfo;
  const config = {
    ...{ entity: 'ni-us', key: 'rk_live_odd', api_url: `http://127.0.0.1:${port}` },
    ...{ since: '2026-06-01', settle_minutes: 15, metadata_prefix: '', requests_per_second: 1000 },
  };
  const entity = { entityId: 'ni-us', bookZone: 'UTC' };
  const read = await syncStripe(
    database,
    { name, config, entity },
    {
      clock: { now: () => '2026-06-03T09:00:00.000Z' },
      logger: createLogger({ level: 'error' }),
      sleep: () => Promise.resolve(),
    },
  );
  return { read, account: name };
}

async function windowsOfCharges(account: string): Promise<string[]> {
  const found = await database.app.raw<{ rows: { state: string }[] }>(
    `select state from books.source_windows where account = ? and object = 'charge'`,
    [account],
  );
  return found.rows.map(({ state }) => state);
}

test.each(cases)('%s is told, and charges have no closed window', async (_name, given, said) => {
  odd = given;
  const { read, account } = await sync();
  const told = read.problems.filter(({ object }) => object === 'charge');
  expect(told.map(({ message }) => message).join('\n')).toMatch(said);
  expect(await windowsOfCharges(account)).not.toContain('closed');
  // Only charges are in question: what else there is was read.
  expect(read.problems.filter(({ object }) => object === 'refund')).toEqual([]);
  expect(read.streams.find(({ object }) => object === 'refund')?.windowsRead).toBeGreaterThan(0);
});

test('fields that nobody knows, slow pages and old names are no problem of a list', async () => {
  odd = (response) =>
    void setTimeout(() => json(response, 200, { ...list([]), total_count: 0, brand_new: [1] }), 30);
  const { read } = await sync();
  expect(read.problems.filter(({ object }) => object === 'charge')).toEqual([]);
});

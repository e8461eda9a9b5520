import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RateLimiter } from './rate-limiter';
import { readPart } from './read-part';
import { nothingRead } from './read-window';
import { StripeConnection } from './stripe-connection';
import { StripeLists } from './stripe-lists';
import { streamOf } from './streams';

const items = ['si_1', 'si_2', 'si_3', 'si_4', 'si_5', 'si_6', 'si_7'].map((id) => ({ id }));
type Items = readonly { id: string }[];

/** What a page becomes on its way: its items, and where it begins among all. */
let lose: (page: Items, at: number) => { data: Items; more?: boolean };
let server: Server;
let lists: StripeLists;

beforeAll(async () => {
  server = createServer((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://stripe');
    const limit = Number(searchParams.get('limit'));
    const at = items.findIndex(({ id }) => id === searchParams.get('starting_after')) + 1;
    const { data, more = at + limit < items.length } = lose(items.slice(at, at + limit), at);
    response.writeHead(200, { 'content-type': 'application/json', 'request-id': 'req_1' });
    response.end(JSON.stringify({ object: 'list', data, has_more: more }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sleep = (): Promise<void> => Promise.resolve();
  const limiter = new RateLimiter(100, () => performance.now(), sleep);
  lists = new StripeLists(new StripeConnection({ key: 'rk_test_1', apiUrl }, limiter, sleep), 3);
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

function read(shown: Items = items.slice(0, 1)) {
  const part = streamOf('subscription')?.part;
  if (!part) throw new RangeError('subscriptions have items');
  const fields = { id: 'sub_1', items: { object: 'list', data: shown, has_more: true } };
  const payload = JSON.stringify(fields);
  const item = { id: 'sub_1', created: 1, fields, payload, requestId: 'req_0', apiVersion: '' };
  return readPart(item, part, { lists, read: nothingRead() });
}

test('items that two readings by pages of other sizes agree on are all of them', async () => {
  lose = (data) => ({ data });
  const { items: given, doubt } = await read();
  expect([given.length, doubt]).toEqual([7, null]);
});

test('a page that is lost every time is lost elsewhere by pages of another size', async () => {
  // The second page never comes, and the first says that there is none.
  lose = (data, at) => ({ data, more: at > 0 });
  expect((await read()).doubt).toBe(
    'sub_1 shows other items by pages of 3 and of 2: si_3 by one of them only',
  );
  // The second page comes empty of all but its last.
  lose = (data, at) => ({ data: at > 0 ? data.slice(-1) : data });
  expect((await read()).doubt).toMatch(/^sub_1 shows other items by pages of 3 and of 2: /);
});

test('what the object shows itself, its pages must show', async () => {
  lose = (data) => ({ data: data.filter(({ id }) => id !== 'si_2') });
  expect((await read(items.slice(0, 2))).doubt).toBe('sub_1 shows si_2, and its pages do not');
});

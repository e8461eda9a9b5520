import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { orgRecords, openOrg, type TestOrg } from '../support/salesforce-org';
import { syncSalesforce, type SalesforceSync } from '../../src/sources/salesforce/sync-salesforce';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** What becomes of the query for contracts; everything else is the stand-in's own answer. */
type Odd = (response: ServerResponse, body: string) => void;

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
};
const answer = (records: unknown, more: object = {}): object => ({
  ...{ totalSize: Array.isArray(records) ? records.length : 1, done: true, records },
  ...more,
});
const stamp = '2026-06-01T00:00:00.000+0000';
const contract = { Id: '800000000000001AAA', SystemModstamp: stamp };

const cases: [name: string, odd: Odd, said: RegExp][] = [
  ['a 404 without an error', (r) => send(r, 404, { message: 'gone' }), /404/],
  ['a 404 in HTML', (r) => send(r, 404, '<html>nothing here</html>'), /404/],
  ['a 400 of its own', (r) => send(r, 400, [{ errorCode: 'X', message: 'odd' }]), /odd \(X\)/],
  ['a 500 in HTML, always', (r) => send(r, 500, '<html>down</html>'), /500/],
  ['a 429 without end', (r) => send(r, 429, '[]'), /429/],
  ['a page of a proxy', (r) => send(r, 200, '<html>sign in</html>'), /half an answer/],
  ['nothing at all', (r) => send(r, 200, ''), /half an answer/],
  ['a 204', (r) => void r.writeHead(204).end(), /half an answer/],
  ['null', (r) => send(r, 200, 'null'), /half an answer/],
  ['a bare array', (r) => send(r, 200, [contract]), /half an answer/],
  ['no done', (r) => send(r, 200, { totalSize: 0, records: [] }), /half an answer/],
  ['done as text', (r) => send(r, 200, answer([], { done: 'true' })), /half an answer/],
  ['totalSize as text', (r) => send(r, 200, answer([], { totalSize: '0' })), /half an answer/],
  ['fewer than announced', (r) => send(r, 200, answer([], { totalSize: 7 })), /7 were announced/],
  ['null among the records', (r) => send(r, 200, answer([null])), /half an answer/],
  ['a record without Id', (r) => send(r, 200, answer([{ SystemModstamp: stamp }])), /without/],
  ['an Id as number', (r) => send(r, 200, answer([{ ...contract, Id: 8 }])), /without/],
  [
    'a stamp outside the window',
    (r) => send(r, 200, answer([{ ...contract, SystemModstamp: '1999-01-01T00:00:00.000+0000' }])),
    /outside the window/,
  ],
  [
    'a next page that is not there',
    (r) => send(r, 200, answer([contract], { done: false, nextRecordsUrl: null })),
    /half an answer/,
  ],
  ['a redirection', (r) => void r.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(), /302/],
  ['a connection that is reset', (r) => r.socket?.resetAndDestroy(), /no answer/],
  [
    'a body that breaks off',
    (r, body) => {
      r.writeHead(200, { 'content-length': String(body.length + 5000) });
      r.write(body.slice(0, 20));
      setImmediate(() => r.socket?.destroy());
    },
    /no answer/,
  ],
];

let database: TestDatabase;
let org: TestOrg;
let proxy: Server;
let odd: Odd | null = null;

/** The stand-in itself for all but the query in question. */
async function forward(url: string, init: RequestInit): Promise<[number, string]> {
  const given = await fetch(org.server.url + url, init);
  const text = await given.text();
  const { port } = proxy.address() as AddressInfo;
  return [given.status, text.replaceAll(org.server.url, `http://127.0.0.1:${port}`)];
}

beforeAll(async () => {
  database = await createTestDatabase();
  // A few of each kind, and all that says what the user may see.
  const counts = new Map<string, number>();
  const few = orgRecords('odd answers', 0.0002).filter(({ object }) => {
    const n = counts.get(object) ?? 0;
    counts.set(object, n + 1);
    return n < 3 || /^(User|Profile|Permission|Organization)/.test(object);
  });
  org = await openOrg(few);
  proxy = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
      const { url = '/', method = 'GET', headers } = request;
      const sent = Object.entries(headers).flatMap(([name, value]): [string, string][] =>
        typeof value === 'string' && /^(authorization|content-type|sforce-.*)$/.test(name)
          ? [[name, value]]
          : [],
      );
      const body = method === 'POST' ? { body: Buffer.concat(chunks).toString() } : {};
      const [status, text] = await forward(url, { method, headers: sent, ...body });
      const isAsked = /\/queryAll\?q=.*FROM(%20|\+)Contract(%20|\+)/.test(url);
      const isCount = /COUNT/.test(url);
      if (odd !== null && isAsked && !isCount) odd(response, text);
      else send(response, status, text);
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  org.config.login_url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  await org.server.stop();
  await database.drop();
});

const sync = (): Promise<SalesforceSync> => syncSalesforce(database, org.config, org.means);

test.each(cases)('%s is told, and the object has no window', async (_name, given, said) => {
  odd = given;
  const { objects } = await sync();
  const contracts = objects.find(({ object }) => object === 'Contract');
  expect(contracts).toMatchObject({
    ...{ status: 'not_read', windows: [] },
    reason: expect.stringMatching(said) as string,
  });
  const windows = await database.app.raw<{ rows: unknown[] }>(
    `select from books.source_windows where object = 'Contract'`,
  );
  expect(windows.rows).toEqual([]);
  const others = objects.filter(({ object }) => object !== 'Contract');
  expect(others.filter(({ status }) => status === 'not_read')).toEqual([]);
});

test('then, answered as it should be, it is read', async () => {
  odd = (response, body) => void setTimeout(() => send(response, 200, body), 30);
  const { objects } = await sync();
  expect(objects.find(({ object }) => object === 'Contract')).toMatchObject({ status: 'read' });
});

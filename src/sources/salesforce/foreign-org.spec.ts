import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkSalesforce } from './check-salesforce';
import { countWindow } from './count-window';
import { nothingRead, readQuery } from './read-query';
import { SalesforceConnection } from './salesforce-connection';
import { salesforceObjects } from './salesforce-objects';

// An org as a stand-in of others is one: a single version of the API, of which nothing tells; no
// sum of anything; pages that are named with the whole address.
const stamp = '2026-06-01T00:00:00Z';
const accounts = ['001000000000001AAA', '001000000000002AAA', '001000000000003AAA'].map((Id) => ({
  ...{ attributes: { type: 'Account' }, Id, SystemModstamp: stamp },
}));
const page = (from: number, next: string | null): object => ({
  ...{ totalSize: 3, done: next === null, records: accounts.slice(from, from + 2) },
  ...(next === null ? {} : { nextRecordsUrl: next }),
});

let server: Server;
let url: string;
let nextAt: string;
const asked: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    const json = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    if (pathname === '/services/oauth2/token') {
      const id = `${url}/id/00D000000000001AAA/005000000000001AAA`;
      return json(200, { access_token: 'session', instance_url: url, id, token_type: 'Bearer' });
    }
    const [, path] = /^\/services\/data\/v58\.0(\/.*)$/.exec(pathname) ?? [];
    if (path === '/sobjects') return json(200, { sobjects: [] });
    if (path === '/limits/recordCount')
      return json(200, { sObjects: [{ name: 'Contact', count: 7 }, null] });
    if (path === '/queryAll') {
      const soql = searchParams.get('q') ?? '';
      asked.push(soql);
      if (soql.includes('COUNT()')) return json(200, { totalSize: 3, done: true, records: [] });
      return json(200, page(0, `${nextAt}/services/data/v58.0/query/01g-2`));
    }
    if (path === '/query/01g-2') return json(200, page(2, null));
    if (path === '/query') asked.push(searchParams.get('q') ?? '');
    return json(404, [{ errorCode: 'NOT_FOUND', message: 'The resource does not exist' }]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  nextAt = url;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const means = {
  clock: { now: () => '2026-06-03T09:00:00.000Z' },
  sleep: (): Promise<void> => Promise.resolve(),
};
const config = () => ({
  auth: { flow: 'client_credentials' as const, client_id: 'tieout', client_secret: 'hush' },
  ...{ login_url: url, api_calls_share: 50, since: '2026-06-01', settle_minutes: 15 },
  ...{ entity: { field: 'Entity__c', values: {} }, fields: {}, amount_basis: 'TCV' as const },
});
const query = {
  ...{ object: 'Account', fields: ['Id', 'SystemModstamp'], stamp: 'SystemModstamp' },
  ...{ range: { from: '2026-06-01T00:00:00Z', to: '2026-06-02T00:00:00Z' }, order: 'id' as const },
};

async function idsRead(connection: SalesforceConnection): Promise<string[]> {
  const ids: string[] = [];
  for await (const records of readQuery(connection, query, nothingRead()))
    ids.push(...records.map(({ id }) => id));
  return ids;
}

test('where versions are not told, the newest that answers is asked', async () => {
  const connection = await SalesforceConnection.open(config(), means);
  expect(connection.apiVersion).toBe('58.0');
});

test('a next page is read where its whole address is that of the instance', async () => {
  const connection = await SalesforceConnection.open(config(), means);
  expect(await idsRead(connection)).toEqual(accounts.map(({ Id }) => Id));
});

test('a next page at another place is refused: the session goes nowhere else', async () => {
  const connection = await SalesforceConnection.open(config(), means);
  nextAt = 'http://elsewhere.test';
  await expect(idsRead(connection)).rejects.toThrow(
    'query: the next page is named at elsewhere.test, which is another place (foreign_page)',
  );
  nextAt = url;
});

test('where nothing is added up, the size of the answer is the count', async () => {
  const connection = await SalesforceConnection.open(config(), means);
  const object = salesforceObjects.find(({ name }) => name === 'Account');
  if (object === undefined) throw new Error('Account is read');
  const plan = {
    ...{ object, fields: query.fields, literals: new Set<string>() },
    ...{ canFilterStamp: true, canCount: true, hasCurrency: false, isReplicateable: false },
  };
  const counted = await countWindow({ connection, plan, currency: 'USD' }, query.range);
  expect(counted).toMatchObject({ rows: 3, byCurrency: new Map([['USD', 3]]) });
});

test('an org that shows none of its objects is told by object, and never fails', async () => {
  asked.length = 0;
  const check = await checkSalesforce(config(), { ...means, entities: [] });
  const problems = 'refused' in check ? [check.refused] : check.problems;
  expect(problems.map(({ object }) => object)).toContain('Account');
  expect(asked.filter((soql) => soql.includes('COUNT('))).toEqual([]);
});

import { Connection } from 'jsforce';
import type { SalesforceRecord } from '../../world/records';
import {
  DEFAULT_USER,
  startSalesforceStandIn,
  type SalesforceStandIn,
  type SalesforceStandInOptions,
} from './salesforce-stand-in';

let server: SalesforceStandIn;
afterEach(() => server.stop());

const account = (n: number, fields: object = {}): SalesforceRecord => ({
  object: 'Account',
  record: {
    Id: `001Qk0${String(n).padStart(9, '0')}AAA`,
    Name: `Account ${n}`,
    IsDeleted: false,
    SystemModstamp: '2026-06-30T12:00:00Z',
    ...fields,
  },
});

async function open(options: Partial<SalesforceStandInOptions>): Promise<Connection> {
  server = await startSalesforceStandIn({
    records: [],
    clock: { now: () => '2026-07-01T00:00:00.000Z' },
    tokens: { token: DEFAULT_USER.username },
    ...options,
  });
  return new Connection({ instanceUrl: server.url, accessToken: 'token', version: '66.0' });
}

const call = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/services/data/v66.0/jobs/query${path}`, {
    ...init,
    headers: { authorization: 'Bearer token', 'content-type': 'application/json' },
  });

const create = async (body: object): Promise<Record<string, string>> => {
  const made = await call('', { method: 'POST', body: JSON.stringify(body) });
  return (await made.json()) as Record<string, string>;
};

const stateOf = async (id: string): Promise<string> =>
  ((await (await call(`/${id}`)).json()) as { state: string }).state;

test('a job goes through its states, and its pages hold every row once', async () => {
  await open({ records: Array.from({ length: 7 }, (_none, n) => account(n)) });
  const job = await create({ operation: 'query', query: 'SELECT Id, Name FROM Account' });
  expect(job).toMatchObject({ state: 'UploadComplete', object: 'Account', contentType: 'CSV' });
  const { id = '' } = job;
  expect((await call(`/${id}/results`)).status).toBe(400);
  expect(await stateOf(id)).toBe('InProgress');
  expect(await stateOf(id)).toBe('JobComplete');

  const names: string[] = [];
  const sizes: string[] = [];
  for (let locator: string | null = ''; locator !== 'null';) {
    const suffix = locator === '' ? '' : `&locator=${locator}`;
    const page = await call(`/${id}/results?maxRecords=3${suffix}`);
    const [header, ...rows] = (await page.text()).trimEnd().split('\n');
    expect(header).toBe('"Id","Name"');
    names.push(...rows.map((row) => row.split('"')[3] ?? ''));
    sizes.push(page.headers.get('sforce-numberofrecords') ?? '');
    locator = page.headers.get('sforce-locator');
  }
  expect(sizes).toEqual(['3', '3', '1']);
  expect(names).toEqual(Array.from({ length: 7 }, (_none, n) => `Account ${n}`));
});

test('cells are quoted by RFC 4180, null is empty, instants end in Z', async () => {
  const hostile = { Name: 'A "B", C\nD', ParentId: null };
  await open({ records: [account(1, hostile)], bulkLooks: 0 });
  const query = 'SELECT Name, ParentId, IsDeleted, SystemModstamp, Parent.Name FROM Account';
  const { id = '' } = await create({ operation: 'query', query });
  expect(await stateOf(id)).toBe('JobComplete');
  expect(await (await call(`/${id}/results`)).text()).toBe(
    '"Name","ParentId","IsDeleted","SystemModstamp","Parent.Name"\n' +
      '"A ""B"", C\nD","","false","2026-06-30T12:00:00.000Z",""\n',
  );
});

test('queryAll brings deleted rows too, and a job keeps the rows of its beginning', async () => {
  await open({ records: [account(1), account(2, { IsDeleted: true })], bulkLooks: 0 });
  const ids = async (operation: string): Promise<string[]> => {
    const { id = '' } = await create({ operation, query: 'SELECT Id FROM Account' });
    server.load([]);
    await stateOf(id);
    return (await (await call(`/${id}/results`)).text()).trim().split('\n').slice(1);
  };
  expect(await ids('queryAll')).toEqual(['"001Qk0000000001AAA"', '"001Qk0000000002AAA"']);
  server.load([account(1), account(2, { IsDeleted: true })]);
  expect(await ids('query')).toEqual(['"001Qk0000000001AAA"']);
});

test('what Bulk does not do is refused when the job is made', async () => {
  await open({ records: [account(1)] });
  const refused = async (query: string): Promise<unknown> => create({ operation: 'query', query });
  expect(await refused('SELECT COUNT(Id) FROM Account')).toEqual([
    { message: 'Aggregate queries are not supported in Bulk Query', errorCode: 'API_ERROR' },
  ]);
  expect(await refused('SELECT Nothing FROM Account')).toMatchObject([
    { errorCode: 'API_ERROR', message: expect.stringContaining("No such column 'Nothing'") },
  ]);
});

test('a running job can be aborted, a finished one deleted', async () => {
  await open({ records: [account(1)] });
  const { id = '' } = await create({ operation: 'query', query: 'SELECT Id FROM Account' });
  expect((await call(`/${id}`, { method: 'DELETE' })).status).toBe(400);
  const aborted = await call(`/${id}`, { method: 'PATCH', body: '{"state":"Aborted"}' });
  expect(await aborted.json()).toMatchObject({ id, state: 'Aborted' });
  expect((await call(`/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await call(`/${id}`)).status).toBe(404);
});

test('jsforce makes, awaits and reads a job of one page', async () => {
  const records = Array.from({ length: 6 }, (_none, n) => account(n));
  const conn = await open({ records });
  const stream = await conn.bulk2.query('SELECT Id, Name FROM Account', { pollInterval: 5 });
  const names = (await stream.toArray()).map(({ Name }) => String(Name));
  expect(names).toEqual(records.map(({ record }) => record.Name));
});

import { closedCoverage } from '../../src/books/source-windows';
import { openMappingProblems } from '../../src/books/mapping-problems';
import type { SalesforceRecord } from '../../src/sandbox/world/records';
import { salesforceMappings } from '../../src/sources/salesforce/mapping/salesforce-mappings';
import { syncSalesforce, type SalesforceSync } from '../../src/sources/salesforce/sync-salesforce';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openOrg, orgRecords, type TestOrg } from '../support/salesforce-org';

const records = orgRecords('salesforce sync', 0.002);
const tables = [...new Set(salesforceMappings.flatMap((mapping) => mapping.tables))].sort();

let database: TestDatabase;
let org: TestOrg;

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await org.server.stop();
  await database.drop();
});

const sync = (): Promise<SalesforceSync> => syncSalesforce(database, org.config, org.means);

async function read(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.app.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
}

/** Ids of each object as the raw store holds them, tombstones left out. */
async function held(object: string): Promise<unknown[]> {
  const rows = await read(
    `select object_id as id from (select distinct on (object_id) object_id, is_deleted
       from books.raw_objects where object = '${object}'
       order by object_id, observed_at desc, raw_id desc) latest
     where not is_deleted order by 1`,
  );
  return rows.map(({ id }) => id);
}

/** Deleted more than 15 days ago: no query finds it any more. */
const isPurged = ({ record }: SalesforceRecord): boolean =>
  record['IsDeleted'] === true && String(record['SystemModstamp']) < '2026-06-15T21:00';

const given = (object: string, all: readonly SalesforceRecord[] = records): string[] =>
  all
    .filter((one) => one.object === object && !isPurged(one))
    .map(({ record }) => record.Id)
    .sort();

const objectNames = [...new Set(records.map(({ object }) => object))].sort();

async function counts(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const table of tables) {
    const [row] = await read(`select count(*) as n from books.${table}`);
    found[table] = String(row?.['n']);
  }
  return found;
}

test('the books hold every record; a second sync closes and changes nothing', async () => {
  org = await openOrg(records);
  const first = await sync();
  expect(first.objects.filter(({ status }) => status === 'not_read')).toEqual([]);
  expect(first.check.problems).toEqual([]);
  for (const object of objectNames)
    expect([object, await held(object)]).toEqual([object, given(object)]);
  expect(await openMappingProblems(database.app, tables)).toEqual([]);
  const before = await counts();
  expect(before['orders']).toBe(String(given('Order').length));
  expect(first.objects.flatMap(({ windows }) => windows).every((w) => w.state === 'open')).toBe(
    true,
  );

  org.pass(15);
  const second = await sync();
  expect(second.objects.reduce((sum, { newVersions }) => sum + newVersions, 0)).toBe(0);
  expect(second.derivations.filter(({ objects }) => objects !== '0')).toEqual([]);
  expect(await counts()).toEqual(before);
  for (const object of objectNames) {
    const stream = { source: 'salesforce', account: first.account, object };
    const coverage = await closedCoverage(database.app, stream, '2000-01-01T00:00:00Z');
    expect([object, coverage.closedThrough]).toEqual([object, '2026-06-30T20:50:00.000Z']);
  }
});

test('masters are read whatever their age; an earlier since is made up for', async () => {
  const few = orgRecords('salesforce sync', 0.0005);
  org = await openOrg(few);
  org.config.since = '2026-05-01';
  const older = (object: string): boolean =>
    few.some((one) => one.object === object && String(one.record['SystemModstamp']) < '2026-05');
  await sync();
  for (const object of ['User', 'Product2', 'Account', 'PricebookEntry', 'PermissionSet'])
    expect([object, older(object), await held(object)]).toEqual([object, true, given(object, few)]);
  const deals = given('Opportunity', few);
  expect(older('Opportunity')).toBe(true);
  expect((await held('Opportunity')).length).toBeLessThan(deals.length);
  org.config.since = '2000-01-01';
  org.pass(15);
  const second = await sync();
  expect(await held('Opportunity')).toEqual(deals);
  const windows = second.objects.find(({ object }) => object === 'Opportunity')?.windows ?? [];
  expect(windows.map(({ from, state }) => `${from.slice(0, 10)} ${state}`)).toEqual([
    ...['2000-01-01 open', '2026-06-30 open', '2026-05-01 closed'],
  ]);
});

describe('whatever happens on the way', () => {
  const few = orgRecords('salesforce sync', 0.0005);
  const whole = async (): Promise<void> => {
    for (const object of [...new Set(few.map((one) => one.object))])
      expect([object, await held(object)]).toEqual([object, given(object, few)]);
  };

  test.each([
    ['500 in the middle of a query', { does: 'status_500', on: 'queryMore', times: 2 }],
    ['503', { does: 'status_503', times: 3, skip: 20 }],
    ['half an answer', { does: 'truncate', on: 'query', skip: 30, times: 2 }],
    ['a broken connection', { does: 'cut', on: 'queryMore', skip: 1 }],
    ['a session that ends', { does: 'expire_session', on: 'query', skip: 40, times: 2 }],
    ['a cursor that is lost', { does: 'expire_locator', on: 'queryMore', skip: 1, times: 3 }],
    ['a query that takes too long', { does: 'query_timeout', on: 'query', skip: 12 }],
    ['a sign-in that fails once', { does: 'status_503', on: 'token' }],
  ] as const)('%s: every record arrives', async (_, fault) => {
    org = await openOrg(few, { maxPageRows: 20 });
    org.server.fail(fault);
    const done = await sync();
    expect(done.objects.filter(({ status }) => status === 'not_read')).toEqual([]);
    await whole();
    const refused = org.server.requests().filter(({ status }) => status >= 400);
    expect(refused.length + org.waits.length).toBeGreaterThan(0);
    expect(
      done.objects.flatMap(({ windows }) => windows.map(({ reason }) => reason)),
    ).not.toContainEqual(expect.stringContaining('differs'));
  });

  test('windows of many records are divided, and read by Bulk 2.0 page by page', async () => {
    org = await openOrg(few, { bulkPageRows: 5 });
    org.means.limits = { bulkRows: 3, windowRows: 60 };
    const done = await sync();
    expect(done.objects.filter(({ status }) => status === 'not_read')).toEqual([]);
    await whole();
    expect(await openMappingProblems(database.app, tables)).toEqual([]);
    const asked = org.server.requests().map(({ endpoint }) => endpoint);
    expect(asked.filter((one) => one === 'bulkResults').length).toBeGreaterThan(20);
    org.pass(15);
    const again = await sync();
    const states = again.objects.flatMap(({ windows }) => windows.map(({ state }) => state));
    expect(new Set(states.slice(0, 3))).toContain('closed');
  });
});

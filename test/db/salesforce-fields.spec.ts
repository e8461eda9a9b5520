import { openMappingProblems } from '../../src/books/mapping-problems';
import { integrationUserId } from '../../src/sandbox/sales/sales-team';
import type { ObjectSync } from '../../src/sources/salesforce/sync-object';
import { syncSalesforce, type SalesforceSync } from '../../src/sources/salesforce/sync-salesforce';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openOrg, orgRecords, type TestOrg } from '../support/salesforce-org';

const records = orgRecords('salesforce sync', 0.0005);
const terms = 'Order.SBQQ__PaymentTerm__c';
const user = { id: integrationUserId, username: 'tieout@northwind.example' };

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

function ordersOf({ objects }: SalesforceSync): ObjectSync {
  const found = objects.find(({ object }) => object === 'Order');
  if (found === undefined) throw new Error('no orders were read');
  return found;
}

async function count(what: string): Promise<number> {
  const sql = `select count(${what})::int as n from books.orders`;
  const { rows } = await database.app.raw<{ rows: { n: number }[] }>(sql);
  return rows[0]?.n ?? -1;
}

/** The same org an hour later, as another user would see it. */
async function reopen(hiddenFields: string[], all = records): Promise<void> {
  await org.server.stop();
  org = await openOrg(all, { users: [{ ...user, hiddenFields }] }, '2026-06-30T22:00:00Z');
}

test('a field that was read, and is hidden since, is named and loses no value', async () => {
  org = await openOrg(records);
  await sync();
  const before = await count('payment_terms');
  expect(before).toBeGreaterThan(0);
  const SystemModstamp = '2026-06-30T21:30:00.000+0000';
  const changed = records.map((one) =>
    one.object === 'Order' ? { ...one, record: { ...one.record, SystemModstamp } } : one,
  );
  await reopen([terms], changed);
  expect(ordersOf(await sync()).reason).toMatch(
    /^Order\.SBQQ__PaymentTerm__c was read until now, and does not exist for this user/,
  );
  expect(await count('payment_terms')).toBe(before);
  org.config.removed_fields = [terms];
  expect(ordersOf(await sync()).status).toBe('read');
});

test('a field that is granted later is read of every record, whatever became of it', async () => {
  org = await openOrg(records, { users: [{ ...user, hiddenFields: [terms] }] });
  await sync();
  const orders = await count('*');
  expect(await count('payment_terms')).toBe(0);
  org.pass(15);
  await sync();
  const [changed, removed] = records.filter(({ object }) => object === 'Order');
  const SystemModstamp = '2026-06-30T21:30:00.000+0000';
  const since = records.flatMap((one) => {
    if (one === removed) return [];
    return one === changed ? [{ ...one, record: { ...one.record, SystemModstamp } }] : [one];
  });
  await reopen([], since);
  const granted = ordersOf(await sync());
  // No closed window is read again, and what is not there any more is not taken for deleted.
  expect(granted.windows).toMatchObject([
    { from: '2026-06-30T21:05:00.000Z', rows: 1, state: 'open' },
    { from: '2026-06-30T20:50:00.000Z', rows: 0, state: 'closed' },
  ]);
  const given = since.filter(
    ({ object, record }) => object === 'Order' && record['SBQQ__PaymentTerm__c'] !== null,
  );
  expect(await count('payment_terms')).toBe(given.length);
  expect(await count('*')).toBe(orders);
});

test('a field of a related record that is named later is read again through that', async () => {
  const both = records.map((one) =>
    one.object === 'Account'
      ? { ...one, record: { ...one.record, Entity__c: one.record['Legal_Entity__c'] ?? null } }
      : one,
  );
  org = await openOrg(both);
  await sync();
  org.config.entity.field = 'Entity__c';
  org.pass(15);
  await sync();
  const problems = await openMappingProblems(database.app, ['customers', 'orders', 'bookings']);
  expect(problems).toEqual([]);
});

test('other settings derive the books again, and so do the former ones', async () => {
  org = await openOrg(records);
  await sync();
  const irish = await count("case when entity_id = 'ni-ie' then 1 end");
  expect(irish).toBeGreaterThan(0);
  const { values } = org.config.entity;
  org.config.entity.values = { 'ni-us': 'ni-us', 'ni-ie': 'ni-us' };
  await sync();
  expect(await count("case when entity_id = 'ni-ie' then 1 end")).toBe(0);
  org.config.entity.values = values;
  await sync();
  expect(await count("case when entity_id = 'ni-ie' then 1 end")).toBe(irish);
});

import { generateKeyPairSync } from 'node:crypto';
import { recordSourceAccount } from '../../src/books/source-accounts';
import { InvalidInput } from '../../src/core/problem';
import type { SalesforceConfig } from '../../src/platform/source-config';
import { integrationUserId } from '../../src/sandbox/sales/sales-team';
import type { SalesforceRecord } from '../../src/sandbox/world/records';
import { checkSalesforce } from '../../src/sources/salesforce/check-salesforce';
import { SourcesQueries } from '../../src/sources/sources.queries';
import { syncSalesforce, type SalesforceSync } from '../../src/sources/salesforce/sync-salesforce';
import type { ObjectSync } from '../../src/sources/salesforce/sync-object';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openOrg, orgRecords, type TestOrg } from '../support/salesforce-org';

const records = orgRecords('salesforce sync', 0.0005);
const opportunities = records.filter(({ object }) => object === 'Opportunity');
const accounts = records.filter(({ object }) => object === 'Account');

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

/** What a sync of all sources writes down, so that they are known by their names. */
async function recordOrg(): Promise<{ account: string }> {
  const [row] = await read('select distinct account from books.source_windows');
  const account = String(row?.['account']);
  const known = { source: 'salesforce', name: 'main', entityIds: [], since: '2000-01-01' } as const;
  await recordSourceAccount(database, { ...known, account }, org.means);
  return { account };
}

async function read(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.app.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
}

function of({ objects }: SalesforceSync, name: string): ObjectSync {
  const found = objects.find(({ object }) => object === name);
  if (found === undefined) throw new Error(`${name} was not read`);
  return found;
}

const idAt = (all: readonly SalesforceRecord[], n: number): string => all[n]?.record.Id ?? '';

describe('records that change while they are read', () => {
  test('a record committed late, with an older stamp, is waited for', async () => {
    org = await openOrg(records, { records });
    const late = opportunities.at(-1);
    if (late === undefined) throw new Error('the world has opportunities');
    const stamped = { ...late.record, SystemModstamp: '2026-06-30T20:49:00.000+0000' };
    const id = late.record.Id;
    org.server.load(records.map((one) => (one === late ? { ...late, record: stamped } : one)));
    // The instance says nothing of that transaction: only a second read finds what it left.
    org.server.setConditions({
      lateCommits: [{ object: 'Opportunity', id, committedAt: '2026-06-30T21:05:00Z' }],
      latestDateCovered: '2026-06-30T20:49:30Z',
    });
    const first = of(await sync(), 'Opportunity');
    // The open transaction holds latestDateCovered at its own start: the window ends before it.
    expect(first.safeThrough).toEqual({ instant: '2026-06-30T20:49:00.000Z', behindMinutes: 1 });
    expect(first.rows).toBe(opportunities.length - 1);
    org.pass(15);
    org.server.setConditions({
      lateCommits: [{ object: 'Opportunity', id, committedAt: '2026-06-30T21:05:00Z' }],
    });
    const second = of(await sync(), 'Opportunity');
    expect(second.windows.map(({ rows, state }) => [rows, state])).toEqual([
      [1, 'open'],
      [opportunities.length - 1, 'closed'],
    ]);
    const [row] = await read(
      `select count(*) as n from books.opportunities where opportunity_id = '${id}'`,
    );
    expect(row).toEqual({ n: '1' });
  });

  test('a commit that nobody announced is found by the second read', async () => {
    const late = opportunities[0];
    if (late === undefined) throw new Error('the world has opportunities');
    org = await openOrg(records.filter((one) => one !== late));
    await sync();
    org.server.load(records);
    org.pass(15);
    const second = of(await sync(), 'Opportunity');
    const again = second.windows.find(({ from }) => from.startsWith('2000'));
    expect(again).toMatchObject({ state: 'open', reason: 'read 1 gave other ids', newVersions: 1 });
    org.pass(15);
    const third = of(await sync(), 'Opportunity');
    expect(third.windows.find(({ from }) => from.startsWith('2000'))?.state).toBe('closed');
  });

  test('an update of many records at one instant moves them on', async () => {
    org = await openOrg(records, { maxPageRows: 20 });
    await sync();
    const ids = opportunities.map(({ record }) => record.Id);
    const at = '2026-06-30T21:01:00Z';
    org.server.setConditions({
      bulkUpdates: [{ object: 'Opportunity', ids, at, set: { NextStep: 'Call' } }],
    });
    org.pass(20);
    const second = of(await sync(), 'Opportunity');
    expect(second.windows.map(({ rows, state }) => [rows, state])).toEqual([
      [ids.length, 'open'],
      [0, 'closed'],
    ]);
    org.pass(15);
    const third = of(await sync(), 'Opportunity');
    expect(third.windows.map(({ rows, state }) => [rows, state])).toEqual([
      [0, 'open'],
      [ids.length, 'closed'],
    ]);
  });
});

test('lost pages of deals, their lines and quoted lines are named, and none closes', async () => {
  const lost = ['Opportunity', 'OpportunityLineItem', 'SBQQ__QuoteLine__c', 'OrderItem'];
  org = await openOrg(records, { maxPageRows: 20 });
  for (const object of lost)
    org.server.fail({ does: 'drop_pages', on: 'query', of: object, times: 99 });
  const opened = (done: SalesforceSync) =>
    lost.map((name) =>
      of(done, name).windows.map(({ rows, state, reason }) => [rows, state, reason]),
    );
  const there = lost.map((name) => records.filter(({ object }) => object === name).length);
  // Both reads give the same twenty: only the count by Salesforce itself tells.
  const first = opened(await sync());
  org.pass(15);
  const second = opened(await sync());
  for (const [i] of lost.entries()) {
    expect(there[i]).toBeGreaterThan(20);
    expect(first[i]).toEqual([[20, 'open', expect.stringContaining('differ')]]);
    expect(second[i]).toContainEqual([20, 'open', expect.stringContaining('differ')]);
  }
  org.server.clearFaults();
  org.pass(15);
  await sync();
  org.pass(15);
  const last = opened(await sync());
  for (const [i] of lost.entries()) expect(last[i]).toContainEqual([there[i], 'closed', null]);
});

describe('records that go', () => {
  test('one erased between two reads is asked for by id, and ends with a tombstone', async () => {
    org = await openOrg(records);
    await sync();
    const id = idAt(opportunities, 3);
    org.server.setConditions({
      hardDeletes: [{ object: 'Opportunity', id, at: '2026-06-30T21:01:00Z', isLogged: false }],
      deleteLogStartsAt: '2026-06-30T21:10:00Z',
    });
    org.pass(15);
    const second = of(await sync(), 'Opportunity');
    expect(second.windows.map(({ gone, state }) => [gone, state])).toEqual([
      [[], 'open'],
      [[id], 'open'],
    ]);
    expect(
      await read(`select booking_id, new_value from books.booking_changes
        where detection = 'DELETE'`),
    ).toEqual([{ booking_id: id, new_value: 'HARD_DELETED' }]);
    expect(
      await read(`select count(*) as n from books.opportunities where opportunity_id = '${id}'`),
    ).toEqual([{ n: '0' }]);
  });

  test('one erased from a closed window is found by the comparison of all ids', async () => {
    org = await openOrg(records);
    await sync();
    org.pass(15);
    await sync();
    const id = idAt(opportunities, 5);
    org.server.setConditions({
      hardDeletes: [{ object: 'Opportunity', id, at: '2026-06-30T22:00:00Z', isLogged: false }],
    });
    org.pass(24 * 60);
    expect(of(await sync(), 'Opportunity').compared).toBeNull();
    org.pass(6 * 24 * 60);
    const weekly = of(await sync(), 'Opportunity');
    expect(weekly.compared).toEqual({
      ...{ given: opportunities.length - 1, gone: [id] },
      ...{ missed: [], stale: [] },
    });
    const { account } = await recordOrg();
    const streams = await new SourcesQueries(database.app).streams();
    expect(streams.find(({ object }) => object === 'Opportunity')).toMatchObject({
      account,
      last_comparison: {
        ...{ given: String(opportunities.length - 1), gone: '1', missed: '0', stale: '0' },
        compared_at: expect.stringMatching(/^2026-07-07T21:15/) as unknown,
      },
    });
    org.pass(24 * 60);
    expect(of(await sync(), 'Opportunity').compared).toBeNull();
    org.means.compareIds = true;
    expect(of(await sync(), 'Opportunity').compared?.gone).toEqual([]);
  });

  test('one changed behind a closed window, and one taken for gone, are found by it', async () => {
    const [old, back] = [opportunities[2], opportunities[4]];
    if (!old || !back) throw new Error('the world has opportunities');
    org = await openOrg(records);
    await sync();
    org.pass(15);
    await sync();
    org.means.compareIds = true;
    const late = { ...old.record, Name: 'Late', SystemModstamp: '2026-06-30T20:30:00.000+0000' };
    const changed = records.map((one) => (one === old ? { ...one, record: late } : one));
    org.server.load(changed.filter((one) => one !== back));
    org.pass(15);
    const found = of(await sync(), 'Opportunity').compared;
    expect([found?.gone, found?.stale]).toEqual([[back.record.Id], [old.record.Id]]);
    org.server.load(changed);
    org.pass(15);
    expect(of(await sync(), 'Opportunity').compared?.stale).toEqual([back.record.Id]);
    const held = `select name from books.opportunities
      where opportunity_id in ('${old.record.Id}', '${back.record.Id}') order by name = 'Late'`;
    expect(await read(held)).toEqual([{ name: back.record['Name'] }, { name: 'Late' }]);
  });

  test('a merged account stays as deleted, names its master, and its deals follow', async () => {
    org = await openOrg(records);
    await sync();
    const loser = String(opportunities[0]?.record['AccountId']);
    const master = accounts.find(({ record }) => record.Id !== loser)?.record.Id ?? '';
    org.server.setConditions({
      merges: [{ master, losers: [loser], at: '2026-06-30T21:01:00Z' }],
    });
    org.pass(20);
    const done = await sync();
    expect(done.objects.filter(({ status }) => status === 'not_read')).toEqual([]);
    expect(
      await read(`select is_deleted, merged_into_id from books.customers
        where customer_id = '${loser}'`),
    ).toEqual([{ is_deleted: true, merged_into_id: master }]);
    expect(
      await read(`select from_id, to_id from books.customer_links
        where link_method = 'MERGE' and from_id = '${loser}'`),
    ).toEqual([{ from_id: loser, to_id: master }]);
    expect(
      await read(`select count(*) as n from books.opportunities where customer_id = '${loser}'`),
    ).toEqual([{ n: '0' }]);
  });
});

describe('what an org does not let one ask', () => {
  test('a stamp that cannot be filtered by: windows still close', async () => {
    org = await openOrg(records, {
      conditions: { unfilterable: [{ object: 'Opportunity', field: 'SystemModstamp' }] },
    });
    const first = of(await sync(), 'Opportunity');
    expect([first.status, first.rows]).toEqual(['read', opportunities.length]);
    org.pass(15);
    const second = of(await sync(), 'Opportunity');
    expect(second.windows.map(({ rows, state }) => [rows, state])).toEqual([
      [0, 'open'],
      [opportunities.length, 'closed'],
    ]);
  });

  test('a transaction elsewhere on the instance holds all back', async () => {
    org = await openOrg(records, { conditions: { latestDateCovered: '2026-06-30T12:00:00Z' } });
    const { safeThrough } = of(await sync(), 'Opportunity');
    expect(safeThrough).toEqual({ instant: '2026-06-30T12:00:00.000Z', behindMinutes: 530 });
  });

  test('the API calls of the day: reading stops at our share', async () => {
    org = await openOrg(records, { apiRequests: { limit: 1000, used: 700 } });
    const stopped = await sync();
    expect(stopped.stoppedBy).toMatch(/8\d\d of 1000 API calls .* ours end at 80 %/);
    expect(stopped.objects.filter(({ status }) => status === 'not_read').length).toBeGreaterThan(0);
    expect(stopped.objects.filter(({ status }) => status === 'read').length).toBeGreaterThan(0);
    org.config.api_calls_share = 100;
    const resumed = await sync();
    expect(resumed.stoppedBy).toBeNull();
    expect(resumed.objects.filter(({ status }) => status === 'not_read')).toEqual([]);
  });

  test('a field hidden from the user keeps its object unread, by name', async () => {
    const user = { id: integrationUserId, username: 'tieout@northwind.example' };
    org = await openOrg(records, {
      users: [{ ...user, hiddenFields: ['Opportunity.Amount'], hiddenObjects: ['OrderItem'] }],
    });
    const done = await sync();
    expect(
      done.objects.flatMap(({ object, reason }) => (reason === null ? [] : [[object, reason]])),
    ).toEqual([
      ['Opportunity', 'Opportunity.Amount does not exist for this user.'],
      ['OrderItem', 'OrderItem does not exist for this user.'],
    ]);
  });

  test('a user without View All Data is refused, whatever it sees', async () => {
    const blinkered = records.map((one) =>
      one.object === 'PermissionSet'
        ? { ...one, record: { ...one.record, PermissionsViewAllData: false } }
        : one,
    );
    org = await openOrg(blinkered);
    const failure: unknown = await sync().catch((cause: unknown) => cause);
    expect(failure).toBeInstanceOf(InvalidInput);
    expect((failure as InvalidInput).problems.map((one) => 'code' in one && one.code)).toEqual([
      'view_all_missing',
    ]);
    expect(await read('select count(*) as n from books.raw_extracts')).toEqual([{ n: '0' }]);
  });

  test('a secret that is refused is a problem of the account, not a crash', async () => {
    org = await openOrg(records);
    const auth = {
      flow: 'client_credentials',
      client_id: 'tieout',
      client_secret: 'wrong',
    } as const;
    const means = { ...org.means, sleep: () => Promise.resolve() };
    const check = await checkSalesforce({ ...org.config, auth }, means);
    expect('refused' in check && check.refused).toMatchObject({
      code: 'sign_in_refused',
      message: 'sign-in: invalid client credentials (invalid_client)',
    });
  });

  test('a user signs in by a signed assertion, and a wrong key is named', async () => {
    const keys = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    org = await openOrg(records, {
      apps: [{ clientId: 'with-certificate', certificate: keys.publicKey }],
    });
    const means = { ...org.means, sleep: () => Promise.resolve() };
    const by = (private_key: string): SalesforceConfig => ({
      ...org.config,
      auth: {
        ...{ flow: 'jwt', client_id: 'with-certificate', private_key },
        username: 'tieout@northwind.example',
      },
    });
    const check = await checkSalesforce(by(keys.privateKey), means);
    expect(check).toMatchObject({ userId: integrationUserId, apiVersion: '66.0', problems: [] });
    const wrong = await checkSalesforce(by('-----BEGIN NOTHING-----'), means);
    expect('refused' in wrong && wrong.refused.message).toBe(
      'sign-in: private_key is no RSA key in PEM (private_key)',
    );
  });
});

test('a sync that ends in the middle leaves what it read, and the next one goes on', async () => {
  org = await openOrg(records, { maxPageRows: 20 });
  const advance = (_done: number, _total: number, doing: string): void => {
    if (doing.startsWith('Opportunity: 40')) throw new Error('killed');
  };
  org.means.progress = { advance };
  await expect(sync()).rejects.toThrow('killed');
  const objects = await read('select distinct object from books.raw_objects order by 1');
  expect(objects.map(({ object }) => object)).toContain('Account');
  expect(objects.map(({ object }) => object)).not.toContain('Opportunity');
  delete org.means.progress;
  org.pass(1);
  const done = await sync();
  expect(of(done, 'Opportunity').rows).toBe(opportunities.length);
  const [after] = await read('select count(*) as n from books.opportunities');
  expect(after).toEqual({ n: String(opportunities.length) });
});

import { Connection } from 'jsforce';
import type { SalesforceRecord } from '../../world/records';
import type { OrgConditions } from './org-conditions';
import type { RequestFault } from './request-faults';
import {
  DEFAULT_USER,
  startSalesforceStandIn,
  type SalesforceStandIn,
  type SalesforceStandInOptions,
} from './salesforce-stand-in';

const start = Date.parse('2026-06-30T12:00:00Z');
const minute = 60_000;
const day = 86_400_000;
let nowMs = start;
let server: SalesforceStandIn;

beforeEach(() => {
  nowMs = start;
});
afterEach(() => server.stop());

const at = (ms: number): string => new Date(ms).toISOString();
const accountId = (n: number): string => `001Qk0${String(n).padStart(9, '0')}AAA`;
const idOf = ({ Id }: { Id?: string }): string => Id ?? '';
const orderId = (n: number): string => `801Qk0${String(n).padStart(9, '0')}AAA`;

/** Stamped n minutes after the start, or n minutes before when negative. */
const account = (n: number, stampMs: number, fields: object = {}): SalesforceRecord => ({
  object: 'Account',
  record: {
    Id: accountId(n),
    Name: `Account ${n}`,
    IsDeleted: false,
    SystemModstamp: at(stampMs),
    ...fields,
  },
});

const order = (n: number, fields: object): SalesforceRecord => ({
  object: 'Order',
  record: { Id: orderId(n), IsDeleted: false, SystemModstamp: at(start - day), ...fields },
});

async function open(options: Partial<SalesforceStandInOptions>): Promise<Connection> {
  server = await startSalesforceStandIn({
    records: [],
    clock: { now: () => at(nowMs) },
    tokens: { token: DEFAULT_USER.username, 'second token': DEFAULT_USER.username },
    ...options,
  });
  return connect('token');
}

const connect = (accessToken: string): Connection =>
  new Connection({ instanceUrl: server.url, accessToken, version: '66.0' });

interface Row {
  Id: string;
  SystemModstamp: string;
}

/** All pages of a query; throws unless they hold as many rows as the query says it finds. */
async function readAll(conn: Connection, soql: string): Promise<Row[]> {
  let page = await conn.query<Row>(soql);
  const rows = [...page.records];
  while (page.nextRecordsUrl !== undefined) {
    page = await conn.queryMore<Row>(page.nextRecordsUrl);
    rows.push(...page.records);
  }
  if (rows.length !== page.totalSize) throw new Error('rows are missing');
  return rows;
}

/** What many connectors do: ask for what is newer than the newest row seen. */
async function naiveSync(conn: Connection, held: Map<string, Row>): Promise<void> {
  const newest = [...held.values()].map(({ SystemModstamp }) => SystemModstamp).sort();
  const since = newest.at(-1)?.replace('+0000', 'Z') ?? '2000-01-01T00:00:00Z';
  const where = `WHERE SystemModstamp > ${since}`;
  for (const row of await readAll(conn, `SELECT Id, SystemModstamp FROM Account ${where}`))
    held.set(row.Id, row);
}

/** RELIABILITY §3.2: up to the safe watermark only; a window that fails is read again whole. */
async function provenSync(held: Map<string, Row>, from: string): Promise<string> {
  for (const token of ['token', 'token', 'token', 'second token', 'second token']) {
    try {
      const conn = connect(token);
      const { latestDateCovered } = await conn.updated('Account', at(nowMs - day), at(nowMs));
      const safe = Math.min(nowMs - 10 * minute, Date.parse(latestDateCovered));
      const to = at(Math.max(safe, Date.parse(from)));
      const window = `SystemModstamp >= ${from} AND SystemModstamp < ${to}`;
      const soql = `SELECT Id, SystemModstamp FROM Account WHERE ${window}`;
      const rows = await readAll(conn, `${soql} ORDER BY SystemModstamp, Id`);
      if (new Set(rows.map(({ Id }) => Id)).size !== rows.length) throw new Error('doubled');
      for (const row of rows) held.set(row.Id, row);
      return to;
    } catch {
      // The next attempt begins from the start of the window.
    }
  }
  throw new Error('the window was never read');
}

const hour = Array.from({ length: 60 }, (_none, n) => account(n, start + n * minute));
const late: OrgConditions = {
  lateCommits: [7, 8, 31].map((n) => ({
    object: 'Account',
    id: accountId(n),
    committedAt: at(start + (n + 12) * minute),
  })),
};

/** Runs a sync every five minutes for two hours over an org in which rows keep coming. */
async function followFor(
  sync: (held: Map<string, Row>) => Promise<void>,
  conditions: OrgConditions,
  faults: readonly RequestFault[] = [],
): Promise<string[]> {
  await open({ conditions, faults, maxPageRows: 2, sessionMinutes: 10_000 });
  const held = new Map<string, Row>();
  for (; nowMs <= start + 120 * minute; nowMs += 5 * minute) {
    server.load(hour.filter(({ record }) => Date.parse(String(record.SystemModstamp)) <= nowMs));
    await sync(held);
  }
  return hour.map(({ record }) => record.Id).filter((id) => !held.has(id));
}

describe('a sync that trusts the newest SystemModstamp it saw', () => {
  test('holds every row while every transaction commits at once', async () => {
    expect(await followFor((held) => naiveSync(connect('token'), held), {})).toEqual([]);
  });

  test('loses for good the rows that commit late', async () => {
    const missing = await followFor((held) => naiveSync(connect('token'), held), late);
    expect(missing).toEqual([7, 8, 31].map(accountId));
  });

  test('loses rows of a bulk update that it met half way', async () => {
    const stamp = start - minute;
    const rows = [1, 2, 3, 4].map((n) => account(n, stamp));
    const conn = await open({
      records: rows,
      conditions: {
        lateCommits: [3, 4].map((n) => ({
          object: 'Account',
          id: accountId(n),
          committedAt: at(start + minute),
        })),
      },
    });
    const held = new Map<string, Row>();
    await naiveSync(conn, held);
    nowMs += 5 * minute;
    await naiveSync(conn, held);
    expect([...held.keys()]).toEqual([1, 2].map(accountId));
  });
});

describe('a sync up to the safe watermark', () => {
  const proven = (): ((held: Map<string, Row>) => Promise<void>) => {
    let from = '2026-06-30T00:00:00.000Z';
    return async (held) => {
      from = await provenSync(held, from);
    };
  };

  const switches: [string, OrgConditions, RequestFault[]][] = [
    ['nothing amiss', {}, []],
    ['rows that commit late', late, []],
    ['a lost cursor', late, [{ does: 'expire_locator', on: 'queryMore', skip: 3, times: 2 }]],
    ['a session that ends', late, [{ does: 'expire_session', on: 'queryMore', skip: 4 }]],
    ['cut JSON', late, [{ does: 'truncate', on: 'query', skip: 2, times: 2 }]],
    ['a query that runs too long', late, [{ does: 'query_timeout', on: 'query', times: 2 }]],
    ['an error in the middle of pages', late, [{ does: 'status_500', on: 'queryMore', skip: 5 }]],
    ['a server too busy', late, [{ does: 'status_503', on: 'queryMore', skip: 1 }]],
    [
      'an update of many rows at one instant',
      {
        bulkUpdates: [
          {
            object: 'Account',
            ids: Array.from({ length: 50 }, (_none, n) => accountId(n)),
            at: at(start + 55 * minute),
          },
        ],
      },
      [],
    ],
  ];

  test.each(switches)('holds every row under %s', async (_name, conditions, faults) => {
    expect(await followFor(proven(), conditions, faults)).toEqual([]);
  });
});

describe('replication', () => {
  const ids = async (conn: Connection, from: number, to: number): Promise<string[]> =>
    (await conn.updated('Account', at(from), at(to))).ids.sort();

  test('getUpdated names what was touched, and covers no more than is committed', async () => {
    const conn = await open({
      records: [1, 2, 3].map((n) => account(n, start - n * minute)),
      conditions: {
        lateCommits: [{ object: 'Account', id: accountId(2), committedAt: at(start + 2 * minute) }],
      },
    });
    const window = [start - 60 * minute, start] as const;
    expect(await ids(conn, ...window)).toEqual([1, 3].map(accountId));
    const before = await conn.updated('Account', at(window[0]), at(window[1]));
    expect(before.latestDateCovered).toBe('2026-06-30T11:58:00.000+0000');
    nowMs += 2 * minute;
    const after = await conn.updated('Account', at(window[0]), at(window[1]));
    expect(after.latestDateCovered).toBe('2026-06-30T12:00:00.000+0000');
    expect(await ids(conn, ...window)).toEqual([1, 2, 3].map(accountId));
  });

  test("another tenant's long transaction holds latestDateCovered for hours", async () => {
    const held = '2026-06-30T03:00:00Z';
    const conn = await open({ records: [], conditions: { latestDateCovered: held } });
    const answer = await conn.updated('Account', at(start - day), at(start));
    expect(answer.latestDateCovered).toBe('2026-06-30T03:00:00.000+0000');
  });

  test('windows reach 30 days back, are a minute long, and hold so many ids', async () => {
    const conn = await open({
      records: [1, 2, 3].map((n) => account(n, start - n * minute)),
      maxReplicationIds: 2,
    });
    const refused = (from: number, to: number): Promise<string> =>
      ids(conn, from, to).then(
        () => 'no error',
        (error: { errorCode: string }) => error.errorCode,
      );
    expect(await refused(start - 31 * day, start)).toBe('INVALID_REPLICATION_DATE');
    expect(await refused(start, start + 59_000)).toBe('INVALID_REPLICATION_DATE');
    expect(await refused(start - 60 * minute, start)).toBe('EXCEEDED_ID_LIMIT');
    expect(await ids(conn, start - 2 * minute, start)).toEqual([1, 2].map(accountId));
  });

  test('getDeleted forgets what lies before its log, and says since when it knows', async () => {
    const deleted = (n: number, daysAgo: number): SalesforceRecord =>
      account(n, start - daysAgo * day, { IsDeleted: true });
    const conn = await open({ records: [deleted(1, 1), deleted(2, 9), deleted(3, 14)] });
    const answer = (): ReturnType<Connection['deleted']> =>
      conn.deleted('Account', at(start - 20 * day), at(start));
    expect((await answer()).deletedRecords).toHaveLength(3);
    expect((await answer()).earliestDateAvailable).toBe('2026-06-15T12:00:00.000+0000');
    server.setConditions({ deleteLogStartsAt: '2026-06-25T00:00:00Z' });
    expect(await answer()).toEqual({
      deletedRecords: [{ id: accountId(1), deletedDate: '2026-06-29T12:00:00.000+0000' }],
      earliestDateAvailable: '2026-06-25T00:00:00.000+0000',
      latestDateCovered: '2026-06-30T12:00:00.000+0000',
    });
  });
});

describe('what befalls records', () => {
  test('a row erased for good is in no query; the log may know of it or not', async () => {
    const conn = await open({
      records: [1, 2, 3].map((n) => account(n, start - day)),
      conditions: {
        hardDeletes: [
          { object: 'Account', id: accountId(1), at: at(start + minute), isLogged: true },
          { object: 'Account', id: accountId(2), at: at(start + minute), isLogged: false },
        ],
      },
    });
    const left = async (): Promise<string[]> =>
      (await conn.query<Row>('SELECT Id FROM Account', { scanAll: true })).records.map(idOf);
    expect(await left()).toEqual([1, 2, 3].map(accountId));
    nowMs += 5 * minute;
    expect(await left()).toEqual([accountId(3)]);
    const { deletedRecords } = await conn.deleted('Account', at(start - day), at(nowMs));
    expect(deletedRecords).toMatchObject([{ id: accountId(1) }]);
  });

  test('merged accounts form a chain, and what hung on the losers moves', async () => {
    const conn = await open({
      records: [
        ...[1, 2, 3].map((n) => account(n, start - day)),
        order(1, { AccountId: accountId(1) }),
        order(2, { AccountId: accountId(3) }),
      ],
      conditions: {
        merges: [
          { master: accountId(2), losers: [accountId(1)], at: at(start + minute) },
          { master: accountId(3), losers: [accountId(2)], at: at(start + 2 * minute) },
        ],
      },
    });
    nowMs += 5 * minute;
    const soql = 'SELECT Id, IsDeleted, MasterRecordId FROM Account ORDER BY Id';
    const { records } = await conn.query(soql, { scanAll: true });
    expect(records).toMatchObject([
      { IsDeleted: true, MasterRecordId: accountId(2) },
      { IsDeleted: true, MasterRecordId: accountId(3) },
      { IsDeleted: false, MasterRecordId: null },
    ]);
    const orders = await conn.query('SELECT AccountId, SystemModstamp FROM Order ORDER BY Id');
    expect(orders.records).toMatchObject([
      { AccountId: accountId(3), SystemModstamp: '2026-06-30T12:02:00.000+0000' },
      { AccountId: accountId(3), SystemModstamp: '2026-06-29T12:00:00.000+0000' },
    ]);
  });

  test('until a late update commits, the row reads as it was before', async () => {
    const conn = await open({
      records: [account(1, start - minute, { Name: 'New' })],
      conditions: {
        lateCommits: [
          {
            object: 'Account',
            id: accountId(1),
            committedAt: at(start + minute),
            before: { Id: accountId(1), Name: 'Old', SystemModstamp: at(start - day) },
          },
        ],
      },
    });
    const names = async (): Promise<string[]> =>
      (await conn.query('SELECT Name FROM Account')).records.map(({ Name }) => String(Name));
    expect(await names()).toEqual(['Old']);
    nowMs += minute;
    expect(await names()).toEqual(['New']);
  });
});

test('a broken connection and a body cut short are told apart from an answer', async () => {
  await open({ records: [account(1, start)] });
  const get = (): Promise<unknown> =>
    fetch(`${server.url}/services/data/v66.0/query?q=SELECT+Id+FROM+Account`, {
      headers: { authorization: 'Bearer token' },
    }).then((response) => response.json());
  server.fail({ does: 'cut' }, { does: 'truncate' });
  await expect(get()).rejects.toThrow('terminated');
  await expect(get()).rejects.toThrow(/JSON/);
  await expect(get()).resolves.toMatchObject({ totalSize: 1 });
});

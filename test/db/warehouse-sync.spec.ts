import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { from } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { parse } from 'yaml';
import { InvalidInput } from '../../src/core/problem';
import type { WarehouseConfig } from '../../src/platform/source-config';
import { northwindConfigFile } from '../../src/sandbox/northwind/northwind-config';
import { generateWorld } from '../../src/sandbox/world/generate-world';
import { checkWarehouse, syncWarehouse } from '../../src/sources/warehouse/sync-warehouse';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';

const clock = { now: () => '2026-07-01T06:00:00.000Z' };
const means = { clock, entities: ['ni-us', 'ni-ie'] };
const { tables } = (
  parse(readFileSync(northwindConfigFile, 'utf8')) as {
    sources: { warehouse: { dwh: WarehouseConfig } };
  }
).sources.warehouse.dwh;

let books: TestDatabase;
let server: TestDatabase['server'];
let holder: TestDatabase;
/** A database as any other: nothing in it was made or restricted by us. */
let warehouse: string;

beforeAll(async () => {
  holder = await createTestDatabase();
  server = holder.server;
  warehouse = `${holder.name}_dwh`;
  await asSuperuser(server, `create database ${warehouse} template template0`);
});
beforeEach(async () => {
  books = await createTestDatabase();
  const role = readerRole();
  await inWarehouse(`drop schema if exists warehouse cascade; create schema warehouse;
    do $$ begin create role ${role} login; exception when duplicate_object then null; end $$;
    alter role ${role} set default_transaction_read_only = on;
    grant connect on database ${warehouse} to ${role};
    grant usage on schema warehouse to ${role};
    alter default privileges in schema warehouse grant select on tables to ${role}`);
});
afterEach(() => books.drop());
afterAll(async () => {
  const role = readerRole();
  await inWarehouse(
    `drop schema if exists warehouse cascade; drop owned by ${role}; drop role ${role}`,
  );
  await asSuperuser(server, `drop database ${warehouse} with (force)`);
  await holder.drop();
});

const readerRole = (): string => `${warehouse}_reader`;
const inWarehouse = (sql: string): Promise<Record<string, unknown>[]> =>
  asSuperuser(server, sql, warehouse);

function configured(own: WarehouseConfig['tables'], role = readerRole()): WarehouseConfig {
  const { host, port } = server.connection;
  const url = `postgres://${role}@/${warehouse}?host=${encodeURIComponent(host)}&port=${port}`;
  return { url, statement_timeout_s: 60, tables: own };
}

async function rows(sql: string): Promise<Record<string, unknown>[]> {
  return (await books.app.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
}

const bank: WarehouseConfig['tables'] = {
  bank_transactions: {
    amount: 'amount',
    currency: { column: 'currency' },
    query: `select account as bank_account, id as txn_id, 'ni-us' as entity_id, day as value_date,
      amount, currency, reference from warehouse.bank;`,
  },
};

const makeBank = (): Promise<unknown> =>
  inWarehouse(`create table warehouse.bank
    (account text, id text, day date, amount numeric, currency text, reference text);
    insert into warehouse.bank values
      ('A', '1', '2026-06-01', 10.10, 'USD', E'tab\\there, back\\\\slash\\nand line'),
      ('A', '2', '2026-06-02', -0.35, 'EUR', null),
      ('B', '1', '2026-06-02', 123456789.01, 'USD', '');
    create table warehouse.loads (through timestamptz);
    insert into warehouse.loads values ('2026-07-01 05:30:00+00')`);

test('a query lands with its totals, and again with nothing changed', async () => {
  await makeBank();
  const config = { ...configured(bank), watermark: 'select max(through) from warehouse.loads' };
  const done = await syncWarehouse(books, 'dwh', config, means);
  expect(done.role.problems).toEqual([]);
  expect(done.loadedThrough).toBe('2026-07-01T05:30:00.000000Z');
  expect(done.tables).toMatchObject([
    {
      ...{ table: 'bank_transactions', status: 'landed', rows: '3', inserted: '3' },
      totals: [
        { currency: 'EUR', rows: '1', amount: '-0.35' },
        { currency: 'USD', rows: '2', amount: '123456799.11' },
      ],
    },
  ]);
  expect(
    await rows(`select txn_id, value_date, amount, reference, source, source_account
      from books.bank_transactions order by bank_account, txn_id`),
  ).toEqual([
    {
      ...{ txn_id: '1', value_date: '2026-06-01', amount: '10.100000' },
      reference: 'tab\there, back\\slash\nand line',
      ...{ source: 'warehouse', source_account: 'dwh' },
    },
    {
      ...{ txn_id: '2', value_date: '2026-06-02', amount: '-0.350000', reference: null },
      ...{ source: 'warehouse', source_account: 'dwh' },
    },
    {
      ...{ txn_id: '1', value_date: '2026-06-02', amount: '123456789.010000', reference: '' },
      ...{ source: 'warehouse', source_account: 'dwh' },
    },
  ]);
  expect(
    await rows(`select control_total, extracted_at at time zone 'UTC' as at from books.extracts`),
  ).toEqual([{ control_total: 'agrees', at: '2026-07-01 05:30:00' }]);
  const again = await syncWarehouse(books, 'dwh', config, means);
  expect(again.tables).toMatchObject([
    { inserted: '0', changed: '0', unchanged: '3', closed: '0' },
  ]);
});

test('rows that are not there any more end, and changed ones are replaced', async () => {
  await makeBank();
  await syncWarehouse(books, 'dwh', configured(bank), means);
  await inWarehouse(`delete from warehouse.bank where account = 'B';
    update warehouse.bank set amount = 10.20 where id = '1'`);
  const done = await syncWarehouse(books, 'dwh', configured(bank), means);
  expect(done.tables).toMatchObject([{ inserted: '0', changed: '1', unchanged: '1', closed: '1' }]);
});

test('a role that can write is refused, and nothing is read', async () => {
  await makeBank();
  await inWarehouse(`grant insert on warehouse.bank to ${readerRole()}`);
  const failure: unknown = await syncWarehouse(books, 'dwh', configured(bank), means).catch(
    (cause: unknown) => cause,
  );
  expect(failure).toBeInstanceOf(InvalidInput);
  expect((failure as InvalidInput).problems).toMatchObject([
    { code: 'role_can_write', message: 'may write 1 tables, among them warehouse.bank.' },
  ]);
  const checked = await checkWarehouse(configured(bank, 'postgres'));
  expect('problems' in checked && checked.problems.map(({ code }) => code)).toEqual([
    'role_may_write',
    'not_read_only',
  ]);
  expect(await checkWarehouse(configured(bank, 'nobody_at_all'))).toMatchObject({
    refused: { code: 'no_connection' },
  });
  expect(await rows('select count(*) as n from books.extracts')).toEqual([{ n: '0' }]);
});

test('a wrong query says what is wrong with it, and the others land', async () => {
  await makeBank();
  const wrong: WarehouseConfig['tables'] = {
    gl_lines: { query: 'select 1 as journal_id, 2 as size' },
    gl_accounts: { query: 'select 1 from warehouse.absent' },
    gl_periods: { query: 'select 1; drop table warehouse.bank' },
    meters_of_old: { query: 'select 1 as one' },
    ...bank,
  };
  const done = await syncWarehouse(books, 'dwh', configured(wrong), means);
  const said = done.tables.map((one) =>
    one.status === 'landed' ? 'landed' : one.problems.map(({ message }) => message).join(' '),
  );
  expect(said).toEqual([
    expect.stringMatching(
      /^gives size, which books.gl_lines has not. gives no line_no. gives no ent/,
    ),
    'cannot be run: relation "warehouse.absent" does not exist (42P01).',
    expect.stringMatching(/^cannot be run: .*\(42601\)\.$/),
    'books.meters_of_old does not exist.',
    'landed',
  ]);
});

test('a query slower than it may be is given up, and says so', async () => {
  await makeBank();
  const slow = { gl_accounts: { query: 'select pg_sleep(5)::text as account' } };
  const own = { ...configured(slow), statement_timeout_s: 1 };
  const done = await syncWarehouse(books, 'dwh', own, means);
  expect(done.tables).toMatchObject([{ status: 'not_landed' }]);
});

test('a row of an entity that nobody declared is refused with its table', async () => {
  await makeBank();
  const done = await syncWarehouse(books, 'dwh', configured(bank), { clock, entities: ['ni-ie'] });
  expect(done.tables).toMatchObject([
    {
      status: 'not_landed',
      problems: [{ field: 'entity_id', message: expect.any(String) as string }],
    },
  ]);
  expect(await rows('select count(*) as n from books.bank_transactions')).toEqual([{ n: '0' }]);
});

test('the queries of the demo company land every row of its warehouse', async () => {
  const counts = await fillDemoWarehouse();
  const done = await syncWarehouse(books, 'dwh', configured(tables), means);
  const failed = done.tables.filter(({ status }) => status === 'not_landed');
  expect(failed).toEqual([]);
  const landed = Object.fromEntries(
    done.tables.map((one) => [one.table, one.status === 'landed' ? Number(one.rows) : -1]),
  );
  for (const [table, rendered] of Object.entries(renderedAs))
    expect([table, landed[table]]).toEqual([table, counts.get(rendered)]);
}, 180_000);

/** Tables of the books by the table that is rendered for each, row for row. */
const renderedAs = {
  usage_hours: 'usage_hourly',
  usage_errors: 'meter_error',
  interface_batches: 'usage_batch',
  seat_days: 'seat_daily',
  entitlements: 'entitlement',
  people: 'hr_roster',
  revenue_contracts: 'rev_contract',
  performance_obligations: 'performance_obligation',
  revenue_schedule_lines: 'rev_schedule_line',
  revenue_entries: 'rev_entry',
  gl_accounts: 'gl_account',
  gl_journals: 'gl_journal',
  gl_lines: 'gl_line',
  gl_balances: 'gl_balance',
  gl_periods: 'gl_period',
  bank_transactions: 'bank_txn',
};

type TextRow = Readonly<Record<string, string | null>>;

/** A small world's warehouse as tables of text; counts rows by table. */
async function fillDemoWarehouse(): Promise<Map<string, number>> {
  const now = Date.parse('2026-06-30T20:00:00Z') / 1000;
  const options = { seed: 'warehouse sync', scale: 0.0005, now, lookAlikes: true };
  const rendered = new Map<string, TextRow[]>([['meter_error', []]]);
  const add = (table: string, row: TextRow): void => {
    const known = rendered.get(table) ?? [];
    rendered.set(table, known);
    known.push(row);
  };
  generateWorld(
    { options, orders: [] },
    {
      stripe: () => undefined,
      salesforce: () => undefined,
      warehouse: ({ table, row }) => add(table, row),
      planted: () => undefined,
      notPlanted: () => undefined,
      lookAlike: () => undefined,
    },
  );
  const { host, port } = server.connection;
  const client = new Client({ host, port, user: 'postgres', database: warehouse });
  await client.connect();
  try {
    for (const [table, all] of rendered) await fill(client, table, all);
  } finally {
    await client.end();
  }
  return new Map([...rendered].map(([table, all]) => [table, all.length]));
}

const errorColumns =
  'error_id customer_id meter_key code occurred_at event_count quantity replayed_at';

async function fill(client: Client, table: string, all: readonly TextRow[]): Promise<void> {
  const columns = all[0] ? Object.keys(all[0]) : errorColumns.split(' ');
  const names = columns.map((name) => `"${name}"`);
  const typed = names.map((name) => `${name} text`).join(', ');
  await client.query(`create table warehouse.${table} (${typed})`);
  const escaped = (text: string | null): string =>
    text === null ? '\\N' : text.replace(/[\\\t\n]/g, '\\$&');
  const lines = all.map((row) => columns.map((name) => escaped(row[name] ?? null)).join('\t'));
  const copy = client.query(from(`copy warehouse.${table} (${names.join(', ')}) from stdin`));
  await pipeline(
    lines.map((line) => `${line}\n`),
    copy,
  );
}

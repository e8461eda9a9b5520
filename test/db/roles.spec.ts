import type { Client } from 'pg';
import { bootstrapDatabase } from '../../src/platform/database/bootstrap';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let reader: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = await database.owner();
  await owner.query(`
    create table books.probes (id int primary key, amount numeric(24,6));
    create view books.probe_totals as select sum(amount) as total from books.probes;
    create table tieout.probe_secrets (token text);
    insert into books.probes values (1, 10.50);
    insert into tieout.probe_secrets values ('canary');
    grant select, insert on books.probes to tieout_app;
    create function books.probe_function() returns int language sql as 'select 1'`);
  await owner.end();
});

afterAll(() => database.drop());

beforeEach(async () => {
  reader = await database.reader();
});

afterEach(async () => {
  await reader.end();
});

/** The simple protocol, which lets several statements through: the widest door there is. */
async function attempt(sql: string): Promise<string> {
  try {
    await reader.query(sql);
    return 'allowed';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function probeCount(): Promise<unknown> {
  const result = await database.app.raw<{ rows: { n: string }[] }>(
    'select count(*) as n from books.probes',
  );
  return result.rows[0]?.n;
}

describe('the reader', () => {
  test('reads tables and views of books', async () => {
    const table = await reader.query('select id, amount from books.probes');
    expect(table.rows).toEqual([{ id: 1, amount: '10.500000' }]);
    const view = await reader.query('select total from books.probe_totals');
    expect(view.rows).toEqual([{ total: '10.500000' }]);
  });

  test('pins and exports a snapshot for a freeze on several connections', async () => {
    await reader.query('begin transaction isolation level repeatable read read only');
    const { rows } = await reader.query<{ id: string }>(
      'select pg_export_snapshot() as id, pg_current_snapshot()::text, pg_current_wal_lsn()::text',
    );
    const second = await database.reader();
    await second.query('begin transaction isolation level repeatable read read only');
    await second.query(`set transaction snapshot '${rows[0]?.id}'`);
    await second.end();
  });

  const write = 'insert into books.probes values (2, 1)';
  const loose = 'set default_transaction_read_only = off';
  test.each([
    ['a write', write, /read-only/],
    ['a write after the default was lifted', `${loose}; commit; ${write}`, /denied for table/],
    [
      'a write stacked behind a commit',
      `select 1; commit; begin read write; ${write}`,
      /denied for table/,
    ],
    ['a read write transaction', `begin read write; ${write}`, /denied for table/],
    ['delete', `${loose}; commit; delete from books.probes`, /denied for table/],
    ['truncate', `${loose}; commit; truncate books.probes`, /denied for table/],
    ['for update', `${loose}; commit; select * from books.probes for update`, /denied for table/],
    ['a table lock', `${loose}; commit; lock books.probes in share mode`, /denied for table/],
    ['a new table', `${loose}; commit; create table books.x ()`, /denied for schema books/],
    ['a new table in public', `${loose}; commit; create table public.x ()`, /denied for schema/],
    ['a temporary table', `${loose}; commit; create temp table x ()`, /denied to create temporary/],
    ['a new schema', `${loose}; commit; create schema x`, /denied for database/],
    ['becoming the owner', 'set role tieout_owner', /denied to set role/],
    ['becoming the app', 'set role tieout_app', /denied to set role/],
    ['another session user', 'set session authorization postgres', /denied to set session/],
    ['lifting the temp file limit', `set temp_file_limit = -1`, /denied to set parameter/],
    ['the control plane', 'select * from tieout.probe_secrets', /denied for schema tieout/],
    ['what was migrated', 'select * from tieout.migrations', /denied for schema tieout/],
    ['a function of books not granted', 'select books.probe_function()', /denied for function/],
    ['a do block', `do $$ begin perform pg_sleep(1); end $$`, /denied for function pg_sleep/],
  ])('is refused %s', async (_name, sql, refusal) => {
    expect(await attempt(sql)).toMatch(refusal);
    expect(await probeCount()).toBe('1');
  });

  test.each([
    'pg_sleep(1)',
    `pg_sleep_for('1 s')`,
    'pg_advisory_lock(1)',
    'pg_try_advisory_xact_lock_shared(1)',
    `set_config('statement_timeout', '0', false)`,
    `query_to_xml('select 1', true, true, '')`,
    `table_to_xml('books.probes', true, true, '')`,
    `database_to_xml(true, true, '')`,
    `lo_import('/etc/passwd')`,
    'lo_create(0)',
    `lo_from_bytea(0, 'x')`,
    `pg_read_file('/etc/passwd')`,
    `pg_read_binary_file('/etc/passwd')`,
    `pg_ls_dir('/')`,
    `pg_stat_file('/etc/passwd')`,
    `pg_notify('x', 'y')`,
    'pg_terminate_backend(1)',
    'pg_cancel_backend(1)',
    'pg_switch_wal()',
    'pg_reload_conf()',
    'pg_current_xact_id()',
    'txid_current()',
    `ts_stat('select ''a''::tsvector')`,
    'random()',
    'clock_timestamp()',
    'gen_random_uuid()',
    `pg_logical_emit_message(true, 'x', 'y')`,
  ])('may not call %s', async (call) => {
    expect(await attempt(`select ${call}`)).toMatch(/permission denied for function/);
  });

  test('may call no volatile built-in besides the two that describe its snapshot', async () => {
    const { rows } = await reader.query<{ name: string }>(
      `select distinct proname as name from pg_proc
       where provolatile = 'v' and pronamespace = 'pg_catalog'::regnamespace and prokind <> 'a'
         and has_function_privilege(oid, 'execute')
         and prorettype::regtype::text not in ('trigger', 'event_trigger', 'language_handler',
           'fdw_handler', 'index_am_handler', 'table_am_handler', 'tsm_handler', 'internal')
       order by 1`,
    );
    expect(rows.map((row) => row.name)).toEqual(['pg_current_wal_lsn', 'pg_export_snapshot']);
  });

  test.each([
    `copy books.probes to '/tmp/tieout-copy-probe'`,
    `copy books.probes to program 'cat'`,
    `copy books.probes from program 'echo 2'`,
    `copy (select 1) to program 'true'`,
  ])('may not %s', async (sql) => {
    expect(await attempt(`set default_transaction_read_only = off; commit; ${sql}`)).toMatch(
      /permission denied to COPY/,
    );
  });

  test.each(['pg_authid', 'pg_shadow', 'pg_hba_file_rules', 'pg_file_settings', 'pg_largeobject'])(
    'may not read %s',
    async (relation) => {
      expect(await attempt(`select * from ${relation}`)).toMatch(/permission denied/);
    },
  );

  test('does not see what other sessions run', async () => {
    await database.app.raw(`select 'canary-of-the-app'`);
    const { rows } = await reader.query<{ query: string }>('select query from pg_stat_activity');
    expect(JSON.stringify(rows)).not.toContain('canary-of-the-app');
  });

  test('does not reach the other databases of the server', async () => {
    const { rows } = await reader.query<{ open: boolean }>(
      `select has_database_privilege(datname, 'connect') as open from pg_database
       where datname in ('postgres', 'template1')`,
    );
    expect(rows.map((row) => row.open)).toEqual([false, false]);
  });

  test('has limits of its own even where a client sets none', async () => {
    const settings = await asSuperuser(
      database.server,
      `select unnest(rolconfig) as setting from pg_roles
        where rolname = 'tieout_reader' order by 1`,
    );
    expect(settings.map((row) => row.setting)).toEqual([
      'default_transaction_read_only=on',
      'idle_in_transaction_session_timeout=30min',
      'lock_timeout=10s',
      'search_path=""',
      'statement_timeout=30min',
      'temp_file_limit=20GB',
    ]);
  });

  test('cancels a statement that takes longer than the configured limit', async () => {
    const shows = await reader.query<{ statement_timeout: string }>('show statement_timeout');
    expect(shows.rows).toEqual([{ statement_timeout: '1min' }]);
    await reader.query('set statement_timeout = 100');
    expect(await attempt('select count(*) from generate_series(1, 1000000000)')).toMatch(
      /canceling statement due to statement timeout/,
    );
  });
});

describe('the app', () => {
  test.each([
    ['create table tieout.x ()', /denied for schema tieout/],
    ['create table books.x ()', /denied for schema books/],
    ['create table public.x ()', /denied for schema public/],
    ['create schema x', /denied for database/],
    ['drop table books.probes', /must be owner/],
    ['alter table books.probes add column x int', /must be owner/],
    ['truncate books.probes', /denied for table/],
    ['delete from books.probes', /denied for table/],
    ['update books.probes set amount = 0', /denied for table/],
    ['delete from tieout.migrations', /denied for table/],
    ['alter role tieout_app superuser', /denied to alter role/],
    ['set role tieout_owner', /denied to set role/],
    ['create extension pgcrypto schema books', /denied to create extension/],
  ])('may not %s', async (sql, refusal) => {
    await expect(database.app.raw(sql)).rejects.toThrow(refusal);
  });

  test('keeps the functions that it works with', async () => {
    await database.app.transaction(async (trx) => {
      await trx.raw(
        `select pg_advisory_xact_lock(1), set_config('tieout.actor', 'x', true),
           clock_timestamp(), gen_random_uuid(), pg_notify('x', 'y'), pg_current_xact_id()`,
      );
    });
    expect(await probeCount()).toBe('1');
  });
});

test('bootstrap repeated changes nothing, also by two at once', async () => {
  const functions = 'select oid, proacl::text from pg_proc order by oid';
  const before = await asSuperuser(database.server, functions, database.name);
  await Promise.all([
    bootstrapDatabase(database.server.connection, database.name),
    bootstrapDatabase(database.server.connection, database.name),
  ]);
  expect(await asSuperuser(database.server, functions, database.name)).toEqual(before);
});

test('a role that has too much is refused by bootstrap, not quietly used', async () => {
  await asSuperuser(database.server, 'create role probe_group');
  await asSuperuser(database.server, 'grant probe_group to tieout_reader');
  try {
    await expect(bootstrapDatabase(database.server.connection, database.name)).rejects.toThrow(
      'tieout_reader is a member of another role',
    );
  } finally {
    await asSuperuser(database.server, 'drop role probe_group');
  }
});

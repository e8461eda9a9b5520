import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Catalog, LoadedPopulation } from '../../src/catalog/catalog';
import { guardPopulation } from '../../src/catalog/guard-sql';
import { SystemClock } from '../../src/platform/clock';
import { createLogger } from '../../src/platform/logger';
import { BooksSnapshot } from '../../src/runs/freeze/books-snapshot';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import type { RecordedRun } from '../../src/runs/run-types';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

let database: TestDatabase;
let bench: Workbench;
let before: unknown;

beforeAll(async () => {
  database = await createTestDatabase();
  const owner = await database.owner();
  await owner.query(`
    create table books.probes (id int primary key, amount numeric(24,6));
    insert into books.probes values (1, 10.50);
    create table tieout.probe_secrets (token text);
    insert into tieout.probe_secrets values ('canary');
    grant select, insert, update, delete on books.probes to tieout_app;
    insert into books.extracts (extract_id, table_name, source, object, file_sha256, rows, inserted,
      changed, unchanged, closed, totals, control_total, landed_at)
    values (gen_random_uuid(), 'probes', 'test', 'probes', repeat('0', 64), 1, 1, 0, 0, 0, '[]',
      'absent', now())`);
  await owner.end();
});
afterAll(() => database.drop());

beforeEach(async () => {
  bench = openWorkbench(database, new SystemClock());
  bench.write('orders.csv', ordersCsv([['a', '10.00']]));
  bench.write('payments.csv', paymentsCsv([['p1', 'a', '10.00']]));
  before = await stateOfServer();
});
afterEach(() => bench.remove());

/** Everything that an attempt could have changed, and what a next session would find. */
async function stateOfServer(): Promise<unknown> {
  const changed = await asSuperuser(
    database.server,
    `select (select string_agg(id || ':' || amount, ' ') from books.probes) as probes,
       (select count(*) from pg_class where relnamespace not in
         (select oid from pg_namespace where nspname ~ '^pg_(temp|toast)')) as relations,
       (select count(*) from pg_proc) as functions,
       (select count(*) from pg_largeobject_metadata) as large_objects,
       (select count(*) from pg_locks where locktype = 'advisory'
         and database = (select oid from pg_database where datname = current_database())) as locks,
       (select string_agg(rolname || rolsuper || coalesce(rolconfig::text, ''), ' ' order by 1)
         from pg_roles where rolname like 'tieout%') as roles,
       (select count(*) from pg_stat_activity where datname = current_database()
         and usename = 'tieout_reader') as readers_left`,
    database.name,
  );
  const reader = await database.reader();
  const { rows: settings } = await reader.query(
    `select name, setting from pg_settings
     where name ~ '_timeout$|read_only|search_path|^role$|temp_file' order by name`,
  );
  await reader.end();
  return { changed, settings };
}

const write = 'insert into books.probes values (2, 1)';
const copied = '/tmp/tieout-hostile-copy';

/** RELIABILITY §5: each was seen to work against some sandbox. */
const attempts: [title: string, sql: string][] = [
  ['a write stacked behind a commit', `select id from books.probes; commit; ${write}`],
  ['a write stacked behind the end of the wrapping', `select 1 as id) q; commit; ${write}; --`],
  ['a wrapping closed and opened again', `select 1 as id) q; ${write}; select * from (select 1`],
  ['a commit alone', 'commit'],
  ['a transaction made writable', 'set transaction read write'],
  ['a default made writable', 'set default_transaction_read_only = off'],
  ['a write in a common table expression', `with x as (${write} returning id) select id from x`],
  ['a delete that returns', 'with x as (delete from books.probes returning id) select id from x'],
  ['a new table by select into', 'select id into books.copied from books.probes'],
  ['rows locked for update', 'select id from books.probes for update'],
  ['a limit lifted', "select set_config('statement_timeout', '0', false) as id from books.probes"],
  ['another role', 'set role tieout_owner'],
  ['another session user', 'set session authorization postgres'],
  ['sleep', 'select id, pg_sleep(30) from books.probes'],
  ['sleep in a condition', 'select id from books.probes where pg_sleep(30) is null'],
  ['sleep under its quoted name', 'select id, pg_catalog."pg_sleep"(30) from books.probes'],
  ['an advisory lock', 'select id, pg_advisory_lock(1) from books.probes'],
  ['SQL in text', `select query_to_xml('select token from tieout.probe_secrets', true, true, '')`],
  ['the control plane', 'select token from tieout.probe_secrets'],
  ['passwords', 'select rolname, rolpassword from pg_authid'],
  ['passwords by their view', 'select usename, passwd from pg_catalog.pg_shadow'],
  ['a file of the server', `select pg_read_file('/etc/passwd') as id from books.probes`],
  ['a folder of the server', `select pg_ls_dir('/') as id from books.probes`],
  ['a large object', `select lo_import('/etc/passwd') as id from books.probes`],
  ['a large object from bytes', `select lo_from_bytea(0, 'x') as id from books.probes`],
  ['a copy into a file', `copy books.probes to '${copied}'`],
  ['a copy into a program', `copy books.probes to program 'touch ${copied}'`],
  ['a block of code', `do $$ begin perform pg_sleep(30); end $$`],
  ['another database', `select a from dblink('', 'select 1') as d(a int)`],
  ['a signal', 'select pg_terminate_backend(pid) from pg_stat_activity'],
  ['a notification', `select pg_notify('x', 'y') as id from books.probes`],
  ['a prepared statement', `prepare p as ${write}`],
];

test.each(attempts)('%s is refused when the control is loaded', async (_title, sql) => {
  bench.write('controls/cash/CA-90-every-order-is-paid/orders.sql', sql);
  const { controls, problems } = await bench.catalog();
  expect(controls).toEqual([]);
  const own = problems.filter(({ file }) => file?.endsWith('orders.sql'));
  expect(own.length).toBeGreaterThan(0);
  for (const { line, message, remedy } of own) {
    expect(line).toBeGreaterThan(0);
    expect(`${message} ${remedy}`).not.toMatch(/canary|undefined|\n\s+at /);
  }
  await expect(bench.run()).rejects.toMatchObject({ code: 'not_found' });
});

test.each(attempts)('%s achieves nothing where no guard stands', async (_title, sql) => {
  const started = performance.now();
  const file = path.join(bench.dir, 'copied.csv');
  const snapshot = await BooksSnapshot.open(() => database.reader());
  await expect(snapshot.copyTo(file, sql)).rejects.toThrow();
  await snapshot.close();
  expect(performance.now() - started).toBeLessThan(20_000);
  expect(existsSync(copied)).toBe(false);
  expect(await stateOfServer()).toEqual(before);
});

test('what is allowed is read in the same way', async () => {
  const file = path.join(bench.dir, 'copied.csv');
  const snapshot = await BooksSnapshot.open(() => database.reader());
  const { items } = await snapshot.copyTo(file, 'select id from books.probes');
  await snapshot.close();
  expect(items).toBe('1');
  expect(await stateOfServer()).toEqual(before);
});

/** A run whose guard let SQL through: the sound control with another text for its orders. */
async function runUnguarded(
  sql: string,
  source: Partial<Pick<LoadedPopulation, 'source' | 'relations'>> = {},
  means: Partial<Pick<Parameters<typeof runDependencies>[0], 'config' | 'database'>> = {},
): Promise<RecordedRun> {
  const catalog = await bench.catalog();
  const unguarded: Catalog = {
    ...catalog,
    controls: catalog.controls.map((loaded) => {
      const { orders } = loaded.populations;
      if (!orders) throw new Error('the workbench has no orders');
      const changed = { ...orders, ...source, sql, query: sql };
      return { ...loaded, populations: { ...loaded.populations, orders: changed } };
    }),
  };
  const parts = {
    ...{ config: bench.config, clock: new SystemClock(), database, catalog: unguarded },
    ...means,
  };
  return runControl(
    {
      control: 'CA-90',
      entity: 'acme',
      period: '2026-06',
      asOf: '2026-07-01',
      cause: 'requested',
      reason: null,
      requestedBy: 'a test',
    },
    // What a run failed of is its record's to say here, not the log's.
    runDependencies({ ...parts, logger: { ...createLogger({ level: 'error' }), error: () => {} } }),
    { step: () => undefined, frozen: () => undefined },
  );
}

const columns = `10.0::decimal(24,6) as amount, 'USD' as currency, 'x' as source_ref`;
const outside = (dir: string): [title: string, sql: string][] => [
  ['a text file', `select content as order_id, ${columns} from read_text('/etc/passwd')`],
  ['a table of a file', `select column0 as order_id, ${columns} from read_csv('/etc/passwd')`],
  ['a file by its bare name', `select column0 as order_id, ${columns} from '/etc/passwd'`],
  [
    'a file of the configuration',
    `select content as order_id from read_text('${dir}/tieout.yaml')`,
  ],
  ['the names of files', `select file as order_id, ${columns} from glob('/etc/*')`],
  ['the environment', `select getenv('PATH') as order_id, ${columns}`],
  ['an address', `select column0 as order_id, ${columns} from read_csv('http://127.0.0.1:9/x')`],
  ['a second statement', `select 'a' as order_id, ${columns}) q; create table x as (select 1`],
  ['a copy', `copy (select 1) to '${dir}/written.csv'`],
  ['another database', `attach '${dir}/written.db'`],
  ['an extension', `install httpfs`],
  ['a setting', `set enable_external_access = true`],
  ['a setting by a pragma', `pragma enable_external_access`],
];

test.each(outside('.').map(([title], index) => [title, index] as const))(
  'over files, %s is out of reach even where no guard stands',
  async (_title, index) => {
    const [, sql = ''] = outside(bench.dir)[index] ?? [];
    mkdirSync(path.join(bench.dir, 'data'), { recursive: true });
    writeFileSync(path.join(bench.dir, 'data', 'beside'), 'canary');
    const folder = readdirSync(bench.dir).sort();
    const run = await runUnguarded(sql);
    expect(run.outcome).toBe('errored');
    expect(run.findings).toBe(0);
    expect(run.reason).not.toMatch(/root:|canary|\n\s+at /);
    expect(readdirSync(bench.dir).sort()).toEqual(folder);
    expect(await bench.run()).toMatchObject({ outcome: 'passed' });
  },
);

/** SQL that the guard lets through, and that asks for more than there is. */
const withoutEnd = `with recursive x as (select 1 as n union all select n + 1 from x)`;
const everyDay = `from books.probes p, generate_series(date '0001-01-01', date '294275-12-31',
  interval '1 day') as d(day)`;
const endless: [title: string, sql: string, limit: RegExp][] = [
  [
    'a recursion that only counts itself',
    `${withoutEnd} select count(*)::text as order_id, 1::numeric(24,6) as amount,
       'USD' as currency, 'x' as source_ref from x join books.probes p on p.id >= x.n`,
    /temp_file_limit|limits\.statement_timeout_s \(2\)/,
  ],
  [
    'a recursion whose rows are the population',
    `${withoutEnd} select n::text as order_id, 1::numeric(24,6) as amount, 'USD' as currency,
       'x' as source_ref from x where exists (select 1 from books.probes)`,
    /^orders has more items than limits\.population_rows \(1000\)\.$/,
  ],
  [
    'a series beside a series',
    `select count(*)::text as order_id, 1::numeric(24,6) as amount, 'USD' as currency,
       'x' as source_ref
     from books.probes p, generate_series(date '1700-01-01', date '2000-01-01', interval '1 day') a,
       generate_series(date '1700-01-01', date '2000-01-01', interval '1 day') b
     where a < b and p.id > 0`,
    /limits\.statement_timeout_s \(2\)/,
  ],
  [
    'every day of PostgreSQL’s calendar',
    `select d.day::text as order_id, p.amount, 'USD' as currency, 'x' as source_ref ${everyDay}`,
    /temp_file_limit|limits\.statement_timeout_s \(2\)/,
  ],
];

test.each(endless)(
  '%s ends without a verdict, by a limit that is named',
  async (_t, sql, limit) => {
    const relations = ['books.probes'];
    expect(await guardPopulation(sql, 'p.sql')).toMatchObject({ problems: [], relations });
    const alter = `alter role tieout_reader in database ${database.name}`;
    await asSuperuser(database.server, `${alter} set temp_file_limit = '8MB'`);
    const config = {
      ...bench.config,
      limits: { ...bench.config.limits, population_rows: 1000, statement_timeout_s: 2 },
    };
    const slow = {
      ...database,
      reader: async () => {
        const client = await database.reader();
        await client.query(`set statement_timeout = '2s'`);
        return client;
      },
    };
    const run = await runUnguarded(sql, { source: 'books', relations }, { config, database: slow });
    await asSuperuser(database.server, `${alter} reset temp_file_limit`);
    expect(run).toMatchObject({ outcome: 'not_evaluated', findings: 0 });
    expect(run.reason).toMatch(limit);
    expect(await stateOfServer()).toEqual(before);
  },
);

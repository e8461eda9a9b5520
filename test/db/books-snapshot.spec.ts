import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Client } from 'pg';
import { sha256Hex } from '../../src/core/canonical-json';
import { quoteText } from '../../src/core/sql-text';
import { DuckDb, type TextRow } from '../../src/platform/duckdb';
import { BooksSnapshot, type BooksCopy } from '../../src/runs/freeze/books-snapshot';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let owner: Client;
let dir: string;
let duck: DuckDb;
let copies = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await database.owner();
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-snapshot-'));
  duck = await DuckDb.open({ memoryMb: 256, threads: 2, tempDir: dir, readWriteDirs: [dir] });
});

afterAll(async () => {
  duck.close();
  await owner.end();
  await database.drop();
  rmSync(dir, { recursive: true, force: true });
});

async function freeze(sql: string): Promise<BooksCopy & { file: string }> {
  const file = path.join(dir, `copy-${(copies += 1)}.parquet`);
  const snapshot = await BooksSnapshot.open(() => database.reader());
  try {
    return { file, ...(await snapshot.copyTo(file, sql)) };
  } finally {
    await snapshot.close();
  }
}

async function frozenRows(sql: string): Promise<TextRow[]> {
  const { file } = await freeze(sql);
  return duck.rows(`select columns(*)::varchar from read_parquet(${quoteText(file)})`);
}

const first = async (sql: string): Promise<string | null | undefined> =>
  (await frozenRows(`select ${sql} as x`))[0]?.x;

test('each type arrives under its name; hash, size and count are the file’s', async () => {
  const { file, items, written, columns } = await freeze(
    `select 1::int2 as small, 2::int4 as middle, 3::int8 as large, true as yes, 'a' as word,
       'b'::varchar(9) as short, 1.5::numeric(12,2) as narrow, 1.5::numeric(24,6) as wide,
       1.5::numeric as free, date '2026-02-28' as day, timestamp '2026-02-28 23:59:59.999999' as at,
       timestamptz '2026-02-28 23:59:59.999999+05:30' as instant`,
  );
  const described = await duck.describe(`select * from read_parquet(${quoteText(file)})`);
  expect(described.map(({ name, type }) => `${name} ${type}`)).toEqual([
    'small BIGINT',
    'middle BIGINT',
    'large BIGINT',
    'yes BOOLEAN',
    'word VARCHAR',
    'short VARCHAR',
    'narrow DECIMAL(12,2)',
    'wide DECIMAL(24,6)',
    'free DECIMAL(38,12)',
    'day DATE',
    'at TIMESTAMP',
    'instant TIMESTAMP WITH TIME ZONE',
  ]);
  expect(columns.map(({ type }) => type)).toEqual([
    ...['integer', 'integer', 'integer', 'boolean', 'text', 'text'],
    ...['decimal', 'decimal', 'decimal', 'date', 'timestamp', 'instant'],
  ]);
  const bytes = readFileSync(file);
  expect(written).toEqual({ rows: 1, bytes: bytes.length, sha256: sha256Hex(bytes) });
  expect(items).toBe('1');
  expect(await duck.rows(`select * from read_parquet(${quoteText(file)})`)).toEqual([
    {
      ...{ small: '1', middle: '2', large: '3', yes: 'true', word: 'a', short: 'b' },
      ...{ narrow: '1.50', wide: '1.500000', free: '1.500000000000', day: '2026-02-28' },
      at: '2026-02-28 23:59:59.999999',
      instant: '2026-02-28 18:29:59.999999+00',
    },
  ]);
});

test.each([
  ['0::numeric(24,6)', '0.000000'],
  ["'-0.000001'::numeric(24,6)", '-0.000001'],
  ['0.01::numeric(18,6)', '0.010000'],
  ["'-1'::numeric(18,6)", '-1.000000'],
  ["'-4294.967296'::numeric(18,6)", '-4294.967296'],
  ['9007199254.740991::numeric(18,6)', '9007199254.740991'],
  ['9007199254.740993::numeric(18,6)', '9007199254.740993'],
  ["'-999999999999.999999'::numeric(18,6)", '-999999999999.999999'],
  ['999999999999999999::numeric(18)', '999999999999999999'],
  ["'-123456789012345678.654321'::numeric(24,6)", '-123456789012345678.654321'],
  ['100000000::numeric(24,6)', '100000000.000000'],
  ["('-' || repeat('9', 32) || '.999999')::numeric(38,6)", `-${'9'.repeat(32)}.999999`],
  ["('-' || repeat('9', 26) || '.999999999999')::numeric", `-${'9'.repeat(26)}.999999999999`],
  ['0.000000000001::numeric', '0.000000000001'],
  ['1e25::numeric', `1${'0'.repeat(25)}.000000000000`],
  ["'-9223372036854775808'::int8", '-9223372036854775808'],
  ['9223372036854775807::int8', '9223372036854775807'],
  ["'-2147483648'::int4", '-2147483648'],
  ["'-32768'::int2", '-32768'],
  ["date '0001-01-01'", '0001-01-01'],
  ["date '9999-12-31'", '9999-12-31'],
  ["date 'infinity'", 'infinity'],
  ["date '-infinity'", '-infinity'],
  ["timestamp '1969-12-31 23:59:59.999999'", '1969-12-31 23:59:59.999999'],
  ["timestamptz 'infinity'", 'infinity'],
  ["timestamp '-infinity'", '-infinity'],
  ["''", ''],
  ['E\'a\\tb\\n"c",\\\\.\'', 'a\tb\n"c",\\.'],
  ["'Zürich 株式会社 🏦'", 'Zürich 株式会社 🏦'],
  ["repeat('é', 500)", 'é'.repeat(500)],
  ['null::text', null],
  ['null::numeric(24,6)', null],
  ['false', 'false'],
])('%s is frozen as it is', async (sql, expected) => {
  expect(await first(sql)).toBe(expected);
});

test.each([
  ['0.0000000000001::numeric', 'a numeric has more than 12 digits after the point'],
  ["'NaN'::numeric", 'a numeric is not a number, or infinite'],
  ["'-Infinity'::numeric", 'a numeric is not a number, or infinite'],
  ['1e26::numeric', 'a numeric has more than 26 digits before the point'],
  ['1.5::float8', 'column x has a type (701) without an exact form'],
])('%s is refused rather than changed', async (sql, message) => {
  await expect(first(sql)).rejects.toThrow(message);
});

test('many rows, with gaps and repeats in every column, are the rows of the server', async () => {
  const sql = `select i, case when i % 7 <> 3 then 'key-' || i end as unlike,
      case when i % 11 <> 5 then 'word ' || i % 3 end as repeated, 'x' as same,
      case when i < 130000 then 'n' || i % 4000 else 'm' || i end as turning,
      case when i % 1000 = 7 then repeat('long ' || i, 400) end as long,
      case when i % 5 <> 1 then (i * 7919 % 1000003 - 500000)::numeric / 100 end as free,
      ((i::numeric * 987654321987 - 1e17) / 1000000)::numeric(24,6) as wide,
      case when i % 13 <> 2 then (i % 2000 - 1000)::numeric(9,3) / 8 end::numeric(9,3) as narrow,
      case when i % 3 <> 0 then i % 2 = 0 end as flag,
      date '1970-01-01' + (i % 40000 - 20000)::int4 as day,
      case when i % 17 <> 0 then timestamptz '2000-01-01' + i * interval '1.000001 s' end as moment
    from generate_series(1::int8, 300000) i`;
  const { file, items } = await freeze(sql);
  expect(items).toBe('300000');
  const columns = ['i', 'unlike', 'repeated', 'same', 'turning', 'long', 'flag', 'day'];
  const md5 = (names: string[]): string =>
    `count(*) as n, sum(i) as i, ${names
      .map((name) => `md5(string_agg(coalesce(${name}::text, '∅'), '|' order by i)) as "${name}"`)
      .join(', ')}`;
  const sums = `sum(free) as free, sum(wide) as wide, sum(narrow) as narrow,
    count(free) as n_free, count(narrow) as n_narrow, count(moment) as n_moment,
    sum(extract(day from moment)) as days,
    max(moment) = '2000-01-04 11:20:00.3'::timestamptz as last`;
  const { rows } = await owner.query(`select ${md5(columns.slice(1))}, ${sums} from (${sql}) q`);
  const own = await duck.rows(
    `select ${md5(columns.slice(1))}, ${sums} from read_parquet(${quoteText(file)})`,
  );
  const plain = (row: Record<string, unknown> | undefined): Record<string, string> =>
    Object.fromEntries(
      Object.entries(row ?? {}).map(([name, value]) => [
        name,
        String(value)
          .replace(/(\.\d*?)0+$/, '$1')
          .replace(/\.$/, ''),
      ]),
    );
  expect(plain(own[0])).toEqual(plain(rows[0]));
});

test('a population of nothing is a file of no rows that still has its columns', async () => {
  const { file, items, written } = await freeze('select 1::int8 as id where false');
  expect([items, written.rows]).toEqual(['0', 0]);
  expect(await duck.describe(`select * from read_parquet(${quoteText(file)})`)).toEqual([
    { name: 'id', type: 'BIGINT' },
  ]);
  expect(await duck.rows(`select count(*) as n from read_parquet(${quoteText(file)})`)).toEqual([
    { n: '0' },
  ]);
});

test('a fault of the server in the middle of the rows ends the copy with that fault', async () => {
  const sql = 'select 100 / (200000 - i) as x from generate_series(1::int8, 200001) i';
  await expect(freeze(sql)).rejects.toThrow('division by zero');
});

test('a connection lost in the middle of the rows is a fault, not the end of them', async () => {
  const endless = 'select i as endless from generate_series(1::int8, 1000000000000) i';
  const copy = freeze(endless).catch((cause: unknown) => String(cause));
  const terminate = `select pg_terminate_backend(pid) from pg_stat_activity
    where query like 'copy (select%endless%' and pid <> pg_backend_pid()`;
  let gone = 0;
  while (gone === 0) gone = (await asSuperuser(database.server, terminate)).length;
  expect(await copy).toMatch(/terminat/);
});

test('a snapshot of a moment knows nothing that was committed after it', async () => {
  const file = path.join(dir, 'moment.parquet');
  await owner.query('create table books.moments as select 1 as id');
  await owner.query('grant select on books.moments to tieout_reader');
  const snapshot = await database.app.transaction(
    async (moment) => {
      await moment.raw('select 1'); // what it asks first is the moment
      await owner.query('insert into books.moments values (2)');
      return BooksSnapshot.open(() => database.reader(), moment);
    },
    { isolationLevel: 'repeatable read', readOnly: true },
  );
  try {
    const sql = 'select id from books.moments';
    expect((await snapshot.copyTo(file, sql)).items).toBe('1');
  } finally {
    await snapshot.close();
  }
  expect((await freeze('select id from books.moments')).items).toBe('2');
});

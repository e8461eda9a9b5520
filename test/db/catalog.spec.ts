import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import { bindParameters, type ParameterValue } from '../../src/core/bind-parameters';
import { describeBooks, type PopulationDescription } from '../../src/catalog/describe-population';
import { guardPopulation } from '../../src/catalog/guard-sql';
import { readPopulations } from '../../src/catalog/read-populations';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ migrated: true });
  const owner = await database.owner();
  await owner.query(`create table books.spec_orders (
    order_id text, amount numeric(24,6), lines int, ordered_on date, at timestamptz, rate float8);
    grant select on books.spec_orders to tieout_reader`);
  await owner.end();
});
afterAll(() => database.drop());

const values: Record<string, ParameterValue> = { as_of: { type: 'date', value: '2026-06-30' } };

/** A population that reads no other. */
const alone = (sql: string) => ({
  ...{ sql, query: sql },
  parts: [{ file: 'p.sql', line: 1, sql }],
});

async function describeSql(sql: string): Promise<PopulationDescription> {
  const guarded = await guardPopulation(sql, 'p.sql');
  expect(guarded.problems).toEqual([]);
  const reader = await database.reader();
  try {
    const population = { name: 'p', file: 'p.sql', ...alone(sql), ...guarded };
    return await describeBooks(population, values, reader);
  } finally {
    await reader.end();
  }
}

test('a population over books is described by its columns, without reading a row', async () => {
  const { columns, problems } = await describeSql(`select order_id, amount, lines, ordered_on, at,
      rate, sum(amount) over () as total, :as_of as as_of, ordered_on < :as_of as due
    from books.spec_orders`);
  expect(problems).toEqual([]);
  expect(columns?.map(({ name, type, sqlType }) => `${name} ${type} ${sqlType}`)).toEqual([
    'order_id text text',
    'amount decimal numeric',
    'lines integer integer',
    'ordered_on date date',
    'at instant timestamp with time zone',
    'rate null double precision',
    'total decimal numeric',
    'as_of date date',
    'due boolean boolean',
  ]);
});

const wrong: [title: string, sql: string, line: number, message: RegExp][] = [
  ['column', 'select order_id,\n  amuont\nfrom books.spec_orders', 2, /column "amuont" does not/],
  ['table', 'select order_id\nfrom books.spec_order', 2, /relation "books.spec_order" does not/],
  [
    'comparison, behind a bound parameter and text beyond ASCII',
    `select 'é€' as a, :as_of as d\nfrom books.spec_orders\nwhere ordered_on < :as_of
 and order_id > 1`,
    4,
    /operator does not exist: text > integer/,
  ],
];
test.each(wrong)(
  'a wrong %s is told with the line of the file',
  async (_title, sql, line, message) => {
    const { columns, problems } = await describeSql(sql);
    expect(columns).toBeNull();
    expect(problems).toEqual([
      { file: 'p.sql', line, message: expect.stringMatching(message), remedy: expect.any(String) },
    ]);
  },
);

test('what is wrong in a population that is read is told with its own file and line', async () => {
  const dir = mkdtempSync(path.join(tmpdir(), 'catalog-db-'));
  writeFileSync(
    path.join(dir, 'due.sql'),
    'select order_id,\n  amuont as amount\nfrom books.spec_orders',
  );
  writeFileSync(
    path.join(dir, 'orders.sql'),
    '-- Orders.\nselect d.order_id, d.amount\nfrom populations.due d',
  );
  writeFileSync(
    path.join(dir, 'late.sql'),
    'select orders.order_id\nfrom populations.orders\nwhere orders.nope > 1',
  );
  const reader = await database.reader();
  try {
    const read = await readPopulations(dir, '');
    const wrongAt = async (name: string): Promise<string> => {
      const population = read.get(name);
      const [problem] = population ? (await describeBooks(population, {}, reader)).problems : [];
      return `${path.basename(problem?.file ?? '')}:${problem?.line} ${problem?.message}`;
    };
    expect(await wrongAt('orders')).toMatch(/^due.sql:2 .*"amuont"/);
    writeFileSync(path.join(dir, 'due.sql'), 'select order_id, amount\nfrom books.spec_orders');
    const mended = await readPopulations(dir, '');
    const orders = mended.get('orders');
    expect(orders && (await describeBooks(orders, {}, reader)).columns).toEqual([
      { name: 'order_id', type: 'text', sqlType: 'text' },
      { name: 'amount', type: 'decimal', sqlType: 'numeric' },
    ]);
    const late = mended.get('late');
    expect(late && (await describeBooks(late, {}, reader)).problems).toEqual([
      expect.objectContaining({ file: late?.file, line: 3 }),
    ]);
  } finally {
    await reader.end();
    rmSync(dir, { recursive: true });
  }
});

test('who names what is not there is told what is', async () => {
  const remedy = async (sql: string): Promise<string | undefined> =>
    (await describeSql(sql)).problems[0]?.remedy;
  expect(await remedy('select o.paid from books.spec_orders o')).toBe(
    'Correct the SQL here. books.spec_orders has order_id, amount, lines, ordered_on, at, rate.',
  );
  expect(await remedy('select order_id from books.ordrs')).toBe(
    "Correct the SQL here. There is no books.ordrs. Did you mean 'books.orders'?",
  );
});

test('the connection is still usable after a wrong population', async () => {
  const reader = await database.reader();
  try {
    const population = { name: 'p', file: 'p.sql', relations: [], columns: [], parameters: [] };
    for (const sql of [
      'select nope from books.spec_orders',
      'select order_id from books.spec_orders',
    ])
      await describeBooks({ ...population, ...alone(sql), source: 'books' }, {}, reader);
    expect((await reader.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await reader.end();
  }
});

test('PostgreSQL reads any bound text back as itself', async () => {
  const reader = await database.reader();
  const anyText = fc
    .oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...`'"\\;:$-/*eEuU& aé𝄞%_()`) }),
    )
    .map((text) => text.replace(/[\0\n\r]|\p{Surrogate}/gu, ''));
  try {
    await fc.assert(
      fc.asyncProperty(anyText, async (value) => {
        const text = bindParameters('select :v::text as v', { v: { type: 'text', value } });
        const query = { text, queryMode: 'extended' };
        expect((await reader.query<{ v: string }>(query)).rows).toEqual([{ v: value }]);
      }),
      { numRuns: 200 },
    );
  } finally {
    await reader.end();
  }
});

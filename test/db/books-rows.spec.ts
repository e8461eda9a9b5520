import { contentOrder, landRows, type RowsToLand } from '../../src/books/land-rows';
import { escaped } from '../../src/books/row-encoder';
import { InvalidInput } from '../../src/core/problem';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const clock = { now: () => '2026-07-06T10:00:00.000Z' };
type Line = Record<string, string | null>;
const line = (n: number, debit: string, more: Line = {}): Line => ({
  journal_id: 'je_1',
  line_no: String(n),
  entity_id: 'ni-us',
  account: '4000',
  currency: 'USD',
  debit,
  credit: '0',
  customer_ref: 'a\tb\\c\nd',
  ...more,
});
const escapedOrNull = (text: string | null): string => (text === null ? '\\N' : escaped(text));
async function* copied(rows: readonly Line[], columns: readonly string[]): AsyncGenerator<Buffer> {
  const lines = rows.map((row) => {
    const cells = columns.map((name) => escapedOrNull(row[name] ?? null));
    return `${cells.join('\t')}\n`;
  });
  yield await Promise.resolve(Buffer.from(lines.join('')));
}
function land(
  rows: readonly Line[],
  more: Partial<RowsToLand> = {},
  { entities } = { entities: ['ni-us'] },
) {
  const columns = contentOrder(Object.keys(rows[0] ?? line(1, '0')));
  return landRows(
    database,
    {
      table: 'gl_lines',
      source: 'warehouse',
      account: 'wh_1',
      object: 'gl_lines',
      columns,
      lines: () => copied(rows, columns),
      amount: 'debit',
      expected: null,
      sourceSystem: 'netsuite',
      extractedAt: '2026-07-06T09:00:00Z',
      ...more,
    },
    { clock, entities },
  );
}
async function read(sql: string): Promise<Record<string, unknown>[]> {
  return (await database.app.raw<{ rows: Record<string, unknown>[] }>(sql)).rows;
}
async function messagesOf(landing: Promise<unknown>): Promise<string[]> {
  const cause: unknown = await landing.then(
    () => null,
    (error: unknown) => error,
  );
  if (cause instanceof InvalidInput) return cause.problems.map(({ message }) => message);
  throw new Error('expected InvalidInput', { cause });
}

test('the result of a query is landed as it is, and again when it changed', async () => {
  const first = await land([line(1, '9007199254740993.000001'), line(2, '5')]);
  expect(first).toMatchObject({ rows: '2', inserted: '2', unchanged: '0' });
  expect(first.totals).toEqual([{ currency: 'USD', rows: '2', amount: '9007199254740998.000001' }]);
  expect(await land([line(2, '6'), line(3, '7')])).toMatchObject({
    inserted: '1',
    changed: '1',
    unchanged: '0',
    closed: '1',
  });
  expect(
    await read(`select line_no, debit, customer_ref, source, source_account, source_id
      from books.gl_lines order by 1`),
  ).toEqual([
    {
      line_no: '2',
      debit: '6.000000',
      customer_ref: 'a\tb\\c\nd',
      source: 'warehouse',
      source_account: 'wh_1',
      source_id: 'je_1/2',
    },
    expect.objectContaining({ line_no: '3', debit: '7.000000' }),
  ]);
});

test('what the source counts itself must be what it gave', async () => {
  const totals = [{ currency: 'USD', rows: '3', amount: '12' }];
  const landing = land([line(1, '5'), line(2, '5')], { expected: { rows: '3', totals } });
  expect(await messagesOf(landing)).toEqual([
    'gave 2 rows, and counts 3 itself.',
    'gave 10 USD in all, and adds up 12 itself.',
  ]);
  expect(await read('select from books.gl_lines')).toEqual([]);
});

test.each<[string, Line[], string]>([
  ['a repeated key', [line(1, '5'), line(1, '6')], 'has 1 values that occur in more than one row.'],
  ['the same row twice', [line(1, '5'), line(1, '5')], 'has 1 values that occur in more than'],
  ['no account', [line(1, '5', { account: null })], 'is empty in 1 rows'],
  ['an unknown entity', [line(1, '5', { entity_id: 'x' })], 'names no declared entity in 1 rows'],
  ['a currency in small letters', [line(1, '5', { currency: 'usd' })], 'is no three-letter code'],
])('%s is refused, at first and later, and nothing changes', async (_what, rows, message) => {
  expect(await messagesOf(land(rows))).toEqual([expect.stringContaining(message)]);
  expect(await read('select from books.gl_lines')).toEqual([]);
  await land([line(1, '5')]);
  expect(await messagesOf(land(rows))).toEqual([expect.stringContaining(message)]);
  expect(await read('select debit from books.gl_lines')).toEqual([{ debit: '5.000000' }]);
});

test('a source that has no row any more of an entity is taken for emptied by mistake', async () => {
  const first = [line(1, '5'), line(2, '5', { entity_id: 'ni-ie' })];
  const both = { entities: ['ni-us', 'ni-ie'] };
  await land(first, {}, both);
  const columns = contentOrder(Object.keys(line(1, '5')));
  const gone = ' any more; books.gl_lines held 1 before.';
  expect(await messagesOf(land([], { columns }, both))).toEqual([
    `gives no row of ni-ie${gone}`,
    `gives no row of ni-us${gone}`,
  ]);
  expect(await messagesOf(land([line(1, '6')], {}, both))).toEqual([
    `gives no row of ni-ie${gone}`,
  ]);
  const moved = [line(1, '5'), line(2, '5')];
  expect(await messagesOf(land(moved, {}, both))).toEqual([`gives no row of ni-ie${gone}`]);
  expect(await read('select debit from books.gl_lines')).toHaveLength(2);
  expect(await land([], { columns, mayBeEmpty: true }, both)).toMatchObject({ closed: '2' });
  expect(await land([], { columns }, both)).toMatchObject({ rows: '0', closed: '0' });
});

test('many rows of an entity do not become less than half at once unless they may', async () => {
  const many = Array.from({ length: 1000 }, (_, n) => line(n, '5'));
  await land(many);
  expect(await messagesOf(land(many.slice(0, 499)))).toEqual([
    'gives only 499 of ni-us; books.gl_lines held 1000 before.',
  ]);
  expect(await messagesOf(land([line(0, '6'), line(1001, '5')]))).toEqual([
    'gives only 2 of ni-us; books.gl_lines held 1000 before.',
  ]);
  expect(await land(many.slice(0, 500))).toMatchObject({ closed: '500' });
  // What is left is few, and a few rows come and go.
  expect(await land(many.slice(0, 100))).toMatchObject({ closed: '400' });
});

test('a column that the table does not have is refused', async () => {
  await expect(land([line(1, '5', { debbit: '1' })])).rejects.toThrow(
    /column "debbit" of relation/,
  );
});

test('many rows have statistics as soon as they landed, and are merged again at once', async () => {
  const rows = Array.from({ length: 3000 }, (_, n) => line(n, '5'));
  await land(rows);
  expect(
    await read(`select reltuples::bigint as n from pg_class where oid =
      'books.gl_line_versions'::regclass`),
  ).toEqual([{ n: '3000' }]);
  expect(await land(rows)).toMatchObject({ unchanged: '3000', inserted: '0' });
  const plan = await read(`explain select from books.gl_lines where journal_id = 'je_1'`);
  expect(JSON.stringify(plan)).toMatch(/rows=3000 /);
});

test('without statistics, content that did not change is still compared by hashes', async () => {
  const many = Array.from({ length: 20_000 }, (_, n) => line(n, '5'));
  await land(many);
  await asSuperuser(
    database.server,
    `delete from pg_statistic where starelid = 'books.gl_line_versions'::regclass`,
    database.name,
  );
  const started = performance.now();
  expect(await land(many)).toMatchObject({ unchanged: '20000' });
  // A nested loop over them takes a minute.
  expect(performance.now() - started).toBeLessThan(20_000);
});

describe('an empty table that many rows fill', () => {
  const many = Array.from({ length: 20_000 }, (_, n) => line(n, '5'));
  const expected = {
    rows: '20000',
    totals: [{ currency: 'USD', rows: '20000', amount: '100000' }],
  };
  const indexes = (): Promise<Record<string, unknown>[]> =>
    read(`select indexrelid::text as oid, pg_get_indexdef(indexrelid) as definition
      from pg_index where indrelid = 'books.gl_line_versions'::regclass order by definition`);
  const definitions = async (): Promise<unknown[]> =>
    (await indexes()).map(({ definition }) => definition);

  test('gets its indexes when all of them are there, and refuses a key that repeats', async () => {
    const before = await indexes();
    expect(before.length).toBeGreaterThan(0);
    const repeated = [...many.slice(1), line(1, '5')];
    expect(await messagesOf(land(repeated, { expected }))).toEqual([
      'has 1 values that occur in more than one row.',
    ]);
    expect(await indexes()).toEqual(before);
    expect(await land(many, { expected })).toMatchObject({ inserted: '20000' });
    expect(await definitions()).toEqual(before.map(({ definition }) => definition));
    expect(await indexes()).not.toEqual(before);
  });

  test('lends its columns what all rows share, and for no longer than that', async () => {
    const defaults = (): Promise<Record<string, unknown>[]> =>
      read(`select adnum, pg_get_expr(adbin, adrelid) as value from pg_attrdef
        where adrelid = 'books.gl_line_versions'::regclass order by 1`);
    const before = await defaults();
    const object = `it's "quoted"`;
    const { extractId } = await land(many, { expected, object });
    expect(await defaults()).toEqual(before);
    expect(
      await read(`select distinct source, source_account, source_object, extract_id::text, sys_from
        from books.gl_lines`),
    ).toEqual([
      {
        source: 'warehouse',
        source_account: 'wh_1',
        source_object: object,
        extract_id: extractId,
        sys_from: '2026-07-06 10:00:00+00',
      },
    ]);
    await expect(
      read(`select tieout.begin_filling('customer_versions', '{"customer_id": "c"}')`),
    ).rejects.toThrow('books.customer_versions gives each row its own customer_id');
  });

  test('is never committed without them', async () => {
    const before = await indexes();
    const begin = `select tieout.begin_filling('gl_line_versions') as begun`;
    const half = database.app.transaction(async (trx) => {
      expect((await trx.raw<{ rows: unknown[] }>(begin)).rows).toEqual([{ begun: true }]);
    });
    await expect(half).rejects.toThrow('books.gl_line_versions is without its index');
    expect(await indexes()).toEqual(before);
  });

  test('is left alone while it is read, when it has rows, and when it is another', async () => {
    const begin = (name: string): Promise<Record<string, unknown>[]> =>
      read(`select tieout.begin_filling('${name}') as begun`);
    await database.app.transaction(async (trx) => {
      await trx.raw('select from books.gl_lines');
      expect(await begin('gl_line_versions')).toEqual([{ begun: false }]);
    });
    await land([line(1, '5')]);
    expect(await begin('gl_line_versions')).toEqual([{ begun: false }]);
    expect(await begin('extracts')).toEqual([{ begun: false }]);
  });
});

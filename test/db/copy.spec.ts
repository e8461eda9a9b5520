import type { Client } from 'pg';
import { setImmediate } from 'node:timers/promises';
import { transactionClient } from '../../src/platform/database/connect';
import { copyIn, copyOut } from '../../src/platform/database/copy';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let owner: Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await database.owner();
  await owner.query('create table books.copies (id int8 primary key, name text)');
  await owner.query('grant select, insert on books.copies to tieout_app');
});

beforeEach(() => owner.query('truncate books.copies'));

afterAll(async () => {
  await owner.end();
  await database.drop();
});

const into = 'copy books.copies from stdin (format csv)';

async function* numbered(count: number): AsyncGenerator<string> {
  for (let id = 1; id <= count; id += 1) {
    if (id % 10_000 === 0) await setImmediate();
    yield `${id},"name, of ${id} – é"\n`;
  }
}

async function count(): Promise<string | undefined> {
  const { rows } = await owner.query<{ n: string }>('select count(*) as n from books.copies');
  return rows[0]?.n;
}

test('rows go in and come out whole, counted by the server in both directions', async () => {
  expect(await copyIn(owner, into, numbered(100_000))).toEqual({ rows: '100000' });
  const reader = await database.reader();
  const stream = copyOut(reader, 'copy (select id from books.copies order by id) to stdout');
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  expect(stream.rows()).toBe('100000');
  const ids = text.trimEnd().split('\n');
  expect([ids.length, ids[0], ids.at(-1)]).toEqual([100_000, '1', '100000']);
  expect((await reader.query('select 1 as usable')).rows).toEqual([{ usable: 1 }]);
  await reader.end();
});

test('an empty population is zero rows, not an error', async () => {
  expect(await copyIn(owner, into, [])).toEqual({ rows: '0' });
  const stream = copyOut(owner, 'copy books.copies to stdout');
  for await (const chunk of stream) expect(chunk).toBe('never');
  expect(stream.rows()).toBe('0');
});

test('the count cannot be taken before the end was read', async () => {
  const reader = await database.reader();
  const stream = copyOut(reader, 'copy books.copies to stdout');
  expect(() => stream.rows()).toThrow('COPY was not read to its end');
  stream.resume();
  await new Promise((resolve) => stream.once('end', resolve));
  expect(stream.rows()).toBe('0');
  await reader.end();
});

test('a row the server refuses fails the whole COPY, and the connection stays usable', async () => {
  await expect(copyIn(owner, into, ['1,a\n', 'x,b\n'])).rejects.toThrow('invalid input syntax');
  expect(await count()).toBe('0');
});

test.each([
  [
    'before it takes a row',
    'copy books.copies (id, size) from stdin (format csv)',
    'column "size"',
  ],
  ['amid many', into, 'invalid input syntax'],
])(
  'what the server refuses %s ends the COPY at once',
  async (_when, sql, message) => {
    const rows = function* (): Generator<string> {
      for (let id = 1; id <= 60_000; id += 1) yield id === 5 ? 'five,x\n' : `${id},x\n`;
    };
    await expect(copyIn(owner, sql, rows())).rejects.toThrow(message);
    expect((await owner.query('select 1 as usable')).rows).toEqual([{ usable: 1 }]);
  },
  20_000,
);

test('a source that fails halfway leaves no row, and its own error is thrown', async () => {
  async function* broken(): AsyncGenerator<string> {
    yield* numbered(20_000);
    throw new Error('the file ended early');
  }
  await expect(copyIn(owner, into, broken())).rejects.toThrow('the file ended early');
  expect(await count()).toBe('0');
});

test('a statement that fails while rows come out ends the stream with its error', async () => {
  const reader = await database.reader();
  const sql = 'copy (select 1 / (100000 - n) from generate_series(1, 200000) n) to stdout';
  const stream = copyOut(reader, sql);
  await expect(
    (async () => {
      for await (const chunk of stream) expect(String(chunk)).not.toBe('');
    })(),
  ).rejects.toThrow('division by zero');
  expect(() => stream.rows()).toThrow('COPY was not read to its end');
  expect((await reader.query('select 1 as usable')).rows).toEqual([{ usable: 1 }]);
  await reader.end();
});

test('a wrong statement is an error of the stream, not of the process', async () => {
  const stream = copyOut(owner, 'copy (select * from books.absent) to stdout');
  await expect(stream.toArray()).rejects.toThrow('does not exist');
  expect(await count()).toBe('0');
});

test('a reader that leaves early ends its connection and keeps nothing waiting', async () => {
  const reader = await database.reader();
  const sql = `copy (select repeat('x', 1000) from generate_series(1, 1000000)) to stdout`;
  for await (const chunk of copyOut(reader, sql)) {
    expect(String(chunk)).toMatch(/^x/);
    break;
  }
  await expect(reader.query('select 1')).rejects.toThrow(/closed|not queryable|terminated/i);
  await reader.end();
});

test('memory stays flat while a slow reader takes 100 MB', async () => {
  const reader = await database.reader();
  const sql = `copy (select repeat('x', 9999) from generate_series(1, 10000)) to stdout`;
  const before = process.memoryUsage.rss();
  let most = 0;
  let bytes = 0;
  for await (const chunk of copyOut(reader, sql)) {
    await setImmediate();
    bytes += (chunk as Buffer).length;
    most = Math.max(most, process.memoryUsage.rss());
  }
  await reader.end();
  expect(bytes).toBe(100_000_000);
  expect(most - before).toBeLessThan(60_000_000);
});

test('COPY takes part in a knex transaction: rolled back with it', async () => {
  const rolledBack = database.app.transaction(async (trx) => {
    const client = await transactionClient(trx);
    expect(await copyIn(client, into, numbered(10))).toEqual({ rows: '10' });
    throw new Error('changed my mind');
  });
  await expect(rolledBack).rejects.toThrow('changed my mind');
  expect(await count()).toBe('0');
});

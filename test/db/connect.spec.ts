import { types } from 'pg';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
const zone = process.env.TZ;

beforeAll(async () => {
  // East of Greenwich a date made into a Date falls on the day before.
  process.env.TZ = 'Asia/Tokyo';
  database = await createTestDatabase();
});

afterAll(async () => {
  await database.drop();
  process.env.TZ = zone;
});

const question = `select date '2026-10-31' as day, 0.10::numeric as amount,
  9007199254740993::int8 as big,
  timestamp '2026-10-31 23:59:59.123456' as local,
  timestamptz '2026-10-31 23:59:59.123456+09' as instant,
  array[date '2026-10-31'] as days, array[0.10] as amounts, array[9007199254740993] as bigs,
  array[timestamptz '2026-10-31 00:00+09'] as instants,
  array[timestamp '2026-10-31 00:00'] as locals,
  true as flag, 7::int4 as small, '{"amount": "0.10"}'::jsonb as document`;

const answer = {
  day: '2026-10-31',
  amount: '0.10',
  big: '9007199254740993',
  local: '2026-10-31 23:59:59.123456',
  instant: '2026-10-31 14:59:59.123456+00',
  days: ['2026-10-31'],
  amounts: ['0.10'],
  bigs: ['9007199254740993'],
  instants: ['2026-10-30 15:00:00+00'],
  locals: ['2026-10-31 00:00:00'],
  flag: true,
  small: 7,
  document: { amount: '0.10' },
};

test('dates, instants and numbers arrive through the pool as Postgres wrote them', async () => {
  const result = await database.app.raw<{ rows: unknown[] }>(question);
  expect(result.rows).toEqual([answer]);
});

test.each(['reader', 'owner'] as const)('… and through a connection as %s', async (role) => {
  const client = await database[role]();
  try {
    expect((await client.query(question)).rows).toEqual([answer]);
  } finally {
    await client.end();
  }
});

test('a date written by the pool is the date that is stored', async () => {
  const result = await database.app.raw<{ rows: unknown[] }>(
    'select ?::date::text as day, ?::numeric::text as amount',
    ['2026-10-31', '0.10'],
  );
  expect(result.rows).toEqual([{ day: '2026-10-31', amount: '0.10' }]);
});

test('other users of pg in this process keep its own parsers', () => {
  const parser = types.getTypeParser(types.builtins.DATE) as (text: string) => unknown;
  expect(parser('2026-10-31')).toBeInstanceOf(Date);
});

test('a connection killed under the pool is replaced, and the process lives', async () => {
  const pid = await database.app.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid');
  await asSuperuser(database.server, `select pg_terminate_backend(${pid.rows[0]?.pid}, 5000)`);
  const again = await database.app.raw<{ rows: unknown[] }>('select 1 as one');
  expect(again.rows).toEqual([{ one: 1 }]);
});

test('a reader killed while idle fails its next query, and the process lives', async () => {
  const reader = await database.reader();
  const pid = await reader.query<{ pid: number }>('select pg_backend_pid() as pid');
  await asSuperuser(database.server, `select pg_terminate_backend(${pid.rows[0]?.pid}, 5000)`);
  await expect(reader.query('select 1')).rejects.toThrow(/terminat|not queryable/i);
  await reader.end();
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { InvalidInput } from '../../core/problem';
import { FilesWorkspace } from '../../../test/support/files-workspace';

let files: FilesWorkspace;
beforeAll(async () => {
  files = await FilesWorkspace.open();
});
afterAll(() => files.close());

test('a file is copied byte for byte, hashed, counted and totalled by currency', async () => {
  const content =
    '\ufeffid,note,amount,currency\r\na,x,1.10,EUR\r\nb,"y\r\n",2.20,USD\r\nc,,-0.1,EUR\r\n';
  files.write('f.csv', content);
  const frozen = await files.read('f.csv', {
    columns: { amount: 'decimal', id: 'text', currency: 'text' },
    amount: 'amount',
    currency: { column: 'currency' },
  });
  expect(readFileSync(frozen.copy, 'utf8')).toBe(content);
  expect(frozen).toMatchObject({
    path: 'f.csv',
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: String(Buffer.byteLength(content)),
    rows: '3',
    columns: [
      { name: 'amount', type: 'decimal' },
      { name: 'id', type: 'text' },
      { name: 'currency', type: 'text' },
    ],
    ignoredColumns: ['note'],
    totals: [
      { currency: 'EUR', rows: '2', amount: '1' },
      { currency: 'USD', rows: '1', amount: '2.2' },
    ],
    controlTotal: { status: 'absent' },
  });
});

test('every type keeps its values exactly, and instants become UTC', async () => {
  files.write(
    'f.csv',
    'id,amount,count,day,clock,at,done\n' +
      ',,,,,,\n' +
      '"",-0,007,2024-02-29,2026-03-29 01:30:00,2026-01-01T00:00:00+05:30,false\n' +
      'x,99999999999999999.999999,-9223372036854775808,9999-12-31,' +
      '2026-01-01T23:59:59.000001,2026-01-01 00:00:00Z,true\n' +
      'y,-999999999999999999.999999,9223372036854775807,1000-01-01,' +
      '1000-01-01 00:00:00,2026-01-01 00:00:00.5-14:00,true\n',
  );
  const frozen = await files.read('f.csv', {
    columns: {
      id: 'text',
      amount: 'decimal',
      count: 'integer',
      day: 'date',
      clock: 'timestamp',
      at: 'instant',
      done: 'boolean',
    },
    time_zone: 'Europe/Dublin',
  });
  const none = { amount: null, count: null, day: null, clock: null, at: null, done: null };
  expect(await files.rows(frozen, 'id nulls first')).toEqual([
    { id: null, ...none },
    {
      id: '',
      amount: '0.000000',
      count: '7',
      day: '2024-02-29',
      clock: '2026-03-29 01:30:00',
      at: '2025-12-31 18:30:00+00',
      done: 'false',
    },
    {
      id: 'x',
      amount: '99999999999999999.999999',
      count: '-9223372036854775808',
      day: '9999-12-31',
      clock: '2026-01-01 23:59:59.000001',
      at: '2026-01-01 00:00:00+00',
      done: 'true',
    },
    {
      id: 'y',
      amount: '-999999999999999999.999999',
      count: '9223372036854775807',
      day: '1000-01-01',
      clock: '1000-01-01 00:00:00',
      at: '2026-01-01 14:00:00.5+00',
      done: 'true',
    },
  ]);
  const described = await files.duck.describe(`select * from files.${frozen.name}`);
  expect(described.map(({ type }) => type)).toEqual([
    'VARCHAR',
    'DECIMAL(24,6)',
    'BIGINT',
    'DATE',
    'TIMESTAMP',
    'TIMESTAMP WITH TIME ZONE',
    'BOOLEAN',
  ]);
});

test('a constant currency becomes a column of its own', async () => {
  files.write('f.csv', 'id,amount\na,1.5\n');
  const frozen = await files.read('f.csv', { amount: 'amount', currency: 'BRL' });
  expect(await files.rows(frozen)).toEqual([{ id: 'a', amount: '1.500000', currency: 'BRL' }]);
  expect(frozen.columns).toContainEqual({ name: 'currency', type: 'text' });
  expect(frozen.totals).toEqual([{ currency: 'BRL', rows: '1', amount: '1.5' }]);
});

test('a file with only a header is a population without items', async () => {
  files.write('f.csv', 'id,amount');
  const frozen = await files.read('f.csv', { amount: 'amount', currency: 'EUR' });
  expect(frozen).toMatchObject({ rows: '0', totals: [] });
  expect(await files.rows(frozen)).toEqual([]);
});

test('what the source does after the read does not change the table', async () => {
  files.write('f.csv', 'id,amount\na,1\n');
  const frozen = await files.read('f.csv');
  files.write('f.csv', 'id,amount\nb,2\n');
  expect(await files.rows(frozen)).toEqual([{ id: 'a', amount: '1.000000' }]);
});

test('Parquet types and text of the right form are read exactly', async () => {
  await files.writeParquet(
    'f.parquet',
    `select 'a' as id, 12.5::decimal(10,2) as amount, '99999999999999999.999999' as text_amount,
            7::utinyint as count, 5.0000000000::decimal(30,10) as long_amount,
            timestamptz '2026-01-01 02:00:00+02' as at, timestamp_ns '2026-01-01 02:00:00' as clock,
            true as done, date '2026-02-28' as day, 1 as extra
     union all select null, null, null, null, null, null, null, null, null, null`,
  );
  const frozen = await files.read('f.parquet', {
    columns: {
      id: 'text',
      amount: 'decimal',
      text_amount: 'decimal',
      count: 'integer',
      long_amount: 'decimal',
      at: 'instant',
      clock: 'timestamp',
      done: 'boolean',
      day: 'date',
    },
    time_zone: 'UTC',
  });
  expect((await files.rows(frozen, 'id nulls last'))[0]).toEqual({
    id: 'a',
    amount: '12.500000',
    text_amount: '99999999999999999.999999',
    count: '7',
    long_amount: '5.000000',
    at: '2026-01-01 00:00:00+00',
    clock: '2026-01-01 02:00:00',
    done: 'true',
    day: '2026-02-28',
  });
  expect(frozen).toMatchObject({ rows: '2', ignoredColumns: ['extra'] });
});

/** A value as RFC 4180 writes it; null is nothing at all, and '' a pair of quotes. */
function written(value: string | null, quoteAll: boolean): string {
  if (value === null) return '';
  const must = value === '' || /[",\r\n]/.test(value);
  return must || quoteAll ? `"${value.replaceAll('"', '""')}"` : value;
}

const text = fc.option(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.string({
      unit: fc.constantFrom('"', ',', '\n', '\r\n', '\r', ' ', 'a', 'é', '😀', '\\', '#'),
    }),
  ),
  { nil: null },
);
const digits = (max: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: max });
const decimal = fc
  .tuple(fc.constantFrom('', '-'), digits(18), fc.option(digits(6)))
  .map(([sign, whole, part]) => `${sign}${whole}${part === null ? '' : `.${part}`}`);

/** The written form that DuckDB gives a DECIMAL(24,6). */
function canonical(value: string): string {
  const [whole = '', part = ''] = value.replace('-', '').split('.');
  const plain = `${whole.replace(/^0+(?=\d)/, '')}.${part.padEnd(6, '0')}`;
  return value.startsWith('-') && /[1-9]/.test(plain) ? `-${plain}` : plain;
}

test('any table written by RFC 4180 is read back exactly', async () => {
  const table = fc.array(fc.record({ a: text, b: text, amount: fc.option(decimal) }), {
    maxLength: 12,
  });
  const form = fc.record({
    end: fc.constantFrom('\n', '\r\n'),
    mark: fc.constantFrom('', '\ufeff'),
    quoteAll: fc.boolean(),
    lastEnd: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(table, form, async (rows, { end, mark, quoteAll, lastEnd }) => {
      const records = rows.map(({ a, b, amount }, i) =>
        [a, written(String(i), quoteAll), amount, b]
          .map((value, place) => (place === 1 ? value : written(value, quoteAll)))
          .join(','),
      );
      const content = mark + ['a,i,amount,b', ...records].join(end) + (lastEnd ? end : '');
      files.write('f.csv', content);
      const frozen = await files.read('f.csv', {
        columns: { a: 'text', i: 'integer', amount: 'decimal', b: 'text' },
      });
      expect(await files.rows(frozen, 'i')).toEqual(
        rows.map(({ a, b, amount }, i) => ({
          a,
          i: String(i),
          amount: amount === null ? null : canonical(amount),
          b,
        })),
      );
    }),
    { numRuns: 150 },
  );
});

/** Text that is, or nearly is, a value of one of the types. */
const nearly = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789.-+eE ,'), maxLength: 22 }),
  fc
    .tuple(fc.nat({ max: 9999 }), fc.nat({ max: 13 }), fc.nat({ max: 32 }), fc.nat({ max: 25 }))
    .chain(([year, month, day, hour]) => {
      const two = (part: number): string => String(part).padStart(2, '0');
      const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
      const clock = `${date}T${two(hour)}:59:59`;
      return fc.constantFrom(date, clock, `${clock}Z`, `${clock}.5+14:59`, `${clock}-15:00`);
    }),
);

test('whatever a value looks like, it is read or its line is told', async () => {
  const types = ['decimal', 'integer', 'date', 'timestamp', 'instant', 'boolean'] as const;
  await fc.assert(
    fc.asyncProperty(nearly, fc.constantFrom(...types), async (value, type) => {
      files.write('f.csv', `v\n"${value}"\n`);
      const dataset = { columns: { v: type }, time_zone: 'UTC' };
      const outcome = await files.read('f.csv', dataset).catch((cause: unknown) => cause);
      if (outcome instanceof InvalidInput)
        expect(outcome.problems.map(({ line }) => line)).toEqual([2]);
      else expect(outcome).toMatchObject({ rows: '1' });
    }),
    { numRuns: 150 },
  );
});

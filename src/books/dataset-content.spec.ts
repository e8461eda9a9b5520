import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { hash } from 'node:crypto';
import { datasetContent, type DatasetColumn } from './dataset-content';

let duck: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  duck = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await duck.connect();
  await connection.run(`set TimeZone = 'UTC'`);
});
afterAll(() => {
  connection.closeSync();
  duck.closeSync();
});

const columns: DatasetColumn[] = [
  { name: 'key', type: 'text' },
  { name: 'at', type: 'instant' },
  { name: 'amount', type: 'decimal' },
  { name: 'count', type: 'integer' },
  { name: 'day', type: 'date' },
  { name: 'is_open', type: 'boolean' },
];

/** Rows as SQL, and as the texts of their values. */
const rows: (string | null)[][] = [
  ['a', '2026-06-01 00:00:03+00', '12.500000', '7', '2026-06-01', 'true'],
  ['ä"\\\t', '1000-01-01 00:00:00+00', '-0.000001', '-9', '1000-01-01', 'false'],
  ['', '9999-12-31 23:59:59.999999+00', '999999999999.999999', '0', '9999-12-31', null],
  ['z', '1969-12-31 23:59:59.5+00', '-1000000000000.000000', null, null, null],
  ['wide', null, '999999999999999999.999999', '9223372036854775807', null, 'true'],
  ['none', null, null, null, null, null],
];
const types = ['varchar', 'timestamptz', 'decimal(24,6)', 'bigint', 'date', 'boolean'];
const literals = rows.map(
  (row) =>
    `(${row.map((text, i) => (text === null ? 'null' : `'${text}'::${types[i]}`)).join(', ')})`,
);
const relation = `(values ${literals.join(', ')}) as v (key, "at", amount, count, day, is_open)`;

const contentHash = (row: readonly (string | null)[]): string => {
  const named = columns.map(({ name }, i) => [name, row[i] ?? null] as const);
  const present = named.filter(([, text]) => text !== null).sort(([a], [b]) => (a < b ? -1 : 1));
  const content = present.map(([name, text]) => `${name}=${Buffer.byteLength(text ?? '')}:${text}`);
  return hash('sha256', content.join(''), 'hex');
};

test('each value is its plain text, and the hash is of the values that are there', async () => {
  const sql = datasetContent(relation, columns, ['key', 'count'], ['files', "o'x"]);
  const result = await connection.runAndReadAll(sql);
  expect(result.getRows()).toEqual(
    rows.map((row) => {
      const [key, count] = [row[0], row[3]];
      const id = count === null ? null : `${key}/${count}`;
      return [...row, id, contentHash(row), 'files', "o'x"];
    }),
  );
});

test('texts are what a cast to text gives', async () => {
  const casts = columns.map(({ name }) => `"${name}"::varchar`).join(', ');
  const plain = await connection.runAndReadAll(`select ${casts} from ${relation}`);
  expect(plain.getRows()).toEqual(rows);
});

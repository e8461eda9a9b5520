import { readFileSync } from 'node:fs';
import type { DatasetConfig } from '../../src/platform/config';
import { FilesWorkspace } from '../support/files-workspace';

let files: FilesWorkspace;
beforeAll(async () => {
  files = await FilesWorkspace.open();
});
afterAll(() => files.close());

async function told(file: string, dataset: Partial<DatasetConfig> = {}): Promise<string[]> {
  const problems = await files.problems(file, dataset);
  return problems.map(({ file: at, field, message, remedy }) => {
    expect(remedy).toMatch(/^[A-Z].*[.]$/);
    return `${at}${field === undefined ? '' : ` ${field}`}: ${message}`;
  });
}

test.each<[what: string, content: Buffer, message: string]>([
  ['is empty', Buffer.alloc(0), 'The file is empty.'],
  ['is CSV', Buffer.from('id,amount\na,1\n'), 'This is not a Parquet file.'],
  ['is cut off', Buffer.from('PAR1abcdef'), 'The Parquet file is cut off: its footer is missing.'],
  ['is encrypted', Buffer.from('PAREabcPARE'), 'The Parquet file is encrypted.'],
  [
    'has a broken footer',
    Buffer.from('PAR1abcdPAR1'),
    'The Parquet file is damaged and cannot be read.',
  ],
])('a Parquet file that %s is refused', async (_, content, message) => {
  files.write('f.parquet', content);
  expect(await told('f.parquet')).toEqual([`f.parquet: ${message}`]);
});

test.each<[select: string, column: string, message: string]>([
  ["'a' as id", 'amount', "There is no column 'amount'."],
  ['\'a\' as id, 1 as "Amount"', 'amount', "There is no column 'amount'; did you mean 'Amount'?"],
  [
    "'a' as id, 1.5::double as amount",
    'amount',
    'The column is DOUBLE in the file and declared decimal.',
  ],
  ['1 as id, 1 as amount', 'id', 'The column is INTEGER in the file and declared text.'],
  [
    "'a' as id, date '2026-01-01' as amount",
    'amount',
    'The column is DATE in the file and declared decimal.',
  ],
])('a Parquet file of %s is refused', async (select, column, message) => {
  await files.writeParquet('f.parquet', `select ${select}`);
  expect(await told('f.parquet')).toEqual([`f.parquet ${column}: ${message}`]);
});

test('a Parquet file with times of the wrong kind says which kind to declare', async () => {
  await files.writeParquet(
    'f.parquet',
    "select timestamptz '2026-01-01 00:00:00Z' as a, timestamp '2026-01-01 00:00:00' as b",
  );
  const problems = await files.problems('f.parquet', {
    columns: { a: 'timestamp', b: 'instant' },
  });
  expect(problems.map(({ remedy }) => remedy)).toEqual([
    'Declare it instant: its values are points in time already.',
    'Declare it timestamp, with the time_zone of the dataset.',
  ]);
});

test('values of a Parquet file that would change when read are refused by row', async () => {
  await files.writeParquet(
    'f.parquet',
    `select unnest(['1.5000000000', '1.00000001', '12345678901234567890']::decimal(38,10)[]) as a,
              unnest(['1', '1e3', '2']) as b,
              unnest(['2026-01-01', '2026-01-02', 'infinity']::date[]) as c`,
  );
  const problems = await told('f.parquet', {
    columns: { a: 'decimal', b: 'decimal', c: 'date' },
  });
  expect(problems.map((problem) => problem.replace(/ is not .*/, ''))).toEqual([
    "f.parquet a: Row 2: '1.0000000100'",
    "f.parquet a: Row 3: '12345678901234567890.0000000000'",
    "f.parquet b: Row 2: '1e3'",
    "f.parquet c: Row 3: 'infinity'",
  ]);
});

test('a Parquet file with a damaged page is refused', async () => {
  await files.writeParquet(
    'f.parquet',
    'select i::varchar as id, i as amount from range(50000) t(i)',
  );
  const bytes = readFileSync(files.path('f.parquet'));
  bytes.fill(0xff, 1_000, 60_000);
  files.write('f.parquet', bytes);
  expect(await told('f.parquet')).toContain(
    'f.parquet: The Parquet file is damaged and cannot be read.',
  );
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { formatProblem } from '../../core/problem';
import type { DatasetConfig } from '../../platform/config';
import { FilesWorkspace } from '../../../test/support/files-workspace';

let files: FilesWorkspace;
beforeEach(async () => {
  files = await FilesWorkspace.open();
  files.write('f.csv', content);
});
afterEach(() => files.close());

const content =
  'id,day,amount,currency\na,2026-01-31,1.10,EUR\nb,2026-01-02,2.20,USD\nc,2026-01-15,3.3,EUR\n';
const sha256 = createHash('sha256').update(content).digest('hex');
const dataset: Partial<DatasetConfig> = {
  columns: { id: 'text', day: 'date', amount: 'decimal', currency: 'text' },
  amount: 'amount',
  currency: { column: 'currency' },
  control_total: 'required',
};
const right = {
  rows: 3,
  sums: { EUR: '4.40', USD: '2.2' },
  min_date: '2026-01-02',
  max_date: '2026-01-31',
  source_system: 'ledger',
  extracted_at: '2026-02-01T06:00:00Z',
  query_text: 'select 1',
  extracted_by: 'finance',
  sha256,
};

async function told(control: unknown, name = 'f.csv.ctl.json'): Promise<string[]> {
  files.write(name, typeof control === 'string' ? control : JSON.stringify(control, null, 1));
  return (await files.problems('f.csv', dataset)).map(
    (problem) => formatProblem(problem).split('. ')[0] ?? '',
  );
}

test.each(['f.csv.ctl.json', 'f.ctl.json'])('a right one, %s, is kept and cited', async (name) => {
  const text = JSON.stringify(right);
  files.write(name, text);
  const { controlTotal } = await files.read('f.csv', dataset);
  expect(controlTotal).toMatchObject({
    status: 'agrees',
    file: name,
    sha256: createHash('sha256').update(text).digest('hex'),
    extractedAt: '2026-02-01T06:00:00Z',
    sourceSystem: 'ledger',
    extractedBy: 'finance',
    queryText: 'select 1',
    unchecked: [],
  });
  expect(controlTotal.status === 'agrees' && readFileSync(controlTotal.copy, 'utf8')).toBe(text);
});

test('counts and sums alone are enough', async () => {
  files.write('f.ctl.json', '{"rows":"3","sums":{"EUR":"4.4","USD":"2.2","JPY":"0"}}');
  expect(await files.read('f.csv', dataset)).toMatchObject({
    controlTotal: { status: 'agrees', extractedAt: null },
  });
});

test('every disagreement is told, with its line', async () => {
  const wrong = {
    rows: 4,
    sums: { EUR: '4.41', GBP: '1' },
    min_date: '2026-01-01',
    max_date: '2026-02-01',
    sha256: '0'.repeat(64),
  };
  expect(await told(wrong)).toEqual([
    'f.csv.ctl.json:2 rows: states 4 rows; f.csv has 3 rows',
    'f.csv.ctl.json:3 sums.USD: states no sum in USD; f.csv has 1 rows of 2.20 USD',
    'f.csv.ctl.json:4 sums.EUR: states 4.41 EUR; f.csv has 4.40 EUR',
    'f.csv.ctl.json:5 sums.GBP: states 1.00 GBP; f.csv has no amount in GBP',
    'f.csv.ctl.json:7 min_date: states 2026-01-01; f.csv has 2026-01-02 as its first day',
    'f.csv.ctl.json:8 max_date: states 2026-02-01; f.csv has 2026-01-31 as its last day',
    `f.csv.ctl.json:9 sha256: states the hash ${'0'.repeat(64)}; f.csv has the hash ${sha256}`,
  ]);
});

test('dates that no single date column can confirm are said to be unchecked', async () => {
  files.write('f.ctl.json', JSON.stringify(right));
  const frozen = await files.read('f.csv', {
    ...dataset,
    columns: { id: 'text', day: 'text', amount: 'decimal', currency: 'text' },
  });
  expect(frozen.controlTotal).toMatchObject({ unchecked: ['min_date', 'max_date'] });
});

test('money as a JSON number is refused', async () => {
  expect(await told('{\n  "rows": 3,\n  "sums": {\n    "EUR": 4.40\n  }\n}')).toEqual([
    'f.csv.ctl.json:4 sums.EUR: is a JSON number, which cannot hold money exactly',
  ]);
});

test('what is missing, unknown or of the wrong form is told all at once', async () => {
  expect(
    await told('{\n"rows": -1,\n"sums": {"EUR": "4,40", "eur": "1"},\n"extracted_at": "today"\n}'),
  ).toEqual([
    'f.csv.ctl.json:2 rows: must be a count of rows',
    'f.csv.ctl.json:3 sums.EUR: must be a decimal such as "1234.56"',
    'f.csv.ctl.json:3 sums.eur: must be a currency code, such as EUR',
    'f.csv.ctl.json:4 extracted_at: must be an instant such as "2026-07-01T06:00:00Z"',
  ]);
  expect(await told({ rows: 3, sums: {}, sum: {} })).toEqual([
    'f.csv.ctl.json:4 sum: is not a field of a control total',
  ]);
});

test.each([
  ['{\n "rows": 3,\n "sums": {\n}', 'f.csv.ctl.json:4: This is not valid JSON'],
  ['{\n "rows": 3,\n "sums": {},,\n}', 'f.csv.ctl.json:3: This is not valid JSON'],
  ['', 'f.csv.ctl.json:1: This is not valid JSON'],
  [
    '{\n "rows": 3,\n "rows": 4,\n "sums": {}}',
    'f.csv.ctl.json:3: A name is used twice in the same object',
  ],
])('broken JSON is told by line (%#)', async (text, expected) => {
  expect(await told(text)).toEqual([expected]);
});

test('two control totals are refused', async () => {
  files.write('f.ctl.json', '{}');
  expect(await told(right)).toEqual([
    'f.csv.ctl.json: There is a second control total, f.ctl.json',
  ]);
});

test('one that is required and absent is told together with what else is wrong', async () => {
  files.write('f.csv', 'id,day,amount,currency\na,,1e3,\n');
  const problems = await files.problems('f.csv', dataset);
  expect(problems.map(({ line, message }) => [line, message])).toEqual([
    [undefined, 'Its control total file is required and does not exist.'],
    [2, expect.stringMatching(/^'1e3' is not a decimal/)],
    [2, expect.stringMatching(/^The value is not a three-letter currency code/)],
  ]);
});

test('an empty file is told together with its absent control total', async () => {
  files.write('f.csv', '');
  const problems = await files.problems('f.csv', dataset);
  expect(problems.map(({ message }) => message)).toEqual([
    'Its control total file is required and does not exist.',
    'The file is empty.',
  ]);
});

test('a refused dataset leaves no table', async () => {
  await told({ ...right, rows: 9 });
  expect(
    await files.duck.rows(`select view_name from duckdb_views() where schema_name = 'files'`),
  ).toEqual([]);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { controlSchema, type Procedure } from '../../core/control';
import { DuckDb } from '../../platform/duckdb';
import { plantCanaries } from './plant-canaries';

let dir: string;
let duck: DuckDb;
let files = 0;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-canaries-'));
  duck = await DuckDb.open({ memoryMb: 256, threads: 1, tempDir: dir, readWriteDirs: [dir] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

async function population(select: string, ...columns: string[]) {
  const file = path.join(dir, `p${(files += 1)}.parquet`);
  await duck.run(`copy (${select}) to '${file}' (format parquet)`);
  return { file, columns: columns.map((name) => ({ name })) };
}

function procedureOf(overrides: object): Procedure {
  const control = controlSchema.parse({
    ...{ id: 'TT-01', title: 't', process: 'test', objective: 'o', risk: 'r' },
    ...{ assertions: ['completeness'], key_control: false, frequency: 'monthly' },
    ...{ owner: 'o', reviewer: 'r', runbook: 'r', procedures: [{ name: 'one', ...overrides }] },
  });
  const [procedure] = control.procedures;
  if (procedure === undefined) throw new Error('a control has a procedure');
  return procedure;
}

const input = {
  ...{ codePrefix: 'TT01', graceFrom: null, salt: 'salt', materiality: {} },
  limits: { findings: 1000, itemsPerFinding: 3 },
};

async function missed(procedures: Parameters<typeof plantCanaries>[0]['procedures']) {
  const control = { id: 'TT-01' };
  const all = await plantCanaries({ control, procedures, duck, workDir: dir });
  return all.filter(({ found }) => found !== true);
}

const amount = { column: 'amount', currency: 'currency' };

test('a pair that agrees carries what is planted, not one that differs already', async () => {
  const columns = ['id', 'amount', 'currency', 'other'];
  const row = (id: string, currency: string): string =>
    `select '${id}' as id, 10::decimal(24,6) as amount, '${currency}' as currency, false as other`;
  const left = await population(`${row('a', 'EUR')} union all ${row('b', 'USD')}`, ...columns);
  const right = await population(`${row('a', 'USD')} union all ${row('b', 'USD')}`, ...columns);
  const procedure = procedureOf({
    left: { population: 'l', label: 'Left' },
    right: { population: 'r', label: 'Right' },
    ...{ key: ['id'], cardinality: 'one_to_many', amount },
    findings: [
      { code: 'TT01-LEFT', when: 'left_only' },
      { code: 'TT01-RIGHT', when: 'right_only' },
      { code: 'TT01-DIFF', when: 'amount_differs' },
      { code: 'TT01-CCY', when: 'currency_differs' },
      { code: 'TT01-OTHER', when: 'right.other' },
    ],
  });
  for (const salt of ['one', 'two', 'three', 'four'])
    expect(await missed([{ ...input, procedure, left, right, salt }])).toEqual([]);
});

test('a key that is the currency carries one canary by item, in a known currency', async () => {
  const left = await population(
    `select 'USD' as currency, 10::decimal(24,6) as amount, 10::decimal(24,6) as expected`,
    ...['currency', 'amount', 'expected'],
  );
  const procedure = procedureOf({
    ...{ item: { population: 'l', label: 'Balances' }, key: ['currency'], amount },
    findings: [{ code: 'TT01-ROLL', when: 'item.amount <> item.expected' }],
  });
  const found = await missed([{ ...input, procedure, left, right: null }]);
  expect(found).toEqual([
    {
      ...{ procedure: 'one', code: 'TT01-DUPLICATE_KEY', found: null },
      note: 'too few items to carry it',
    },
  ]);
});

test('values that meet a condition leave the other conditions known', async () => {
  const left = await population(
    `select 'a' as id, 1 as booked, 1 as built, true as is_built, 5 as later`,
    ...['id', 'booked', 'built', 'is_built', 'later'],
  );
  const procedure = procedureOf({
    ...{ item: { population: 'l', label: 'Lines' }, key: ['id'] },
    findings: [
      {
        code: 'TT01-START',
        when: '(item.built is not null and item.built <> item.booked) or not item.is_built',
      },
      { code: 'TT01-LATE', when: 'item.built > item.later' },
    ],
  });
  expect(await missed([{ ...input, procedure, left, right: null }])).toEqual([]);
});

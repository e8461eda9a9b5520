import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { controlSchema, type Procedure } from '../../core/control';
import { DuckDb } from '../../platform/duckdb';
import { TieoutEngine } from './tieout-engine';

// Many findings over wide populations: what they take must not grow with the width of every key.
let dir: string;
let duck: DuckDb;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-many-'));
  duck = await DuckDb.open({ memoryMb: 128, threads: 2, tempDir: dir, readWriteDirs: [dir] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

const width = 24;
const names = ['id', 'amount', 'currency', ...Array.from({ length: width }, (_, i) => `c${i}`)];

/** Two items of every tenth key, and one of each other. */
async function population(keys: number): Promise<{ file: string; columns: { name: string }[] }> {
  const file = path.join(dir, 'wide.parquet');
  const wide = Array.from({ length: width }, (_, i) => `'value ' || (n * ${i + 1}) as c${i}`);
  await duck.run(
    `copy (select 'k' || n as id, (n % 100 + part)::decimal(24,6) as amount, 'USD' as currency,
       ${wide.join(', ')}
       from range(${keys}) k (n), range(2) p (part) where part = 0 or n % 10 = 0)
     to '${file}' (format parquet)`,
  );
  return { file, columns: names.map((name) => ({ name })) };
}

const control = controlSchema.parse({
  ...{ id: 'TT-02', title: 't', process: 'test', objective: 'o', risk: 'r' },
  ...{ assertions: ['completeness'], key_control: false, frequency: 'monthly' },
  ...{ owner: 'o', reviewer: 'r', runbook: 'r' },
  procedures: [
    {
      name: 'tie',
      left: { population: 'l', label: 'Left' },
      right: { population: 'r', label: 'Right', empty_ok: true },
      key: ['id'],
      cardinality: 'many_to_many',
      amount: { column: 'amount', currency: 'currency' },
      findings: [{ code: 'TT02-LEFT', when: 'left_only' }],
    },
  ],
});

test('twenty thousand findings over wide items fit in little memory', async () => {
  const keys = 20_000;
  const left = await population(keys);
  const nothing = path.join(dir, 'none.parquet');
  await duck.run(
    `copy (select * from read_parquet('${left.file}') where false)
     to '${nothing}' (format parquet)`,
  );
  const evaluation = await new TieoutEngine(duck).evaluate({
    procedure: control.procedures[0] as Procedure,
    left,
    right: { file: nothing, columns: left.columns },
    codePrefix: 'TT02',
    graceFrom: null,
    salt: 'salt',
    materiality: { USD: { high: '1000', medium: '100' } },
    limits: { findings: 50_000, itemsPerFinding: 3 },
  });
  if (!evaluation.evaluated) throw new Error(evaluation.reasons.join(' '));
  const items = new Map<number, number>();
  for await (const { leftItems, leftCount } of evaluation.findings) {
    expect(leftItems).toHaveLength(Number(leftCount));
    items.set(leftItems.length, (items.get(leftItems.length) ?? 0) + 1);
  }
  expect(items).toEqual(
    new Map([
      [1, keys * 0.9],
      [2, keys * 0.1],
    ]),
  );
});

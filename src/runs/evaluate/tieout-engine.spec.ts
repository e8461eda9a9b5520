import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { controlSchema, type Procedure } from '../../core/control';
import type { FindingFacts } from '../../core/finding';
import type { ProcedureStatement } from '../../core/statement';
import { DuckDb } from '../../platform/duckdb';
import { TieoutEngine, type ProcedureInput } from './tieout-engine';

let dir: string;
let duck: DuckDb;
let files = 0;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-engine-'));
  duck = await DuckDb.open({ memoryMb: 256, threads: 2, tempDir: dir, readWriteDirs: [dir] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

type Row = Record<string, string | null>;

/** Writes rows of text as a Parquet file with amounts as decimals and `…_on` columns as dates. */
async function population(rows: Row[], columns = Object.keys(rows[0] ?? {})) {
  const file = path.join(dir, `p${(files += 1)}.parquet`);
  const literal = (name: string, value: string | null): string => {
    const text = value === null ? 'null' : `'${value}'`;
    if (name === 'amount' || name === 'gap') return `${text}::decimal(24,6)`;
    return name.endsWith('_on') ? `${text}::date` : `${text}::varchar`;
  };
  const select = (row: Row): string =>
    `select ${columns.map((name) => `${literal(name, row[name] ?? null)} as ${name}`).join(', ')}`;
  const sql = rows.length > 0 ? rows.map(select).join(' union all ') : `${select({})} where false`;
  await duck.run(`copy (${sql}) to '${file}' (format parquet)`);
  return { file, columns: columns.map((name) => ({ name })) };
}

function procedure(overrides: object): Procedure {
  const control = controlSchema.parse({
    id: 'TT-01',
    title: 't',
    process: 'test',
    objective: 'o',
    risk: 'r',
    assertions: ['completeness'],
    key_control: false,
    frequency: 'monthly',
    owner: 'o',
    reviewer: 'r',
    procedures: [overrides],
    runbook: 'r',
  });
  return control.procedures[0] as Procedure;
}

const tieOut = (overrides: object = {}): Procedure =>
  procedure({
    name: 'tie',
    left: { population: 'l', label: 'Left' },
    right: { population: 'r', label: 'Right' },
    key: ['id'],
    cardinality: 'one_to_one',
    amount: { column: 'amount', currency: 'currency' },
    findings: [
      { code: 'TT01-LEFT', when: 'left_only' },
      { code: 'TT01-RIGHT', when: 'right_only' },
      { code: 'TT01-DIFF', when: 'amount_differs' },
    ],
    ...overrides,
  });

const defaults = {
  codePrefix: 'TT01',
  graceFrom: null,
  salt: 'salt',
  materiality: { USD: { high: '1000', medium: '100' } },
  limits: { findings: 1000, itemsPerFinding: 3 },
};

/** The verdict, which must be the same whether keys are joined as text or as hashes. */
async function judge(
  procedureToJudge: Procedure,
  left: Row[],
  right: Row[] | null,
  overrides: Partial<ProcedureInput> = {},
): ReturnType<typeof judgeOnce> {
  const columns = [...new Set([...left, ...(right ?? [])].flatMap(Object.keys))];
  const input: ProcedureInput = {
    procedure: procedureToJudge,
    left: await population(left, left.length > 0 ? undefined : columns),
    right: right && (await population(right, right.length > 0 ? undefined : columns)),
    ...defaults,
    ...overrides,
  };
  const judged = await judgeOnce(input);
  expect(await judgeOnce({ ...input, textKeyItems: 0 })).toEqual(judged);
  return judged;
}

async function judgeOnce(input: ProcedureInput) {
  const evaluation = await new TieoutEngine(duck).evaluate(input);
  if (!evaluation.evaluated) throw new Error(evaluation.reasons.join(' '));
  const findings: FindingFacts[] = [];
  for await (const finding of evaluation.findings) findings.push(finding);
  return { statement: evaluation.statement, findings };
}

const usd = (id: string, amount: string, more: Row = {}): Row => ({
  id,
  amount,
  currency: 'USD',
  source_ref: `s:o:${id}`,
  ...more,
});

/** `category code side keys left right`, one line of the statement. */
const shown = (statement: ProcedureStatement): string[] =>
  statement.currencies.flatMap(({ currency, lines }) =>
    lines.map((line) =>
      [
        currency,
        line.category,
        line.code ?? '-',
        line.side,
        line.keys,
        `${line.left.items}:${line.left.amount}`,
        `${line.right.items}:${line.right.amount}`,
      ].join(' '),
    ),
  );
const named = (findings: FindingFacts[]): string[] =>
  findings.map((f) => `${f.code} ${Object.values(f.key).join('/')} ${f.currency} ${f.impact}`);

test('every key of a one-to-one tie-out stands in one line, and the statement foots', async () => {
  const { statement, findings } = await judge(
    tieOut(),
    [usd('a', '10.00'), usd('b', '20.00'), usd('c', '30.00')],
    [usd('a', '10.00'), usd('b', '21.50'), usd('d', '40.00')],
  );
  expect(shown(statement)).toEqual([
    'USD exception TT01-DIFF both 1 1:20 1:21.5',
    'USD exception TT01-LEFT left 1 1:30 0:0',
    'USD exception TT01-RIGHT right 1 0:0 1:40',
    'USD matched - both 1 1:10 1:10',
  ]);
  expect(named(findings)).toEqual([
    'TT01-DIFF b USD 1.5',
    'TT01-LEFT c USD 30',
    'TT01-RIGHT d USD 40',
  ]);
  expect(findings[0]).toMatchObject({
    difference: '-1.5',
    severity: 'low',
    explanation: 'b is 20.00 in Left and 21.50 in Right: a difference of -1.50 USD.',
    leftItems: [{ id: 'b', amount: '20.000000', currency: 'USD', source_ref: 's:o:b' }],
  });
});

test('a key that repeats where it may stand once is found, even when the sums agree', async () => {
  const { statement, findings } = await judge(
    tieOut(),
    [usd('a', '10'), usd('b', '5'), usd('b', '5'), usd('c', '1'), usd('c', '1')],
    [usd('a', '10'), usd('b', '10')],
  );
  expect(named(findings)).toEqual([
    'TT01-DUPLICATE_KEY_LEFT b USD 0',
    'TT01-DUPLICATE_KEY_LEFT c USD 2',
    'TT01-LEFT c USD 2',
  ]);
  expect(shown(statement)).toEqual([
    'USD exception TT01-DUPLICATE_KEY_LEFT both 1 2:10 1:10',
    'USD exception TT01-LEFT left 1 2:2 0:0',
    'USD matched - both 1 1:10 1:10',
  ]);
});

test('tolerance is inclusive both ways and counts minor units per line', async () => {
  const one = tieOut({
    cardinality: 'one_to_many',
    amount: { column: 'amount', currency: 'currency', tolerance: { minor_units: 1, per: 'line' } },
  });
  const jpy = (id: string, amount: string): Row => ({ ...usd(id, amount), currency: 'JPY' });
  const { statement, findings } = await judge(
    one,
    [usd('a', '10.02'), usd('b', '10.03'), usd('c', '9.98'), jpy('j', '100'), jpy('k', '100')],
    [
      ...['a', 'b', 'c'].flatMap((id) => [usd(id, '5'), usd(id, '5')]),
      jpy('j', '101'),
      jpy('k', '102'),
    ],
  );
  expect(named(findings)).toEqual(['TT01-DIFF b USD 0.03', 'TT01-DIFF k JPY 2']);
  expect(shown(statement)).toContain('USD tolerance - both 2 2:20 4:20');
});

test('with a percentage and minor units the larger is allowed', async () => {
  const tolerance = { minor_units: 5, percent: '0.5' };
  const { findings } = await judge(
    tieOut({ amount: { column: 'amount', currency: 'currency', tolerance } }),
    [usd('a', '1000'), usd('b', '1000'), usd('c', '1'), usd('d', '1')],
    [usd('a', '1005'), usd('b', '1005.01'), usd('c', '1.05'), usd('d', '1.06')],
  );
  expect(named(findings)).toEqual(['TT01-DIFF b USD 5.01', 'TT01-DIFF d USD 0.06']);
});

test('an item within its grace is timing, and one day older is an exception', async () => {
  const timed = tieOut({ timing: { side: 'left', from: 'won_on', grace: '3 business days' } });
  const { statement, findings } = await judge(
    timed,
    [usd('a', '1', { won_on: '2026-06-30' }), usd('b', '2', { won_on: '2026-06-29' })],
    [usd('c', '3', { won_on: '2026-07-01' })],
    { graceFrom: '2026-06-30' },
  );
  expect(named(findings)).toEqual(['TT01-LEFT b USD 2', 'TT01-RIGHT c USD 3']);
  expect(shown(statement)).toContain('USD timing - left 1 1:1 0:0');
});

test('a labelled item is set aside, unless it finds its counterpart', async () => {
  const transit = { reconciling: 'In transit' };
  const none = { reconciling: null };
  const { statement, findings } = await judge(
    tieOut({ cardinality: 'many_to_one' }),
    [
      usd('a', '10', transit),
      usd('b', '20', transit),
      usd('c', '5', none),
      usd('c', '7', transit),
      usd('d', '5', none),
      usd('d', '7', transit),
    ],
    [usd('b', '20'), usd('c', '5'), usd('d', '4')],
  );
  expect(named(findings)).toEqual(['TT01-DIFF d USD 1']);
  expect(shown(statement)).toEqual([
    'USD exception TT01-DIFF both 1 1:5 1:4',
    'USD matched - both 2 2:25 2:25',
    'USD reconciling In transit left 3 3:24 0:0',
  ]);
});

test('one key in two currencies is one currency finding and foots in each currency', async () => {
  const { statement, findings } = await judge(
    tieOut(),
    [usd('a', '10'), usd('b', '1')],
    [{ ...usd('a', '9'), currency: 'EUR' }, usd('b', '1')],
  );
  expect(named(findings)).toEqual(['TT01-CURRENCY_DIFFERS a USD 10']);
  expect(findings[0]?.rightItems).toHaveLength(1);
  expect(shown(statement)).toEqual([
    'EUR exception TT01-CURRENCY_DIFFERS right 1 0:0 1:9',
    'USD exception TT01-CURRENCY_DIFFERS left 1 1:10 0:0',
    'USD matched - both 1 1:1 1:1',
  ]);
});

test('a declared condition on the currency speaks in place of the automatic code', async () => {
  const findings = [
    { code: 'TT01-LEFT', when: 'left_only' },
    { code: 'TT01-RIGHT', when: 'right_only' },
    { code: 'TT01-DIFF', when: 'amount_differs' },
    { code: 'TT01-CCY', when: 'left.currency <> right.currency' },
  ];
  const result = await judge(
    tieOut({ findings }),
    [usd('a', '10')],
    [{ ...usd('a', '9'), currency: 'EUR' }],
  );
  expect(named(result.findings)).toEqual(['TT01-CCY a USD 10']);
});

test('a condition over both sides is met by any pair of items of a key', async () => {
  const findings = [
    { code: 'TT01-LEFT', when: 'left_only' },
    { code: 'TT01-RIGHT', when: 'right_only' },
    { code: 'TT01-DIFF', when: 'amount_differs' },
    { code: 'TT01-LATE', when: 'right.done_on > left.due_on', severity: 'low' },
  ];
  const due = { due_on: '2026-06-10' };
  const { statement, findings: found } = await judge(
    tieOut({ cardinality: 'one_to_many', findings }),
    [usd('a', '10', due), usd('b', '10', due)],
    [
      usd('a', '4', { done_on: '2026-06-09' }),
      usd('a', '6', { done_on: '2026-06-11' }),
      usd('b', '10', { done_on: '2026-06-10' }),
    ],
  );
  expect(named(found)).toEqual(['TT01-LATE a USD 0']);
  expect(shown(statement)).toEqual([
    'USD exception TT01-LATE both 1 1:10 2:10',
    'USD matched - both 1 1:10 1:10',
  ]);
});

test('a condition that is null for an item gives no verdict at all', async () => {
  const findings = [
    { code: 'TT01-LEFT', when: 'left_only' },
    { code: 'TT01-RIGHT', when: 'right_only' },
    { code: 'TT01-DIFF', when: 'amount_differs' },
    { code: 'TT01-LATE', when: 'right.done_on > left.due_on' },
  ];
  await expect(
    judge(
      tieOut({ findings }),
      [usd('a', '10', { due_on: null })],
      [usd('a', '10', { done_on: '2026-06-09' })],
    ),
  ).rejects.toThrow(/TT01-LATE cannot be decided for 1 keys/);
});

test('an assertion judges every item and computes its impact from the population', async () => {
  const assertion = procedure({
    name: 'foots',
    item: { population: 'i', label: 'Items' },
    key: ['id'],
    amount: { column: 'amount', currency: 'currency' },
    findings: [{ code: 'TT01-GAP', when: 'item.gap <> 0', impact: 'item.gap' }],
    explain: { 'TT01-GAP': '{item.id} is off by {item.gap} of {item.amount}.' },
  });
  const { statement, findings } = await judge(
    assertion,
    [usd('a', '10', { gap: '0' }), usd('b', '2000', { gap: '-100' })],
    null,
  );
  expect(named(findings)).toEqual(['TT01-GAP b USD 100']);
  expect(findings[0]).toMatchObject({
    explanation: 'b is off by -100.000000 of 2,000.00.',
    severity: 'medium',
    difference: null,
  });
  expect(shown(statement)).toEqual([
    'USD exception TT01-GAP left 1 1:2000 0:0',
    'USD matched - left 1 1:10 0:0',
  ]);
});

test('a tie-out without amounts compares existence alone', async () => {
  const bare = tieOut({
    amount: undefined,
    findings: [
      { code: 'TT01-LEFT', when: 'left_only' },
      { code: 'TT01-RIGHT', when: 'right_only' },
    ],
  });
  const { statement, findings } = await judge(bare, [{ id: 'a' }, { id: 'b' }], [{ id: 'b' }]);
  expect(named(findings)).toEqual(['TT01-LEFT a null null']);
  expect(statement.currencies).toMatchObject([{ currency: null, left: { items: '2' } }]);
});

test.each([
  ['an empty population', [], [usd('a', '1')], /Left is empty/],
  [
    'an item without a key',
    [{ ...usd('a', '1'), id: null }],
    [usd('a', '1')],
    /1 items without id/,
  ],
  [
    'an amount that is missing',
    [{ ...usd('a', '1'), amount: null }],
    [usd('a', '1')],
    /without amount/,
  ],
  ['an unknown currency', [{ ...usd('a', '1'), currency: 'ZZZ' }], [usd('a', '1')], /ZZZ/],
])('%s gives no verdict', async (_name, left, right, reason) => {
  await expect(judge(tieOut(), left as Row[], right)).rejects.toThrow(reason);
});

test('more findings than the limit give no verdict rather than a shorter list', async () => {
  await expect(
    judge(tieOut(), [usd('a', '1'), usd('b', '1')], [usd('c', '1')], {
      limits: { findings: 2, itemsPerFinding: 3 },
    }),
  ).rejects.toThrow(/3 findings, more than limits.findings/);
});

test('evidence items beyond the cap are counted', async () => {
  const { findings } = await judge(
    tieOut({ cardinality: 'one_to_many' }),
    [usd('a', '10')],
    Array.from({ length: 5 }, (_, i) => usd('a', '1', { source_ref: `s:o:${i}` })),
  );
  expect(findings[0]?.rightCount).toBe('5');
  expect(findings[0]?.rightItems).toHaveLength(3);
});

test('an amount with a seventh digit after the point is not rounded but refused', async () => {
  const file = path.join(dir, 'fine.parquet');
  await duck.run(
    `copy (select 'a' as id, 1.0000001::decimal(38,12) as amount, 'USD' as currency)
     to '${file}' (format parquet)`,
  );
  const columns = ['id', 'amount', 'currency'].map((name) => ({ name }));
  const side = { file, columns };
  await expect(
    judgeOnce({ ...defaults, procedure: tieOut(), left: side, right: side }),
  ).rejects.toThrow(/Left has 1 amounts.* Right has 1 amounts/);
});

import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { controlSchema, type Procedure } from '../../core/control';
import type { FindingFacts } from '../../core/finding';
import { footingGap, type ProcedureStatement } from '../../core/statement';
import { DuckDb } from '../../platform/duckdb';
import type { PopulationFile } from '../run-types';
import { TieoutEngine } from './tieout-engine';

interface Item {
  id: string;
  amount: number;
  currency: 'USD' | 'EUR';
  /** Days after 1 June 2026. */
  day: number;
  ref: string | null;
}

let dir: string;
let duck: DuckDb;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-match-'));
  duck = await DuckDb.open({ memoryMb: 256, threads: 1, tempDir: dir, readWriteDirs: [dir] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

const byRef = { name: 'by-reference', on: ['ref'] };
const byAmount = {
  name: 'by-amount-and-date',
  on: ['amount'],
  within: { left: 'paid_on', right: 'paid_on', before: 1, after: 2 },
};

function procedureOf(passes: object[], overrides: object = {}): Procedure {
  const side = (label: string) => ({ population: label.toLowerCase(), label, empty_ok: true });
  const control = controlSchema.parse({
    ...{ id: 'TT-01', title: 't', process: 'test', objective: 'o', risk: 'r', runbook: 'r' },
    ...{ assertions: ['completeness'], key_control: false, frequency: 'monthly' },
    ...{ owner: 'o', reviewer: 'r' },
    procedures: [
      {
        name: 'tie',
        left: side('Payouts'),
        right: side('Receipts'),
        key: ['id'],
        cardinality: 'one_to_one',
        match: { passes },
        amount: { column: 'amount', currency: 'currency' },
        findings: [
          { code: 'TT01-LEFT', when: 'left_only' },
          { code: 'TT01-RIGHT', when: 'right_only' },
          { code: 'TT01-DIFF', when: 'amount_differs' },
          { code: 'TT01-LATE', when: 'right.paid_on > left.paid_on + 1' },
        ],
        ...overrides,
      },
    ],
  });
  return control.procedures[0] as Procedure;
}

async function population(name: string, items: readonly Item[]): Promise<PopulationFile> {
  const file = path.join(dir, `${name}.parquet`);
  const rows = items.map(
    ({ id, amount, currency, day, ref }) =>
      `('${id}', ${amount}::decimal(24,6), '${currency}', date '2026-06-01' + ${day}, ` +
      `${ref === null ? 'null' : `'${ref}'`}, 's:o:${id}')`,
  );
  const none = `('', 0::decimal(24,6), '', date '2026-06-01', null::varchar, '')`;
  const columns = ['id', 'amount', 'currency', 'paid_on', 'ref', 'source_ref'];
  await duck.run(
    `copy (select * from (values ${[none, ...rows].join(', ')}) v (${columns.join(', ')})
     where id <> '') to '${file}' (format parquet)`,
  );
  return { file, columns: columns.map((column) => ({ name: column })) };
}

interface Judged {
  statement: ProcedureStatement;
  findings: FindingFacts[];
}

async function judge(
  procedure: Procedure,
  left: readonly Item[],
  right: readonly Item[],
  textKeyItems = 1000,
): Promise<Judged> {
  const evaluation = await new TieoutEngine(duck).evaluate({
    ...{ procedure, codePrefix: 'TT01', graceFrom: null, salt: 'salt', materiality: {} },
    left: await population('left', left),
    right: await population('right', right),
    ...{ limits: { findings: 1000, itemsPerFinding: 50 }, textKeyItems },
  });
  if (!evaluation.evaluated) throw new Error(evaluation.reasons.join(' '));
  const findings: FindingFacts[] = [];
  for await (const finding of evaluation.findings) findings.push(finding);
  expect(footingGap(evaluation.statement)).toBeNull();
  return { statement: evaluation.statement, findings };
}

const item = (id: string, amount: number, day = 0, ref: string | null = null): Item => {
  return { id, amount, currency: 'USD', day, ref };
};
/** `code key left:right`, the ids of the items of either side. */
const told = ({ findings }: Judged): string[] => {
  const ids = (items: readonly Record<string, string | null>[]): string =>
    items
      .map(({ id }) => id)
      .sort()
      .join('+');
  return findings.map(
    ({ code, key, leftItems, rightItems }) =>
      `${code.slice(5)} ${key.id} ${ids(leftItems)}:${ids(rightItems)}`,
  );
};

test('an earlier pass takes what it can; a later one what is left without doubt', async () => {
  const left = [item('po1', 100, 0, 'T1'), item('po2', 100, 0), item('po3', 70, 5)];
  const right = [item('b1', 100, 9, 'T1'), item('b2', 100, 1), item('b3', 70, 20)];
  const judged = await judge(procedureOf([byRef, byAmount]), left, right);
  expect(told(judged)).toEqual(['LATE po1 po1:b1', 'LEFT po3 po3:', 'RIGHT b3 :b3']);
});

test('what two candidates could be is one finding that names both, never a guess', async () => {
  const left = [item('po1', 100), item('po2', 50)];
  const right = [item('b1', 100, 1), item('b2', 100, 2), item('b3', 50, 1)];
  const judged = await judge(procedureOf([byAmount]), left, right);
  expect(told(judged)).toEqual(['AMBIGUOUS po1 po1:b1+b2']);
  const [finding] = judged.findings;
  expect(finding).toMatchObject({ leftAmount: '100', rightAmount: '200', impact: '200' });
  expect(finding?.explanation).toBe(
    '1 of Payouts for 100.00 USD and 2 of Receipts for 200.00 USD may belong together (po1), ' +
      'and nothing tells which.',
  );
});

test('equal amounts in other currencies are no candidates, nor missing references', async () => {
  const left = [item('po1', 100, 0, null)];
  const right = [{ ...item('b1', 100, 0, null), currency: 'EUR' as const }];
  const judged = await judge(procedureOf([byRef, byAmount]), left, right);
  expect(told(judged)).toEqual(['LEFT po1 po1:', 'RIGHT b1 :b1']);
});

test('an open item on one side is not the open item of the same name on the other', async () => {
  const judged = await judge(procedureOf([byRef]), [item('1', 5)], [item('1', 5)]);
  expect(told(judged)).toEqual(['LEFT 1 1:', 'RIGHT 1 :1']);
});

const many = { cardinality: 'many_to_one' };
const byPayer = { name: 'remittance', on: ['strpos(right.ref, left.ref) > 0'], many: 'left' };

test('one remittance pays the invoices that it names; what it falls short by is told', async () => {
  const left = [item('i1', 60, 0, 'N1'), item('i2', 40, 0, 'N2'), item('i3', 30, 0, 'N3')];
  const right = [item('b1', 100, 1, 'N1, N2'), item('b2', 25, 1, 'N3')];
  const judged = await judge(procedureOf([byPayer], many), left, right);
  expect(told(judged)).toEqual(['DIFF i3 i3:b2']);
  const twice = [...right, item('b3', 5, 1, 'N3')];
  expect(told(await judge(procedureOf([byPayer], many), left, twice))).toEqual([
    'AMBIGUOUS i3 i3:b2+b3',
  ]);
});

test('a whole group is matched where it adds up, and not at all where it does not', async () => {
  const whole = procedureOf([{ ...byRef, many: 'left', whole: true }], many);
  const left = [item('i1', 60, 0, 'c'), item('i2', 40, 0, 'c'), item('i3', 30, 0, 'd')];
  expect(told(await judge(whole, left, [item('b1', 100, 1, 'c'), item('b2', 31, 1, 'd')]))).toEqual(
    ['LEFT i3 i3:', 'RIGHT b2 :b2'],
  );
});

test('conditions are not asked of candidates, so that a null in one costs no verdict', async () => {
  const unclear = procedureOf([byAmount], {
    findings: [
      { code: 'TT01-LEFT', when: 'left_only' },
      { code: 'TT01-RIGHT', when: 'right_only' },
      { code: 'TT01-DIFF', when: 'amount_differs' },
      { code: 'TT01-REF', when: 'left.ref <> right.ref' },
      { code: 'TT01-UNCLEAR', when: 'ambiguous', severity: 'high' },
    ],
  });
  const judged = await judge(unclear, [item('a', 1)], [item('x', 1), item('y', 1, 1)]);
  expect(told(judged)).toEqual(['UNCLEAR a a:x+y']);
});

/** The same in plain loops. */
function naive(left: readonly Item[], right: readonly Item[]): string[] {
  const linked = new Map<Item, Item>();
  const candidates: [Item, Item][] = [];
  const passes: ((l: Item, r: Item) => boolean)[] = [
    (l, r) => l.ref !== null && l.ref === r.ref,
    (l, r) => l.amount === r.amount && r.day - l.day >= -1 && r.day - l.day <= 2,
  ];
  const isOpen = (one: Item): boolean => !linked.has(one) && ![...linked.values()].includes(one);
  for (const allows of passes) {
    const edges = left
      .filter(isOpen)
      .flatMap((l) => right.filter(isOpen).map((r): [Item, Item] => [l, r]))
      .filter(([l, r]) => l.currency === r.currency && allows(l, r));
    const times = (one: Item): number => edges.filter((edge) => edge.includes(one)).length;
    for (const [l, r] of edges) {
      if (times(l) === 1 && times(r) === 1) linked.set(l, r);
      else candidates.push([l, r]);
    }
  }
  const groups = new Map<Item, Set<Item>>();
  for (const [l, r] of candidates.filter((pair) => pair.every(isOpen))) {
    const all = new Set([l, r, ...(groups.get(l) ?? []), ...(groups.get(r) ?? [])]);
    for (const one of all) groups.set(one, all);
  }
  const ids = (items: Item[]): string =>
    items
      .map(({ id }) => id)
      .sort()
      .join('+');
  const ambiguous = [...new Set(groups.values())].map((all) => {
    const own = ids(left.filter((one) => all.has(one)));
    return `AMBIGUOUS ${own.split('+')[0]} ${own}:${ids(right.filter((one) => all.has(one)))}`;
  });
  const pairs = [...linked].flatMap(([l, r]) => [
    ...(l.amount !== r.amount ? [`DIFF ${l.id} ${l.id}:${r.id}`] : []),
    ...(r.day > l.day + 1 ? [`LATE ${l.id} ${l.id}:${r.id}`] : []),
  ]);
  const alone = (one: Item): boolean => isOpen(one) && !groups.has(one);
  return [
    ...ambiguous,
    ...pairs,
    ...left.filter(alone).map(({ id }) => `LEFT ${id} ${id}:`),
    ...right.filter(alone).map(({ id }) => `RIGHT ${id} :${id}`),
  ].sort();
}

const side = (prefix: string): fc.Arbitrary<Item[]> =>
  fc
    .array(
      fc.record({
        amount: fc.integer({ min: 1, max: 3 }),
        currency: fc.constantFrom('USD' as const, 'EUR' as const),
        day: fc.integer({ min: 0, max: 6 }),
        ref: fc.constantFrom(null, null, 'A', 'B', 'C'),
      }),
      { maxLength: 9 },
    )
    .map((items) => items.map((one, i) => ({ ...one, id: `${prefix}${i}` })));

test(
  'engine and plain loops say the same, in any order of rows: nothing is lost',
  async () => {
    const procedure = procedureOf([byRef, byAmount]);
    const worlds = fc.record({ left: side('l'), right: side('r') }).chain(({ left, right }) =>
      fc.record({
        left: fc.shuffledSubarray(left, { minLength: left.length }),
        right: fc.shuffledSubarray(right, { minLength: right.length }),
        textKeyItems: fc.constantFrom(0, 1000),
      }),
    );
    await fc.assert(
      fc.asyncProperty(worlds, async ({ left, right, textKeyItems }) => {
        const judged = await judge(procedure, left, right, textKeyItems);
        expect(told(judged).sort()).toEqual(naive(left, right));
      }),
      { numRuns: 25 * Number(process.env.RUNS ?? '1') },
    );
  },
  60_000 * Number(process.env.RUNS ?? '1'),
);

import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import {
  naiveTieOut,
  type NaiveItem,
  type NaiveResult,
  type NaiveRules,
} from '../../test/support/naive-tie-out';
import { cardinalities, controlSchema, type Procedure, type TieOut } from '../core/control';
import type { FindingFacts } from '../core/finding';
import { quoteText } from '../core/sql-text';
import { footingGap, type ProcedureStatement } from '../core/statement';
import { DuckDb } from '../platform/duckdb';
import { TieoutEngine, type PopulationFile } from './tieout-engine';

let dir: string;
let duck: DuckDb;
let files = 0;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'tieout-properties-'));
  duck = await DuckDb.open({ memoryMb: 256, threads: 1, tempDir: dir, readWriteDirs: [dir] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

type Cardinality = TieOut['cardinality'];
interface Scenario {
  rules: NaiveRules;
  cardinality: Cardinality;
  left: NaiveItem[];
  right: NaiveItem[];
}

const keys = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'd') },
  fc.constantFrom('', ' ', "'", '"', '|', 'USD|a', '1:a', "a'; drop table tie; --", '\u2028', '\n'),
  fc.constantFrom(
    'é',
    'e\u0301',
    '\u{1F600}',
    '\u202Eabc',
    'A',
    'a ',
    'null',
    '{"id":1}',
    '0',
    '00',
  ),
  fc.constant('long '.repeat(2_000)),
  fc.string({ unit: 'grapheme', maxLength: 6 }).filter((text) => !text.includes('\0')),
);

/** Small amounts meet often; large ones would show a double. */
const amounts = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(0n, 1n, 2n, 3n, -1n, -2n).map((n) => n * 1_000_000n) },
  { weight: 4, arbitrary: fc.constantFrom(10_000n, 20_000n, 990_000n, 1_010_000n, 1n) },
  fc.constantFrom(123456789012345678_654321n, 123456789012345678_654322n),
);

const anItem = (key: string): fc.Arbitrary<NaiveItem> =>
  fc.record({
    key: fc.constant(key),
    currency: fc.oneof(
      { weight: 5, arbitrary: fc.constant('USD' as const) },
      fc.constantFrom('EUR' as const, 'JPY' as const),
    ),
    amount: amounts,
    label: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      fc.constantFrom('In transit', "Fees 'and' more"),
    ),
    waits: fc.boolean(),
  });

/** All items of one key, on both sides. */
const aKey = keys.chain((key) =>
  fc.record({
    left: fc.array(anItem(key), { maxLength: 3 }),
    right: fc.array(anItem(key), { maxLength: 3 }),
  }),
);

const scenarios: fc.Arbitrary<Scenario> = fc
  .record({
    groups: fc.array(aKey, { minLength: 1, maxLength: 12 }),
    cardinality: fc.constantFrom(...cardinalities),
    tolerance: fc.option(
      fc.record({
        units: fc.constantFrom(0n, 1n, 2n),
        per: fc.constantFrom('key' as const, 'line' as const),
      }),
    ),
    percent: fc.option(fc.constantFrom(50n, 100n, 3_333n)),
    timing: fc.option(fc.constantFrom('left' as const, 'right' as const, 'both' as const)),
  })
  .map(({ groups, cardinality, ...rules }) => ({
    cardinality,
    rules: {
      ...rules,
      onceLeft: cardinality === 'one_to_one' || cardinality === 'one_to_many',
      onceRight: cardinality === 'one_to_one' || cardinality === 'many_to_one',
    },
    left: groups.flatMap((group) => group.left),
    right: groups.flatMap((group) => group.right),
  }));

const inMajorUnits = (micros: bigint): string => {
  const digits = String(micros < 0n ? -micros : micros).padStart(7, '0');
  return `${micros < 0n ? '-' : ''}${digits.slice(0, -6)}.${digits.slice(-6)}`;
};

const inMicros = (amount: string): bigint => {
  const [whole = '0', fraction = ''] = amount.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
};

async function population(items: readonly NaiveItem[]): Promise<PopulationFile> {
  const file = path.join(dir, `p${(files += 1) % 8}.parquet`);
  const values = items.map(
    ({ key, currency, amount, label, waits }, i) =>
      `(${quoteText(key)}, ${quoteText(currency)}, ${inMajorUnits(amount)}::decimal(24,6), ` +
      `${label === null ? 'null' : quoteText(label)}, ` +
      `date '${waits ? '2026-06-30' : '2026-06-29'}', 's:o:${i}')`,
  );
  const columns = ['id', 'currency', 'amount', 'reconciling', 'dated_on', 'source_ref'];
  const empty = `('', '', 0::decimal(24,6), null::varchar, date '2026-01-01', '')`;
  await duck.run(
    `copy (select * from (values ${[empty, ...values].join(', ')}) v (${columns.join(', ')})
     where source_ref <> '') to '${file}' (format parquet)`,
  );
  return { file, columns: columns.map((name) => ({ name })) };
}

function procedureOf({ rules, cardinality }: Scenario): Procedure {
  const { tolerance, percent, timing } = rules;
  const allowed = {
    ...(tolerance && { minor_units: Number(tolerance.units), per: tolerance.per }),
    ...(percent !== null && { percent: inMajorUnits(percent * 10_000n).replace(/0+$/, '0') }),
  };
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
    runbook: 'r',
    procedures: [
      {
        name: 'tie',
        left: { population: 'l', label: 'Left', empty_ok: true },
        right: { population: 'r', label: 'Right', empty_ok: true },
        key: ['id'],
        cardinality,
        amount: {
          column: 'amount',
          currency: 'currency',
          ...(Object.keys(allowed).length > 0 && { tolerance: allowed }),
        },
        ...(timing && { timing: { side: timing, from: 'dated_on', grace: '1 business day' } }),
        findings: [
          { code: 'TT01-LEFT', when: 'left_only' },
          { code: 'TT01-RIGHT', when: 'right_only' },
          { code: 'TT01-DIFF', when: 'amount_differs' },
        ],
      },
    ],
  });
  return control.procedures[0] as Procedure;
}

interface Judged {
  statement: ProcedureStatement;
  findings: FindingFacts[];
}

async function judge(scenario: Scenario, salt = 'salt'): Promise<Judged> {
  const evaluation = await new TieoutEngine(duck).evaluate({
    procedure: procedureOf(scenario),
    left: await population(scenario.left),
    right: await population(scenario.right),
    codePrefix: 'TT01',
    graceFrom: scenario.rules.timing ? '2026-06-30' : null,
    salt,
    materiality: { USD: { high: '1000', medium: '100' } },
    limits: { findings: 1000, itemsPerFinding: 3 },
  });
  if (!evaluation.evaluated) throw new Error(evaluation.reasons.join(' '));
  const findings: FindingFacts[] = [];
  for await (const finding of evaluation.findings) findings.push(finding);
  return { statement: evaluation.statement, findings };
}

/** The engine's answer in the form of the naive one. */
function inNaiveForm({ statement, findings }: Judged): NaiveResult {
  const lines: NaiveResult['lines'] = new Map();
  for (const { currency, lines: own } of statement.currencies)
    for (const { category, code, side, keys: count, left, right } of own)
      lines.set(`${currency} ${category} ${code?.replace('TT01-', '') ?? '-'} ${side}`, {
        keys: BigInt(count),
        left: { items: BigInt(left.items), amount: inMicros(left.amount) },
        right: { items: BigInt(right.items), amount: inMicros(right.amount) },
      });
  const amount = (text: string | null): string => (text === null ? '-' : String(inMicros(text)));
  const texts = findings.map((found) =>
    JSON.stringify([
      found.code.replace('TT01-', ''),
      found.key.id,
      found.currency,
      amount(found.leftAmount),
      amount(found.rightAmount),
      amount(found.difference),
      amount(found.impact),
    ]),
  );
  return { lines, findings: texts.sort() };
}

/** Everything about a result that may not depend on the order of rows, salts, or names of keys. */
const essence = (judged: Judged): NaiveResult => inNaiveForm(judged);

const runs = (numRuns: number): { numRuns: number; verbose: boolean } => ({
  numRuns,
  verbose: false,
});

/** Items of a key have no order of their own, nor have keys. */
const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

test('the engine and plain loops over whole numbers say the same of any two populations', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const judged = await judge(scenario);
      const expected = naiveTieOut(scenario.rules, scenario.left, scenario.right);
      expect(inNaiveForm(judged)).toEqual(expected);
      expect(footingGap(judged.statement)).toBeNull();
    }),
    runs(400),
  );
});

test('neither the order of rows nor the salt changes a single fact', async () => {
  const pairs = scenarios.chain((one) =>
    fc.record({ one: fc.constant(one), left: shuffled(one.left), right: shuffled(one.right) }),
  );
  await fc.assert(
    fc.asyncProperty(pairs, async ({ one, left, right }) => {
      const withoutRefs = ({ statement, findings }: Judged): unknown => [
        statement,
        findings.map((finding) => ({
          ...finding,
          leftItems: finding.leftItems.length,
          rightItems: finding.rightItems.length,
        })),
      ];
      const other = await judge({ ...one, left, right }, 'another salt');
      expect(withoutRefs(other)).toEqual(withoutRefs(await judge(one)));
    }),
    runs(40),
  );
});

test('a line of a many side may be split in two without a change of any amount', async () => {
  const many = scenarios.filter(({ left, rules }) => left.length > 0 && !rules.onceLeft);
  const pairs = fc.record({ one: many, at: fc.nat(), part: amounts });
  await fc.assert(
    fc.asyncProperty(pairs, async ({ one, at, part }) => {
      // Tolerance per line grows with the lines: that is its meaning.
      const rules = { ...one.rules, tolerance: null };
      const index = at % one.left.length;
      const left = one.left.flatMap((item, i) =>
        i === index
          ? [
              { ...item, amount: part },
              { ...item, amount: item.amount - part },
            ]
          : item,
      );
      const before = await judge({ ...one, rules });
      const after = await judge({ ...one, rules, left });
      expect(essence(after).findings).toEqual(essence(before).findings);
    }),
    runs(25),
  );
});

test('keys may be renamed, as long as different ones stay different', async () => {
  await fc.assert(
    fc.asyncProperty(
      scenarios,
      fc.string({ unit: 'grapheme', maxLength: 3 }),
      async (one, mark) => {
        fc.pre(!mark.includes('\0'));
        const renamed = (key: string): string => `${mark}${[...key].reverse().join('')}|${mark}`;
        const rename = (items: NaiveItem[]): NaiveItem[] =>
          items.map((item) => ({ ...item, key: renamed(item.key) }));
        const before = await judge(one);
        const after = await judge({ ...one, left: rename(one.left), right: rename(one.right) });
        expect(after.statement).toEqual(before.statement);
        const named = before.findings.map((finding) => ({
          ...finding,
          key: { id: renamed(finding.key.id ?? '') },
        }));
        const { findings } = inNaiveForm({ ...before, findings: named });
        expect(inNaiveForm(after).findings).toEqual(findings);
      },
    ),
    runs(25),
  );
});

const mirroredSide = { left: 'right', right: 'left', both: 'both' } as const;
const mirroredCardinality: Record<Cardinality, Cardinality> = {
  one_to_one: 'one_to_one',
  one_to_many: 'many_to_one',
  many_to_one: 'one_to_many',
  many_to_many: 'many_to_many',
};
const mirroredWord = (text: string): string =>
  text.replace(
    /LEFT|RIGHT|left|right/g,
    (word) => ({ LEFT: 'RIGHT', RIGHT: 'LEFT', left: 'right', right: 'left' })[word as 'left'],
  );

test('with its sides swapped, a tie-out gives its mirror image', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (one) => {
      // A percentage is of the left amount, and of two repeats the left one names the line.
      const rules = { ...one.rules, percent: null, onceLeft: false, onceRight: false };
      const cardinality = 'many_to_many' as const;
      const { timing } = rules;
      const mirrored: Scenario = {
        rules: { ...rules, timing: timing && mirroredSide[timing] },
        cardinality: mirroredCardinality[cardinality],
        left: one.right,
        right: one.left,
      };
      const [here, there] = [await judge({ ...one, rules, cardinality }), await judge(mirrored)];
      const before = essence(here);
      const after = essence(there);
      const swapped = [...before.lines].map(([name, { keys: count, left, right }]) => [
        mirroredWord(name),
        { keys: count, left: right, right: left },
      ]);
      expect(Object.fromEntries(after.lines)).toEqual(Object.fromEntries(swapped));
      const mirror = before.findings
        .map((text) => JSON.parse(text) as string[])
        .filter(([code]) => code !== 'CURRENCY_DIFFERS')
        .map(([code = '', key, currency, left, right, difference = '', impact]) =>
          JSON.stringify([
            mirroredWord(code),
            key,
            currency,
            right,
            left,
            String(-BigInt(difference)),
            impact,
          ]),
        );
      const found = after.findings.filter((text) => !text.startsWith('["CURRENCY_DIFFERS"'));
      expect(found).toEqual(mirror.sort());
    }),
    runs(25),
  );
});

test('equal pairs under new keys change nothing but what is matched', async () => {
  const pairs = fc.array(amounts, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(scenarios, pairs, async (one, equal) => {
      const more = equal.map((amount, i): NaiveItem => {
        return { key: `new key ${i}`, currency: 'USD', amount, label: null, waits: false };
      });
      const before = essence(await judge(one));
      const after = essence(
        await judge({ ...one, left: [...one.left, ...more], right: [...more, ...one.right] }),
      );
      expect(after.findings).toEqual(before.findings);
      const others = ({ lines }: NaiveResult): unknown =>
        [...lines].filter(([name]) => name !== 'USD matched - both').sort();
      expect(others(after)).toEqual(others(before));
    }),
    runs(20),
  );
});

test('a row that comes twice on a side where keys stand once is always found', async () => {
  const once = scenarios.filter(({ left, rules }) => left.length > 0 && rules.onceLeft);
  await fc.assert(
    fc.asyncProperty(once, fc.nat(), async (one, at) => {
      const twice = { ...one.left[at % one.left.length], label: null } as NaiveItem;
      const { findings } = await judge({ ...one, left: [...one.left, twice, twice] });
      const found = findings.filter(
        ({ code, key, currency }) =>
          code === 'TT01-DUPLICATE_KEY_LEFT' && key.id === twice.key && currency === twice.currency,
      );
      expect(found).toHaveLength(1);
    }),
    runs(30),
  );
});

test('parts of a population judged apart add up to the whole', async () => {
  const bare = scenarios.map((one) => ({
    ...one,
    // Without the other currencies a key is on one side alone for another reason.
    left: one.left.filter(({ currency }) => currency === 'USD'),
    right: one.right.filter(({ currency }) => currency === 'USD'),
  }));
  await fc.assert(
    fc.asyncProperty(bare, async (one) => {
      const part = (inFirst: boolean): Scenario => {
        const belongs = ({ key }: NaiveItem): boolean => (key.length % 2 === 0) === inFirst;
        return { ...one, left: one.left.filter(belongs), right: one.right.filter(belongs) };
      };
      const parts = [essence(await judge(part(true))), essence(await judge(part(false)))];
      const whole = essence(await judge(one));
      expect(parts.flatMap(({ findings }) => findings).sort()).toEqual(whole.findings);
    }),
    runs(15),
  );
});

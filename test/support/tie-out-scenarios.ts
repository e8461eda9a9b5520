import fc from 'fast-check';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { cardinalities, controlSchema, type Procedure, type TieOut } from '../../src/core/control';
import type { FindingFacts } from '../../src/core/finding';
import { quoteName, quoteText } from '../../src/core/sql-text';
import type { ProcedureStatement } from '../../src/core/statement';
import { DuckDb } from '../../src/platform/duckdb';
import type { PopulationFile } from '../../src/runs/run-types';
import { TieoutEngine } from '../../src/runs/evaluate/tieout-engine';
import type { NaiveItem, NaiveResult, NaiveRules } from './naive-tie-out';

export type Cardinality = TieOut['cardinality'];

/** Two populations and the rules to tie them out by. */
export interface Scenario {
  rules: NaiveRules;
  cardinality: Cardinality;
  left: NaiveItem[];
  right: NaiveItem[];
}

export interface Judged {
  statement: ProcedureStatement;
  findings: FindingFacts[];
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
export const amounts = fc.oneof(
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

export const scenarios: fc.Arbitrary<Scenario> = fc
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

function procedureOf({ rules, cardinality }: Scenario, key: string): Procedure {
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
        key: [key],
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

/** The real engine over Parquet files in a folder of its own. */
export class EngineBench {
  private files = 0;

  private constructor(
    private readonly dir: string,
    private readonly duck: DuckDb,
  ) {}

  static async open(): Promise<EngineBench> {
    const dir = mkdtempSync(path.join(tmpdir(), 'tieout-properties-'));
    const reach = { tempDir: dir, readWriteDirs: [dir] };
    return new EngineBench(dir, await DuckDb.open({ memoryMb: 256, threads: 1, ...reach }));
  }

  close(): void {
    this.duck.close();
    rmSync(this.dir, { recursive: true });
  }

  private judged = 0;

  async judge(scenario: Scenario, salt = 'salt', key = 'id'): Promise<Judged> {
    const evaluation = await new TieoutEngine(this.duck).evaluate({
      procedure: procedureOf(scenario, key),
      left: await this.population(scenario.left, key),
      right: await this.population(scenario.right, key),
      codePrefix: 'TT01',
      graceFrom: scenario.rules.timing ? '2026-06-30' : null,
      salt,
      materiality: { USD: { high: '1000', medium: '100' } },
      limits: { findings: 1000, itemsPerFinding: 3 },
      // In turn as text and as hashes: a property holds for both, and between them.
      textKeyItems: (this.judged += 1) % 2 === 0 ? 0 : 1_000_000,
    });
    if (!evaluation.evaluated) throw new Error(evaluation.reasons.join(' '));
    const findings: FindingFacts[] = [];
    for await (const finding of evaluation.findings) findings.push(finding);
    return { statement: evaluation.statement, findings };
  }

  private async population(items: readonly NaiveItem[], key: string): Promise<PopulationFile> {
    const file = path.join(this.dir, `p${(this.files += 1) % 8}.parquet`);
    const values = items.map(
      ({ key: name, currency, amount, label, waits }, i) =>
        `(${quoteText(name)}, ${quoteText(currency)}, ${inMajorUnits(amount)}::decimal(24,6), ` +
        `${label === null ? 'null' : quoteText(label)}, ` +
        `date '${waits ? '2026-06-30' : '2026-06-29'}', 's:o:${i}')`,
    );
    const columns = [key, 'currency', 'amount', 'reconciling', 'dated_on', 'source_ref'];
    const names = columns.map(quoteName).join(', ');
    const empty = `('', '', 0::decimal(24,6), null::varchar, date '2026-01-01', '')`;
    await this.duck.run(
      `copy (select * from (values ${[empty, ...values].join(', ')}) v (${names})
       where source_ref <> '') to '${file}' (format parquet)`,
    );
    return { file, columns: columns.map((name) => ({ name })) };
  }
}

/** The engine's answer in the form of the naive one. */
export function inNaiveForm({ statement, findings }: Judged): NaiveResult {
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

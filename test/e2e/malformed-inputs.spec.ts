import { mkdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { validateCatalog } from '../../src/catalog/validate-catalog';
import { formatProblem, InvalidInput, Refusal, type Problem } from '../../src/core/problem';
import { SystemClock } from '../../src/platform/clock';
import { loadConfig } from '../../src/platform/config';
import { DuckDb } from '../../src/platform/duckdb';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

let database: TestDatabase;
let bench: Workbench;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  bench = openWorkbench(database, new SystemClock());
  bench.write('orders.csv', ordersCsv([['a', '10.00']]));
  bench.write('payments.csv', paymentsCsv([['p1', 'a', '10.00']]));
});
afterEach(() => bench.remove());

const control = 'controls/cash/CA-90-every-order-is-paid';
const controlFile = `${control}/control.yaml`;

/** Everything that the program says about a folder before it would run anything in it. */
async function problemsOf(env: NodeJS.ProcessEnv = {}): Promise<Problem[]> {
  try {
    const config = loadConfig(env, path.join(bench.dir, 'tieout.yaml'));
    const catalog = await loadCatalog(path.join(bench.dir, 'controls'));
    const tempDir = path.join(bench.dir, 'spill');
    mkdirSync(tempDir);
    const duck = await DuckDb.open({ memoryMb: 128, threads: 1, tempDir, readWriteDirs: [] });
    const reader = await database.reader();
    const validation = await validateCatalog(catalog, { config, reader, duck });
    await reader.end();
    duck.close();
    return [...catalog.problems, ...validation.problems];
  } catch (cause) {
    if (cause instanceof InvalidInput) return [...cause.problems];
    throw cause;
  }
}

/** As people see them, with paths from the folder of the configuration. */
const shown = (problems: readonly Problem[]): string[] =>
  problems.map((problem) => formatProblem(problem).replaceAll(`${bench.dir}/`, ''));

/** Replaces one piece of a sound file, which must be there. */
function breakFile(file: string, from: string, to: string): void {
  const text = readFileSync(path.join(bench.dir, file), 'utf8');
  if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
  bench.write(file, text.replace(from, to));
}

test('the sound folder has no problem, and its run passes', async () => {
  expect(shown(await problemsOf())).toEqual([]);
  expect(await bench.run({ period: '2025-01' })).toMatchObject({ outcome: 'passed' });
});

type Broken = [title: string, file: string, from: string, to: string, said: RegExp[]];

const brokenConfigurations: Broken[] = [
  [
    'YAML that ends in the middle',
    'tieout.yaml',
    'calendars: { plain: {} }',
    'calendars: { plain: {}',
    [/^tieout\.yaml:\d+: .*Correct the YAML here\.$/],
  ],
  [
    'a variable without quotes within braces',
    'tieout.yaml',
    'calendars: { plain: {} }',
    'calendars: { plain: ${PLAIN}, other: {} }',
    [/^tieout\.yaml:\d+: .*Put quotes around \$\{…\} where it stands within \{ \} or \[ \]\.$/],
  ],
  [
    'a key that stands twice',
    'tieout.yaml',
    'calendars: { plain: {} }',
    'calendars: { plain: {} }\ncalendars: { other: {} }',
    [/^tieout\.yaml:6: Map keys must be unique\. Correct the YAML here\.$/],
  ],
  [
    'a field that does not exist',
    'tieout.yaml',
    'calendars:',
    'slak: {}\ncalendars:',
    [/^tieout\.yaml:\d+: has no field slak\. Correct this value/],
  ],
  [
    'an entity without a calendar, in a time zone that does not exist',
    'tieout.yaml',
    'time_zone: UTC, calendar: plain',
    'time_zone: Mars/Olympus',
    [
      /^tieout\.yaml:3 entities\.0\.time_zone: must be an IANA time zone.* Correct this value/,
      /^tieout\.yaml:3 entities\.0\.calendar: is missing\. Correct this value/,
    ],
  ],
  [
    'a calendar that nobody declared',
    'tieout.yaml',
    'calendar: plain',
    'calendar: plane',
    [/^tieout\.yaml:3 entities\.0\.calendar: names 'plane', absent from calendars\. Correct/],
  ],
  [
    'materiality as a number, which would be a double',
    'tieout.yaml',
    'high: "1000"',
    'high: 1000.10',
    [/^tieout\.yaml:4 entities\.0\.materiality\.USD\.high: must be text; put it in quotes\./],
  ],
  [
    'an amount that is no column, and a type that does not exist',
    'tieout.yaml',
    'columns: { order_id: text, amount: decimal }',
    'columns: { order_id: text, amount: money }',
    [/^tieout\.yaml:13 sources\.files\.orders\.columns\.amount: must be one of text, decimal, /],
  ],
  [
    'a secret that is not in the environment',
    'tieout.yaml',
    'calendars:',
    'slack: { channel: C0123456789, token: "${SLACK_TOKEN}" }\ncalendars:',
    [/^tieout\.yaml:5 slack\.token: refers to \$\{SLACK_TOKEN\}, which is not set\. Set the env/],
  ],
];

const brokenControls: Broken[] = [
  [
    'a control whose YAML is a list',
    controlFile,
    '\nid: CA-90\n',
    '\n- id: CA-90\n',
    [/^controls\/.*control\.yaml:\d+: .*Correct the YAML here\.$/],
  ],
  [
    'fields misspelt, missing and of another kind, all at once',
    controlFile,
    'key_control: true\nfrequency: monthly\nowner: finance',
    'key_control: "yes"\nfrequency: monthley\nowners: finance',
    [
      /control\.yaml:2 owner: is missing\. Add owner: text\.$/,
      /control\.yaml:8 key_control: must be true or false\./,
      /control\.yaml:9 frequency: .*Did you mean 'monthly'\?/,
      /control\.yaml:10 owners: is not a field here\. Did you mean 'owner'\?/,
    ],
  ],
  [
    'a tolerance as a fraction of a YAML number',
    controlFile,
    'minor_units: 1',
    'minor_units: 0.5',
    [/control\.yaml:19 .*tolerance\.minor_units: must be a whole number\./],
  ],
  [
    'a population that does not exist',
    controlFile,
    'population: payments',
    'population: payment',
    [
      /control\.yaml:16 .*right\.population: There is no population 'payment'\. Did you mean/,
      /payments\.sql: No control uses this population\. Name it in a procedure, or remove/,
    ],
  ],
  [
    'a key that the SQL does not return',
    controlFile,
    'key: [order_id]',
    'key: [order_no]',
    [/cases\/amount\.yaml:\d+ expect\.findings\.CA90-AMOUNT\.key: names order_id; the key is/],
  ],
  [
    'an amount column that the SQL does not return',
    controlFile,
    'column: amount, currency: currency',
    'column: amont, currency: currency',
    [/control\.yaml:19 .*amount\.column: names left\.amont, .* Did you mean 'amount'\?/],
  ],
  [
    'a condition that is not SQL',
    controlFile,
    '{ code: CA90-AMOUNT, when: amount_differs }',
    '{ code: CA90-AMOUNT, when: left.amount >> }',
    [/control\.yaml:\d+ .*CA90-AMOUNT\.when: .*\./],
  ],
];

const brokenSql: Broken[] = [
  [
    'SQL that does not parse',
    `${control}/orders.sql`,
    'select order_id',
    'selec order_id',
    [/orders\.sql:1: This is not valid SQL: syntax error at or near "selec"\./],
  ],
  [
    'a data set that is not declared',
    `${control}/orders.sql`,
    'from files.orders',
    'from files.order',
    [
      /cases\/.*given\.files\.orders: No population of the control reads it\. Did you mean/,
      // Its cases are wrong too, so nobody was asked yet about the data set itself.
    ],
  ],
  [
    'a column that the file does not have',
    `${control}/orders.sql`,
    'select order_id, amount',
    'select order_id, amout as amount',
    [/orders\.sql:\d: DuckDB says: .*"amout".* Correct the SQL here\.$/],
  ],
  [
    'an amount in binary floating point',
    `${control}/orders.sql`,
    'amount, currency',
    'amount::double precision as amount, currency',
    [/orders\.sql:\d: .*binary floating point.*\./],
  ],
  [
    'a population without the source of its items',
    `${control}/orders.sql`,
    'as source_ref',
    'as reference',
    [/orders\.sql source_ref: The population orders does not return source_ref\. Add /],
  ],
  [
    'a parameter that nobody declared',
    `${control}/orders.sql`,
    'from files.orders',
    'from files.orders\nwhere amount > :flor',
    [/orders\.sql:\d: :flor is not a parameter\. Use :as_of, .*or declare it under parameters\./],
  ],
  [
    'a table of the books that does not exist',
    `${control}/orders.sql`,
    'from files.orders',
    'from books.order',
    [/cases\/.*given\.files\.orders: No population of the control reads it\./],
  ],
];

const brokenCases: Broken[] = [
  [
    'a case with an amount as a YAML number',
    `${control}/cases/unpaid.yaml`,
    'amount: "1"',
    'amount: 1.10',
    [/cases\/unpaid\.yaml:6 given\.files\.orders\.0\.amount: .*Put it in quotes, as "1\.1"/],
  ],
  [
    'a case that expects a code of another control',
    `${control}/cases/unpaid.yaml`,
    'CA90-UNPAID',
    'CA90-UNPAYED',
    [
      /cases: No case expects CA90-UNPAID\.|cases CA90-UNPAID: No case expects CA90-UNPAID\./,
      /cases\/unpaid\.yaml:9 .*code: 'CA90-UNPAYED' is not a finding of CA-90\. Did you mean/,
    ],
  ],
];

const broken = [...brokenConfigurations, ...brokenControls, ...brokenSql, ...brokenCases];

test.each(broken)('%s is told where it stands, and nothing passes', async (...[, ...change]) => {
  const [file, from, to, said] = change;
  breakFile(file, from, to);
  const problems = await problemsOf();
  const lines = shown(problems);
  for (const pattern of said)
    expect(lines).toContainEqual(expect.stringMatching(pattern) as string);
  expect(problems.length).toBeGreaterThan(0);
  for (const { file: where, message, remedy } of problems) {
    expect(where).toBeTruthy();
    expect(remedy).toMatch(/^[A-Z].*[.]$/s);
    expect(`${message} ${remedy}`).not.toMatch(/undefined|\[object|\n\s+at |node_modules|ZodError/);
  }
});

test.each([...brokenControls.slice(0, 4), ...brokenSql.slice(0, 2), ...brokenCases])(
  '%s: the control cannot be run at all',
  async (...[, ...change]) => {
    const [file, from, to] = change;
    breakFile(file, from, to);
    const refused: unknown = await bench
      .run({ period: '2025-02' })
      .catch((cause: unknown) => cause);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code: 'not_found' });
  },
);

test.each([
  [{ DATABASE_URL: 'postgres://app@db/x' }, /^environment DATABASE_OWNER_URL: is not set although/],
  [{ TIEOUT_LOG_LEVEL: 'loud' }, /^environment TIEOUT_LOG_LEVEL: .* Correct or unset this env/],
])('an environment like %j is told by its variable', async (env, said) => {
  expect(shown(await problemsOf(env))).toContainEqual(expect.stringMatching(said) as string);
});

test('a configuration that does not exist is told with the way to one', () => {
  const missing = path.join(bench.dir, 'absent.yaml');
  expect(() => loadConfig({}, missing)).toThrow(InvalidInput);
  try {
    loadConfig({}, missing);
  } catch (cause) {
    const problems = cause instanceof InvalidInput ? cause.problems : [];
    expect(shown(problems)).toEqual([
      'absent.yaml: The configuration file does not exist. ' +
        'Create it, or name another with --config or TIEOUT_CONFIG (see README).',
    ]);
  }
});

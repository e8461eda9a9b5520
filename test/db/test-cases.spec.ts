import { existsSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { formatProblem, InvalidInput } from '../../src/core/problem';
import { loadConfig } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { testCases, type CaseResult } from '../../src/runs/cases/test-cases';

const configuration = `
entities:
  - { id: acme, name: Acme, currency: USD, time_zone: UTC, calendar: plain,
      materiality: { USD: { high: "1000", medium: "100" } } }
calendars: { plain: {} }
sources:
  files:
    payments:
      path: nowhere.parquet
      format: parquet
      amount: amount
      currency: USD
      control_total: required
      headers: { order_id: Order No. }
      columns: { payment_id: text, order_id: text, amount: decimal, paid_on: date }
    refunds:
      path: nowhere.csv
      format: csv
      amount: amount
      currency: { column: currency }
      columns: { order_id: text, amount: decimal, currency: text }
`;

const heading = (id: string, process: string): string => `
id: ${id}
title: Every order is paid
process: ${process}
objective: Every order is paid in full.
risk: An order is not paid and nobody notices.
assertions: [completeness]
key_control: true
frequency: monthly
owner: finance
reviewer: controller
runbook: Ask the customer.
`;

const filesControl = `${heading('CA-90', 'cash')}
parameters: { large: "100.00" }
procedures:
  - name: refunds-to-payments
    left: { population: payments, label: Payments }
    right: { population: refunds, label: Refunds, empty_ok: true }
    key: [order_id]
    cardinality: one_to_one
    amount: { column: amount, currency: currency, tolerance: { minor_units: 1, per: key } }
    findings:
      - { code: CA90-KEPT, when: left_only }
      - { code: CA90-NO_PAYMENT, when: right_only }
      - { code: CA90-AMOUNT, when: amount_differs }
      - { code: CA90-LARGE, when: left.amount >= :large, severity: high }
    explain:
      CA90-AMOUNT: "{left.order_id} was refunded {right.amount} of {left.amount}."
`;

const booksControl = `${heading('BK-91', 'bookings')}
procedures:
  - name: orders-of-deals
    left: { population: deals, label: Deals, empty_ok: true }
    right: { population: orders, label: Orders, empty_ok: true }
    key: [opportunity_id]
    cardinality: one_to_many
    amount: { column: amount, currency: currency }
    findings:
      - { code: BK91-NO_ORDER, when: left_only }
      - { code: BK91-NO_DEAL, when: right_only }
      - { code: BK91-AMOUNT, when: amount_differs }
`;

const cases = (name: string, given: string, expect: string, more = ''): string => `
name: ${name}
entity: acme
period: 2026-06
as_of: "2026-07-01"
${more}
given: ${given}
expect: ${expect}
`;

const payment = (id: string, amount: string): string =>
  `{ payment_id: ${JSON.stringify(`p${id}`)}, order_id: ${JSON.stringify(id)}, ` +
  `amount: "${amount}", paid_on: "2026-06-03" }`;
const refund = (id: string, amount: string): string =>
  `{ order_id: "${id}", amount: "${amount}", currency: USD }`;
const both = (payments: string[], refunds: string[]): string =>
  `{ files.payments: [${payments.join(', ')}], files.refunds: [${refunds.join(', ')}] }`;
const clean = '{ outcome: passed, findings: [] }';
const found = (findings: string, statement = ''): string =>
  `{ outcome: exceptions, findings: [${findings}]${statement} }`;

const cash = 'controls/cash/CA-90-every-order-is-paid';
const bookings = 'controls/bookings/BK-91-every-deal-is-ordered';
const sound: Record<string, string> = {
  'tieout.yaml': configuration,
  [`${cash}/control.yaml`]: filesControl,
  [`${cash}/payments.sql`]: `select order_id, amount, currency, 's:p:' || payment_id as source_ref
    from files.payments where paid_on >= :period_start`,
  [`${cash}/refunds.sql`]: `
    select order_id, amount, currency, 's:r:' || order_id as source_ref from files.refunds`,
  [`${cash}/cases/clean.yaml`]: cases(
    'A cent is within tolerance',
    both([payment('1', '99.99')], [refund('1', '100.00')]),
    `{ outcome: passed, findings: [], statement: { refunds-to-payments:
       { USD: { left: "99.99", right: "100", tolerance: "0.010" } } } }`,
  ),
  [`${cash}/cases/each.yaml`]: cases(
    'One of each',
    both(
      [payment('a, "quoted"', '5.00'), payment('2', '10'), payment('3', '50.00')],
      [refund('2', '7.50'), refund('3', '50'), refund('4', '1.10')],
    ),
    found(
      `{ code: CA90-KEPT, key: { order_id: 'a, "quoted"' }, impact: "5", severity: low },
       { code: CA90-NO_PAYMENT, key: { order_id: "4" }, left_amount: null, right_amount: "1.1" },
       { code: CA90-AMOUNT, key: { order_id: "2" }, difference: "2.500",
         explanation: 2 was refunded 7.50 of 10.00. },
       { code: CA90-LARGE, key: { order_id: "3" }, severity: high }`,
      `, statement: { refunds-to-payments:
         { USD: { left: "65", right: "58.60", exception: "-6.40" } } }`,
    ),
    'parameters: { large: "50.00" }',
  ),
  [`${bookings}/control.yaml`]: booksControl,
  [`${bookings}/deals.sql`]: `
    select opportunity_id, total_amount as amount, currency, 's:d:' || opportunity_id as source_ref
    from books.opportunities where entity_id = :entity
      and close_date >= :period_start and close_date < :period_end`,
  [`${bookings}/orders.sql`]: `
    select opportunity_id, total_amount as amount, currency, 's:o:' || order_id as source_ref
    from books.orders where entity_id = :entity and opportunity_id is not null`,
  [`${bookings}/cases/clean.yaml`]: cases(
    'Two orders make up a deal, and those of others do not count',
    `{ books.opportunities: [{ opportunity_id: "1", total_amount: "30.00" },
         { opportunity_id: "9", total_amount: "30.00", close_date: "2026-07-01" },
         { total_amount: "30.00", entity_id: other }, { total_amount: "1", entity_id: other }],
       books.orders: [{ opportunity_id: "1", total_amount: "10.00" },
         { opportunity_id: "1", total_amount: "20.00", is_deleted: false },
         { total_amount: "7" }] }`,
    clean,
  ),
  [`${bookings}/cases/each.yaml`]: cases(
    'One of each, in a currency of its own',
    `{ books.opportunities: [{ opportunity_id: "1", total_amount: "30.00" },
         { opportunity_id: "2", total_amount: "5", currency: JPY }],
       books.orders: [{ opportunity_id: "1", total_amount: "29.00" },
         { opportunity_id: "3", total_amount: "20.000001", activated_at: "2026-06-01T00:00Z" }] }`,
    found(`{ code: BK91-AMOUNT, key: { opportunity_id: "1" }, impact: "1" },
      { code: BK91-NO_ORDER, key: { opportunity_id: "2" }, currency: JPY },
      { code: BK91-NO_DEAL, key: { opportunity_id: "3" }, impact: "20.000001" }`),
  ),
};

const dirs: string[] = [];
afterAll(() => dirs.forEach((dir) => rmSync(dir, { recursive: true })));

/** The results of all cases of a catalogue in which these files differ from the sound one. */
async function results(
  changes: Record<string, string> = {},
  only?: string[],
): Promise<CaseResult[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tieout-spec-cases-'));
  dirs.push(dir);
  for (const [name, text] of Object.entries({ ...sound, ...changes })) {
    mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    writeFileSync(path.join(dir, name), text);
  }
  const catalog = await loadCatalog(path.join(dir, 'controls'));
  expect(catalog.problems.map(formatProblem)).toEqual([]);
  const config = loadConfig({}, path.join(dir, 'tieout.yaml'));
  const logger = createLogger({ level: 'error' });
  return testCases(catalog, { config, logger, ...(only && { only }) });
}

/** What is said about one case of the control over files, when it is this one. */
async function said(given: string, expect: string, more?: string): Promise<string[]> {
  const file = `${cash}/cases/wrong.yaml`;
  const [result] = (
    await results({ [file]: cases('wrong', given, expect, more) }, ['CA-90'])
  ).filter((one) => one.name === 'wrong');
  return [...(result?.differences ?? ['not tried']), ...(result?.problems ?? []).map(located)];
}

const located = (problem: Parameters<typeof formatProblem>[0]): string =>
  formatProblem({ ...problem, file: path.basename(problem.file ?? '') });

test('right cases pass, over files and over books, and leave nothing behind', async () => {
  const progress: string[] = [];
  const tried = await results();
  for (const { control, name, differences, problems } of tried) {
    progress.push(`${control} ${name}`);
    expect([...differences, ...problems.map(formatProblem)]).toEqual([]);
  }
  expect(tried.map(({ passed }) => passed)).toEqual([true, true, true, true]);
  expect(progress).toEqual([
    'BK-91 Two orders make up a deal, and those of others do not count',
    'BK-91 One of each, in a currency of its own',
    'CA-90 A cent is within tolerance',
    'CA-90 One of each',
  ]);
  const own = new RegExp(`^tieout-(cases|scratch)-${process.pid}-`);
  expect(readdirSync(tmpdir()).filter((name) => own.test(name))).toEqual([]);
  expect(existsSync(path.join(dirs.at(-1) ?? '', 'data'))).toBe(false);
});

const one = both([payment('1', '10')], [refund('1', '8.5')]);
const amount = 'code: CA90-AMOUNT, key: { order_id: "1" }';
const statement = (text: string): string =>
  found(`{ ${amount} }`, `, statement: { refunds-to-payments: { ${text} } }`);

test.each([
  [
    'a finding that was not expected',
    one,
    clean,
    [
      'outcome: expected passed, found exceptions',
      'not expected: CA90-AMOUNT { order_id: 1 } currency: USD, left_amount: 10, ' +
        'right_amount: 8.5, difference: 1.5, impact: 1.5, severity: low; ' +
        '1 was refunded 8.50 of 10.00.',
    ],
  ],
  [
    'a finding that was expected once more',
    one,
    found(`{ ${amount} }, { ${amount}, currency: USD }`),
    ['not found: CA90-AMOUNT { order_id: 1 }'],
  ],
  [
    'a finding at another key',
    one,
    found('{ code: CA90-AMOUNT, key: { order_id: "01" } }'),
    [
      'not found: CA90-AMOUNT { order_id: 01 }',
      expect.stringMatching(/^not expected: CA90-AMOUNT \{ order_id: 1 \}/) as string,
    ],
  ],
  [
    'fields that differ, each on a line of its own',
    one,
    found(
      `{ ${amount}, currency: EUR, left_amount: null, right_amount: "8.50", difference: "-1.5",
         impact: "1.51", severity: high, explanation: Else. }`,
    ),
    [
      'CA90-AMOUNT { order_id: 1 } currency: expected EUR, found USD',
      'CA90-AMOUNT { order_id: 1 } difference: expected -1.5, found 1.5',
      'CA90-AMOUNT { order_id: 1 } explanation: expected Else., found ' +
        '1 was refunded 8.50 of 10.00.',
      'CA90-AMOUNT { order_id: 1 } impact: expected 1.51, found 1.5',
      'CA90-AMOUNT { order_id: 1 } left_amount: expected none, found 10',
      'CA90-AMOUNT { order_id: 1 } severity: expected high, found low',
    ],
  ],
  [
    'a statement that differs',
    one,
    statement('USD: { left: "10.00", right: "8.50", timing: "-1.50" }'),
    [
      'statement of refunds-to-payments in USD, timing: expected -1.50, found 0',
      'statement of refunds-to-payments in USD, exception: expected 0, found -1.5',
    ],
  ],
  [
    'a statement in another currency',
    one,
    statement('EUR: { left: "0" }'),
    [
      'statement of refunds-to-payments in EUR: not found',
      'statement of refunds-to-payments: USD is not expected',
    ],
  ],
  [
    'no verdict, with its reason',
    both([], []),
    clean,
    [
      'outcome: expected passed, found not_evaluated: ' +
        'Payments is empty, and the control does not say that it may be.',
    ],
  ],
  [
    'a value that the file would be refused for, by its row',
    both([payment('1', '1'), payment('2', '1'), '{ amount: ten }'], []),
    clean,
    [
      expect.stringMatching(
        /^outcome: expected passed, found not_evaluated: files.payments, row 3, amount: .*'ten'/,
      ) as string,
    ],
  ],
])('%s fails the case', async (_name, given, expected, lines) => {
  expect(await said(given, expected)).toEqual(lines);
});

test('no verdict can be what is expected', async () => {
  expect(await said(both([], []), '{ outcome: not_evaluated, findings: [] }')).toEqual([]);
});

test.each([
  [
    'an entity that does not exist',
    both([], []),
    'entity: other',
    "wrong.yaml:3 entity: There is no entity 'other'. Use one of acme.",
  ],
  [
    'a column that tieout.yaml does not declare',
    both(['{ order_id: "1",\n payd_on: "2026-06-01" }'], []),
    '',
    'wrong.yaml:8 given.files.payments.0.payd_on: is not a column of files.payments. ' +
      "Did you mean 'paid_on'? " +
      'Use payment_id, order_id, amount, paid_on, or declare it in tieout.yaml.',
  ],
  [
    'another currency than that of the whole file',
    both(['{ order_id: "1", currency: EUR }'], []),
    '',
    'wrong.yaml:7 given.files.payments.0.currency: is EUR, but the data set is in USD. ' +
      'Leave it out.',
  ],
])('%s is told where it stands', async (_name, given, more, problem) => {
  const text = cases('wrong', given, clean);
  const file = `${cash}/cases/wrong.yaml`;
  const changed = more === '' ? text : text.replace('entity: acme', more);
  const tried = await results({ [file]: changed }, ['CA-90']);
  const wrong = tried.find(({ name }) => name === 'wrong');
  expect(wrong?.problems.map(located)).toEqual([problem]);
  expect(wrong?.passed).toBe(false);
});

test('rows that the books would not take are told where they stand, all at once', async () => {
  const file = `${bookings}/cases/wrong.yaml`;
  const given = `
  books.opportunities:
    - { opportunity_id: "1", total_amount: ten }
    - { opportunity_id: "2", total_amont: "10" }
    - { opportunity_id: "3", currency: usd }
    - { opportunity_id: "4", total_amount: "1.0000001" }
  books.orders:
    - { order_id: "1", activated_on: "2026-06-31" }
    - { order_id: "2" }
    - { order_id: "2" }
    - { order_id: "3", is_deleted: null }`;
  const tried = await results({ [file]: cases('wrong', given, clean) }, ['BK-91']);
  expect(tried.map(({ name, passed }) => [name.slice(0, 5), passed])).toEqual([
    ['Two o', true],
    ['One o', true],
    ['wrong', false],
  ]);
  const problems = tried.find(({ name }) => name === 'wrong')?.problems.map(located) ?? [];
  const begun = problems.map((problem) => problem.slice('wrong.yaml:'.length, 95).trimEnd());
  expect(begun).toEqual([
    '9 given.books.opportunities.0.total_amount: PostgreSQL says: invalid input syntax fo',
    '10 given.books.opportunities.1.total_amont: is not a column of books.opportunities.',
    '11 given.books.opportunities.2: PostgreSQL says: new row for relation "opportunity_v',
    '12 given.books.opportunities.3.total_amount: has 7 digits after the point; 6 are kep',
    '14 given.books.orders.0.activated_on: PostgreSQL says: date/time field value out of',
    '16 given.books.orders.2: PostgreSQL says: duplicate key value violates unique constr',
    '17 given.books.orders.3: PostgreSQL says: null value in column "is_deleted" of relat',
  ]);
});

test('a control that names what its SQL does not return is told so, before its cases', async () => {
  const changes = {
    [`${cash}/refunds.sql`]: `
      select order_id, amount, currency, 'x' as source_ref from files.refnds`,
    [`${bookings}/orders.sql`]: `
      select opportunity_id, total_amount as amount, currency, 'x' as source_ref from books.order`,
    [`${bookings}/cases/each.yaml`]: cases(
      'wrong',
      '{ books.order: [{ order_id: "1" }] }',
      found(`{ code: BK91-AMOUNT, key: { opportunity_id: "1" } },
        { code: BK91-NO_ORDER, key: { opportunity_id: "1" } },
        { code: BK91-NO_DEAL, key: { opportunity_id: "1" } }`),
    ),
    [`${bookings}/cases/clean.yaml`]: cases('nothing', '{}', clean),
    [`${cash}/cases/clean.yaml`]: cases('nothing', '{}', clean),
    [`${cash}/cases/each.yaml`]: (sound[`${cash}/cases/each.yaml`] ?? '').replace(
      'files.refunds',
      'files.refnds',
    ),
  };
  const wrong = await results(changes).catch((cause: unknown) => cause);
  if (!(wrong instanceof InvalidInput)) throw new Error('no problem was found');
  expect(wrong.problems.map(located)).toEqual([
    expect.stringMatching(/^orders.sql:2: PostgreSQL says: relation "books.order" does not exist/),
    expect.stringMatching(/^refunds.sql:2: There is no dataset 'refnds'. Did you mean 'refunds'/),
  ]);
});

import fc from 'fast-check';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { bindParameters } from '../core/bind-parameters';
import type { DatasetConfig } from '../platform/config';
import { DuckDb } from '../platform/duckdb';
import { loadCatalog } from './load-catalog';
import { validateCatalog, type CatalogValidation } from './validate-catalog';

const control = `id: CA-01
title: Every order is paid
process: cash
objective: Every order is paid in full.
risk: An order is never paid.
assertions: [completeness]
key_control: true
frequency: monthly
owner: treasury
reviewer: accounting
parameters: { floor: "0.50" }
procedures:
  - name: payments-for-orders
    left: { population: orders, label: Orders }
    right: { population: payments, label: Payments }
    key: [order_id]
    cardinality: one_to_many
    amount: { column: amount, currency: currency }
    timing: { side: left, from: ordered_on, grace: 3 business days }
    findings:
      - { code: CA01-UNPAID, when: left_only, impact: left.amount }
      - { code: CA01-NO_ORDER, when: right_only, impact: right.amount }
      - { code: CA01-AMT_DIFF, when: amount_differs, impact: difference }
      - code: CA01-LATE
        when: right.paid_on > left.ordered_on and left.amount > :floor and :as_of > left.ordered_on
        impact: left.amount * 0.01
    explain:
      CA01-UNPAID: "{left.order_id} of {left.ordered_on} was never paid."
runbook: Ask.
`;
const orders = `select order_id, amount, currency, ordered_on, 'file:' || order_id as source_ref
  from files.orders
 where ordered_on < :period_end
`;
const payments = `select order_id, sum(amount) as amount, currency, max(paid_on) as paid_on,
       order_id as source_ref
  from files.payments
 group by order_id, currency
`;
const codes = ['UNPAID', 'NO_ORDER', 'AMT_DIFF', 'LATE'].map((code) => `CA01-${code}`);
const aCase = (name: string, found: string[]): string =>
  JSON.stringify({
    name,
    entity: 'acme',
    period: '2026-06',
    as_of: '2026-07-05',
    given: {},
    expect: {
      outcome: found.length > 0 ? 'exceptions' : 'passed',
      findings: found.map((code) => ({ code, key: { order_id: '1' } })),
    },
  });

const datasets: Record<string, DatasetConfig> = {
  orders: {
    path: 'orders.csv',
    format: 'csv',
    columns: { order_id: 'text', amount: 'decimal', ordered_on: 'date', lines: 'integer' },
    amount: 'amount',
    currency: 'EUR',
    control_total: 'optional',
  },
  payments: {
    path: 'payments.csv',
    format: 'csv',
    columns: { order_id: 'text', amount: 'decimal', currency: 'text', paid_on: 'date' },
    control_total: 'optional',
  },
};

let dir: string;
let duck: DuckDb;
beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'validate-'));
  duck = await DuckDb.open({ memoryMb: 128, threads: 1, tempDir: dir, readWriteDirs: [] });
});
afterAll(() => {
  duck.close();
  rmSync(dir, { recursive: true });
});

interface Texts {
  control?: string;
  orders?: string;
  payments?: string;
}
let count = 0;

async function validate(texts: Texts): Promise<CatalogValidation & { folder: string }> {
  const catalogDir = path.join(dir, String((count += 1)));
  const folder = path.join(catalogDir, 'cash', 'CA-01-orders-are-paid');
  mkdirSync(path.join(folder, 'cases'), { recursive: true });
  writeFileSync(path.join(folder, 'control.yaml'), texts.control ?? control);
  writeFileSync(path.join(folder, 'orders.sql'), texts.orders ?? orders);
  writeFileSync(path.join(folder, 'payments.sql'), texts.payments ?? payments);
  writeFileSync(path.join(folder, 'cases', 'clean.yaml'), aCase('clean', []));
  writeFileSync(path.join(folder, 'cases', 'broken.yaml'), aCase('broken', codes));
  const catalog = await loadCatalog(catalogDir);
  expect(catalog.problems).toEqual([]);
  const config = { sources: { files: datasets } };
  return { folder, ...(await validateCatalog(catalog, { config, reader: null, duck })) };
}

async function problems(texts: Texts): Promise<string[]> {
  const { folder, problems: found } = await validate(texts);
  return found.map(({ file = '', line, field, message }) =>
    [`${path.relative(folder, file)}${line ? `:${line}` : ''}`, field, message]
      .filter(Boolean)
      .join(' '),
  );
}

const changed = (text: string, ...changes: [string, string][]): string =>
  changes.reduce((all, [from, to]) => {
    expect(all).toContain(from);
    return all.replace(from, to);
  }, text);

test('a control whose names and types exist is sound; a currency of all is a column', async () => {
  expect(await validate({})).toMatchObject({ problems: [], sound: ['CA-01'], undescribed: [] });
});

const P = 'procedures.payments-for-orders';
const cases: [title: string, texts: Texts, expected: string[]][] = [
  [
    'a column its SQL does not return',
    { orders: changed(orders, ['order_id, amount', 'order_id, amount as amuont']) },
    [
      `control.yaml:18 ${P}.amount.column names left.amount, which its SQL does not ` +
        `return. Did you mean 'amuont'?`,
      `control.yaml:25 ${P}.findings.CA01-LATE.when names left.amount, which its SQL ` +
        `does not return. Did you mean 'amuont'?`,
      `control.yaml:26 ${P}.findings.CA01-LATE.impact names left.amount, which its ` +
        `SQL does not return. Did you mean 'amuont'?`,
    ],
  ],
  [
    'names in key, timing, conditions and explanations',
    {
      control: changed(
        control,
        ['key: [order_id]', 'key: [order_no]'],
        ['from: ordered_on', 'from: orderd_on'],
        ['right.paid_on >', 'right.payd_on >'],
        ['{left.ordered_on}', '{left.day}'],
      ).replaceAll('order_no', 'order_id'),
    },
    [
      `control.yaml:19 ${P}.timing.from names left.orderd_on, which its SQL does not ` +
        `return. Did you mean 'ordered_on'?`,
      `control.yaml:25 ${P}.findings.CA01-LATE.when names right.payd_on, which its ` +
        `SQL does not return. Did you mean 'paid_on'?`,
      `control.yaml:28 ${P}.explain.CA01-UNPAID names left.day, which its SQL does not return.`,
    ],
  ],
  [
    'a column that the file does not have, on its line of the SQL',
    { orders: changed(orders, ['where ordered_on', 'where ordred_on']) },
    ['orders.sql:3 DuckDB says: Referenced column "ordred_on" not found in FROM clause.'],
  ],
  [
    'a dataset that is not declared',
    { orders: changed(orders, ['files.orders', 'files.order']) },
    ["orders.sql:2 There is no dataset 'order'. Did you mean 'orders'?"],
  ],
  [
    'a population without source_ref, and a key of another type than on the other side',
    {
      orders: changed(
        orders,
        [", 'file:' || order_id as source_ref", ''],
        ['order_id,', 'lines as order_id,'],
      ),
    },
    [
      'orders.sql source_ref The population orders does not return source_ref.',
      `control.yaml:16 ${P}.key.0 order_id is BIGINT on the left and VARCHAR on the right.`,
    ],
  ],
  [
    'an amount that is not decimal, a currency that is not text, a grace from no date',
    {
      orders: changed(orders, [
        'order_id, amount, currency, ordered_on,',
        'order_id, lines as amount, lines as currency, currency as ordered_on,',
      ]),
    },
    [
      `control.yaml:18 ${P}.amount.column names left.amount, which is BIGINT and must be decimal.`,
      `control.yaml:18 ${P}.amount.currency names left.currency, which is BIGINT and must be text.`,
      `control.yaml:19 ${P}.timing.from names left.ordered_on, which is VARCHAR and must be date.`,
      `control.yaml:25 ${P}.findings.CA01-LATE.when DuckDB says: Cannot compare ` +
        `values of type DATE and type VARCHAR - an explicit cast is required.`,
    ],
  ],
  [
    'a type the evidence cannot keep, and a label that is not text',
    {
      orders: changed(orders, [
        'amount, currency, ordered_on,',
        "amount, currency, ordered_on, interval '1 day' as span, lines as reconciling,",
      ]),
    },
    [
      'orders.sql span is INTERVAL, which the evidence cannot keep exactly.',
      'orders.sql reconciling is BIGINT, and must be text.',
    ],
  ],
  [
    'a condition that gives no truth, and an impact that gives no amount',
    {
      control: changed(
        control,
        ['right.paid_on > left.ordered_on and', 'right.paid_on - left.ordered_on + 0 * length('],
        ['left.amount > :floor and :as_of > left.ordered_on', "'x' || :floor || :as_of)"],
        ['impact: left.amount * 0.01', 'impact: lower(left.currency)'],
      ),
    },
    [
      `control.yaml:25 ${P}.findings.CA01-LATE.when gives BIGINT, not true or false.`,
      `control.yaml:26 ${P}.findings.CA01-LATE.impact gives VARCHAR, not an exact amount.`,
    ],
  ],
  [
    'a condition whose types cannot be put together',
    {
      control: changed(control, [
        'left.amount > :floor',
        'left.ordered_on + right.paid_on > :floor',
      ]),
    },
    [
      expect.stringMatching(
        /^control\.yaml:25 procedures\.\S+\.findings\.CA01-LATE\.when DuckDB says: /,
      ) as string,
    ],
  ],
];
test.each(cases)('says with its place: %s', async (_title, texts, expected) => {
  expect(await problems(texts)).toEqual(expected);
});

test('populations over books stay undescribed, and are named, without a reader', async () => {
  const found = await validate({ orders: orders.replaceAll('files.', 'books.') });
  expect(found.undescribed).toEqual(['CA-01 orders']);
});

test('DuckDB reads any bound text back as itself', async () => {
  const anyText = fc
    .string({ unit: fc.constantFrom(...`'"\\;:$-/*eEuU& aé𝄞%_()`) })
    .filter((text) => !/[\0\n\r]/.test(text));
  await fc.assert(
    fc.asyncProperty(anyText, async (value) => {
      const sql = bindParameters('select :v as v', { v: { type: 'text', value } });
      expect(await duck.rows(sql)).toEqual([{ v: value }]);
    }),
    { numRuns: 200 },
  );
});

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { AlertDispatcher } from '../../src/alerts/alert-dispatcher';
import { SlackChannel } from '../../src/alerts/slack-channel';
import { loadCatalog } from '../../src/catalog/load-catalog';
import { SystemClock } from '../../src/platform/clock';
import { loadConfig } from '../../src/platform/config';
import { createLogger } from '../../src/platform/logger';
import { runControl } from '../../src/runs/run-control';
import { runDependencies } from '../../src/runs/run-dependencies';
import type { RecordedRun } from '../../src/runs/run-types';
import { startSlackStandIn, type SlackStandIn } from '../../src/sandbox/slack/slack-stand-in';
import { createTestDatabase, type TestDatabase } from '../support/database';

const published = process.env.OLIST_DIR ?? path.resolve('../shared/data/olist');
const names = {
  items: 'olist_order_items_dataset.csv',
  payments: 'olist_order_payments_dataset.csv',
  orders: 'olist_orders_dataset.csv',
};
const isThere = Object.values(names).every((name) => existsSync(path.join(published, name)));

const [token, channel] = ['xoxb-olist', 'C0OLIST0001'];
let database: TestDatabase;
let work: string;
let olist: string;
let slack: SlackStandIn;

beforeAll(async () => {
  database = await createTestDatabase();
  slack = await startSlackStandIn({ token, channels: [{ id: channel, name: 'controls' }] });
  work = mkdtempSync(path.join(tmpdir(), 'tieout-olist-'));
  olist = path.join(work, 'olist');
  mkdirSync(olist);
  for (const name of Object.values(names))
    if (isThere) cpSync(path.join(published, name), path.join(olist, name));
  if (!isThere) writeSample();
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await slack.stop();
  await database.drop();
});

/** Where the published files are absent: orders of the same shape, with each kind of difference. */
function writeSample(): void {
  const items = ['order_id,order_item_id,product_id,price,freight_value'];
  const payments = ['order_id,payment_sequential,payment_type,payment_installments,payment_value'];
  const orders = ['order_id,customer_id,order_status'];
  for (let n = 0; n < 500; n += 1) {
    const id = `order${String(n).padStart(4, '0')}`;
    orders.push(`${id},c${n},${n % 10 === 0 ? 'unavailable' : 'delivered'}`);
    const count = n % 10 === 0 ? 0 : 1 + (n % 4);
    for (let i = 1; i <= count; i += 1) items.push(`${id},${i},p${n},${n}.${(n + 10) % 90},${i}.5`);
    // Cents of `n.(n+10)%90` written without a trailing zero are tenths, as in the real files.
    const due = centsOf(items.slice(items.length - count), [3, 4]);
    const gap = n % 50 === 7 ? 1n : n % 100 === 13 ? 92n : 0n;
    const total = (count === 0 ? 5_000n : due) + gap;
    const first = n % 3 === 0 ? total / 2n : total;
    payments.push(`${id},1,credit_card,1,${text(first)}`);
    if (first !== total) payments.push(`${id},2,voucher,1,${text(total - first)}`);
  }
  const write = (name: string, lines: string[]): void =>
    writeFileSync(path.join(olist, name), `${lines.join('\n')}\n`);
  write(names.items, items);
  write(names.payments, payments);
  write(names.orders, orders);
}

const text = (cents: bigint): string =>
  `${cents < 0n ? '-' : ''}${abs(cents) / 100n}.${String(abs(cents) % 100n).padStart(2, '0')}`;
const abs = (cents: bigint): bigint => (cents < 0n ? -cents : cents);

/** '99.9' is 9990 cents. */
function cents(amount: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(amount);
  if (!match) throw new Error(`'${amount}' is no amount of this file`);
  return BigInt(match[1] ?? '0') * 100n + BigInt((match[2] ?? '').padEnd(2, '0'));
}

const centsOf = (rows: readonly string[], columns: readonly number[]): bigint =>
  rows
    .flatMap((row) => columns.map((column) => cents(row.split(',')[column] ?? '')))
    .reduce((a, b) => a + b, 0n);

interface Side {
  cents: bigint;
  rows: number;
}

/** Sums by order, straight from the text: no code of the product takes part. */
function sumByOrder(file: string, columnNames: readonly string[]): Map<string, Side> {
  const [header = '', ...rows] = readFileSync(path.join(olist, file), 'utf8')
    .replaceAll('\r', '')
    .trimEnd()
    .split('\n');
  expect(rows.some((row) => row.includes('"'))).toBe(false);
  const columns = columnNames.map((name) => header.split(',').indexOf(name));
  const sums = new Map<string, Side>();
  for (const row of rows) {
    const order = row.split(',')[header.split(',').indexOf('order_id')] ?? '';
    const before = sums.get(order) ?? { cents: 0n, rows: 0 };
    const after = before.cents + centsOf([row], columns);
    sums.set(order, { cents: after, rows: before.rows + 1 });
  }
  return sums;
}

interface Line {
  keys: number;
  left: string;
  right: string;
}
interface Truth {
  left: string;
  right: string;
  lines: Record<string, Line>;
  findings: string[];
}

/** The whole tie-out a second time, in cents. */
function independently(): Truth {
  const left = sumByOrder(names.items, ['price', 'freight_value']);
  const right = sumByOrder(names.payments, ['payment_value']);
  const lines = new Map<string, { keys: number; left: bigint; right: bigint }>();
  const findings: string[] = [];
  const none: Side = { cents: 0n, rows: 0 };
  for (const order of new Set([...left.keys(), ...right.keys()])) {
    const [l, r] = [left.get(order) ?? none, right.get(order) ?? none];
    const line = lineOf(l, r);
    const sum = lines.get(line) ?? { keys: 0, left: 0n, right: 0n };
    lines.set(line, {
      keys: sum.keys + 1,
      left: sum.left + l.cents,
      right: sum.right + r.cents,
    });
    if (line.startsWith('exception'))
      findings.push(`${line.split(' ')[1]} ${order} ${text(l.cents - r.cents)}`);
  }
  const total = (side: Map<string, Side>): string =>
    text([...side.values()].reduce((sum, one) => sum + one.cents, 0n));
  return {
    left: total(left),
    right: total(right),
    lines: Object.fromEntries(
      [...lines].map(([name, { keys, left: l, right: r }]) => [
        name,
        { keys, left: text(l), right: text(r) },
      ]),
    ),
    findings: findings.sort(),
  };
}

function lineOf(left: Side, right: Side): string {
  if (right.rows === 0) return 'exception OLIST01-UNPAID';
  if (left.rows === 0) return 'exception OLIST01-NO_ITEMS';
  const allowed = BigInt(Math.max(left.rows, right.rows));
  if (abs(left.cents - right.cents) > allowed) return 'exception OLIST01-AMT_DIFF';
  return left.cents === right.cents ? 'matched' : 'tolerance';
}

async function run(): Promise<RecordedRun> {
  const file = path.resolve('examples/olist/tieout.yaml');
  const config = { ...loadConfig({ OLIST_DIR: olist }, file), data_dir: path.join(work, 'data') };
  const catalog = await loadCatalog(path.resolve(config.baseDir, config.controls.path));
  expect(catalog.problems).toEqual([]);
  const logger = createLogger({ level: 'error' });
  const parts = { config, database, catalog, clock: new SystemClock(), logger };
  return runControl(
    {
      control: 'OLIST-01',
      entity: 'olist',
      period: '2018-10',
      asOf: '2018-10-31',
      cause: 'requested',
      reason: null,
      requestedBy: 'a test',
    },
    runDependencies(parts),
    { step: () => undefined, frozen: () => undefined },
  );
}

/** Delivers what is queued, as the server does; the messages of the channel that are no replies. */
async function delivered(): Promise<{ text: string; edited: boolean }[]> {
  const to = new SlackChannel({ token, channel, apiUrl: slack.apiUrl });
  const logger = createLogger({ level: 'error' });
  await new AlertDispatcher(database.app, to, new SystemClock(), logger, {
    paceMs: 0,
  }).dispatchDue();
  return slack
    .messages(channel)
    .filter((message) => !message.threadTs)
    .map((message) => ({ text: message.text ?? '', edited: Boolean(message.editedTs) }));
}

/** A written amount with two decimals: 12.5 and 12.500000 are both 12.50. */
const twoDecimals = (amount: string): string => {
  const [, sign = '', whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d*?)0*)?$/.exec(amount) ?? [];
  return `${sign}${whole}.${fraction.padEnd(2, '0')}`;
};

function statementOf({ statements }: RecordedRun): Omit<Truth, 'findings'> {
  const currencies = statements.flatMap((statement) => statement.currencies);
  expect(currencies.map(({ currency }) => currency)).toEqual(['BRL']);
  const [brl] = currencies;
  return {
    left: twoDecimals(brl?.left.amount ?? ''),
    right: twoDecimals(brl?.right?.amount ?? ''),
    lines: Object.fromEntries(
      (brl?.lines ?? []).map((line) => [
        [line.category, line.code].filter(Boolean).join(' '),
        {
          keys: Number(line.keys),
          left: twoDecimals(line.left.amount),
          right: twoDecimals(line.right.amount),
        },
      ]),
    ),
  };
}

interface ExceptionRow {
  code: string;
  order: string;
  left: string | null;
  right: string | null;
  state: string;
  cleared_run: string | null;
}

async function exceptions(where = 'true'): Promise<ExceptionRow[]> {
  const { rows } = await database.app.raw<{ rows: ExceptionRow[] }>(
    `select code, key ->> 'order_id' as "order", left_amount as "left", right_amount as "right",
       state, cleared_run from tieout.exceptions where ${where}`,
  );
  return rows;
}

const named = (row: ExceptionRow): string => {
  const [left, right] = [row.left ?? '0', row.right ?? '0'].map(twoDecimals).map(cents);
  return `${row.code} ${row.order} ${text((left ?? 0n) - (right ?? 0n))}`;
};

/** An order that ties out to the cent and was paid in two parts, with its last payment row. */
function orderPaidInTwo(): { order: string; row: string; rest: Side; owed: Side } {
  const left = sumByOrder(names.items, ['price', 'freight_value']);
  const right = sumByOrder(names.payments, ['payment_value']);
  const paid = [...right].find(
    ([order, side]) => side.rows === 2 && side.cents > 0n && left.get(order)?.cents === side.cents,
  );
  const order = paid?.[0] ?? '';
  const row = paymentRows().find((line) => line.startsWith(`${order},2,`)) ?? '';
  const amount = cents(row.split(',')[4] ?? '');
  const rest = { cents: (paid?.[1].cents ?? 0n) - amount, rows: 1 };
  return { order, row, rest, owed: left.get(order) ?? { cents: 0n, rows: 0 } };
}

const paymentsFile = (): string => path.join(olist, names.payments);
const paymentRows = (): string[] =>
  readFileSync(paymentsFile(), 'utf8').replaceAll('\r', '').split('\n');

test('a run comes to the statement and exceptions of a second computation in cents', async () => {
  const truth = independently();
  const first = await run();
  expect(first).toMatchObject({ outcome: 'exceptions', reason: null, seq: 1 });
  const { findings, ...statement } = truth;
  expect(statementOf(first)).toEqual(statement);
  expect((await exceptions()).map(named).sort()).toEqual(findings);
  expect(first).toMatchObject({ findings: findings.length, opened: findings.length });
  expect(await delivered()).toMatchObject([{ edited: false }]);
  // Each kind of line is there, in the published files and in the sample alike.
  expect(Object.keys(statement.lines).sort()).toEqual([
    'exception OLIST01-AMT_DIFF',
    'exception OLIST01-NO_ITEMS',
    'matched',
    'tolerance',
  ]);
});

test('a second run changes nothing', async () => {
  const before = await exceptions();
  const requests = slack.requests().length;
  const second = await run();
  await delivered();
  expect(slack.requests()).toHaveLength(requests);
  expect(second).toMatchObject({ opened: 0, reopened: 0, cleared: 0, findings: before.length });
  expect((await exceptions()).map(named).sort()).toEqual(before.map(named).sort());
});

test('a deleted payment shows as exactly its order; restored, a named run clears it', async () => {
  const original = readFileSync(paymentsFile());
  const { order, row, rest, owed } = orderPaidInTwo();
  writeFileSync(
    paymentsFile(),
    `${paymentRows()
      .filter((line) => line !== row)
      .join('\n')}`,
  );
  const broken = await run();
  expect(broken).toMatchObject({ opened: 1, reopened: 0, cleared: 0 });
  const { left, right, lines } = independently();
  expect(statementOf(broken)).toEqual({ left, right, lines });
  const events = await database.app.raw<{
    rows: { key: unknown; left_count: string; right_items: { source_ref: string }[] }[];
  }>(
    `select e.key, v.left_count, v.right_items from tieout.exception_events v
     join tieout.exceptions e using (exception_id) where v.run_id = ? and v.kind = 'opened'`,
    [broken.runId],
  );
  expect(events.rows).toMatchObject([
    {
      key: { order_id: order },
      left_count: String(owed.rows),
      right_items: [{ source_ref: `olist:order_payment:${order}/1` }],
    },
  ]);
  expect((await exceptions(`first_seen_run = '${broken.runId}'`)).map(named)).toEqual([
    `OLIST01-AMT_DIFF ${order} ${text(owed.cents - rest.cents)}`,
  ]);

  const told = await delivered();
  expect(told).toMatchObject([{ edited: true }]);

  writeFileSync(paymentsFile(), original);
  const restored = await run();
  expect(restored).toMatchObject({ opened: 0, reopened: 0, cleared: 1 });
  expect(await exceptions(`state = 'cleared'`)).toMatchObject([
    { order, cleared_run: restored.runId },
  ]);
});

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { sha256Hex } from '../../src/core/canonical-json';
import { SystemClock } from '../../src/platform/clock';
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
  bench.write(
    'orders.csv',
    ordersCsv([
      ['a', '10.00'],
      ['b', '20.00'],
      ['c', '30.00'],
    ]),
  );
  bench.write(
    'payments.csv',
    paymentsCsv([
      ['p1', 'a', '4.00'],
      ['p2', 'a', '6.00'],
      ['p3', 'b', '19.00'],
    ]),
  );
});
afterEach(() => bench.remove());

let nextMonth = 1;
/** Runs share the database, so each test has a period of its own. */
const ownPeriod = (): string => {
  const month = nextMonth++;
  return `${2020 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
};

interface ExceptionRow {
  code: string;
  key: { order_id: string };
  state: string;
  reopened: number;
  kinds: string;
}
async function exceptionsOf(period: string): Promise<ExceptionRow[]> {
  const { rows } = await database.app.raw<{ rows: ExceptionRow[] }>(
    `select code, key, state, reopened,
       (select string_agg(kind, ' ' order by event_id) from tieout.exception_events v
        where v.exception_id = e.exception_id) as kinds
     from tieout.exceptions e where period_key = ? order by code`,
    [period],
  );
  return rows;
}

test('a run records its statement, exceptions with rows, and evidence that hashes', async () => {
  const period = ownPeriod();
  const run = await bench.run({ period });
  expect(run).toMatchObject({ seq: 1, outcome: 'exceptions', findings: 2, opened: 2, cleared: 0 });
  expect(run.statements[0]?.currencies[0]).toMatchObject({
    currency: 'USD',
    left: { items: '3', amount: '60' },
    right: { items: '3', amount: '29' },
  });
  const { rows: events } = await database.app.raw<{
    rows: { left_items: unknown; right_items: unknown }[];
  }>(
    `select left_items, right_items from tieout.exception_events v
     join tieout.exceptions e using (exception_id) where v.run_id = ? order by code`,
    [run.runId],
  );
  expect(events).toEqual([
    {
      left_items: [
        { order_id: 'b', amount: '20.000000', currency: 'USD', source_ref: 'shop:order:b' },
      ],
      right_items: [
        { order_id: 'b', amount: '19.000000', currency: 'USD', source_ref: 'bank:payment:p3' },
      ],
    },
    {
      left_items: [
        { order_id: 'c', amount: '30.000000', currency: 'USD', source_ref: 'shop:order:c' },
      ],
      right_items: [],
    },
  ]);
  const { rows: files } = await database.app.raw<{ rows: { path: string; sha256: string }[] }>(
    'select path, sha256 from tieout.run_files where run_id = ? order by path',
    [run.runId],
  );
  expect(files.map((file) => file.path)).toEqual([
    'control/cash/CA-90-every-order-is-paid/control.yaml',
    'control/cash/CA-90-every-order-is-paid/orders.sql',
    'control/cash/CA-90-every-order-is-paid/payments.sql',
    'findings.jsonl',
    'manifest.json',
    'populations.json',
    'populations/orders.parquet',
    'populations/payments.parquet',
    'sources/files.orders/orders.csv',
    'sources/files.payments/payments.csv',
    'statement.json',
  ]);
  for (const { sha256 } of files) {
    const stored = path.join(bench.dir, 'data/evidence/sha256', sha256.slice(0, 2), sha256);
    expect(sha256Hex(readFileSync(stored))).toBe(sha256);
  }
});

test('run again, nothing opens; a repaired item is cleared and comes back', async () => {
  const period = ownPeriod();
  await bench.run({ period });
  const again = await bench.run({ period });
  expect(again).toMatchObject({
    seq: 2,
    outcome: 'exceptions',
    opened: 0,
    reopened: 0,
    cleared: 0,
  });
  const payments = readFileSync(path.join(bench.dir, 'payments.csv'), 'utf8');
  bench.write('payments.csv', `${payments}p4,c,30.00\n`);
  expect(await bench.run({ period })).toMatchObject({ findings: 1, cleared: 1 });
  bench.write('payments.csv', payments);
  expect(await bench.run({ period })).toMatchObject({ findings: 2, opened: 0, reopened: 1 });
  expect(await exceptionsOf(period)).toEqual([
    {
      code: 'CA90-AMOUNT',
      key: { order_id: 'b' },
      state: 'open',
      reopened: 0,
      kinds: 'opened seen seen seen',
    },
    {
      code: 'CA90-UNPAID',
      key: { order_id: 'c' },
      state: 'open',
      reopened: 1,
      kinds: 'opened seen cleared reopened',
    },
  ]);
});

test('an entity’s own parameter decides, and the run says who set which value', async () => {
  const period = ownPeriod();
  bench.config.entities.forEach((entity) => (entity.parameters = { 'CA-90': { least: '15.00' } }));
  const run = await bench.run({ period });
  expect(run.statements[0]?.currencies[0]?.left).toEqual({ items: '2', amount: '50' });
  const { rows } = await database.app.raw<{ rows: { parameters: object; manifest: string }[] }>(
    'select parameters, manifest_sha256 as manifest from tieout.runs where run_id = ?',
    [run.runId],
  );
  expect(rows[0]?.parameters).toMatchObject({
    least: { type: 'decimal', value: '15.00', set_by: 'entity' },
    entity: { type: 'text', value: 'acme', set_by: 'run' },
  });
  const manifest = rows[0]?.manifest ?? '';
  const stored = path.join(bench.dir, 'data/evidence/sha256', manifest.slice(0, 2), manifest);
  expect(JSON.parse(readFileSync(stored, 'utf8'))).toMatchObject({
    parameters: { least: '15.00' },
    parameters_of_entity: ['least'],
  });
});

test('an entity’s parameter of another type is refused before anything is claimed', async () => {
  bench.config.entities.forEach((entity) => (entity.parameters = { 'CA-90': { least: 15 } }));
  await expect(bench.run({ period: ownPeriod() })).rejects.toMatchObject({
    code: 'invalid_request',
    message:
      'least of acme is integer, and CA-90 declares it as decimal (0.01). ' +
      'Write it in the form of "0.01".',
  });
});

test('a scheduled run plants what it must find, and finds it, outside its result', async () => {
  const period = ownPeriod();
  const run = await bench.run({ period, cause: 'scheduled' });
  expect(run).toMatchObject({ outcome: 'exceptions', findings: 2 });
  const { rows } = await database.app.raw<{ rows: { canaries: unknown }[] }>(
    'select canaries from tieout.runs where run_id = ?',
    [run.runId],
  );
  const canary = (code: string) => ({
    ...{ procedure: 'orders-to-payments', code: `CA90-${code}`, found: true, note: null },
  });
  expect(rows[0]?.canaries).toEqual(
    ['UNPAID', 'NO_ORDER', 'AMOUNT', 'DUPLICATE_KEY_LEFT', 'CURRENCY_DIFFERS'].map(canary),
  );
  const requested = await bench.run({ period: ownPeriod() });
  const { rows: none } = await database.app.raw<{ rows: { canaries: unknown }[] }>(
    'select canaries from tieout.runs where run_id = ?',
    [requested.runId],
  );
  expect(none).toEqual([{ canaries: null }]);
});

test('a control that can no longer fail misses its canary', async () => {
  const file = 'controls/cash/CA-90-every-order-is-paid/control.yaml';
  const text = readFileSync(path.join(bench.dir, file), 'utf8');
  bench.write(file, text.replace('minor_units: 1,', 'minor_units: 999999999,'));
  const run = await bench.run({ period: ownPeriod(), cause: 'scheduled' });
  const { rows } = await database.app.raw<{ rows: { missed: string | null }[] }>(
    `select string_agg(c ->> 'code', ' ') filter (where c ->> 'found' = 'false') as missed
     from tieout.runs, jsonb_array_elements(canaries) c where run_id = ?`,
    [run.runId],
  );
  expect(rows).toEqual([{ missed: 'CA90-AMOUNT' }]);
});

test('a file that cannot be read gives no verdict and clears nothing', async () => {
  const period = ownPeriod();
  await bench.run({ period });
  bench.write('payments.csv', 'payment_id,order_id,amount\np1,a,ten\n');
  const run = await bench.run({ period });
  expect(run).toMatchObject({ outcome: 'not_evaluated', findings: 0, cleared: 0 });
  expect(run.reason).toMatch(/payments\.csv:2 amount: /);
  expect((await exceptionsOf(period)).map((one) => one.state)).toEqual(['open', 'open']);
});

test('a file extracted before the as-of day was over gives no verdict', async () => {
  const extract = { rows: 3, sums: { USD: '60.00' }, extracted_at: '2026-07-01T10:00:00Z' };
  bench.write('orders.csv.ctl.json', JSON.stringify(extract));
  const period = ownPeriod();
  expect(await bench.run({ period, asOf: '2026-07-01' })).toMatchObject({
    outcome: 'not_evaluated',
    reason: expect.stringContaining('files.orders was extracted on 2026-07-01') as string,
  });
  expect(await bench.run({ period, asOf: '2026-06-30' })).toMatchObject({ outcome: 'exceptions' });
});

test('an empty population is not a pass', async () => {
  bench.write('orders.csv', 'order_id,amount\n');
  bench.write('payments.csv', 'payment_id,order_id,amount\n');
  expect(await bench.run({ period: ownPeriod() })).toMatchObject({
    outcome: 'not_evaluated',
    reason: expect.stringContaining('Orders is empty') as string,
  });
});

test('of two runs at once one is refused, and the other is recorded', async () => {
  const period = ownPeriod();
  const results = await Promise.allSettled([bench.run({ period }), bench.run({ period })]);
  expect(results.map((result) => result.status).sort()).toEqual(['fulfilled', 'rejected']);
  const refused = results.find((result) => result.status === 'rejected');
  expect(refused).toMatchObject({ reason: { code: 'run_in_progress' } });
});

test('manifests of one control form a chain', async () => {
  const period = ownPeriod();
  const first = await bench.run({ period });
  const second = await bench.run({ period });
  const { rows } = await database.app.raw<{
    rows: { run_id: string; manifest_sha256: string; previous_manifest_sha256: string }[];
  }>(
    `select run_id, manifest_sha256, previous_manifest_sha256 from tieout.runs
     where run_id in (?, ?) order by seq`,
    [first.runId, second.runId],
  );
  expect(rows[1]?.previous_manifest_sha256).toBe(rows[0]?.manifest_sha256);
});

test.each([
  ['UPDATE', `update tieout.runs set outcome = 'passed', findings = 0`],
  ['DELETE', 'delete from tieout.exception_events'],
  ['TRUNCATE', 'truncate tieout.statement_lines'],
  ['DELETE', 'delete from tieout.exceptions'],
  ['UPDATE', 'update tieout.exceptions set exception_id = gen_random_uuid()'],
  ['UPDATE', `update tieout.exceptions set fingerprint = repeat('0', 64)`],
])('not even the owner may %s what a run recorded: %s', async (_word, sql) => {
  await bench.run({ period: ownPeriod() });
  const owner = await database.owner();
  try {
    await expect(owner.query(sql)).rejects.toThrow(/append-only/);
  } finally {
    await owner.end();
  }
});

test('nothing can be added to a run that is recorded', async () => {
  const run = await bench.run({ period: ownPeriod() });
  const forge = database.app.raw(
    `insert into tieout.statement_lines
     select run_id, procedure, currency, 99, 'matched', null, 'both', 0, 0, 0, 0, 0
     from tieout.statement_lines where run_id = ? limit 1`,
    [run.runId],
  );
  await expect(forge).rejects.toThrow(/the run is recorded already/);
});

test('findings are of a run that is recorded with them', async () => {
  const { runId } = await bench.run({ period: ownPeriod() });
  const forge = (run: string): Promise<unknown> =>
    database.app.raw(
      `insert into tieout.exceptions (fingerprint, control_id, entity_id, period_key, procedure,
         code, key, severity, explanation, facts_sha256, first_seen_run, first_seen_at,
         last_seen_run, last_seen_at)
       select repeat('0', 64), control_id, entity_id, period_key, procedure, code, key, severity,
         explanation, facts_sha256, :run, first_seen_at, :run, last_seen_at
       from tieout.exceptions where first_seen_run = :runId limit 1`,
      { run, runId },
    );
  await expect(forge(runId)).rejects.toThrow(/the run is recorded already/);
  await expect(forge(randomUUID())).rejects.toThrow(/the run is recorded already, or is none/);
});

test('what a run saw is of an exception that exists', async () => {
  const { runId } = await bench.run({ period: ownPeriod() });
  const forge = database.app.raw(
    `insert into tieout.exception_events (exception_id, run_id, kind, at)
     values (gen_random_uuid(), ?, 'seen', now())`,
    [runId],
  );
  await expect(forge).rejects.toThrow(/it names no exception/);
});

test('the database refuses a run whose statement does not foot', async () => {
  const { runId } = await bench.run({ period: ownPeriod() });
  const forged = randomUUID();
  const forge = database.app.transaction(async (trx) => {
    await trx.raw(
      `insert into tieout.runs
       select (jsonb_populate_record(r, jsonb_build_object('run_id', ?::uuid, 'seq', 99,
         'previous_manifest_sha256', repeat('0', 64)))).* from tieout.runs r where run_id = ?`,
      [forged, runId],
    );
    await trx.raw(
      `insert into tieout.statement_lines
       select ?::uuid, procedure, currency, 1, 'matched', null, 'both', 0, 0, 0, 0, 0.01
       from tieout.statement_lines where run_id = ? limit 1`,
      [forged, runId],
    );
  });
  await expect(forge).rejects.toThrow(/does not foot/);
});

test('an earlier look at a period than the newest verdict is refused', async () => {
  const period = ownPeriod();
  await bench.run({ period, asOf: '2026-07-02' });
  await expect(bench.run({ period, asOf: '2026-07-01' })).rejects.toMatchObject({
    code: 'invalid_request',
  });
});

test('what a changed control no longer looks for is not cleared by it', async () => {
  const period = ownPeriod();
  await bench.run({ period });
  const control = 'controls/cash/CA-90-every-order-is-paid/control.yaml';
  const renamed = readFileSync(path.join(bench.dir, control), 'utf8');
  bench.write(control, renamed.replaceAll('CA90-UNPAID', 'CA90-OWED'));
  const unpaid = 'controls/cash/CA-90-every-order-is-paid/cases/unpaid.yaml';
  const text = readFileSync(path.join(bench.dir, unpaid), 'utf8');
  bench.write(unpaid, text.replaceAll('CA90-UNPAID', 'CA90-OWED'));
  expect(await bench.run({ period })).toMatchObject({ opened: 1, cleared: 0 });
});

test.each([
  [{ control: 'XX-99' }, 'not_found', /no valid control XX-99/],
  [{ entity: 'nobody' }, 'not_found', /no entity nobody/],
  [{ period: '2026-13' }, 'invalid_request', /not a monthly period/],
  [{ asOf: '2026-02-30' }, 'invalid_request', /not a date/],
  [{ asOf: '2026-06-29' }, 'invalid_request', /ends on 2026-06-30/],
  [{ asOf: '2999-01-01' }, 'invalid_request', /is not over/],
])('a request for %j is refused as %s', async (request, code, message) => {
  await expect(bench.run(request)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as string,
  });
});

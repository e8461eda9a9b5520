import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { sha256Hex } from '../../src/core/canonical-json';
import { SystemClock } from '../../src/platform/clock';
import { ClaimsStore, MAX_ATTEMPTS } from '../../src/runs/claim/claims.store';
import { reapWork } from '../../src/runs/claim/reap-work';
import type { RunRequest } from '../../src/runs/run-types';
import { killPoints, type CrashOrder, type KillPoint } from '../support/crash-child';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { channel, openAlertBench, type AlertBench } from '../support/slack';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

let database: TestDatabase;
let bench: Workbench;
let alerts: AlertBench;

const orders: [string, string][] = [
  ['a', '10.00'],
  ['b', '20.00'],
  ['c', '30.00'],
];
const payments: [string, string, string][] = [
  ['p1', 'a', '10.00'],
  ['p2', 'b', '19.00'],
];

beforeAll(async () => {
  database = await createTestDatabase();
  alerts = await openAlertBench(database);
});
afterAll(async () => {
  await alerts.slack.stop();
  await database.drop();
});

beforeEach(() => {
  bench = openWorkbench(database, new SystemClock());
  bench.write('orders.csv', ordersCsv(orders));
  bench.write('payments.csv', paymentsCsv(payments));
});
afterEach(() => bench.remove());

let nextYear = 2001;
/** The database is shared, so each test has periods of its own. */
const ownPeriod = (): string => `${nextYear++}-01`;

const requestFor = (period: string): RunRequest => ({
  control: 'CA-90',
  entity: 'acme',
  period,
  asOf: '2026-07-01',
  cause: 'requested',
  reason: null,
  requestedBy: 'a test',
});

/** Runs the control in a process that kills itself at a point, and waits for its death. */
async function runAndDie(at: KillPoint, period: string): Promise<void> {
  const order: CrashOrder = {
    configFile: bench.config.file,
    controls: path.join(bench.dir, 'controls'),
    connection: database.server.connection,
    database: database.name,
    request: requestFor(period),
    at,
  };
  const support = path.join(__dirname, '..', 'support');
  const args = ['--require', path.join(support, 'typescript.js')];
  const child = spawn(
    process.execPath,
    [...args, path.join(support, 'crash-child.ts'), JSON.stringify(order)],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  if (signal !== 'SIGKILL') throw new Error(`the child was to be killed: ${said.join('')}`);
}

/** The lease of a dead process ends, as it would by itself after a minute. */
async function endLeases(): Promise<void> {
  const owner = await database.owner();
  await owner.query(`update tieout.run_claims set lease_until = clock_timestamp() - interval '1 s'
    where not recorded`);
  await owner.end();
}

interface Recorded {
  run_id: string;
  seq: number;
  outcome: string;
  attempts: number;
  outcome_reason: string | null;
}
async function rows<T>(sql: string, period: string): Promise<T[]> {
  return (await database.app.raw<{ rows: T[] }>(sql, [period])).rows;
}
const runsOf = (period: string): Promise<Recorded[]> =>
  rows(
    `select run_id, seq, outcome, attempts, outcome_reason from tieout.runs
     where period_key = ? order by seq`,
    period,
  );

/** Everything that a recorded run is made of; nothing of it may be there without the rest. */
async function partsOf(period: string): Promise<Record<string, number>> {
  const scope = '(select run_id from tieout.run_claims where period_key = :period)';
  const parts = {
    runs: `tieout.runs where run_id in ${scope}`,
    populations: `tieout.run_populations where run_id in ${scope}`,
    lines: `tieout.statement_lines where run_id in ${scope}`,
    exceptions: 'tieout.exceptions where period_key = :period',
    events: `tieout.exception_events where run_id in ${scope}`,
    leaves: `tieout.evidence_leaves where run_id in ${scope}`,
    messages: `tieout.alert_outbox where run_id in ${scope}`,
  };
  const counts = Object.entries(parts).map(
    ([name, from]) => `(select count(*) from ${from}) as ${name}`,
  );
  const { rows: found } = await database.app.raw<{ rows: Record<string, string>[] }>(
    `select ${counts.join(', ')}`,
    { period },
  );
  return Object.fromEntries(Object.entries(found[0] ?? {}).map(([name, n]) => [name, Number(n)]));
}

const nothing = {
  runs: 0,
  populations: 0,
  lines: 0,
  exceptions: 0,
  events: 0,
  leaves: 0,
  messages: 0,
};
const whole = {
  runs: 1,
  populations: 2,
  lines: 3,
  exceptions: 2,
  events: 2,
  leaves: 1,
  messages: 1,
};

async function expectEvidenceOf(runId: string): Promise<void> {
  const { rows: files } = await database.app.raw<{ rows: { sha256: string }[] }>(
    'select sha256 from tieout.run_files where run_id = ?',
    [runId],
  );
  expect(files.length).toBeGreaterThan(5);
  for (const { sha256 } of files) {
    const stored = path.join(bench.dir, 'data/evidence/sha256', sha256.slice(0, 2), sha256);
    expect(sha256Hex(readFileSync(stored))).toBe(sha256);
  }
}

function workFolders(): string[] {
  const root = path.join(bench.dir, 'data', 'work');
  return existsSync(root) ? readdirSync(root) : [];
}

/** What the channel was told about a period, after everything queued was delivered. */
async function toldAbout(period: string): Promise<number> {
  await alerts.aDispatcher({ clock: new SystemClock() }).dispatchDue();
  const texts = alerts.slack.messages(channel).map((message) => JSON.stringify(message));
  return texts.filter((text) => text.includes(period)).length;
}

const afterClaim = killPoints.filter((at) => at !== 'claim' && at !== 'after-commit');

test.each(afterClaim)(
  'a process killed at %s leaves no run; started again, there is one, whole',
  async (at) => {
    const period = ownPeriod();
    await runAndDie(at, period);
    expect(await partsOf(period)).toEqual(nothing);
    const [claim] = await rows<{ run_id: string }>(
      'select run_id from tieout.run_claims where period_key = ?',
      period,
    );
    await expect(bench.run({ period })).rejects.toMatchObject({ code: 'run_in_progress' });

    await endLeases();
    const run = await bench.run({ period });
    expect(run).toMatchObject({ runId: claim?.run_id, seq: 1, outcome: 'exceptions', opened: 2 });
    expect(await runsOf(period)).toMatchObject([{ run_id: run.runId, attempts: 2 }]);
    expect(await partsOf(period)).toEqual(whole);
    await expectEvidenceOf(run.runId);
    expect(await toldAbout(period)).toBe(1);

    await bench.run({ period });
    expect(await partsOf(period)).toMatchObject({ runs: 2, exceptions: 2, events: 4 });
    expect(await toldAbout(period)).toBe(1);
  },
);

test('a process killed while Postgres takes its findings leaves none of them', async () => {
  const period = ownPeriod();
  const many = Array.from({ length: 5000 }, (_, i): [string, string] => [`m${i}`, '1.00']);
  bench.write('orders.csv', ordersCsv([...orders, ...many]));
  await runAndDie('findings-taken', period);
  expect(await partsOf(period)).toEqual(nothing);
  await endLeases();
  expect(await bench.run({ period })).toMatchObject({ seq: 1, findings: 5002, opened: 5002 });
  expect(await partsOf(period)).toMatchObject({ runs: 1, exceptions: 5002, events: 5002 });
  bench.write('orders.csv', ordersCsv(orders));
  expect(await bench.run({ period })).toMatchObject({ opened: 0, cleared: 5000 });
});

test('a process killed before it claimed leaves nothing to wait for', async () => {
  const period = ownPeriod();
  await runAndDie('claim', period);
  expect(await partsOf(period)).toEqual(nothing);
  expect(await bench.run({ period })).toMatchObject({ seq: 1, opened: 2 });
  expect(await runsOf(period)).toMatchObject([{ attempts: 1 }]);
});

test('a process killed after the commit leaves the run whole; next comes another run', async () => {
  const period = ownPeriod();
  await runAndDie('after-commit', period);
  expect(await partsOf(period)).toEqual(whole);
  const [run] = await runsOf(period);
  expect(run).toMatchObject({ seq: 1, outcome: 'exceptions', attempts: 1 });
  await expectEvidenceOf(run?.run_id ?? '');
  expect(await toldAbout(period)).toBe(1);
  expect(await bench.run({ period })).toMatchObject({ seq: 2, opened: 0, cleared: 0 });
  expect(await toldAbout(period)).toBe(1);
});

test('a run that kills every process is recorded as errored after its last attempt', async () => {
  const period = ownPeriod();
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    await runAndDie('evaluate', period);
    await endLeases();
  }
  expect(await partsOf(period)).toEqual(nothing);
  expect(await bench.run({ period })).toMatchObject({ seq: 1, outcome: 'errored', findings: 0 });
  const [run] = await runsOf(period);
  expect(run).toMatchObject({ outcome: 'errored', attempts: MAX_ATTEMPTS + 1 });
  expect(run?.outcome_reason).toContain(`${MAX_ATTEMPTS} attempts`);
  expect(await toldAbout(period)).toBe(1);
  expect(await bench.run({ period })).toMatchObject({ seq: 2, outcome: 'exceptions', opened: 2 });
});

test('the work of dead attempts is removed, and that of a living one is left alone', async () => {
  const [dead, living] = [ownPeriod(), ownPeriod()];
  const claims = new ClaimsStore(database.app, 'a test');
  await runAndDie('evaluate', dead);
  expect(workFolders()).toHaveLength(1);
  expect(await reapWork(bench.config, claims)).toBe(0);
  await endLeases();
  await runAndDie('frozen', living);
  const stranger = '0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a-1';
  bench.write(`data/work/${stranger}/file`, 'of a run of another database');
  expect(workFolders()).toHaveLength(3);
  expect(await reapWork(bench.config, claims)).toBe(1);
  const [claim] = await rows<{ run_id: string }>(
    'select run_id from tieout.run_claims where period_key = ?',
    living,
  );
  expect(workFolders().sort()).toEqual([stranger, `${claim?.run_id}-1`].sort());

  await endLeases();
  await bench.run({ period: living });
  expect(await reapWork(bench.config, claims)).toBe(1);
  expect(workFolders()).toEqual([stranger]);
});

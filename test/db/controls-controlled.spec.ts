import { cpSync } from 'node:fs';
import * as path from 'node:path';
import { ControlVersions } from '../../src/catalog/control-versions';
import { createLogger } from '../../src/platform/logger';
import { RunPlanner } from '../../src/runs/schedule/run-planner';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

// CTRL-00, as it ships, over the record of a control that really ran.
const shipped = 'controls/monitoring/CTRL-00-controls-do-their-work';
let database: TestDatabase;
let bench: Workbench;
let now = '2026-07-02T12:00:00.000Z';
const clock = { now: () => now };

beforeEach(async () => {
  now = '2026-07-02T12:00:00.000Z';
  database = await createTestDatabase();
  bench = openWorkbench(database, clock);
  bench.write('orders.csv', ordersCsv([['a', '10.00']]));
  bench.write('payments.csv', paymentsCsv([['p', 'a', '10.00']]));
  cpSync(shipped, path.join(bench.dir, shipped), { recursive: true });
});
afterEach(async () => {
  bench.remove();
  await database.drop();
});

/** What the schedule asks for of CA-90 alone, each month. */
const wake = async (since = '2026-05-01'): Promise<void> =>
  new RunPlanner({
    app: database.app,
    clock,
    logger: createLogger({ level: 'error' }),
    since,
    entities: bench.config.entities,
    controls: [{ id: 'CA-90', frequency: 'monthly' }],
    approved: () => Promise.resolve(new Set(['CA-90'])),
    abandoned: () => Promise.resolve([]),
    run: (request) => bench.run(request),
  }).wake();

/** Judges the month so far and gives what is open, as `code at key`. */
async function found(period: string, asOf: string): Promise<string[]> {
  const run = await bench.run({ control: 'CTRL-00', period, asOf });
  expect(run.reason).toBeNull();
  const { rows } = await database.app.raw<{ rows: { text: string }[] }>(
    `select code || ' at ' ||
       coalesce(key ->> 'control_id', key ->> 'record', 'an exception') as text
     from tieout.exceptions where control_id = 'CTRL-00' and state = 'open'
       and last_seen_run = ? order by 1`,
    [run.runId],
  );
  return rows.map(({ text }) => text);
}

async function asOwner(sql: string): Promise<void> {
  const owner = await database.owner();
  await owner.query(sql);
  await owner.end();
}

test('a control that runs when it should, in the version it came with, is no finding', async () => {
  await new ControlVersions(database.app, clock, await bench.catalog()).register();
  await wake();
  now = '2026-07-04T12:00:00.000Z';
  expect(await found('2026-07', '2026-07-03')).toEqual([]);
  expect(await found('2026-06', '2026-07-03')).toEqual([]);
});

test('what fell due while nobody ran it is missed, and stays so when it is run later', async () => {
  await new ControlVersions(database.app, clock, await bench.catalog()).register();
  await wake();
  now = '2026-08-03T12:00:00.000Z';
  expect(await found('2026-08', '2026-08-02')).toEqual(['CTRL00-MISSED at CA-90']);
  await wake();
  now = '2026-08-04T12:00:00.000Z';
  expect(await found('2026-08', '2026-08-03')).toEqual(['CTRL00-MISSED at CA-90']);
});

test('a scheduled run of a version that nobody registered or approved is found', async () => {
  await wake();
  expect(await found('2026-07', '2026-07-01')).toEqual([]);
  now = '2026-07-03T12:00:00.000Z';
  expect(await found('2026-07', '2026-07-02')).toEqual(['CTRL00-VERSION at CA-90']);
});

test('a canary that a run missed is critical until a later run finds it', async () => {
  await new ControlVersions(database.app, clock, await bench.catalog()).register();
  await wake();
  await asOwner(`alter table tieout.runs disable trigger append_only;
    update tieout.runs set canaries = jsonb_set(canaries, '{0,found}', 'false')
      where period_key = '2026-06'`);
  expect(await found('2026-06', '2026-07-01')).toEqual(['CTRL00-CANARY_MISSED at CA-90']);
  const { rows } = await database.app.raw<{ rows: { severity: string }[] }>(
    `select severity from tieout.exceptions where code = 'CTRL00-CANARY_MISSED'`,
  );
  expect(rows).toEqual([{ severity: 'critical' }]);
  await bench.run({ period: '2026-06', asOf: '2026-07-01', cause: 'scheduled', reason: 'again' });
  expect(await found('2026-06', '2026-07-01')).toEqual([]);
});

test('whatever somebody edits behind the back of the product no longer holds', async () => {
  await new ControlVersions(database.app, clock, await bench.catalog()).register();
  await wake('2026-03-01');
  const of = (period: string): string =>
    `(select run_id from tieout.runs where control_id = 'CA-90' and period_key = '${period}')`;
  await asOwner(`
    alter table tieout.runs disable trigger user;
    alter table tieout.evidence_leaves disable trigger user;
    alter table tieout.statement_lines disable trigger user;
    update tieout.runs set manifest_sha256 = repeat('0', 64) where run_id = ${of('2026-06')};
    update tieout.evidence_leaves set body = replace(body, 'passed', 'errored')
      where run_id = ${of('2026-03')};
    delete from tieout.evidence_leaves where run_id = ${of('2026-04')};
    update tieout.statement_lines set left_amount = left_amount + 1
      where run_id = ${of('2026-05')};`);
  await found('2026-06', '2026-07-01');
  const { rows } = await database.app.raw<{ rows: { text: string }[] }>(
    `select r.period_key || ': ' || split_part(e.explanation, 'does not hold: ', 2) as text
     from tieout.exceptions e join tieout.runs r on e.key ->> 'record' = 'run ' || r.run_id
     where e.code = 'CTRL00-TAMPER' order by 1`,
  );
  expect(rows.map(({ text }) => text)).toEqual([
    '2026-03: its leaf is not what was hashed; its row says something else than its leaf.',
    '2026-04: the log has no leaf of it.',
    '2026-05: its statement no longer foots.',
    '2026-06: its row says something else than its leaf.',
  ]);
});

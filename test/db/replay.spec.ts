import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { contentOrder, landRows } from '../../src/books/land-rows';
import { ControlVersions } from '../../src/catalog/control-versions';
import { wholeReach } from '../../src/core/permissions';
import type { Database } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import { ReplayDesk } from '../../src/runs/replay/replay-desk';
import type { ControlReplay } from '../../src/runs/replay/replay.contract';
import { runDependencies } from '../../src/runs/run-dependencies';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

const folder = 'controls/cash/CA-90-every-order-is-paid';
const clock = { now: () => '2026-08-02T08:00:00.000000Z' };
const actor = { name: 'cli:a test', personId: null, via: 'cli' } as const;

let database: TestDatabase;
let bench: Workbench;

beforeAll(async () => {
  database = await createTestDatabase();
  bench = openWorkbench(database, clock);
  // In June b is short by one and c is not paid; in July all is well but for b.
  bench.write(
    'orders.csv',
    ordersCsv([
      ['b', '20.00'],
      ['c', '30.00'],
    ]),
  );
  bench.write('payments.csv', paymentsCsv([['p1', 'b', '19.00']]));
  await (await versionsNow()).register();
  await bench.run();
  bench.write('orders.csv', ordersCsv([['b', '20.00']]));
  await bench.run({ period: '2026-07', asOf: '2026-08-01' });
});
afterAll(async () => {
  bench.remove();
  await database.drop();
});

const versionsNow = async (): Promise<ControlVersions> =>
  new ControlVersions(database.app, clock, await bench.catalog());

const dependencies = async (read: Database = database) =>
  runDependencies({
    ...{ config: bench.config, database: read, clock, catalog: await bench.catalog() },
    logger: createLogger({ level: 'error' }),
  });

/** Changes a file of the control, registers what it is then, and replays it. */
async function replayChanged(
  file: string,
  change: (text: string) => string,
  periods = 3,
  read: Database = database,
): Promise<ControlReplay> {
  const place = path.join(bench.dir, folder, file);
  const was = readFileSync(place, 'utf8');
  bench.write(`${folder}/${file}`, change(was));
  const versions = await versionsNow();
  await versions.register();
  const version = (await bench.catalog()).controls[0]?.version ?? '';
  // What the folder says by then is of no matter: a version is replayed as it was registered.
  bench.write(`${folder}/${file}`, was);
  const desk = new ReplayDesk(await dependencies(read), versions);
  return desk.replay({ control: 'CA-90', version, periods }, actor);
}

const told = ({ periods }: ControlReplay) =>
  periods.map(({ period_key, basis, gained, lost, before, after, findings }) => ({
    of: `${period_key} ${basis} ${before.findings} -> ${after.findings}`,
    counts: `+${gained} -${lost}`,
    findings: findings.map(({ change, code, key }) => `${change} ${code} ${key['order_id']}`),
  }));

async function recorded(): Promise<unknown> {
  const { rows } = await database.app.raw<{ rows: unknown[] }>(
    `select (select count(*) from tieout.runs) as runs,
       (select count(*) from tieout.exceptions) as exceptions,
       (select count(*) from tieout.exception_events) as events,
       (select count(*) from tieout.run_claims) as claims,
       (select count(*) from tieout.alert_outbox) as alerts`,
  );
  return rows[0];
}

test('a rule that changed is judged over the very files of each period, newest first', async () => {
  const before = await recorded();
  const replay = await replayChanged('control.yaml', (text) =>
    text.replace('minor_units: 1,', 'minor_units: 200,'),
  );
  expect(told(replay)).toEqual([
    { of: '2026-07 evidence 1 -> 0', counts: '+0 -1', findings: ['lost CA90-AMOUNT b'] },
    { of: '2026-06 evidence 2 -> 1', counts: '+0 -1', findings: ['lost CA90-AMOUNT b'] },
  ]);
  expect(replay.periods[0]?.impacts).toEqual([{ currency: 'USD', gained: '0', lost: '1' }]);
  expect(await recorded()).toEqual(before);
  const kept = await new ReplayDesk(await dependencies(), await versionsNow()).list(
    'CA-90',
    replay.version,
    wholeReach,
  );
  expect(kept).toEqual([replay]);
  const foreign = [{ entity: 'other', from: null, to: null }];
  const shown = await new ReplayDesk(await dependencies(), await versionsNow()).list(
    'CA-90',
    replay.version,
    foreign,
  );
  expect(shown.map(({ periods }) => periods)).toEqual([[]]);
});

test('where the population asks otherwise, both versions judge what is there today', async () => {
  // d is new in the file since the run: it is no gain, for the approved version finds it too.
  bench.write(
    'orders.csv',
    ordersCsv([
      ['b', '20.00'],
      ['c', '30.00'],
      ['d', '1.00'],
    ]),
  );
  const replay = await replayChanged(
    'orders.sql',
    (text) => text.replace('where amount', `where order_id <> 'c' and amount`),
    1,
  );
  expect(told(replay)).toEqual([
    { of: '2026-07 frozen_anew 3 -> 2', counts: '+0 -1', findings: ['lost CA90-UNPAID c'] },
  ]);
});

test('a version that can give no verdict says why, and nothing is gained or lost', async () => {
  const replay = await replayChanged(
    'payments.sql',
    (text) => text.replace('amount, currency', `nullif(amount, 19) as amount, currency`),
    1,
  );
  expect(replay.periods).toMatchObject([
    {
      before: { outcome: 'exceptions', reason: null },
      after: { outcome: 'not_evaluated', reason: 'Payments has 1 items without amount.' },
      gained: '0',
      lost: '0',
      findings: [],
    },
  ]);
});

test('the gate sees the moment that is frozen, whatever is landed in between', async () => {
  let landings = 0;
  const landsMeanwhile: Database = {
    ...database,
    reader: async () => {
      if ((landings += 1) === 1) await landPerson();
      return database.reader();
    },
  };
  const restoreCases = changeCases((text) =>
    text
      .replace('files.orders', 'books.people')
      .replace('{ order_id: a, amount: "1" }', '{ person_id: a }'),
  );
  const replay = await replayChanged(
    'orders.sql',
    () =>
      `select person_id as order_id, cast(1 as numeric(24, 6)) as amount, 'USD' as currency,
         'hr:person:' || person_id as source_ref
       from books.people where 1 >= :least`,
    1,
    landsMeanwhile,
  );
  restoreCases();
  expect(landings).toBeGreaterThan(0);
  expect(replay.periods[0]?.after).toMatchObject({
    outcome: 'not_evaluated',
    reason: 'books.people was never landed; run tieout sync.',
  });
});

/** Changes every case of the control; returns what puts them back. */
function changeCases(change: (text: string) => string): () => void {
  const cases = ['clean', 'unpaid', 'no-order', 'amount'].map((name) => {
    const file = `${folder}/cases/${name}.yaml`;
    return { file, was: readFileSync(path.join(bench.dir, file), 'utf8') };
  });
  for (const { file, was } of cases) bench.write(file, change(was));
  return () => cases.forEach(({ file, was }) => bench.write(file, was));
}

/** The first of whom the books know. */
function landPerson(): Promise<unknown> {
  return landRows(
    database,
    {
      ...{ table: 'people', source: 'warehouse', account: 'wh', object: 'people' },
      columns: contentOrder(['person_id', 'entity_id']),
      lines: async function* () {
        yield await Promise.resolve(Buffer.from('acme\tada\n'));
      },
      ...{ amount: null, expected: null, sourceSystem: null },
      extractedAt: '2026-08-02T07:00:00Z',
    },
    { clock, entities: ['acme'] },
  );
}

test('evidence that is not what was hashed is not replayed', async () => {
  const { rows } = await database.app.raw<{ rows: { sha256: string }[] }>(
    `select f.sha256 from tieout.run_files f join tieout.runs r using (run_id)
     where r.period_key = '2026-07' and f.path = 'populations/orders.parquet'`,
  );
  const store = (await dependencies()).evidence;
  const file = store.pathOf(rows[0]?.sha256 ?? '');
  const was = readFileSync(file);
  chmodSync(file, 0o600);
  writeFileSync(file, Buffer.concat([was, Buffer.from('x')]));
  await expect(
    replayChanged('control.yaml', (text) => text.replace('minor_units: 1,', 'minor_units: 300,')),
  ).rejects.toThrow('does not have its hash');
  writeFileSync(file, was);
});

test('an approved version has nothing to replay, and a kept replay is never changed', async () => {
  const versions = await versionsNow();
  const initial = (await versions.versions('CA-90')).find(({ state }) => state === 'initial');
  const desk = new ReplayDesk(await dependencies(), versions);
  await expect(
    desk.replay({ control: 'CA-90', version: initial?.version ?? '', periods: 3 }, actor),
  ).rejects.toMatchObject({ code: 'illegal_move' });
  const owner = await database.owner();
  await expect(owner.query(`update tieout.control_replays set result = '{}'`)).rejects.toThrow(
    'append-only',
  );
  await owner.end();
});

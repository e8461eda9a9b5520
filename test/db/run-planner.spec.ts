import type { Frequency } from '../../src/core/calendar';
import { createLogger } from '../../src/platform/logger';
import { RunPlanner } from '../../src/runs/schedule/run-planner';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openWorkbench, ordersCsv, paymentsCsv, type Workbench } from '../support/workbench';

const approved = new Set(['CA-90']);
let database: TestDatabase;
let bench: Workbench;
let now = '2026-07-02T12:00:00.000Z';
const clock = { now: () => now };

beforeEach(async () => {
  database = await createTestDatabase();
  bench = openWorkbench(database, clock);
  bench.write('orders.csv', ordersCsv([['a', '10.00']]));
  bench.write('payments.csv', paymentsCsv([['p', 'a', '10.00']]));
});
afterEach(async () => {
  bench.remove();
  await database.drop();
});

const planner = (since: string | null): RunPlanner =>
  new RunPlanner({
    app: database.app,
    clock,
    logger: createLogger({ level: 'error' }),
    since,
    entities: bench.config.entities,
    controls: [{ id: 'CA-90', frequency: 'monthly' satisfies Frequency }],
    approved: () => Promise.resolve(approved),
    abandoned: () => Promise.resolve([]),
    run: (request) => bench.run(request),
  });

async function runs(): Promise<string[]> {
  const { rows } = await database.app.raw<{ rows: { text: string }[] }>(
    `select period_key || ' ' || seq || ' ' || cause || ' ' || as_of || ' ' || outcome as text
     from tieout.runs order by recorded_at`,
  );
  return rows.map((row) => row.text);
}

test('periods that ended while nobody was there are run oldest first, and only once', async () => {
  now = '2026-07-02T12:00:00.000Z';
  await planner('2026-05-01').wake();
  await planner('2026-05-01').wake();
  expect(await runs()).toEqual([
    '2026-05 1 scheduled 2026-07-01 passed',
    '2026-06 1 scheduled 2026-07-01 passed',
  ]);
});

test('two servers that wake together run a period once', async () => {
  await Promise.all([planner('2026-06-01').wake(), planner('2026-06-01').wake()]);
  expect(await runs()).toEqual(['2026-06 1 scheduled 2026-07-01 passed']);
});

test('without a schedule nothing runs by itself', async () => {
  await planner(null).wake();
  expect(await runs()).toEqual([]);
});

test('an abandoned run comes first', async () => {
  const request = {
    control: 'CA-90',
    entity: 'acme',
    period: '2026-04',
    asOf: '2026-05-01',
    cause: 'requested' as const,
    reason: null,
    requestedBy: 'someone',
  };
  const due = new RunPlanner({
    app: database.app,
    clock,
    logger: createLogger({ level: 'error' }),
    since: '2026-06-01',
    entities: bench.config.entities,
    controls: [{ id: 'CA-90', frequency: 'monthly' }],
    approved: () => Promise.resolve(approved),
    abandoned: () => Promise.resolve([request]),
    run: () => Promise.resolve(),
  });
  expect((await due.dueRequests()).map(({ period }) => period)).toEqual(['2026-04', '2026-06']);
});

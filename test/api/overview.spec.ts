import { createTestDatabase, type TestDatabase } from '../support/database';
import type { Overview } from '../../src/runs/overview/overview.contract';
import { turns } from '../../src/runs/overview/overview.queries';
import { openApiBench, type ApiBench } from './api-bench';

let database: TestDatabase;
let api: ApiBench;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const overview = async (query = ''): Promise<Overview> => {
  const { status, body } = await api.agent.get(`/api/v1/overview${query}`);
  expect(status).toBe(200);
  return body as Overview;
};

test('a control that never ran is said to have never run', async () => {
  const { controls, open, at_risk } = await overview();
  expect(controls).toEqual([{ control_id: 'CA-90', entity_id: 'acme', newest: null, open: 0 }]);
  expect([open, at_risk]).toEqual([[], []]);
});

test('what is open counts by severity and age, and is at risk until it is cleared', async () => {
  const first = await api.run();
  const found = await overview('?entity=acme');
  expect(found.controls[0]).toMatchObject({
    newest: { run_id: first, outcome: 'exceptions', period_key: '2026-06' },
    open: 2,
  });
  // b is short by 1.00 of 20.00, c (30.00) is not paid; both are small against materiality.
  expect(found.open).toEqual([
    { severity: 'low', age_days: '0-7', currency: 'USD', exceptions: '2', impact: '31' },
  ]);
  const today = found.at.slice(0, 10);
  expect(found.at_risk).toEqual([{ on: today, currency: 'USD', exceptions: '2', impact: '31' }]);
  expect([found.due, found.scheduled_since]).toEqual([[], null]);

  const orders = 'order_id,amount\na,10.00\n';
  api.bench.write('orders.csv', orders);
  api.bench.write('payments.csv', 'payment_id,order_id,amount\np1,a,10.00\n');
  await api.bench.run({ reason: 'all is paid now' });
  const clean = await overview();
  expect(clean.controls[0]).toMatchObject({ newest: { outcome: 'passed' }, open: 0 });
  expect(clean.open).toEqual([]);
  expect(clean.at_risk).toEqual([{ on: today, currency: 'USD', exceptions: '0', impact: '0' }]);
});

test('an entity that is asked for hides the others', async () => {
  expect((await overview('?entity=elsewhere')).controls).toEqual([]);
});

test('the index of events of risk holds just the kinds that are asked for', async () => {
  const { rows } = await database.app.raw<{ rows: { predicate: string }[] }>(
    `select pg_get_expr(indpred, indrelid) as predicate from pg_index
     where indexrelid = cast('tieout.exception_events_of_risk' as regclass)`,
  );
  const kinds = [...(rows[0]?.predicate ?? '').matchAll(/'(\w+)'/g)].map(([, kind]) => kind);
  expect(kinds.sort()).toEqual([...turns].sort());
});

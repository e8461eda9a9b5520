import { createTestDatabase, type TestDatabase } from '../support/database';
import { ordersCsv, paymentsCsv } from '../support/workbench';
import { openApiBench, type ApiBench } from './api-bench';
import { addPerson, signIn, type Browser } from './signed-in';

let database: TestDatabase;
let api: ApiBench;
let preparer: Browser;
let reviewer: Browser;
let both: Browser;
let admin: Browser;

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
  const browserOf = async (...roles: Parameters<typeof addPerson>[1][]): Promise<Browser> =>
    signIn(api, database, (await addPerson(database, ...roles)).email);
  preparer = await browserOf({ role: 'preparer' });
  reviewer = await browserOf({ role: 'reviewer' });
  both = await browserOf({ role: 'preparer' }, { role: 'reviewer' });
  admin = await browserOf({ role: 'admin' });
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

/** A run in which the only order is paid but for `short`. */
async function run(period: string, amount: string, paid: string): Promise<string> {
  api.bench.write('orders.csv', ordersCsv([['a', amount]]));
  api.bench.write('payments.csv', paymentsCsv([['p1', 'a', paid]]));
  return (await api.bench.run({ period, reason: 'again' })).runId;
}

const sign = (who: Browser, step: string, period: string) =>
  who.post('signoffs', {
    step,
    entity: 'acme',
    items: [{ control: 'CA-90', period }],
    statement: 'I looked at it',
  });
async function codeOf(answer: Promise<{ body: { refused: { code: string }[] } }>) {
  return (await answer).body.refused[0]?.code ?? 'signed';
}
async function stateOf(period: string): Promise<Record<string, unknown>> {
  const { body } = await preparer.get(`close?entity=acme&period=${period}`);
  const [control] = body.controls as { periods: Record<string, unknown>[] }[];
  return control?.periods[0] ?? {};
}

test('a preparer signs, then a reviewer, and both bind to the run they looked at', async () => {
  const runId = await run('2025-01', '10', '10');
  expect(await codeOf(sign(reviewer, 'review', '2025-01'))).toBe('illegal_move');
  expect(await codeOf(sign(reviewer, 'prepare', '2025-01'))).toBe('forbidden');
  const prepared = await sign(preparer, 'prepare', '2025-01');
  expect(prepared.body).toEqual({
    signed: [{ control: 'CA-90', entity: 'acme', period: '2025-01', run_id: runId }],
    refused: [],
  });
  expect(await codeOf(sign(preparer, 'prepare', '2025-01'))).toBe('illegal_move');
  expect(await codeOf(sign(reviewer, 'review', '2025-01'))).toBe('signed');
  expect(await stateOf('2025-01')).toMatchObject({
    state: 'reviewed',
    signed_run: runId,
    prepared: { person_id: preparer.me['person_id'] },
    reviewed: { person_id: reviewer.me['person_id'] },
    blockers: [],
  });
});

test('nobody signs twice over, whatever roles they hold, and no admin at all', async () => {
  await run('2025-02', '10', '10');
  expect(await codeOf(sign(both, 'prepare', '2025-02'))).toBe('signed');
  expect(await codeOf(sign(both, 'review', '2025-02'))).toBe('same_person');
  expect((await sign(admin, 'review', '2025-02')).status).toBe(403);
});

test('open exceptions and runs without a verdict block, and say so', async () => {
  await run('2025-03', '200', '50');
  const refused = await sign(preparer, 'prepare', '2025-03');
  expect(refused.body.refused).toMatchObject([
    { code: 'sign_off_blocked', detail: 'Exceptions not settled: 1 medium.' },
  ]);
  api.bench.write('payments.csv', 'not,a,payment\n');
  await api.bench.run({ period: '2025-04' });
  expect(await codeOf(sign(preparer, 'prepare', '2025-04'))).toBe('sign_off_blocked');
  expect(await codeOf(sign(preparer, 'prepare', '2025-05'))).toBe('sign_off_blocked');
  const { body } = await preparer.get('close?entity=acme&period=2025-05');
  expect(body.counts).toMatchObject({ expected: 1, not_run: 1, reviewed: 0 });
});

test('a later run that found the same leaves it signed; one that differs reopens it', async () => {
  await run('2025-06', '10', '10');
  await sign(preparer, 'prepare', '2025-06');
  await sign(reviewer, 'review', '2025-06');
  await run('2025-06', '10', '10');
  expect((await stateOf('2025-06'))['state']).toBe('reviewed');
  await run('2025-06', '11', '11');
  expect(await stateOf('2025-06')).toMatchObject({
    state: 'reopened',
    reopened_reason: expect.stringContaining('Orders: 1 items (10 USD) are now 1 (11 USD).'),
    prepared: null,
    reviewed: null,
  });
  expect(await codeOf(sign(preparer, 'prepare', '2025-06'))).toBe('signed');
  const { body } = await reviewer.get('signoffs?control=CA-90&entity=acme&period=2025-06');
  const steps = (body.events as { step: string }[]).map(({ step }) => step);
  expect(steps).toEqual(['prepared', 'reopened', 'reviewed', 'prepared']);
});

test('what was let pass is added up without sign and held against materiality', async () => {
  api.bench.write(
    'orders.csv',
    ordersCsv([
      ['a', '1500.00'],
      ['b', '20.00'],
    ]),
  );
  api.bench.write(
    'payments.csv',
    paymentsCsv([
      ['p1', 'a', '1499.99'],
      ['p2', 'b', '20.01'],
    ]),
  );
  await api.bench.run({ period: '2025-07' });
  const { body } = await preparer.get('close?entity=acme&period=2025-07');
  expect(body.tolerated).toEqual([
    {
      currency: 'USD',
      within_tolerance: '0.02',
      risk_accepted: '0',
      explained: '0',
      reconciling_items: '0',
      total: '0.02',
      materiality: '1000',
      exceeds: false,
    },
  ]);
});

test('months of an entity are listed with how far they are', async () => {
  const { body } = await preparer.get('periods?entity=acme');
  const months = body.periods as { key: string }[];
  expect(months.find(({ key }) => key === '2025-01')).toMatchObject({ runs: 1, reviewed: 1 });
  expect(months.find(({ key }) => key === '2025-04')).toMatchObject({ without_verdict: 1 });
  expect((await preparer.get('periods?entity=nobody')).body.periods).toEqual([]);
});

test('the database refuses the same when the API is bypassed', async () => {
  const runId = await run('2025-08', '200', '50');
  const signed = await run('2025-09', '10', '10');
  await sign(both, 'prepare', '2025-09');
  const insert = (step: string, period: string, on: string, who: Browser): Promise<unknown> =>
    database.app.transaction(async (trx) => {
      const person = String(who.me['person_id']);
      const { rows } = await trx.raw<{ rows: { id: string }[] }>(
        `insert into tieout.audit_events (event_id, at, actor, actor_person, via, action,
           subject_kind, subject_id, facts)
         values (gen_random_uuid(), clock_timestamp(), 'x', :person, 'session', 'a.b', 'run', 'x',
           '{}') returning event_id as id`,
        { person },
      );
      await trx.raw(
        `insert into tieout.signoffs (control_id, entity_id, period_key, step, run_id, person_id,
           at, audit_event)
         values ('CA-90', 'acme', :period, :step, :on, :person, clock_timestamp(), :id)`,
        { step, period, on, person, id: rows[0]?.id ?? '' },
      );
    });
  await expect(insert('reviewed', '2025-09', signed, both)).rejects.toThrow('another person');
  await expect(insert('reviewed', '2025-09', signed, admin)).rejects.toThrow('needs its role');
  await expect(insert('reviewed', '2025-08', runId, reviewer)).rejects.toThrow('another person');
  await expect(insert('prepared', '2025-09', signed, preparer)).rejects.toThrow('signed already');
  await expect(insert('prepared', '2025-08', signed, preparer)).rejects.toThrow('of its own');
  await expect(database.app.raw('delete from tieout.signoffs')).rejects.toThrow('permission');
  await expect(database.app.raw(`update tieout.signoffs set step = 'reviewed'`)).rejects.toThrow(
    'permission',
  );
});

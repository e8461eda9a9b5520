import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openApiBench, writeFiles, type ApiBench } from './api-bench';
import { answerProblems } from './published';

let database: TestDatabase;
let api: ApiBench;
let runId: string;
let document: Parameters<typeof answerProblems>[0];

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
  runId = await api.run();
  document = (await api.agent.get('/api/openapi.json')).body;
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const v1 = '/api/v1';
const valuesOf = (list: unknown, field: string): unknown[] =>
  (list as Record<string, unknown>[]).map((entry) => entry[field]);
const write = (body: object) =>
  api.agent.post(`${v1}/runs`).set('Authorization', `Bearer ${api.writer}`).send(body);

test('controls are listed with the problems of folders that hold none', async () => {
  const { status, body } = await api.agent.get(`${v1}/controls`);
  expect(status).toBe(200);
  expect(body.controls).toMatchObject([
    { id: 'CA-90', title: 'Every order is paid', owner: 'finance' },
  ]);
  expect(body.problems).toEqual([]);
});

test('a control shows its definition, the SQL it runs, its version and its files', async () => {
  const { body } = await api.agent.get(`${v1}/controls/CA-90`);
  expect(body.definition.procedures[0].name).toBe('orders-to-payments');
  expect(valuesOf(body.populations, 'sql')).toEqual([
    expect.stringContaining('from files.orders'),
    expect.stringContaining('from files.payments'),
  ]);
  expect(body.version).toMatch(/^[0-9a-f]{64}$/);
  expect(valuesOf(body.files, 'path')).toEqual([
    'cash/CA-90-every-order-is-paid/control.yaml',
    'cash/CA-90-every-order-is-paid/orders.sql',
    'cash/CA-90-every-order-is-paid/payments.sql',
  ]);
});

test('a run shows its facts, its steps and its populations with their totals', async () => {
  const { body } = await api.agent.get(`${v1}/runs/${runId}`);
  expect(body).toMatchObject({
    run_id: runId,
    control_id: 'CA-90',
    period: { key: '2026-06', start: '2026-06-01', end: '2026-07-01' },
    as_of: '2026-07-01',
    outcome: 'exceptions',
    outcome_reason: null,
    findings: '2',
    populations: [
      { side: 'left', items: '3', totals: [{ currency: 'USD', items: '3', amount: '60' }] },
      { side: 'right', items: '3', totals: [{ currency: 'USD', items: '3', amount: '29' }] },
    ],
  });
  expect(Object.keys(body.step_ms)).toEqual(expect.arrayContaining(['freeze', 'record']));
});

test('a statement goes from left total to right total by the effects of its lines', async () => {
  const { body } = await api.agent.get(`${v1}/runs/${runId}/statement`);
  expect(body.procedures).toHaveLength(1);
  expect(body.procedures[0]).toMatchObject({ left_label: 'Orders', right_label: 'Payments' });
  const [usd] = body.procedures[0].currencies;
  expect([usd.left, usd.right]).toEqual([
    { items: '3', amount: '60' },
    { items: '3', amount: '29' },
  ]);
  const effects = valuesOf(usd.lines, 'code').map((code, line) => [
    code,
    valuesOf(usd.lines, 'effect')[line],
  ]);
  expect(effects).toEqual([
    ['CA90-AMOUNT', '-1'],
    ['CA90-UNPAID', '-30'],
    [null, '0'],
  ]);
});

test('an exception shows its facts, and its history with the items behind it', async () => {
  const list = await api.agent.get(`${v1}/exceptions?code=CA90-AMOUNT&state=open`);
  expect(list.body.items).toMatchObject([{ key: { order_id: 'b' }, difference: '1', impact: '1' }]);
  const { body } = await api.agent.get(`${v1}/exceptions/${list.body.items[0].exception_id}`);
  expect(body.events).toMatchObject([
    { kind: 'opened', run_id: runId, left_count: '1', left_items: [{ order_id: 'b' }] },
  ]);
  expect(body.events_total).toBe('1');
});

test('lists are narrowed by every filter they publish', async () => {
  const count = async (address: string): Promise<number> => {
    const { body } = await api.agent.get(`${v1}/${address}`);
    return valuesOf(body.items, 'control_id').length;
  };
  const scope = 'control=CA-90&entity=acme&period=2026-06';
  expect(await count(`runs?${scope}&outcome=exceptions`)).toBe(1);
  expect(await count(`exceptions?${scope}&state=open&severity=low`)).toBe(2);
  for (const other of ['control=CA-91', 'entity=other', 'period=2026-07', 'outcome=passed'])
    expect(await count(`runs?${other}`)).toBe(0);
  for (const other of ['control=CA-91', 'entity=other', 'period=2026-07', 'state=cleared'])
    expect(await count(`exceptions?${other}`)).toBe(0);
  for (const other of ['severity=high', 'code=CA90-NO_ORDER'])
    expect(await count(`exceptions?${other}`)).toBe(0);
});

test('an ordered run carries the name of its token and is found at its Location', async () => {
  writeFiles(api.bench);
  const order = { control: 'CA-90', entity: 'acme', period: '2026-01', as_of: '2026-02-01' };
  const created = await write(order);
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({
    requested_by: 'token:a writer',
    cause: 'requested',
    as_of: '2026-02-01',
    outcome: 'exceptions',
  });
  const found = await api.agent.get(String(created.headers['location']));
  expect(found.body).toEqual(created.body);
});

test('a run ordered again counts on and keeps its reason', async () => {
  const order = { control: 'CA-90', entity: 'acme', period: '2026-02' };
  await write(order);
  const { body } = await write({ ...order, reason: 'late payments arrived' });
  expect(body).toMatchObject({ seq: 2, reason: 'late payments arrived' });
});

test('a run of a period that is being run is refused with 409', async () => {
  await database.app.raw(
    `insert into tieout.run_claims (control_id, entity_id, period_key, seq, run_id, cause,
       requested_by, as_of, worker, lease_until)
     values ('CA-90', 'acme', '2026-03', 1, :id, 'requested', 'another', '2026-04-01', 'elsewhere',
       clock_timestamp() + interval '1 minute')`,
    { id: randomUUID() },
  );
  const answer = await write({ control: 'CA-90', entity: 'acme', period: '2026-03' });
  expect([answer.status, answer.body.code]).toEqual([409, 'run_in_progress']);
});

test.each<[order: object, status: number]>([
  [{ control: 'CA-99', entity: 'acme', period: '2026-06' }, 404],
  [{ control: 'CA-90', entity: 'nobody', period: '2026-06' }, 404],
  [{ control: 'CA-90', entity: 'acme', period: '2026-W27' }, 400],
  [{ control: 'CA-90', entity: 'acme', period: '2026-06', as_of: '2026-02-30' }, 400],
  [{ control: 'CA-90', entity: 'acme', period: '2026-06', reason: 'a\u0000b' }, 400],
  [{ control: 'CA-90', entity: 'acme', period: '2026-06', force: true }, 400],
  [{}, 400],
])('an order that cannot be run is refused: %j', async (order, status) => {
  const answer = await write(order);
  expect(answer.status).toBe(status);
  expect(answer.headers['content-type']).toBe('application/problem+json');
});

test.each([
  ['runs?cursor=bm90LWEtY3Vyc29y', 'cursor'],
  [`runs?cursor=${Buffer.from('["0000-01-01T00:00:00Z","x"]').toString('base64url')}`, 'cursor'],
  ['runs?limit=201', 'limit'],
  ['runs?limit=ten', 'limit'],
  ['runs?outcome=failed', 'outcome'],
  ['runs?outcome=passed&outcome=errored', 'outcome'],
  ['runs?outcom=passed', 'outcom'],
  ['runs?control=%00', 'control'],
  ['exceptions?state=shut', 'state'],
  ['exceptions?code=%27;drop', 'code'],
  ['exceptions/not-an-id', 'id'],
  ['runs/not-an-id/statement', 'id'],
  ['controls/ca90', 'id'],
])(
  'a request that is not valid is answered with the field that is wrong: %s',
  async (path, field) => {
    const { status, body } = await api.agent.get(`${v1}/${path}`);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(valuesOf(body.problems, 'field')).toEqual([field]);
  },
);

test('answers are what the published document says of them', async () => {
  const exceptionId = String(
    (await api.agent.get(`${v1}/exceptions`)).body.items[0].exception_id as string,
  );
  const missing = randomUUID();
  const reads: [string, Record<string, string>][] = [
    [`${v1}/controls`, {}],
    [`${v1}/controls/{id}`, { id: 'CA-90' }],
    [`${v1}/controls/{id}`, { id: 'CA-99' }],
    [`${v1}/runs`, {}],
    [`${v1}/runs/{id}`, { id: runId }],
    [`${v1}/runs/{id}`, { id: missing }],
    [`${v1}/runs/{id}/statement`, { id: runId }],
    [`${v1}/runs/{id}/statement`, { id: missing }],
    [`${v1}/runs/{id}/evidence`, { id: runId }],
    [`${v1}/runs/{id}/evidence`, { id: missing }],
    [`${v1}/runs/{id}/evidence.zip`, { id: missing }],
    [`${v1}/runs/{id}/evidence/{path}`, { id: runId, path: 'none.json' }],
    [`${v1}/exceptions`, {}],
    [`${v1}/exceptions/{id}`, { id: exceptionId }],
    [`${v1}/exceptions/{id}`, { id: 'x' }],
    [`${v1}/exceptions/{id}`, { id: missing }],
    ['/health/live', {}],
    ['/health/ready', {}],
  ];
  for (const [path, values] of reads) {
    const answer = await api.agent.get(
      path.replace(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? ''),
    );
    expect([path, answerProblems(document, { method: 'get', path }, answer)]).toEqual([path, []]);
  }
  const post = { method: 'post', path: `${v1}/runs` };
  const order = { control: 'CA-90', entity: 'acme', period: '2025-12' };
  expect(answerProblems(document, post, await write(order))).toEqual([]);
  expect(answerProblems(document, post, await write({}))).toEqual([]);
  expect(answerProblems(document, post, await api.agent.post(`${v1}/runs`).send(order))).toEqual(
    [],
  );
});

test('a run that could not be evaluated says why and has an empty statement', async () => {
  api.bench.write('orders.csv', 'order_id,amount\na,many\n');
  const { body } = await write({ control: 'CA-90', entity: 'acme', period: '2024-01' });
  expect(body).toMatchObject({ outcome: 'not_evaluated', populations: [] });
  expect(body.outcome_reason).toContain('orders.csv');
  const statement = await api.agent.get(`${v1}/runs/${body.run_id}/statement`);
  expect(statement.body.procedures).toEqual([]);
});

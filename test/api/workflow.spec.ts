import { exceptionStates, moves } from '../../src/core/exception';
import { permissions } from '../../src/core/permissions';
import { DayWatch } from '../../src/exceptions/day-watch';
import { EntityDays } from '../../src/platform/entity-days';
import { createLogger } from '../../src/platform/logger';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { ordersCsv, paymentsCsv } from '../support/workbench';
import { clockAt, openApiBench, type ApiBench } from './api-bench';
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

let month = 0;
/** Runs a period of its own in which b is short by one and c is not paid. */
async function open(): Promise<{ period: string; short: string; unpaid: string }> {
  month += 1;
  const period = `2025-${String(month).padStart(2, '0')}`;
  await api.run({ period });
  const { body } = await preparer.get(`exceptions?period=${period}&sort=impact`);
  const [unpaid, short] = body.items as { exception_id: string }[];
  return { period, unpaid: unpaid?.exception_id ?? '', short: short?.exception_id ?? '' };
}

/** Another run of the period, in which b was paid `paid` and c as given. */
async function runAgain(period: string, paid: string, paidC?: string): Promise<void> {
  api.bench.write(
    'orders.csv',
    ordersCsv([
      ['a', '10.00'],
      ['b', '20.00'],
      ['c', '30.00'],
    ]),
  );
  const rows: [string, string, string][] = [
    ['p1', 'a', '10.00'],
    ['p3', 'b', paid],
  ];
  if (paidC !== undefined) rows.push(['p4', 'c', paidC]);
  api.bench.write('payments.csv', paymentsCsv(rows));
  await api.bench.run({ period, reason: 'again' });
}

const explained = {
  move: 'propose',
  disposition: 'explained',
  root_cause: 'timing',
  reason: 'paid in July',
};
const move = (who: Browser, id: string, body: object) => who.post(`exceptions/${id}/moves`, body);
const stateOf = async (id: string): Promise<unknown> =>
  (await preparer.get(`exceptions/${id}`)).body.state;

test('a preparer proposes, a reviewer sends back and closes, and history tells it', async () => {
  const { short } = await open();
  expect((await move(preparer, short, { move: 'acknowledge' })).body.state).toBe('acknowledged');
  expect((await move(preparer, short, explained)).body).toMatchObject({
    state: 'proposed',
    disposition: 'explained',
    root_cause: 'timing',
    proposed_by: { person_id: preparer.me['person_id'] },
    moves: ['withdraw', 'comment', 'attach', 'assign'],
  });
  const back = await move(reviewer, short, { move: 'send_back', reason: 'which payment?' });
  expect(back.body).toMatchObject({ state: 'acknowledged', disposition: null, proposed_by: null });
  await move(preparer, short, { ...explained, reason: 'payment p9' });
  const { body } = await move(reviewer, short, { move: 'approve' });
  expect(body).toMatchObject({
    state: 'closed',
    closed_by: { person_id: reviewer.me['person_id'] },
  });
  const told = body.events as { kind: string; actor: string; reason: string }[];
  expect(told.map(({ kind }) => kind).reverse()).toEqual([
    'opened',
    'acknowledged',
    'proposed',
    'sent_back',
    'proposed',
    'closed',
  ]);
  expect(told[1]).toMatchObject({ actor: preparer.me['actor'], reason: 'payment p9' });
  const { rows } = await database.app.raw<{ rows: { n: string }[] }>(
    `select count(*) as n from tieout.exception_events v
     join tieout.evidence_leaves l on l.event_id = v.audit_event where v.exception_id = :short`,
    { short },
  );
  expect(rows[0]?.n).toBe('5');
});

test('nobody closes what they proposed, whatever roles they hold', async () => {
  const { short } = await open();
  await move(both, short, explained);
  expect((await move(both, short, { move: 'approve' })).body.code).toBe('same_person');
  expect((await move(both, short, { move: 'send_back', reason: 'x' })).status).toBe(403);
  expect((await move(preparer, short, { move: 'approve' })).body.code).toBe('forbidden');
  expect((await move(admin, short, { move: 'approve' })).body.code).toBe('forbidden');
  expect((await move(admin, short, { move: 'comment', reason: 'x' })).status).toBe(403);
  expect(await stateOf(short)).toBe('proposed');
});

test('a move on an older look, or one that leads nowhere, is refused', async () => {
  const { short } = await open();
  expect((await move(preparer, short, { move: 'withdraw', reason: 'x' })).body.code).toBe(
    'illegal_move',
  );
  const { body } = await preparer.post(`exceptions/${short}/comments`, { text: 'looking' });
  await move(preparer, short, { move: 'acknowledge', last_event: body.last_event });
  const late = await move(preparer, short, { ...explained, last_event: body.last_event });
  expect([late.status, late.body.code]).toEqual([409, 'conflict']);
});

const close = async (id: string, proposal: object): Promise<void> => {
  await move(preparer, id, { ...explained, ...proposal });
  expect((await move(reviewer, id, { move: 'approve' })).status).toBe(200);
};
const instantIn = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();

test('what is closed stays so while its reason holds, and opens again when not', async () => {
  const held = await open();
  await close(held.short, {});
  await close(held.unpaid, { disposition: 'corrected' });
  await runAgain(held.period, '19.00');
  // Explained, and the same as then; corrected, and still there.
  expect([await stateOf(held.short), await stateOf(held.unpaid)]).toEqual(['closed', 'open']);
  await runAgain(held.period, '18.00', '30.00');
  expect([await stateOf(held.short), await stateOf(held.unpaid)]).toEqual(['open', 'cleared']);
  const soon = instantIn(40).slice(0, 10);
  await close(held.short, { disposition: 'risk_accepted', until: soon });
  await runAgain(held.period, '19.00', '30.00');
  expect(await stateOf(held.short)).toBe('closed');
  await runAgain(held.period, '17.00', '30.00');
  expect(await stateOf(held.short)).toBe('open');
  const { body } = await preparer.get(`exceptions/${held.short}`);
  expect(body).toMatchObject({ reopened: 2, disposition: null, closed_by: null });
});

test('a risk accepted until a day is open again once that day is over, run or not', async () => {
  const { short } = await open();
  const until = instantIn(40).slice(0, 10);
  await close(short, { disposition: 'risk_accepted', until });
  const reopen = (days: number): Promise<number> => {
    const clock = clockAt(instantIn(days));
    const own = new EntityDays(api.bench.config, clock);
    const logger = createLogger({ level: 'error' });
    return new DayWatch({ app: database.app, clock, days: own, logger }).reopenLapsed();
  };
  expect(await reopen(39)).toBe(0);
  expect(await stateOf(short)).toBe('closed');
  expect(await reopen(42)).toBe(1);
  const { body } = await preparer.get(`exceptions/${short}`);
  expect(body).toMatchObject({ state: 'open', disposition: null, accepted_until: null });
  expect((body.due_on as string) > until).toBe(true);
  expect((body.events as object[])[0]).toMatchObject({
    ...{ kind: 'lapsed', actor: 'system', reason: `The risk was accepted until ${until}.` },
  });
  expect(await reopen(42)).toBe(0);
});

test('a proposal is void when the amounts it was made for change', async () => {
  const { period, short } = await open();
  await move(preparer, short, explained);
  await runAgain(period, '19.00');
  expect(await stateOf(short)).toBe('proposed');
  await runAgain(period, '15.00');
  expect(await stateOf(short)).toBe('acknowledged');
});

test('of several, each is moved or refused by itself', async () => {
  const { short, unpaid } = await open();
  await move(preparer, short, explained);
  const gone = '00000000-0000-4000-8000-000000000000';
  const order = { move: 'acknowledge' };
  const { body } = await preparer.post('exceptions/bulk', { ids: [short, unpaid, gone], order });
  expect(body.moved).toEqual([unpaid]);
  expect((body.refused as { code: string }[]).map(({ code }) => code)).toEqual([
    'illegal_move',
    'not_found',
  ]);
});

test('files are kept by their hash, and only of kinds and sizes that are allowed', async () => {
  const { short } = await open();
  const attach = (name: string, content: Buffer) =>
    preparer.agent
      .post(`/api/v1/exceptions/${short}/attachments?name=${name}`)
      .set('X-CSRF-Token', preparer.csrf)
      .set('Content-Type', 'application/octet-stream')
      .send(content);
  const pdf = Buffer.from('%PDF-1.7 a remittance');
  const kept = await attach('remittance.pdf', pdf);
  expect(kept.status).toBe(201);
  const [event] = kept.body.events as { kind: string; details: Record<string, string> }[];
  expect(event).toMatchObject({
    kind: 'attached',
    details: { name: 'remittance.pdf', bytes: String(pdf.length) },
  });
  const file = await reviewer.get(`exceptions/${short}/attachments/${event?.details['sha256']}`);
  expect(file.headers['content-disposition']).toContain('attachment; filename="remittance.pdf"');
  expect((file.body as Buffer).equals(pdf)).toBe(true);
  expect((await attach('page.html', Buffer.from('<script>'))).body.code).toBe('type_not_allowed');
  expect((await attach('not.png', pdf)).body.code).toBe('type_not_allowed');
  expect((await attach('big.txt', Buffer.alloc(10_485_761, 'x'))).status).toBe(413);
});

test('work is given to people who may do it, and the list finds it', async () => {
  const { period, short } = await open();
  const assign = (assignee: unknown) =>
    preparer.post(`exceptions/${short}/assignments`, { assignee });
  expect((await assign(reviewer.me['person_id'])).body.assignee.name).toBe(reviewer.me['name']);
  expect((await assign(admin.me['person_id'])).body.code).toBe('conflict');
  const count = async (who: Browser, query: string): Promise<number> =>
    ((await who.get(`exceptions?period=${period}&${query}`)).body.items as unknown[]).length;
  expect(await count(reviewer, 'assignee=me')).toBe(1);
  expect(await count(preparer, 'assignee=me')).toBe(0);
  expect(await count(preparer, 'assignee=nobody')).toBe(1);
  expect(await count(preparer, 'state=acknowledged,proposed')).toBe(0);
  expect(await count(preparer, 'state=open,closed&severity=low,high')).toBe(2);
  expect(await count(preparer, 'overdue=true')).toBe(0);
  expect(await count(preparer, 'min_age=0')).toBe(2);
  expect(await count(preparer, 'min_age=1')).toBe(0);
  expect(await count(preparer, 'text=%25%25')).toBe(0);
});

test.each(['newest', 'oldest', 'impact', 'severity', 'due'])(
  'pages of a list by %s hold each exception once, in its order',
  async (sort) => {
    const whole = (await preparer.get(`exceptions?sort=${sort}&limit=200`)).body.items as object[];
    const seen: object[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const next: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await preparer.get(`exceptions?sort=${sort}&limit=3${next}`);
      seen.push(...(body.items as object[]));
      cursor = body.next_cursor as string | null;
    }
    expect(seen).toEqual(whole);
  },
);

test('the journey of a customer that the books do not know has no steps', async () => {
  const { unpaid } = await open();
  const { status, body } = await preparer.get(`exceptions/${unpaid}/journey`);
  expect({ status, body }).toEqual({ status: 200, body: { steps: [], is_cut: false } });
});

test('the moves that the database allows people are those of core', async () => {
  const { rows } = await database.app.raw<{ rows: Record<string, unknown>[] }>(
    `select kind, from_state, to_state, roles from tieout.legal_moves where by = 'person'`,
  );
  const told = ({ kind, from_state, to_state, roles }: Record<string, unknown>): string =>
    JSON.stringify([kind, from_state, to_state, [...(roles as string[])].sort()]);
  const inCore = Object.values(moves).flatMap((rule) =>
    exceptionStates
      .filter((state) => rule.from.some((from) => from === state))
      .map((state) =>
        told({
          kind: rule.kind,
          from_state: state,
          to_state: rule.to ?? state,
          roles: permissions[rule.action].roles,
        }),
      ),
  );
  expect(rows.map(told).sort()).toEqual(inCore.sort());
});

describe('when the API is bypassed, the database refuses', () => {
  let short: string;
  beforeAll(async () => {
    ({ short } = await open());
    await move(both, short, explained);
  });

  /** A move written by hand, with its event, its trace in the trail and its leaf. */
  function forge(person: unknown, kind: string, from: string, to: string, set: string) {
    return database.app.transaction(async (trx) => {
      const { rows } = await trx.raw<{ rows: { id: string }[] }>(
        `insert into tieout.audit_events (event_id, at, actor, actor_person, via, action,
           subject_kind, subject_id, facts)
         values (gen_random_uuid(), clock_timestamp(), 'x', :person, 'session', 'a.b', 'exception',
           :short, '{}') returning event_id as id`,
        { person: person as string, short },
      );
      const id = rows[0]?.id ?? '';
      await trx.raw(
        `insert into tieout.evidence_leaves (event_id, body, leaf_sha256)
         values (:id, '{}', repeat('a', 64))`,
        { id },
      );
      const events = await trx.raw<{ rows: { id: string }[] }>(
        `insert into tieout.exception_events (exception_id, kind, at, from_state, to_state,
           person_id, actor, audit_event)
         values (:short, :kind, clock_timestamp(), :from, :to, :person, 'x', :id)
         returning event_id as id`,
        { short, kind, from, to, person: person as string, id },
      );
      await trx.raw(
        `update tieout.exceptions set ${set}, last_event = :last where exception_id = :short`,
        { short, last: events.rows[0]?.id ?? '', person: person as string },
      );
    });
  }
  const closing = `state = 'closed', closed_by = :person, closed_at = clock_timestamp()`;

  test('a person who closes what they proposed', async () => {
    await expect(
      forge(both.me['person_id'], 'closed', 'proposed', 'closed', closing),
    ).rejects.toThrow('exceptions_need_two_people');
  });

  test.each([
    ['a preparer', () => preparer],
    ['an admin', () => admin],
  ])('%s who closes', async (_who, who) => {
    await expect(
      forge(who().me['person_id'], 'closed', 'proposed', 'closed', closing),
    ).rejects.toThrow('may do this');
  });

  test('a move that is in no table', async () => {
    await expect(
      forge(reviewer.me['person_id'], 'closed', 'open', 'closed', closing),
    ).rejects.toThrow('not a legal one');
    await expect(
      forge(reviewer.me['person_id'], 'commented', 'proposed', 'cleared', closing),
    ).rejects.toThrow('not a legal one');
  });

  test('an event that the exception does not show, and a change without an event', async () => {
    await expect(
      forge(reviewer.me['person_id'], 'closed', 'proposed', 'closed', `severity = 'low'`),
    ).rejects.toThrow('no event of this transaction');
    for (const set of [`state = 'open'`, `severity = 'low'`, 'impact = 0', 'due_on = null'])
      await expect(
        database.app.raw(`update tieout.exceptions set ${set} where exception_id = :short`, {
          short,
        }),
      ).rejects.toThrow(/no event of this transaction|check constraint/);
  });

  test('an exception that no run opened', async () => {
    await expect(
      database.app.raw(
        `insert into tieout.exceptions (fingerprint, control_id, entity_id, period_key, procedure,
           code, key, severity, explanation, facts_sha256, first_seen_run, first_seen_at,
           last_seen_run, last_seen_at)
         select repeat('e', 64), control_id, entity_id, period_key, procedure, code, key, severity,
           explanation, facts_sha256, first_seen_run, first_seen_at, last_seen_run, last_seen_at
         from tieout.exceptions limit 1`,
      ),
    ).rejects.toThrow(/only a run opens|the run is recorded already/);
  });
});

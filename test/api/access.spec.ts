import request from 'supertest';
import { cliActor } from '../../src/cli/people.command';
import { PeopleDesk } from '../../src/access/people-desk';
import { SignIn } from '../../src/access/sign-in';
import type { Role } from '../../src/core/permissions';
import { SystemClock } from '../../src/platform/clock';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clockAt, openApiBench, type ApiBench } from './api-bench';
import { addPerson, entities, limits, signIn, type Browser, type Held } from './signed-in';

let database: TestDatabase;
let api: ApiBench;
let runId: string;
const clock = new SystemClock();

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
  runId = await api.run();
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

const desk = (): PeopleDesk => new PeopleDesk(database.app, clock, entities);
const someone = (...held: Held[]): ReturnType<typeof addPerson> => addPerson(database, ...held);
const browser = (email: string): Promise<Browser> => signIn(api, database, email);

test('a link signs in once, and says nothing about why it no longer does', async () => {
  const { email } = await someone({ role: 'viewer' });
  const { link, me } = await browser(email);
  expect(me).toMatchObject({ kind: 'person', email, roles: [{ role: 'viewer', entity: null }] });
  for (const bad of [link, 'tieout_link_x', 'x']) {
    const answer = await api.agent.post('/api/v1/sign-in').send({ link: bad });
    expect([answer.status, answer.body.code]).toEqual([401, 'sign_in_required']);
    expect(answer.headers['set-cookie']).toBeUndefined();
  }
});

test('a link of yesterday, and one of somebody disabled, sign nobody in', async () => {
  const old = await someone({ role: 'viewer' });
  const past = new SignIn(database.app, clockAt('2020-01-01T00:00:00.000Z'), limits);
  const gone = await someone({ role: 'viewer' });
  const links = [await past.makeLink(old.email, cliActor())];
  links.push(await new SignIn(database.app, clock, limits).makeLink(gone.email, cliActor()));
  await desk().setDisabled(gone.id, true, 'left', cliActor());
  for (const link of links)
    expect((await api.agent.post('/api/v1/sign-in').send({ link })).status).toBe(401);
});

test('the cookie is out of reach of scripts; the database holds its hash', async () => {
  const { email } = await someone({ role: 'viewer' });
  const link = await new SignIn(database.app, clock, limits).makeLink(email, cliActor());
  const answer = await api.agent.post('/api/v1/sign-in').send({ link });
  const cookie = String(answer.headers['set-cookie']);
  expect(cookie).toMatch(/^tieout=tieout_session_[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
  const secret = /tieout=([^;]+)/.exec(cookie)?.[1] ?? '';
  const { rows } = await database.app.raw<{ rows: { row: string }[] }>(
    `select row_to_json(s)::text as row from tieout.sessions s
     union all select row_to_json(l)::text from tieout.sign_in_links l
     union all select body from tieout.evidence_leaves`,
  );
  expect(rows.filter(({ row }) => row.includes(secret) || row.includes(link))).toEqual([]);
  expect(JSON.stringify(api.logged())).not.toContain(secret);
});

test('a session ends when it is signed out, idle, too old, or its owner is disabled', async () => {
  const ended = async (
    end: (id: string, agent: request.Agent, csrf: string) => Promise<unknown>,
  ) => {
    const { id, email } = await someone({ role: 'viewer' });
    const { agent, csrf } = await browser(email);
    expect((await agent.get('/api/v1/runs')).status).toBe(200);
    await end(id, agent, csrf);
    const { status, body } = await agent.get('/api/v1/runs');
    return [status, String(body.code)];
  };
  const age = (id: string, change: string): Promise<unknown> =>
    database.owner().then(async (owner) => {
      await owner.query(`update tieout.sessions set ${change} where person_id = $1`, [id]);
      await owner.end();
    });
  const refused = [401, 'sign_in_required'];
  expect(
    await ended((_id, agent, csrf) => agent.post('/api/v1/sign-out').set('X-CSRF-Token', csrf)),
  ).toEqual(refused);
  expect(
    await ended((id) => age(id, `last_seen_at = last_seen_at - interval '31 minutes'`)),
  ).toEqual(refused);
  expect(
    await ended((id) =>
      age(
        id,
        `started_at = started_at - interval '13 hours', ends_at = ends_at - interval '13 hours'`,
      ),
    ),
  ).toEqual(refused);
  expect(await ended((id) => desk().setDisabled(id, true, 'left', cliActor()))).toEqual(refused);
});

test('people see where they are signed in and end it; an admin ends it for them', async () => {
  const { id, email } = await someone({ role: 'viewer' });
  const here = await browser(email);
  const there = await browser(email);
  const third = await browser(email);
  type Listed = { session_id: string; is_current: boolean }[];
  const listed = async (who: Browser): Promise<Listed> =>
    (await who.get('me/sessions')).body.sessions as Listed;
  const all = await listed(here);
  expect(all.map(({ is_current: isCurrent }) => isCurrent).sort()).toEqual([false, false, true]);
  expect(JSON.stringify(all)).not.toMatch(/sha256|tieout_session/);
  const foreign = await browser((await someone({ role: 'viewer' })).email);
  const other = (await listed(foreign))[0]?.session_id;
  expect((await here.post(`me/sessions/${other}/end`, {})).status).toBe(404);
  const thereId = (await listed(there)).find((one) => one.is_current)?.session_id;
  expect((await here.post(`me/sessions/${thereId}/end`, {})).body.sessions).toHaveLength(2);
  expect((await there.get('me')).status).toBe(401);
  expect((await third.get('me')).status).toBe(200);
  expect((await here.post('me/sessions/end-others', {})).body.sessions).toHaveLength(1);
  expect([(await third.get('me')).status, (await here.get('me')).status]).toEqual([401, 200]);

  const admin = await browser((await someone({ role: 'admin' })).email);
  expect((await admin.get(`people/${id}/sessions`)).body.sessions).toHaveLength(1);
  const order = { reason: 'a lost laptop' };
  expect((await foreign.post(`people/${id}/sessions/end`, order)).status).toBe(403);
  expect((await admin.post(`people/${id}/sessions/end`, order)).body.sessions).toEqual([]);
  expect((await here.get('me')).status).toBe(401);
  const { rows } = await database.app.raw<{ rows: { action: string; reason: string | null }[] }>(
    `select action, reason from tieout.audit_events where subject_id = ?
       and action like '%sessions%ended' order by at, event_id`,
    [id],
  );
  expect(rows.map(({ action, reason }) => [action, reason]).sort()).toEqual([
    ['people.sessions_ended', 'a lost laptop'],
    ['sessions.ended', null],
    ['sessions.ended', null],
  ]);
});

test('a write of a session needs the token of its own page', async () => {
  const { email } = await someone({ role: 'preparer' });
  const { agent, csrf } = await browser(email);
  const send = (headers: Record<string, string>) =>
    agent.post('/api/v1/runs').set(headers).send({});
  const good = { 'X-CSRF-Token': csrf };
  expect((await send(good)).body.code).toBe('invalid_request');
  const bad: Record<string, string>[] = [
    {},
    { 'X-CSRF-Token': 'x' },
    { ...good, 'Sec-Fetch-Site': 'cross-site' },
    { ...good, 'Sec-Fetch-Site': 'same-site' },
    { ...good, Origin: 'https://evil.example' },
    { ...good, Origin: 'null' },
  ];
  for (const headers of bad) {
    const { status, body } = await send(headers);
    expect([headers, status, body.code]).toEqual([headers, 403, 'foreign_page']);
  }
});

test('no page is anybody without signing in, also where programs may read', async () => {
  const program = await api.agent.get('/api/v1/runs');
  const page = await api.agent.get('/api/v1/runs').set('Sec-Fetch-Site', 'same-origin');
  expect([program.status, page.status, page.body.code]).toEqual([200, 401, 'sign_in_required']);
});

test('what lies beyond an entity is answered as if it did not exist', async () => {
  const own = await browser((await someone({ role: 'preparer', entity: 'acme' })).email);
  const other = await browser((await someone({ role: 'preparer', entity: 'other' })).email);
  const paths = [
    `runs/${runId}`,
    `runs/${runId}/statement`,
    `runs/${runId}/evidence`,
    `runs/${runId}/evidence.zip`,
    `runs/${runId}/evidence/manifest.json`,
  ];
  for (const path of paths) {
    expect([path, (await own.agent.get(`/api/v1/${path}`)).status]).toEqual([path, 200]);
    expect([path, (await other.agent.get(`/api/v1/${path}`)).status]).toEqual([path, 404]);
  }
  for (const list of ['runs', 'exceptions']) {
    expect((await own.agent.get(`/api/v1/${list}`)).body.items.length).toBeGreaterThan(0);
    expect((await other.agent.get(`/api/v1/${list}`)).body.items).toEqual([]);
  }
  const order = { control: 'CA-90', entity: 'acme', period: '2026-06' };
  const run = await other.agent.post('/api/v1/runs').set('X-CSRF-Token', other.csrf).send(order);
  expect([run.status, run.body.code]).toEqual([404, 'not_found']);
  expect(own.me.entities).toEqual([
    { id: 'acme', name: 'Acme', currency: 'USD', time_zone: 'UTC' },
  ]);
  expect(other.me.entities).toEqual([]);
});

test('an auditor sees the periods of the window, and nothing before or after it', async () => {
  const seen = async (start: string, end: string): Promise<number> => {
    const { email } = await someone({ role: 'auditor', window: { start, end } });
    const { agent } = await browser(email);
    expect((await agent.get(`/api/v1/runs/${runId}`)).status).toBe(
      start <= '2026-06-01' && end >= '2026-07-01' ? 200 : 404,
    );
    return ((await agent.get('/api/v1/exceptions')).body.items as unknown[]).length;
  };
  expect(await seen('2026-06-01', '2026-07-01')).toBe(2);
  expect(await seen('2026-06-02', '2027-01-01')).toBe(0);
  expect(await seen('2026-01-01', '2026-06-30')).toBe(0);
});

test('an admin gives roles to others, and none that go ill together', async () => {
  const admin = await someone({ role: 'admin' });
  const { agent, csrf } = await browser(admin.email);
  const post = (path: string, body: object) =>
    agent.post(`/api/v1/people${path}`).set('X-CSRF-Token', csrf).send(body);
  const created = await post('', { email: 'New@Example.com', name: 'New' });
  expect(created.status).toBe(201);
  const people = created.body.people as { email: string; person_id: string }[];
  const id = people.find(({ email }) => email === 'new@example.com')?.person_id ?? '';
  const give = (to: string, role: Role) => post(`/${to}/grants`, { role, reason: 'new here' });
  expect((await post('', { email: 'new@example.com', name: 'Again' })).status).toBe(409);
  expect((await give(id, 'reviewer')).status).toBe(201);
  expect((await give(id, 'preparer')).status).toBe(201);
  expect((await give(id, 'admin')).body.code).toBe('conflict');
  expect((await give(id, 'auditor')).body.code).toBe('invalid_request');
  expect((await give(admin.id, 'reviewer')).body.code).toBe('same_person');
  expect((await post(`/${admin.id}/enable`, { reason: 'x' })).body.code).toBe('same_person');
});

test('the database refuses the same when the API is bypassed', async () => {
  const { id } = await someone({ role: 'admin' });
  const insert = (role: string, by: string | null): Promise<unknown> =>
    database.app.raw(
      `insert into tieout.role_grants (grant_id, person_id, role, origin, granted_at, granted_by,
         granted_event)
       select gen_random_uuid(), :id, :role, 'local', clock_timestamp(), :by, event_id
       from tieout.audit_events limit 1`,
      { id, role, by },
    );
  await expect(insert('reviewer', null)).rejects.toThrow('cannot be held together');
  await expect(insert('viewer', id)).rejects.toThrow('nobody_grants_themselves');
  await expect(insert('auditor', null)).rejects.toThrow('violates check constraint');
  await expect(database.app.raw('delete from tieout.role_grants')).rejects.toThrow('permission');
  await expect(database.app.raw(`update tieout.role_grants set role = 'viewer'`)).rejects.toThrow(
    'permission',
  );
  await expect(database.app.raw('delete from tieout.audit_events')).rejects.toThrow('permission');
});

test('a change without its leaf, and a leaf without its change, are refused', async () => {
  const insert = `insert into tieout.audit_events (event_id, at, actor, via, action, subject_kind,
    subject_id, facts)
    values (gen_random_uuid(), clock_timestamp(), 'x', 'system', 'a.b', 'x', 'x', '{}')`;
  await expect(database.app.raw(insert)).rejects.toThrow('foreign key');
  await expect(
    database.app.raw(
      `insert into tieout.evidence_leaves (event_id, body, leaf_sha256)
       select event_id, '{}', repeat('a', 64) from tieout.audit_events limit 1`,
    ),
  ).rejects.toThrow('duplicate key');
});

test('who tries what their roles do not allow is logged by id, not by address', async () => {
  const { id, email } = await someone({ role: 'viewer' });
  const { agent, csrf } = await browser(email);
  const order = { control: 'CA-90', entity: 'acme', period: '2026-06' };
  const answer = await agent.post('/api/v1/runs').set('X-CSRF-Token', csrf).send(order);
  expect(answer.status).toBe(403);
  const refused = api.logged().filter(({ message }) => message === 'request refused');
  expect(refused).toContainEqual(
    expect.objectContaining({ level: 'warn', action: 'runs.request', caller: id }),
  );
  expect(JSON.stringify(refused)).not.toContain(email);
});

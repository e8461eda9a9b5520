import { randomUUID } from 'node:crypto';
import { createToken } from '../../src/access/create-token';
import { readsAreOpen } from '../../src/access/loopback';
import { isLoopback } from '../../src/platform/http/loopback';
import { TokensStore } from '../../src/access/tokens.store';
import { sha256Hex } from '../../src/core/canonical-json';
import { SystemClock } from '../../src/platform/clock';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { clockAt, openApiBench, type ApiBench } from './api-bench';
import { addPerson, signIn } from './signed-in';

let database: TestDatabase;
const servers: Record<string, ApiBench> = {};
const tokens: Record<string, string | undefined> = {};
const clock = new SystemClock();

beforeAll(async () => {
  database = await createTestDatabase();
  servers['loopback'] = await openApiBench(database);
  servers['everywhere'] = await openApiBench(database, { host: '0.0.0.0' });
  servers['proxied'] = await openApiBench(database, { public_url: 'https://tieout.example' });
  const make = servers['loopback'].token;
  tokens['read'] = await make();
  tokens['write'] = await make({ scope: 'write' });
  tokens['expired'] = await make({ scope: 'write' }, clockAt('2020-01-01T00:00:00.000Z'));
  tokens['revoked'] = await make({ name: 'left the company', scope: 'write' });
  await new TokensStore(database.app).revoke('left the company', clock.now());
  tokens['unknown'] = `tieout_${'A'.repeat(43)}`;
});
afterAll(async () => {
  for (const server of Object.values(servers)) await server.close();
  await database.drop();
});

const id = randomUUID();
/** What each route answers a caller who may: 404 or 400 where nothing of that name exists. */
const routes: [method: 'get' | 'head' | 'post', path: string, passed: number][] = [
  ['get', '/api/v1/controls', 200],
  ['head', '/api/v1/controls', 200],
  ['get', '/api/v1/controls/CA-90', 200],
  ['get', '/api/v1/runs', 200],
  ['get', `/api/v1/runs/${id}`, 404],
  ['get', `/api/v1/runs/${id}/statement`, 404],
  ['get', `/api/v1/runs/${id}/evidence`, 404],
  ['get', `/api/v1/runs/${id}/evidence.zip`, 404],
  ['get', `/api/v1/runs/${id}/evidence/manifest.json`, 404],
  ['get', '/api/v1/exceptions', 200],
  ['get', `/api/v1/exceptions/${id}`, 404],
  ['post', '/api/v1/runs', 400],
];
const holders = ['none', 'read', 'write', 'expired', 'revoked', 'unknown'];
const good = new Set(['read', 'write']);

function expected(place: string, method: string, holder: string, passed: number): number {
  if (holder === 'none') return place === 'loopback' && method !== 'post' ? passed : 401;
  if (!good.has(holder)) return 401;
  return method === 'post' && holder === 'read' ? 403 : passed;
}

describe.each(['loopback', 'everywhere', 'proxied'])('a server %s', (place) => {
  test.each(routes)('%s %s answers each token as it may', async (method, path, passed) => {
    const answers: Record<string, number> = {};
    for (const holder of holders) {
      const call = servers[place]?.agent[method](path);
      const token = tokens[holder];
      if (token !== undefined) void call?.set('Authorization', `Bearer ${token}`);
      answers[holder] = (await call)?.status ?? 0;
    }
    const matrix = holders.map((holder) => [holder, expected(place, method, holder, passed)]);
    expect(answers).toEqual(Object.fromEntries(matrix));
  });
});

test.each([
  ['no token', undefined, 401, 'token_required', 'Bearer realm="tieout"'],
  ['a password', 'Basic dXNlcjpwYXNz', 401, 'token_required', 'error="invalid_token"'],
  ['an empty token', 'Bearer ', 401, 'token_required', 'error="invalid_token"'],
  ['a read token', 'read', 403, 'scope_missing', 'error="insufficient_scope", scope="write"'],
])('a write with %s is told what it lacks', async (_name, sent, status, code, challenge) => {
  const call = servers['loopback']?.agent.post('/api/v1/runs').send({});
  if (sent !== undefined)
    void call?.set('Authorization', sent === 'read' ? `Bearer ${tokens['read']}` : sent);
  const answer = await call;
  expect([answer?.status, answer?.body.code]).toEqual([status, code]);
  expect(answer?.headers['www-authenticate']).toContain(challenge);
});

test('health and the description of the API need no token anywhere', async () => {
  for (const path of ['/health/live', '/health/ready', '/api/docs', '/api/openapi.json'])
    expect((await servers['everywhere']?.agent.get(path))?.status).toBe(200);
});

test('a token is shown once: the database holds its hash and when it was used', async () => {
  const token = await createToken(
    database.app,
    { name: 'kept', scope: 'read', expiresInDays: 30 },
    clock,
  );
  expect(token).toMatch(/^tieout_[\w-]{43}$/);
  await servers['everywhere']?.agent.get('/api/v1/runs').set('Authorization', `Bearer ${token}`);
  const { rows } = await database.app.raw<{ rows: Record<string, unknown>[] }>(
    `select token_sha256, last_used_at is not null as used,
       expires_at = created_at + interval '30 days' as month_long
     from tieout.api_tokens where name = 'kept'`,
  );
  expect(rows).toEqual([{ token_sha256: sha256Hex(token), used: true, month_long: true }]);
  const all = await database.app.raw<{ rows: { row: string }[] }>(
    'select row_to_json(t)::text as row from tieout.api_tokens t',
  );
  expect(all.rows.filter(({ row }) => row.includes(token.slice('tieout_'.length)))).toEqual([]);
});

test('nobody gives a token more rights, a longer life, or its life back', async () => {
  const change = (set: string): Promise<unknown> =>
    database.app.raw(`update tieout.api_tokens set ${set} where name = 'left the company'`);
  await expect(change("scope = 'write'")).rejects.toThrow('permission denied');
  await expect(change("expires_at = 'infinity'")).rejects.toThrow('permission denied');
  await expect(change('revoked_at = null')).rejects.toThrow('stays so');
  await expect(database.app.raw('delete from tieout.api_tokens')).rejects.toThrow(
    'permission denied',
  );
});

test.each([
  [{ name: ' ', scope: 'read', expiresInDays: 1 } as const],
  [{ name: 'x'.repeat(101), scope: 'read', expiresInDays: 1 } as const],
  [{ name: 'forever', scope: 'read', expiresInDays: 367 } as const],
  [{ name: 'never', scope: 'read', expiresInDays: 0 } as const],
])('a token that nobody should hold is not made: %j', async (order) => {
  await expect(createToken(database.app, order, clock)).rejects.toThrow('token: 1 problem');
});

test('no token is written to the log', () => {
  const said = Object.values(servers).map((server) => JSON.stringify(server.logged()));
  const secrets = Object.values(tokens).filter((token) => token !== undefined);
  expect(secrets.filter((secret) => said.some((line) => line.includes(secret)))).toEqual([]);
});

test.each([
  ['127.0.0.1', true],
  ['127.9.8.7', true],
  ['::1', true],
  ['[::1]', true],
  ['localhost', true],
  ['0.0.0.0', false],
  ['::', false],
  ['10.0.0.1', false],
  ['127.0.0.1.example.com', false],
  ['localhost.example.com', false],
])('%s is the loopback: %s', (host, is) => {
  expect(isLoopback(host)).toBe(is);
});

test.each([
  [{ host: '127.0.0.1' }, true],
  [{ host: '127.0.0.1', public_url: 'http://localhost:8080' }, true],
  [{ host: '127.0.0.1', public_url: 'https://tieout.example' }, false],
  [{ host: '0.0.0.0', public_url: 'http://localhost:8080' }, false],
])('reads of %j are open: %s', (server, open) => {
  expect(readsAreOpen(server)).toBe(open);
});

describe('tokens of people', () => {
  const made = (answer: { body: unknown }): { token: string; row: Record<string, unknown> } =>
    answer.body as { token: string; row: Record<string, unknown> };
  const api = (): ApiBench => {
    const server = servers['loopback'];
    if (server === undefined) throw new Error('no server');
    return server;
  };
  const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

  test('one acts as its owner, within its scope and entity, until it is revoked', async () => {
    const { email } = await addPerson(database, { role: 'preparer', entity: null });
    const browser = await signIn(api(), database, email);
    const order = { name: 'a script', entity: 'acme', expires_in_days: 7 };
    const answer = await browser.post('me/tokens', order);
    expect(answer.status).toBe(201);
    const { token, row } = made(answer);
    const me = await api().agent.get('/api/v1/me').set(bearer(token));
    expect(me.body).toMatchObject({ kind: 'person', email });
    const reach = [{ entity: 'acme', from: null, to: null }];
    expect(me.body.permissions).toContainEqual({ action: 'runs.read', reach });
    expect(JSON.stringify(me.body.permissions)).not.toContain('exceptions.work');
    const ended = await browser.post(`me/tokens/${String(row['token_id'])}/revoke`, {});
    expect(ended.body).toMatchObject({ name: 'a script', scope: 'read' });
    expect(ended.body.revoked_at).not.toBeNull();
    expect((await api().agent.get('/api/v1/me').set(bearer(token))).status).toBe(401);
    const { rows } = await database.app.raw<{ rows: { action: string }[] }>(
      `select action from tieout.audit_events where subject_id = ? order by event_no`,
      [String(row['token_id'])],
    );
    expect(rows.map(({ action }) => action)).toEqual(['tokens.created', 'tokens.revoked']);
  });

  test('one makes no other, and nobody ends one that is another’s', async () => {
    const mine = await signIn(api(), database, (await addPerson(database)).email);
    const { token, row } = made(await mine.post('me/tokens', { name: 'x', scope: 'write' }));
    const again = api().agent.post('/api/v1/me/tokens').set(bearer(token)).send({ name: 'y' });
    expect((await again).body.code).toBe('forbidden');
    const other = await signIn(api(), database, (await addPerson(database)).email);
    const revoked = await other.post(`me/tokens/${String(row['token_id'])}/revoke`, {});
    expect([revoked.status, revoked.body.code]).toEqual([404, 'not_found']);
    expect((await other.get('me/tokens')).body).toEqual({ tokens: [] });
    const list = await mine.get('me/tokens');
    expect(list.body.tokens).toHaveLength(1);
    expect(JSON.stringify(list.body)).not.toContain(sha256Hex(token));
    const machine = api()
      .agent.get('/api/v1/me/tokens')
      .set(bearer(tokens['read'] ?? ''));
    expect((await machine).status).toBe(403);
  });
});

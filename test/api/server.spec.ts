import { mkdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { asSuperuser, createTestDatabase, type TestDatabase } from '../support/database';
import { superuserClient } from '../../src/platform/database/embedded-postgres';
import { openApiBench, type ApiBench } from './api-bench';
import { rawRequest } from './raw-request';

let database: TestDatabase;
let api: ApiBench;
let closed: boolean;

beforeEach(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
  closed = false;
});
afterEach(async () => {
  if (!closed) await api.close();
  await database.drop();
});

test.each(['127.0.0.1', '127.0.0.1:8080', 'localhost', 'LOCALHOST:1', '[::1]:8080'])(
  'a server on the loopback answers to %s',
  async (host) => {
    expect((await api.agent.get('/api/v1/runs').set('Host', host)).status).toBe(200);
  },
);

test.each([
  'evil.example',
  'evil.example:8080',
  '127.0.0.1.evil.example',
  'localhost.evil.example',
  'localhost.',
  '127.0.0.1@evil.example',
  'evil.example#localhost',
  '10.0.0.1',
])('a page that points its own name at the loopback reads nothing: %s', async (host) => {
  for (const address of ['/api/v1/runs', '/health/live', '/api/docs', '/nope']) {
    const { status, body } = await api.agent.get(address).set('Host', host);
    expect([status, body.code]).toEqual([421, 'host_not_allowed']);
  }
});

test('the name of server.public_url is answered to', async () => {
  const proxied = await openApiBench(database, { public_url: 'https://tieout.example:8443' });
  const ask = (host: string) => proxied.agent.get('/health/live').set('Host', host);
  expect([(await ask('tieout.example')).status, (await ask('evil.example')).status]).toEqual([
    200, 421,
  ]);
  await proxied.close();
});

test('answers carry the headers that keep a browser from doing harm, and no banner', async () => {
  const { headers } = await api.agent.get('/api/docs').set('Origin', 'https://evil.example');
  const policy = String(headers['content-security-policy']);
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('upgrade-insecure-requests');
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  });
  for (const absent of ['x-powered-by', 'access-control-allow-origin', 'strict-transport-security'])
    expect(headers[absent]).toBeUndefined();
});

test('the page of the API loads nothing from elsewhere', async () => {
  const { text } = await api.agent.get('/api/docs');
  const loaded = [...text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address]) => address ?? '');
  expect(loaded.length).toBeGreaterThan(3);
  for (const address of loaded) {
    expect(address).toMatch(/^\.\//);
    expect((await api.agent.get(`/api/${address.slice(2)}`)).status).toBe(200);
  }
});

test('what Express itself refuses is a problem document too', async () => {
  const post = () =>
    api.agent.post('/api/v1/runs').set('Authorization', `Bearer ${api.writer}`).type('json');
  const answers = [
    await api.agent.get('/nope'),
    await api.agent.delete('/api/v1/runs').set('Authorization', `Bearer ${api.writer}`),
    await post().send('{"control": '),
    await post().send(JSON.stringify({ control: 'x'.repeat(1_048_576) })),
    await post().set('Content-Encoding', 'rot13').send('{}'),
  ];
  expect(answers.map(({ status, body }): unknown[] => [status, body.code])).toEqual([
    [404, 'not_found'],
    [404, 'not_found'],
    [400, 'invalid_request'],
    [413, 'body_too_large'],
    [415, 'unsupported_media_type'],
  ]);
  for (const { body, headers, status } of answers) {
    expect(headers['content-type']).toBe('application/problem+json');
    expect(body).toMatchObject({
      status,
      type: `urn:tieout:problem:${body.code}`,
      instance: `urn:uuid:${headers['x-request-id']}`,
    });
    expect(body.incident).toBeUndefined();
  }
});

test('a fault tells its incident and nothing of what is inside; the log has the rest', async () => {
  await asSuperuser(database.server, 'alter table tieout.runs rename to gone', database.name);
  const { status, body, text } = await api.agent.get('/api/v1/runs?control=CA-77');
  expect([status, body.code]).toEqual([500, 'internal_error']);
  expect(text).not.toMatch(/tieout\.runs|select|relation|\bat \/|node_modules|42P01/);
  const told = api.logged().find((line) => line['incident'] === body.incident);
  expect(told).toMatchObject({
    level: 'error',
    message: 'request failed',
    error: { code: '42P01' },
  });
});

test('each request leaves one line: what was asked by pattern, never its values', async () => {
  await api.agent.get('/api/v1/controls/CA-90?note=private-value');
  await api.agent.get('/private-address');
  const lines = api.logged().filter((line) => line['message'] === 'request answered');
  expect(lines).toMatchObject([
    { level: 'info', method: 'GET', route: '/api/v1/controls/:id', status: 200 },
    { method: 'GET', route: 'none', status: 404 },
  ]);
  expect(JSON.stringify(api.logged())).not.toMatch(/private|CA-90/);
});

test('a database that lacks migrations makes the server alive and not ready', async () => {
  await asSuperuser(
    database.server,
    `delete from tieout.migrations where name like '0005%'`,
    database.name,
  );
  const { status, body } = await api.agent.get('/health/ready');
  expect([status, body.code]).toEqual([503, 'not_ready']);
  expect(body.problems).toMatchObject([{ field: 'database' }]);
  expect((await api.agent.get('/health/live')).status).toBe(200);
});

test('a database that is gone and a store that cannot be written are told together', async () => {
  const data = path.join(api.bench.dir, 'data');
  mkdirSync(data, { recursive: true });
  writeFileSync(path.join(data, 'evidence'), 'in the way');
  await database.app.destroy();
  const { status, body } = await api.agent.get('/health/ready');
  expect(status).toBe(503);
  expect(body.problems).toMatchObject([{ field: 'database' }, { field: 'data_dir' }]);
  expect(JSON.stringify(body)).not.toContain(api.bench.dir);
});

test('a port that is taken is told with the setting that names it', async () => {
  const port = Number(new URL(api.server.url).port);
  await expect(openApiBench(database, { port })).rejects.toMatchObject({
    problems: [
      {
        field: 'server.port',
        message: `Another program listens on port ${port} of 127.0.0.1.`,
      },
    ],
  });
});

test('an address that this machine lacks is told with the setting that names it', async () => {
  await expect(openApiBench(database, { host: '192.0.2.1' })).rejects.toMatchObject({
    problems: [{ field: 'server.host' }],
  });
});

test('a request under way is answered before the server closes; no other is taken', async () => {
  const blocker = superuserClient(database.server.connection, database.name);
  await blocker.connect();
  await blocker.query('begin; lock table tieout.runs in access exclusive mode');
  const answer = rawRequest(api.server.url, '/api/v1/runs', { Connection: 'keep-alive' });
  const waiting = `select count(*)::int as n from pg_locks where not granted`;
  while ((await asSuperuser(database.server, waiting))[0]?.['n'] === 0);
  const closing = api.close();
  closed = true;
  await expect(rawRequest(api.server.url, '/health/live')).rejects.toThrow('ECONNREFUSED');
  await blocker.query('commit');
  await blocker.end();
  expect((await answer).status).toBe(200);
  await closing;
});

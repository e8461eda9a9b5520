import { createServer } from 'node:net';
import { once } from 'node:events';
import { IdentitySignIn } from '../../src/access/identity-sign-in';
import { PeopleDesk } from '../../src/access/people-desk';
import { SignIn } from '../../src/access/sign-in';
import { ownPath } from '../../src/access/sign-in-flow';
import { cliActor } from '../../src/cli/people.command';
import { SystemClock } from '../../src/platform/clock';
import { oidcSchema, type OidcConfig } from '../../src/platform/oidc-config';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startOidcProvider, Wanderer, type OidcProvider } from '../support/oidc-provider';
import { openApiBench, type ApiBench } from './api-bench';
import { entities, limits } from './signed-in';

const secret = 'a-client-secret-of-some-length-1234567890';
const people = {
  ann: {
    email: 'ann@example.com',
    email_verified: true,
    name: 'Ann',
    groups: ['tax', 'prep-acme'],
  },
  rob: { email: 'rob@example.com', email_verified: true, name: 'Rob', groups: ['reviewers'] },
  mia: { email: 'mia@example.com', email_verified: true, name: 'Mia', groups: ['mailroom'] },
  eve: { email: 'victim@example.com', email_verified: false, name: 'Eve', groups: ['prep-acme'] },
  bob: { email: 'bob@example.com', email_verified: true, groups: ['prep-acme', 'admins'] },
  aud: { email: 'aud@example.com', email_verified: true, name: 'Aud', groups: 'auditors' },
};
const window = { start: '2026-01-01', end: '2027-01-01' };

let database: TestDatabase;
let provider: OidcProvider;
let api: ApiBench;
let home: string;

beforeAll(async () => {
  const port = await freePort();
  home = `http://127.0.0.1:${port}`;
  database = await createTestDatabase();
  provider = await startOidcProvider(people, clientAt(home));
  api = await serve(provider.issuer, port);
});
afterAll(async () => {
  await api.close();
  await provider.stop();
  await database.drop();
});

const clientAt = (url: string): Record<string, string | string[]> => ({
  client_id: 'tieout',
  client_secret: secret,
  redirect_uris: [`${url}/api/v1/sign-in/oidc/callback`],
  post_logout_redirect_uris: [`${url}/`],
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const oidcOf = (issuer: string): OidcConfig =>
  oidcSchema.parse({
    issuer,
    client_id: 'tieout',
    client_secret: secret,
    roles: [
      { group: 'prep-acme', role: 'preparer', entity: 'acme' },
      { group: 'reviewers', role: 'reviewer' },
      { group: 'admins', role: 'admin' },
      { group: 'auditors', role: 'auditor', window, until: '2099-01-01' },
    ],
  });

function serve(issuer: string, port: number): Promise<ApiBench> {
  const session = { idle_minutes: 30, absolute_hours: 12 };
  return openApiBench(
    database,
    { port, public_url: `http://127.0.0.1:${port}` },
    { access: { session, oidc: oidcOf(issuer) } },
  );
}

const isOurs = (url: URL): boolean => url.pathname === '/api/v1/sign-in/oidc/callback';

/** Goes through the provider's pages as somebody; gives the address that leads back to us. */
async function throughProvider(who: string, browser: Wanderer, returnTo = '/'): Promise<string> {
  const start = `${home}/api/v1/sign-in/oidc?return_to=${encodeURIComponent(returnTo)}`;
  const login = await browser.follow(start, isOurs);
  const form = { prompt: 'login', login: who, password: 'x' };
  const next = (await browser.go(login, form)).headers.get('location') ?? '';
  return browser.follow(new URL(next, login).href, isOurs);
}

async function signIn(who: string, browser = new Wanderer(), returnTo = '/'): Promise<string> {
  const answer = await browser.go(await throughProvider(who, browser, returnTo));
  expect(answer.status).toBe(303);
  return answer.headers.get('location') ?? '';
}

async function me(browser: Wanderer): Promise<Record<string, unknown>> {
  const answer = await browser.go(`${home}/api/v1/me`);
  return (await answer.json()) as Record<string, unknown>;
}

test('groups give roles with their entity, and the browser comes back where it was', async () => {
  const browser = new Wanderer();
  expect(await signIn('ann', browser, '/exceptions?state=open')).toBe('/exceptions?state=open');
  expect(await me(browser)).toMatchObject({
    email: 'ann@example.com',
    name: 'Ann',
    roles: [{ role: 'preparer', entity: 'acme', window: null }],
  });
  const auditor = new Wanderer();
  await signIn('aud', auditor);
  expect(await me(auditor)).toMatchObject({ roles: [{ role: 'auditor', entity: null, window }] });
});

test('who left a group loses its role; what was given by hand stays', async () => {
  await signIn('rob');
  const clock = new SystemClock();
  const { rows } = await database.app.raw<{ rows: { id: string; issuer: string }[] }>(
    `select person_id as id, issuer from tieout.people where email = 'rob@example.com'`,
  );
  const { id = '', issuer = '' } = rows[0] ?? {};
  const desk = new PeopleDesk(database.app, clock, entities);
  const viewer = { role: 'viewer', entity: 'acme', reason: 'a test' } as const;
  const grant = await desk.grant(id, viewer, cliActor());
  const browser = new Wanderer();
  await signIn('rob', browser);
  expect(await me(browser)).toMatchObject({ roles: [{ role: 'reviewer' }, { role: 'viewer' }] });
  const signing = new SignIn(database.app, clock, limits);
  const door = new IdentitySignIn({ app: database.app, clock, signing }, oidcOf(issuer));
  const left = {
    issuer,
    subject: 'rob',
    email: null,
    emailVerified: false,
    name: null,
    claims: {},
  };
  await door.signIn(left);
  expect(await me(browser)).toMatchObject({ roles: [{ role: 'viewer', entity: 'acme' }] });
  await desk.revoke(id, grant, 'a test', cliActor());
  await expect(door.signIn(left)).rejects.toMatchObject({ why: 'no_role' });
  await signIn('rob', browser);
  expect(await me(browser)).toMatchObject({ roles: [{ role: 'reviewer', entity: null }] });
});

test('another issuer is somebody else, whatever address it vouches for', async () => {
  await signIn('rob');
  const clock = new SystemClock();
  const signing = new SignIn(database.app, clock, limits);
  const door = new IdentitySignIn({ app: database.app, clock, signing }, oidcOf(home));
  const twin = { issuer: home, subject: 'rob', email: 'rob@example.com', emailVerified: true };
  const claims = { groups: ['admins'] };
  const entering = door.signIn({ ...twin, name: null, claims });
  await expect(entering).rejects.toMatchObject({ why: 'not_known' });
});

test('nobody comes in without a role, by an unproven address, or with roles apart', async () => {
  expect(await signIn('mia')).toBe('/sign-in?refused=no_role');
  expect(await signIn('eve')).toBe('/sign-in?refused=not_known');
  expect(await signIn('bob')).toBe('/sign-in?refused=roles_conflict');
  const { rows } = await database.app.raw<{ rows: { email: string; roles: string }[] }>(
    `select p.email, count(g.grant_id) as roles from tieout.people p
     left join tieout.role_grants g using (person_id)
     where p.email in ('mia@example.com', 'victim@example.com', 'bob@example.com')
     group by p.email`,
  );
  expect(rows).toEqual([{ email: 'bob@example.com', roles: '0' }]);
});

test('an answer is good once, and only for the browser that asked', async () => {
  const mine = new Wanderer();
  const back = await throughProvider('ann', mine);
  const stranger = new Wanderer();
  expect((await stranger.go(back)).headers.get('location')).toBe('/sign-in?refused=expired');
  await throughProvider('ann', stranger);
  expect((await stranger.go(back)).headers.get('location')).toBe('/sign-in?refused=failed');
  const { host } = new URL(home);
  const flow = mine.cookie(host, 'tieout-sign-in') ?? '';
  expect((await mine.go(back)).headers.get('location')).toBe('/');
  expect(mine.cookie(host, 'tieout-sign-in')).toBeUndefined();
  mine.setCookie(host, 'tieout-sign-in', flow);
  expect((await mine.go(back)).headers.get('location')).toBe('/sign-in?refused=failed');
});

test('what a browser changes in its cookie fits no answer any more', async () => {
  const browser = new Wanderer();
  const back = await throughProvider('ann', browser);
  const { host } = new URL(home);
  const [key, expires = '', path] = (browser.cookie(host, 'tieout-sign-in') ?? '').split('.');
  browser.setCookie(host, 'tieout-sign-in', `${key}.${Number(expires) + 60_000}.${path}`);
  expect((await browser.go(back)).headers.get('location')).toBe('/sign-in?refused=failed');
});

test('a token that the published keys did not sign is refused', async () => {
  const port = await freePort();
  const there = `http://127.0.0.1:${port}`;
  const forger = await startOidcProvider(people, clientAt(there), true);
  const deceived = await serve(forger.issuer, port);
  const before = home;
  home = there;
  try {
    expect(await signIn('ann')).toBe('/sign-in?refused=failed');
    expect(JSON.stringify(deceived.logged())).not.toMatch(/eyJ|ann@example|code=/);
  } finally {
    home = before;
    await deceived.close();
    await forger.stop();
  }
});

test('a sign-in gives a new session and ends the one before', async () => {
  const browser = new Wanderer();
  const { host } = new URL(home);
  await signIn('ann', browser);
  const first = browser.cookie(host, 'tieout') ?? '';
  const back = await browser.follow(`${home}/api/v1/sign-in/oidc`, isOurs);
  await browser.go(back);
  expect(browser.cookie(host, 'tieout')).not.toBe(first);
  const old = new Wanderer();
  old.setCookie(host, 'tieout', first);
  expect((await old.go(`${home}/api/v1/me`)).status).toBe(401);
  expect(await me(browser)).toMatchObject({ email: 'ann@example.com' });
});

test('signing out ends the session here, and says where it ends at the provider', async () => {
  const browser = new Wanderer();
  await signIn('ann', browser);
  const { csrf_token: csrf } = await me(browser);
  const cookie = `tieout=${browser.cookie(new URL(home).host, 'tieout')}`;
  const answer = await api.agent
    .post('/api/v1/sign-out')
    .set({ 'Sec-Fetch-Site': 'same-origin', Cookie: cookie, 'X-CSRF-Token': String(csrf) });
  expect(answer.status).toBe(200);
  const away = new URL(answer.body.end_session_url as string);
  expect([away.origin, away.pathname]).toEqual([provider.issuer, '/session/end']);
  expect(away.searchParams.get('post_logout_redirect_uri')).toBe(`${home}/`);
  expect((await fetch(away)).status).toBe(200);
  expect((await browser.go(`${home}/api/v1/me`)).status).toBe(401);
});

test('the way back leads to our own page, whatever is asked', async () => {
  const elsewhere = [
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/',
    '/.//evil.example',
  ];
  for (const bad of [...elsewhere, '/api/v1/me', '/sign-in', '/a\r\nb: c', '', '/\t/evil.example'])
    expect([bad, ownPath(bad)]).toEqual([bad, '/']);
  expect(ownPath('/runs?x=1#y')).toBe('/runs?x=1#y');
  expect(await signIn('ann', new Wanderer(), '//evil.example')).toBe('/');
});

test('secrets of a sign-in stand in no log', async () => {
  const browser = new Wanderer();
  const back = new URL(await throughProvider('rob', browser));
  const flow = browser.cookie(new URL(home).host, 'tieout-sign-in') ?? '';
  await browser.go(back.href);
  const logged = JSON.stringify(api.logged());
  const kept = [secret, flow, back.searchParams.get('code') ?? '', 'rob@example.com'];
  expect(kept.filter((text) => text === '' || logged.includes(text))).toEqual([]);
});

test('a provider that cannot be reached is said to be so', async () => {
  const port = await freePort();
  const alone = await serve(`http://127.0.0.1:${await freePort()}`, port);
  const answer = await new Wanderer().go(`http://127.0.0.1:${port}/api/v1/sign-in/oidc`);
  expect(answer.headers.get('location')).toBe('/sign-in?refused=unavailable');
  expect(alone.logged().filter(({ level }) => level === 'error')).toHaveLength(1);
  await alone.close();
});

import request from 'supertest';
import { PeopleDesk } from '../../src/access/people-desk';
import { SignIn } from '../../src/access/sign-in';
import { cliActor } from '../../src/cli/people.command';
import type { Role } from '../../src/core/permissions';
import { SystemClock } from '../../src/platform/clock';
import type { Database } from '../../src/platform/database/open-database';
import type { ApiBench } from './api-bench';

export const limits = { idleMinutes: 30, absoluteHours: 12 };
export const entities = [{ id: 'acme' }, { id: 'other' }];
const clock = new SystemClock();
let count = 0;

export interface Held {
  role: Role;
  entity?: string | null;
  window?: { start: string; end: string };
}

/** Somebody new with these roles, given on the command line. */
export async function addPerson(
  database: Database,
  ...held: Held[]
): Promise<{ id: string; email: string }> {
  count += 1;
  const email = `p${count}@example.com`;
  const desk = new PeopleDesk(database.app, clock, entities);
  const id = await desk.add({ email, name: `Person ${count}` }, cliActor());
  for (const { role, entity = null, window } of held)
    await desk.grant(
      id,
      { role, entity, window, expiresAt: window && '2099-01-01T00:00:00.000Z', reason: 'a test' },
      cliActor(),
    );
  return { id, email };
}

/** A browser in which somebody has signed in. */
export interface Browser {
  agent: ReturnType<typeof request.agent>;
  csrf: string;
  me: Record<string, unknown>;
  /** The link that was used up. */
  link: string;
  get(path: string): request.Test;
  post(path: string, body: object): request.Test;
}

export async function signIn(api: ApiBench, database: Database, email: string): Promise<Browser> {
  const link = await new SignIn(database.app, clock, limits).makeLink(email, cliActor());
  const agent = request.agent(api.server.url).set('Sec-Fetch-Site', 'same-origin');
  const { status } = await agent.post('/api/v1/sign-in').send({ link });
  if (status !== 204) throw new Error(`signing in was answered with ${status}`);
  const me = (await agent.get('/api/v1/me')).body as Record<string, unknown>;
  const csrf = String(me['csrf_token']);
  return {
    agent,
    csrf,
    me,
    link,
    get: (path) => agent.get(`/api/v1/${path}`),
    post: (path, body) => agent.post(`/api/v1/${path}`).set('X-CSRF-Token', csrf).send(body),
  };
}

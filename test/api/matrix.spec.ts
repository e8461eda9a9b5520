import type { Response } from 'supertest';
import {
  permissions,
  reachOf,
  roles,
  type Action,
  type Holder,
  type Role,
} from '../../src/core/permissions';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openApiBench, type ApiBench } from './api-bench';
import { answerProblems } from './published';
import { addPerson, signIn, type Browser } from './signed-in';

/** What an operation is called with, and what somebody of another entity is answered. */
interface Sample {
  query?: string;
  body?: object;
  /** A status; or that the answer holds nothing of the entity. */
  foreign: number | 'nothing';
}

const reason = 'a test';
const samples: Record<string, Sample> = {
  listControls: { foreign: 200 },
  getControl: { foreign: 200 },
  listSources: { foreign: 200 },
  // Sources are of the company: asked without saying which, by anybody who reads them.
  listSourceWindows: { foreign: 400 },
  listControlVersions: { foreign: 200 },
  compareControlVersions: { foreign: 404 },
  submitControl: { body: { reason }, foreign: 403 },
  approveControl: { body: { reason }, foreign: 403 },
  listReplays: { foreign: 'nothing' },
  replayControl: { body: { periods: 1 }, foreign: 403 },
  listRuns: { foreign: 'nothing' },
  watchWork: { query: '?once=true', foreign: 'nothing' },
  getRun: { foreign: 404 },
  exportRuns: { foreign: 'nothing' },
  getStatement: { foreign: 404 },
  createRun: { body: { control: 'CA-90', entity: 'acme', period: '2026-06' }, foreign: 404 },
  listEvidence: { foreign: 404 },
  downloadEvidence: { foreign: 404 },
  downloadEvidenceFile: { foreign: 404 },
  listExceptions: { foreign: 'nothing' },
  exportExceptions: { foreign: 'nothing' },
  getException: { foreign: 404 },
  getJourney: { foreign: 404 },
  listLineItems: {
    query: '?procedure=orders-to-payments&category=matched&side=both&currency=USD',
    foreign: 404,
  },
  moveExceptions: {
    body: { ids: ['$exception'], order: { move: 'comment', reason } },
    foreign: 200,
  },
  moveException: { body: { move: 'comment', reason }, foreign: 404 },
  commentException: { body: { text: reason }, foreign: 404 },
  assignException: { body: { assignee: null }, foreign: 404 },
  attachToException: { query: '?name=a.txt', foreign: 404 },
  downloadAttachment: { foreign: 404 },
  listReconcilingItems: { foreign: 'nothing' },
  createReconcilingItem: {
    body: {
      exception_id: '$exception',
      amount: '100',
      label: 'known',
      owner: '$person',
      valid_until: new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10),
      reason,
    },
    foreign: 404,
  },
  approveReconcilingItem: { body: { reason }, foreign: 404 },
  revokeReconcilingItem: { body: { reason }, foreign: 404 },
  listPeriods: { query: '?entity=acme', foreign: 404 },
  getClose: { query: '?entity=acme&period=2026-06', foreign: 404 },
  exportClose: { query: '?entity=acme&period=2026-06', foreign: 404 },
  getSignoffs: { query: '?control=CA-90&entity=acme&period=2026-06', foreign: 'nothing' },
  sign: {
    body: {
      step: 'prepare',
      entity: 'acme',
      items: [{ control: 'CA-90', period: '2026-06' }],
      statement: reason,
    },
    foreign: 200,
  },
  listAuditEvents: { foreign: 'nothing' },
  exportAuditEvents: { foreign: 'nothing' },
  listPeople: { foreign: 200 },
  exportPeople: { foreign: 200 },
  listPeopleNames: { foreign: 200 },
  // Whoever administers one entity alone gives no roles: they could be for any other.
  createPerson: { body: { email: 'a@b.example', name: 'A' }, foreign: 403 },
  grantRole: { body: { role: 'viewer', reason }, foreign: 403 },
  revokeRole: { body: { reason }, foreign: 403 },
  listSessions: { foreign: 200 },
  endSessions: { body: { reason }, foreign: 403 },
  disablePerson: { body: { reason }, foreign: 403 },
  enablePerson: { body: { reason }, foreign: 403 },
  getOverview: { foreign: 200 },
};

interface Operation {
  id: string;
  method: 'get' | 'post';
  path: string;
  action: Action;
}

let database: TestDatabase;
let api: ApiBench;
let document: Parameters<typeof answerProblems>[0];
let operations: Operation[];
const values: Record<string, string> = {};
const own = new Map<Role, Browser>();
const foreign = new Map<Role, Browser>();
const window = { start: '2026-01-01', end: '2027-01-01' };

beforeAll(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
  values['run'] = await api.run();
  for (const role of roles) {
    const held = { role, ...(role === 'auditor' ? { window } : {}) };
    const mine = await addPerson(database, { ...held, entity: null });
    const theirs = await addPerson(database, { ...held, entity: 'other' });
    own.set(role, await signIn(api, database, mine.email));
    foreign.set(role, await signIn(api, database, theirs.email));
  }
  values['person'] = String(own.get('viewer')?.me['person_id']);
  const list = await own.get('viewer')?.get('exceptions');
  values['exception'] = String(list?.body.items[0].exception_id);
  document = (await api.agent.get('/api/openapi.json')).body;
  operations = operationsOf(document);
}, 120_000);
afterAll(async () => {
  await api.close();
  await database.drop();
});

function operationsOf({ paths }: typeof document): Operation[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as unknown as Record<string, Record<string, string>>).flatMap(
      ([method, operation]) => {
        const action = operation['x-tieout-access'] as Action | 'nothing' | 'identity' | undefined;
        if (action === undefined) throw new Error(`${path} says nothing of its access`);
        if (action === 'nothing' || action === 'identity') return [];
        const id = String(operation['operationId']);
        return [{ id, method: method === 'get' ? 'get' : 'post', path, action }];
      },
    ),
  );
}

/** Ids of what there is, also where the path asks for something else of the same form. */
function addressOf({ id, path }: Operation): string {
  const named: Record<string, string> = {
    path: 'manifest.json',
    sha256: 'a'.repeat(64),
    grant: values['person'] ?? '',
    version: 'a'.repeat(64),
    id: path.includes('/controls/')
      ? 'CA-90'
      : (values[
          path.includes('/runs/') ? 'run' : path.includes('/exceptions/') ? 'exception' : 'person'
        ] ?? ''),
  };
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => named[name] ?? '');
  return `${filled}${samples[id]?.query ?? ''}`;
}

async function call(who: Browser | null, operation: Operation, body: object): Promise<Response> {
  const address = addressOf(operation);
  if (operation.method === 'get') return (who?.agent ?? api.agent).get(address);
  const sent = (who?.agent ?? api.agent).post(address);
  if (who !== null) void sent.set('X-CSRF-Token', who.csrf);
  if (operation.id === 'attachToException')
    return sent.set('Content-Type', 'application/octet-stream').send(Buffer.from('text'));
  return sent.send(body);
}

const holderOf = (role: Role, entity: string | null): Holder => ({
  kind: 'person',
  grants: [{ role, entity, window: role === 'auditor' ? window : null }],
  scope: 'write',
  only: null,
});

test('every operation has a sample here', () => {
  expect(operations.map(({ id }) => id).filter((id) => !(id in samples))).toEqual([]);
});

test.each(roles)(
  '%s is refused exactly what the table of permissions does not allow',
  async (role) => {
    const who = own.get(role) ?? null;
    const answers: [string, boolean][] = [];
    const expected: [string, boolean][] = [];
    for (const operation of operations) {
      // An empty body gets past the guard and no further: nothing is changed.
      const { status } = await call(who, operation, {});
      answers.push([operation.id, status !== 403 && status !== 401]);
      const allowed = reachOf(holderOf(role, null), operation.action).length > 0;
      expected.push([operation.id, allowed]);
    }
    expect(answers).toEqual(expected);
  },
);

test.each(roles)('%s of another entity is told nothing and changes nothing', async (role) => {
  const who = foreign.get(role) ?? null;
  for (const operation of operations) {
    const sample = samples[operation.id];
    const body = JSON.parse(
      JSON.stringify(sample?.body ?? {}).replace(
        /\$(\w+)/g,
        (_all, name: string) => values[name] ?? '',
      ),
    ) as object;
    const answer = await call(who, operation, body);
    const allowed = reachOf(holderOf(role, 'other'), operation.action).length > 0;
    const status = !allowed ? 403 : sample?.foreign === 'nothing' ? 200 : sample?.foreign;
    expect([operation.id, answer.status]).toEqual([operation.id, status]);
    const told = String(answer.text ?? '');
    if (sample?.foreign === 'nothing') expect(told.includes('acme')).toBe(false);
    if (operation.id === 'sign' || operation.id === 'moveExceptions')
      expect(answer.body.refused?.[0]?.code ?? 'not_found').toBe('not_found');
  }
});

test('a machine does what a machine may, and decides nothing', async () => {
  const read = await api.token({ name: 'machine r' });
  const write = await api.token({ name: 'machine w', scope: 'write' });
  for (const operation of operations) {
    const { machine, writes } = permissions[operation.action];
    const status = async (token: string | null): Promise<number> => {
      const sent = api.agent[operation.method](addressOf(operation));
      if (token !== null) void sent.set('Authorization', `Bearer ${token}`);
      return (await sent).status;
    };
    const may = (code: number): boolean => code !== 403 && code !== 401;
    expect([operation.id, may(await status(read))]).toEqual([operation.id, machine === 'read']);
    expect([operation.id, may(await status(write))]).toEqual([operation.id, machine !== null]);
    expect([operation.id, may(await status(null))]).toEqual([
      operation.id,
      machine === 'read' && !writes,
    ]);
  }
}, 120_000);

test('every answer is what the published document says of it', async () => {
  for (const role of ['reviewer', 'admin'] as const)
    for (const operation of operations) {
      const answer = await call(own.get(role) ?? null, operation, {});
      const type = String(answer.headers['content-type'] ?? '');
      if (!type.includes('json') || answer.status === 204) continue;
      if (operation.id === 'downloadEvidenceFile' && answer.status === 200) continue;
      const problems = answerProblems(document, operation, answer);
      expect([operation.id, answer.status, problems]).toEqual([operation.id, answer.status, []]);
    }
});

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Caller } from '../../src/access/caller';
import { createLogger } from '../../src/platform/logger';
import { WorkReport } from '../../src/platform/progress/work-report';
import { LiveBoard } from '../../src/runs/live/live-board';
import type { WorkUnderWay } from '../../src/runs/live/live.contract';
import { LiveStream } from '../../src/runs/live/live-stream';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openApiBench, type ApiBench } from './api-bench';
import { addPerson, signIn } from './signed-in';

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

interface Event {
  id: string | undefined;
  name: string;
  data: unknown;
}

/** Reads events of a stream until one of them is the last that is waited for. */
async function eventsUntil(answer: Response, isLast: (event: Event) => boolean): Promise<Event[]> {
  const events: Event[] = [];
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .map((line): [string, string] => {
            const at = line.indexOf(': ');
            return [line.slice(0, at), line.slice(at + 2)];
          }),
      );
      text = text.slice(end + 2);
      const name = fields.get('event');
      if (name === undefined) continue;
      const event = { id: fields.get('id'), name, data: JSON.parse(fields.get('data') ?? 'null') };
      events.push(event);
      if (isLast(event)) return events;
    }
  }
  return events;
}

const works = (events: readonly Event[]): WorkUnderWay[] =>
  events.filter(({ name }) => name === 'progress').map(({ data }) => data as WorkUnderWay);

async function watch(query = '', headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(`${api.server.url}/api/v1/live${query}`, { headers });
  expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  return answer;
}

test('a run that another process does is seen from its claim to its outcome', async () => {
  const answer = await watch();
  const ended = eventsUntil(
    answer,
    ({ name, data }) => name === 'progress' && (data as WorkUnderWay).outcome !== null,
  );
  const runId = await api.run();
  const last = works(await ended).at(-1);
  expect(last).toMatchObject({
    work_id: runId,
    kind: 'run',
    name: 'CA-90',
    entity_id: 'acme',
    period_key: '2026-06',
    step: 'record',
    outcome: 'exceptions',
    items: '6',
  });
});

test('who connects is told what is going on, and who comes back only what changed', async () => {
  const sync = { kind: 'sync', name: 'stripe-us', entity: null, period: null } as const;
  const first = new WorkReport(database.app, { ...sync, id: crypto.randomUUID() }, 'starting');
  first.tell({ step: 'invoices: 20 objects', items: 20, share: 0.4 });
  await first.end('read');
  const seen = await eventsUntil(await watch('?once=true'), () => false);
  expect(works(seen).filter(({ name }) => name === 'stripe-us')).toMatchObject([
    { kind: 'sync', step: 'invoices: 20 objects', items: '20', outcome: 'read' },
  ]);
  const since = { 'Last-Event-ID': seen.at(-1)?.id ?? '' };
  expect(await eventsUntil(await watch('?once=true', since), () => false)).toEqual([]);
  const second = new WorkReport(database.app, { ...sync, id: crypto.randomUUID() }, 'starting');
  await second.end('failed');
  const missed = works(await eventsUntil(await watch('?once=true', since), () => false));
  expect(missed).toMatchObject([{ outcome: 'failed' }]);
});

test('what lies beyond somebody’s entities is not told', async () => {
  await api.run({ reason: 'again' });
  const told = async (entity: string | null): Promise<string[]> => {
    const { email } = await addPerson(database, { role: 'viewer', entity });
    const browser = await signIn(api, database, email);
    const { text } = await browser.get('live?once=true').buffer(true);
    return [...text.matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind ?? '');
  };
  expect(await told('acme')).toContain('run');
  expect(await told('other')).not.toContain('run');
});

test('a stream ends when its session does, and when the server ends', async () => {
  const caller: Caller = {
    kind: 'machine',
    actor: { name: 'token:x', personId: null, via: 'token' },
    person: null,
    grants: [],
    holder: { kind: 'machine', scope: 'read', only: null },
    session: null,
    csrfToken: null,
  };
  let isThere = true;
  const board = new LiveBoard(database.app, createLogger({ level: 'error' }));
  const server = createServer((_request, response) => {
    const stillThere = (): Promise<Caller | null> => Promise.resolve(isThere ? caller : null);
    const stream = new LiveStream(response, caller, stillThere, 50);
    void stream.run(board, { since: 10n ** 17n, once: false });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gone = await fetch(url);
  isThere = false;
  const end = ({ name }: Event): boolean => name === 'end';
  expect(await eventsUntil(gone, end)).toMatchObject([{ data: { reason: 'session' } }]);
  isThere = true;
  const open = await fetch(url);
  board.onModuleDestroy();
  expect(await eventsUntil(open, end)).toMatchObject([{ data: { reason: 'server' } }]);
  server.close();
  server.closeAllConnections();
});

test('a work whose process died is not shown as going on', async () => {
  const id = crypto.randomUUID();
  const lost = { id, kind: 'sync', name: 'lost', entity: null, period: null } as const;
  await new WorkReport(database.app, lost, 'starting').end('read');
  await database.app.raw(
    `update tieout.work_progress set outcome = null,
       changed_at = clock_timestamp() - interval '61 seconds' where work_id = ?`,
    [id],
  );
  const { text } = await api.agent.get('/api/v1/live?once=true').buffer(true);
  expect(text).not.toContain(id);
});

import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { openApiBench, type ApiBench } from './api-bench';

let database: TestDatabase;
let api: ApiBench;

beforeEach(async () => {
  database = await createTestDatabase();
  api = await openApiBench(database);
});
afterEach(async () => {
  await api.close();
  await database.drop();
});

const base = '2026-06-01T00:00:00';
let nextSeq = 1;

/** Runs that errored: the least a run can be, and still what the database accepts. */
async function insertRuns(app: Knex, count: number, recordedAt: string): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids)
    await app.raw(
      `insert into tieout.runs (run_id, control_id, control_title, control_version, entity_id,
         period_key, period_start, period_end, seq, cause, requested_by, as_of, outcome,
         outcome_reason, attempts, started_at, recorded_at, step_ms, findings, manifest_sha256,
         previous_manifest_sha256)
       values (:id, 'CA-90', 'Every order is paid', repeat('a', 64), 'acme', '2026-05',
         '2026-05-01', '2026-06-01', :seq, 'scheduled', 'a test', '2026-06-01', 'errored',
         'no reason', 1, :recordedAt, :recordedAt, '{}', 0, repeat('b', 64),
         encode(sha256((:id)::text::bytea), 'hex'))`,
      { id, seq: nextSeq++, recordedAt },
    );
  return ids;
}

/** Only the run that is recorded with them opens exceptions. */
function insertExceptions(app: Knex, count: number, at: string): Promise<string[]> {
  return app.transaction((trx) => exceptionsOf(trx, count, at));
}

async function exceptionsOf(trx: Knex, count: number, at: string): Promise<string[]> {
  const [run = ''] = await insertRuns(trx, 1, at);
  const ids = Array.from({ length: count }, () => randomUUID());
  for (const id of ids)
    await trx.raw(
      `insert into tieout.exceptions (exception_id, fingerprint, control_id, entity_id, period_key,
         procedure, code, key, severity, explanation, facts_sha256, first_seen_run, first_seen_at,
         last_seen_run, last_seen_at)
       values (:id, :fingerprint, 'CA-90', 'acme', '2026-06', 'p', 'CA90-UNPAID', '{}', 'low', 'x',
         'f', :run, :at, :run, :at)`,
      { id, fingerprint: (id + id).replaceAll('-', ''), run, at },
    );
  return ids;
}

/** Reads a list to its end, doing something between each two pages. */
async function readAll(
  list: string,
  id: string,
  limit: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? '' : `&cursor=${cursor}`;
    const { body } = await api.agent.get(`/api/v1/${list}?limit=${limit}${query}`);
    const items = body.items as Record<string, string>[];
    seen.push(...items.map((item) => item[id] ?? ''));
    cursor = body.next_cursor as string | null;
    await between();
  } while (cursor !== null);
  return seen;
}

test('runs of before the first page are each seen once while others are recorded', async () => {
  const old = await insertRuns(database.app, 7, `${base}.000001Z`);
  const older = await insertRuns(database.app, 6, `${base}Z`);
  const seen = await readAll('runs', 'run_id', 3, () => api.run());
  expect(seen.slice(0, 7)).toEqual([...old].sort());
  expect(seen.slice(7)).toEqual([...older].sort());
});

test('exceptions of one instant are paged by id, and seen once while others open', async () => {
  const early = await insertExceptions(database.app, 5, `${base}Z`);
  const late = await insertExceptions(database.app, 5, `${base}.5Z`);
  const seen = await readAll('exceptions', 'exception_id', 2, () =>
    insertExceptions(database.app, 2, '2026-06-02T00:00:00Z'),
  );
  expect(seen).toEqual([...late.sort(), ...early.sort()]);
});

test('the last page has no cursor, also when it is full', async () => {
  const ids = await insertRuns(database.app, 4, `${base}Z`);
  const { body } = await api.agent.get('/api/v1/runs?limit=4');
  expect([body.items.length, body.next_cursor]).toEqual([4, null]);
  expect(await readAll('runs', 'run_id', 2)).toEqual(ids.sort());
});

test('writers that record at the same time as pages are read repeat nothing', async () => {
  const ids = await insertRuns(database.app, 30, `${base}Z`);
  let writing = true;
  const writer = (async () => {
    while (writing) await insertRuns(database.app, 1, new Date().toISOString());
  })();
  const seen = await readAll('runs', 'run_id', 4);
  writing = false;
  await writer;
  expect(new Set(seen).size).toBe(seen.length);
  expect(ids.filter((id) => !seen.includes(id))).toEqual([]);
});

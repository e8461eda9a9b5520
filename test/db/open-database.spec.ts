import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { InvalidInput } from '../../src/core/problem';
import type { Config, DatabaseUrls } from '../../src/platform/config';
import { openDatabase, type Database } from '../../src/platform/database/open-database';
import { createLogger } from '../../src/platform/logger';
import { createTestDatabase, type TestDatabase } from '../support/database';

const logger = createLogger({ level: 'error' });
let shared: TestDatabase;
let base: string;

beforeAll(async () => {
  shared = await createTestDatabase();
  base = fs.mkdtempSync(path.join(process.getuid?.() === 0 ? '/tmp' : os.tmpdir(), 'tieout-open-'));
  fs.chmodSync(base, 0o755);
});

afterAll(async () => {
  await shared.drop();
  fs.rmSync(base, { recursive: true });
});

function configOf(database: DatabaseUrls | null): Parameters<typeof openDatabase>[0] {
  const limits = { statement_timeout_s: 60 } as Config['limits'];
  return { database, baseDir: base, data_dir: 'data', limits };
}

/** As an operator would write it, for the socket of the test server. */
const url = (role: string, database = shared.name): string =>
  `postgres://${role}:canary-password@` +
  `${encodeURIComponent(shared.server.connection.host)}/${database}`;

const urls = (): DatabaseUrls => ({
  app: url('tieout_app'),
  owner: url('tieout_owner'),
  reader: url('tieout_reader'),
});

async function currentUsers(database: Database): Promise<unknown[]> {
  const sql = 'select current_user as name';
  const names: unknown[] = [];
  for (const role of ['reader', 'owner'] as const) {
    const client = await database[role]();
    names.push((await client.query<{ name: string }>(sql)).rows[0]?.name);
    await client.end();
  }
  const app = await database.app.raw<{ rows: { name: string }[] }>(sql);
  return [...names, app.rows[0]?.name];
}

async function problemsOf(attempt: Promise<unknown>): Promise<string[]> {
  const error: unknown = await attempt.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(error instanceof InvalidInput)) throw new Error('expected InvalidInput', { cause: error });
  return error.problems.map((problem) => `${problem.field}: ${problem.message}`);
}

test('without URLs, Postgres comes up in the data folder with its three roles', async () => {
  const database = await openDatabase(configOf(null), { logger });
  expect(await currentUsers(database)).toEqual(['tieout_reader', 'tieout_owner', 'tieout_app']);
  expect(database.location).toContain(path.join(base, 'data', 'postgres'));
  await database.stop();
  const again = await openDatabase(configOf(null), { logger });
  expect(await currentUsers(again)).toEqual(['tieout_reader', 'tieout_owner', 'tieout_app']);
  await again.stop();
});

test('with URLs, each role works on the Postgres they lead to, which outlives us', async () => {
  const database = await openDatabase(configOf(urls()), { logger });
  expect(await currentUsers(database)).toEqual(['tieout_reader', 'tieout_owner', 'tieout_app']);
  expect(database.location).toContain(`database ${shared.name}`);
  expect(database.location).not.toContain('canary');
  const reader = await database.reader();
  const { rows } = await reader.query<{ transaction_read_only: string }>(
    'show transaction_read_only',
  );
  expect(rows).toEqual([{ transaction_read_only: 'on' }]);
  await reader.end();
  await database.stop();
  expect(await currentUsers(shared)).toEqual(['tieout_reader', 'tieout_owner', 'tieout_app']);
});

test('URLs that lead to other roles are refused, all at once', async () => {
  const swapped = { app: url('tieout_owner'), owner: urls().owner, reader: url('postgres') };
  expect(await problemsOf(openDatabase(configOf(swapped), { logger }))).toEqual([
    'DATABASE_URL: Logs in as tieout_owner, not as tieout_app.',
    'DATABASE_READER_URL: Logs in as postgres, not as tieout_reader.',
  ]);
});

test('a database that is not there is said by variable, without the password', async () => {
  const wrong = {
    app: url('tieout_app', 'absent'),
    owner: 'postgres://tieout_owner:canary-password@127.0.0.1:1/tieout',
    reader: urls().reader,
  };
  const problems = await problemsOf(openDatabase(configOf(wrong), { logger }));
  expect(problems).toEqual([
    'DATABASE_URL: The connection fails: database "absent" does not exist.',
    expect.stringMatching(/^DATABASE_OWNER_URL: The connection fails: .*ECONNREFUSED/),
  ]);
  expect(problems.join()).not.toContain('canary');
});

import { randomBytes } from 'node:crypto';
import { bootstrapDatabase } from '../../src/platform/database/bootstrap';
import {
  startEmbeddedPostgres,
  superuserClient,
  type EmbeddedPostgres,
} from '../../src/platform/database/embedded-postgres';
import { createLogger } from '../../src/platform/logger';
import { migrate } from '../../src/platform/database/migrate';
import {
  assembleDatabase,
  embeddedSettings,
  type Database,
} from '../../src/platform/database/open-database';

const template = 'tieout_template';
const statementMs = 60_000;
const logger = createLogger({ level: 'error' });

/** A database of one's own, with the means to look at it from above and to throw it away. */
export interface TestDatabase extends Database {
  name: string;
  server: EmbeddedPostgres;
  drop(): Promise<void>;
}

/**
 * A migrated database that nobody else uses, in the server that all specs of this run share.
 * Call it in beforeAll and `drop()` in afterAll. About 50 ms; the first of a run also starts the
 * server and migrates the template (2 s).
 */
export async function createTestDatabase(
  options: { migrated?: boolean } = {},
): Promise<TestDatabase> {
  const folder = process.env.TIEOUT_TEST_SERVER;
  if (folder === undefined) throw new Error('jest.config.js must name start-test-run.js');
  // Speed only: a crash of the machine loses nothing that a test run needs.
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const server = await startEmbeddedPostgres(folder, {
    settings: { ...settings, shared_buffers: '64MB', max_connections: '200' },
  });
  const name = `test_${randomBytes(6).toString('hex')}`;
  if (options.migrated === false) {
    await bootstrapDatabase(server.connection, name);
  } else {
    await prepareTemplate(server);
    await asSuperuser(server, `create database ${name} template ${template} owner tieout_owner`);
    // Rights on a database, unlike those inside it, are not part of the copy.
    await asSuperuser(server, `revoke all on database ${name} from public`);
    await asSuperuser(server, `grant connect on database ${name} to tieout_app, tieout_reader`);
    await asSuperuser(server, `grant temporary on database ${name} to tieout_app`);
  }
  const database = assembleDatabase({
    settings: embeddedSettings(server, name),
    statementMs,
    location: server.location,
    logger,
    leave: () => server.stop(),
  });
  const drop = async (): Promise<void> => {
    await database.app.destroy();
    await asSuperuser(server, `drop database if exists ${name} with (force)`);
    await database.stop();
  };
  return { ...database, name, server, drop };
}

/** Once per run: whoever comes first migrates the template; the others wait for it. */
async function prepareTemplate(server: EmbeddedPostgres): Promise<void> {
  const client = superuserClient(server.connection, 'postgres');
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtext('tieout test template'))`);
    const ready = await client.query('select from pg_database where datname = $1', [template]);
    if (ready.rowCount === 1) return;
    const draft = `${template}_draft`; // renamed when whole: a failed migration is tried again
    await client.query(`drop database if exists ${draft} with (force)`);
    await bootstrapDatabase(server.connection, draft);
    const settings = embeddedSettings(server, draft);
    const database = assembleDatabase({ settings, statementMs, location: 'template', logger });
    await migrate(database);
    await database.stop();
    await client.query(`alter database ${draft} rename to ${template}`);
  } finally {
    await client.end();
  }
}

/** Runs one statement as superuser in a database of the server, by default in `postgres`. */
export async function asSuperuser(
  server: EmbeddedPostgres,
  sql: string,
  database = 'postgres',
): Promise<Record<string, unknown>[]> {
  const client = superuserClient(server.connection, database);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

import * as path from 'node:path';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import { InvalidInput, type Problem } from '../../core/problem';
import type { Config, DatabaseUrls } from '../config';
import type { Logger } from '../logger';
import { redactText } from '../logger-redaction';
import { bootstrapDatabase } from './bootstrap';
import { connectClient, connectPool, type ConnectionSettings, type SessionLimits } from './connect';
import { errorCode } from './error-code';
import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded-postgres';

/** The database, through the three roles that may do different things to it. */
export interface Database {
  /** Works: reads and writes what migrations granted it; never the owner of a table. */
  app: Knex;
  /** A fresh connection that may only read schema books: for control SQL. Caller ends it. */
  reader(): Promise<Client>;
  /** A fresh connection that may change the schemas: for migrations. Caller ends it. */
  owner(): Promise<Client>;
  /** Where the data is, in words for a person; without secrets. */
  location: string;
  /** Ends the pool and leaves the embedded server, which the last process to leave stops. */
  stop(): Promise<void>;
}

/** The login roles by what they are for; bootstrap.sql creates them. */
export const databaseRoles = {
  app: 'tieout_app',
  owner: 'tieout_owner',
  reader: 'tieout_reader',
} as const;
type Role = keyof typeof databaseRoles;

const appPoolSize = 10;
const poolEndTimeoutMs = 10_000;
const minute = 60_000;
const appLimits: SessionLimits = {
  statementMs: 10 * minute,
  lockMs: minute,
  idleInTransactionMs: 5 * minute,
};
// A migration may take its time, and waits for the other server that is at it.
const ownerLimits: SessionLimits = {
  statementMs: 0,
  lockMs: 10 * minute,
  idleInTransactionMs: 10 * minute,
};

/**
 * Opens the database of a configuration: the three URLs where they are set, else the embedded
 * Postgres in `<data_dir>/postgres`. Does not migrate. Throws InvalidInput when a URL logs in as
 * another role than it should, or when the embedded server has no usable place.
 */
export async function openDatabase(
  config: Pick<Config, 'database' | 'baseDir' | 'data_dir' | 'limits'>,
  { logger }: { logger: Logger },
): Promise<Database> {
  const statementMs = config.limits.statement_timeout_s * 1000;
  if (config.database !== null) {
    const settings = await outsideSettings(config.database);
    const location = await describeOutside(config.database);
    return assembleDatabase({ settings, statementMs, location, logger });
  }
  const folder = path.resolve(config.baseDir, config.data_dir, 'postgres');
  const server = await startEmbeddedPostgres(folder);
  logger.info('embedded Postgres is running', { location: server.location });
  try {
    await bootstrapDatabase(server.connection, 'tieout');
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  const settings = embeddedSettings(server, 'tieout');
  return assembleDatabase({
    settings,
    statementMs,
    location: server.location,
    logger,
    leave: () => server.stop(),
  });
}

/** The three roles on one database of an embedded server. */
export function embeddedSettings(
  server: EmbeddedPostgres,
  database: string,
): Record<Role, ConnectionSettings> {
  const as = (role: Role): ConnectionSettings => ({
    ...server.connection,
    user: databaseRoles[role],
    database,
  });
  return { app: as('app'), owner: as('owner'), reader: as('reader') };
}

export interface DatabaseParts {
  settings: Record<Role, ConnectionSettings>;
  /** The longest that one statement of the reader may take. */
  statementMs: number;
  location: string;
  logger: Logger;
  /** What remains to be done once the pool has ended. */
  leave?: () => Promise<void>;
}

/** Puts a Database together from its connections; nothing connects before it is used. */
export function assembleDatabase(parts: DatabaseParts): Database {
  const { settings, statementMs } = parts;
  const app = connectPool(settings.app, appLimits, appPoolSize, parts.logger);
  const readerLimits = {
    statementMs,
    lockMs: 10_000,
    // One population is read on a transaction that waits while another is read beside it.
    idleInTransactionMs: statementMs + minute,
    readOnly: true,
  };
  const stop = async (): Promise<void> => {
    await endPool(app);
    await parts.leave?.();
  };
  let stopping: Promise<void> | undefined;
  return {
    app,
    reader: () => connectClient(settings.reader, readerLimits),
    owner: () => connectClient(settings.owner, ownerLimits),
    location: parts.location,
    stop: () => (stopping ??= stop()),
  };
}

/** knex waits for every connection in use; one that never comes back must not keep the process. */
async function endPool(app: Knex): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, poolEndTimeoutMs);
  });
  await Promise.race([app.destroy(), patience]);
  clearTimeout(timer);
}

const variables: Record<Role, string> = {
  app: 'DATABASE_URL',
  owner: 'DATABASE_OWNER_URL',
  reader: 'DATABASE_READER_URL',
};

/** Logs in once by each URL and checks that the three are who they should be. */
async function outsideSettings(urls: DatabaseUrls): Promise<Record<Role, ConnectionSettings>> {
  const problems: Problem[] = [];
  for (const role of ['app', 'owner', 'reader'] as const) {
    const message = await loginProblem(urls[role], role);
    if (message === null) continue;
    problems.push({
      file: 'environment',
      field: variables[role],
      message,
      remedy: `Use a login as ${databaseRoles[role]}, made by bootstrap.sql (docs/production.md).`,
    });
  }
  if (problems.length > 0) throw new InvalidInput('database', problems);
  const by = (role: Role): ConnectionSettings => ({ connectionString: urls[role] });
  return { app: by('app'), owner: by('owner'), reader: by('reader') };
}

async function loginProblem(url: string, role: Role): Promise<string | null> {
  let client: Client;
  try {
    client = await connectClient({ connectionString: url }, ownerLimits);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : '';
    return `The connection fails: ${redactText(said || (errorCode(cause) ?? 'no reason given'))}.`;
  }
  try {
    const { rows } = await client.query<{ name: string; powerful: boolean }>(
      `select rolname as name, rolsuper or rolbypassrls or rolcreaterole as powerful
       from pg_catalog.pg_roles where rolname = current_user`,
    );
    const name = rows[0]?.name;
    if (name !== databaseRoles[role]) return `Logs in as ${name}, not as ${databaseRoles[role]}.`;
    return rows[0]?.powerful ? `The role ${name} has more rights than it may have.` : null;
  } finally {
    await client.end();
  }
}

async function describeOutside(urls: DatabaseUrls): Promise<string> {
  const client = await connectClient({ connectionString: urls.app }, appLimits);
  const { host, port, database } = client;
  await client.end();
  return `Postgres at ${host}:${port}, database ${database ?? ''}`;
}

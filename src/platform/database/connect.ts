import knex, { type Knex } from 'knex';
import { Client, types, type ClientConfig, type CustomTypesConfig } from 'pg';
import type { Logger } from '../logger';
import { socketForPg } from './steady-socket';

/** Where to connect and as whom, in the words of pg. */
export type ConnectionSettings = Pick<
  ClientConfig,
  'connectionString' | 'host' | 'port' | 'user' | 'database'
>;

/** Ends of patience of one session, in milliseconds; 0 waits without end. */
export interface SessionLimits {
  statementMs: number;
  lockMs: number;
  idleInTransactionMs: number;
  /** Refuses writes in the session, besides what the role is not granted. */
  readOnly?: boolean;
}

// Numbers and dates that JavaScript would bend: 2026-10-31 becomes the 30th east of Greenwich,
// 9007199254740993 becomes …992, 0.10 becomes 0.1. They stay as Postgres writes them.
const exactTypes = new Set<number>([
  types.builtins.INT8,
  types.builtins.NUMERIC,
  types.builtins.DATE,
  types.builtins.TIMESTAMP,
  types.builtins.TIMESTAMPTZ,
]);
const exactArrays = new Set<number>([1016, 1231, 1182, 1115, 1185]); // of the same types, in order
const textArray = 1009;

const keepsText = (value: string): string => value;

/** Per connection, not global: other users of pg in this process keep what they expect. */
const exactText: CustomTypesConfig = {
  getTypeParser(oid, format) {
    if (format !== 'binary' && exactTypes.has(oid)) return keepsText;
    const parser: unknown = types.getTypeParser(
      (exactArrays.has(oid) ? textArray : oid) as typeof oid,
      format,
    );
    return parser;
  },
};

/** A connection of its own. The caller ends it. Throws what pg throws, with the role's name. */
export async function connectClient(
  settings: ConnectionSettings,
  limits: SessionLimits,
): Promise<Client> {
  const client = new Client({ ...clientConfig(settings), stream: socketForPg });
  // Lost while idle: the next query on it fails and says so; without a listener the process ends.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sessionSql(limits));
    return client;
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw cause;
  }
}

/** A pool of at most `size` connections for knex; a connection found broken is replaced. */
export function connectPool(
  settings: ConnectionSettings,
  limits: SessionLimits,
  size: number,
  logger: Logger,
): Knex {
  // Otherwise knex prints on stdout, where a command's own output goes.
  const say = (message: unknown): void => logger.warn('database pool', { said: String(message) });
  return knex({
    client: 'pg',
    log: { warn: say, error: say, deprecate: say, debug: () => undefined },
    connection: clientConfig(settings),
    acquireConnectionTimeout: 30_000,
    pool: {
      min: 0,
      max: size,
      afterCreate(client: Client, done: (error: Error | null, client: Client) => void) {
        client.query(sessionSql(limits), (error) => done(error ?? null, client));
      },
    },
  });
}

/** The connection inside a knex transaction, for COPY. It belongs to knex: do not end it. */
export function transactionClient(trx: Knex.Transaction): Promise<Client> {
  const pool = trx.client as { acquireConnection(): Promise<Client> };
  return pool.acquireConnection();
}

function clientConfig(settings: ConnectionSettings) {
  return {
    ...settings,
    types: exactText,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'tieout',
  } satisfies ClientConfig;
}

/** As statements, because poolers such as PgBouncer refuse them as startup parameters. */
function sessionSql(limits: SessionLimits): string {
  const settings = {
    timezone: 'UTC',
    datestyle: 'ISO, YMD',
    intervalstyle: 'iso_8601',
    search_path: '',
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    default_transaction_read_only: limits.readOnly ? 'on' : 'off',
  };
  return Object.entries(settings)
    .map(([name, value]) => `set ${name} = '${value}'`)
    .join('; ');
}

import * as path from 'node:path';
import { quoteName } from '../../core/sql-text';
import { startEmbeddedPostgres, superuserClient } from '../../platform/database/embedded-postgres';
import { loadWarehouse, warehouseReader } from '../warehouse/load-warehouse';

const databaseName = 'northwind_warehouse';

/** A warehouse that answers over a connection string, as any other does. */
export interface NorthwindWarehouse {
  /** Of a role that can read the warehouse and nothing else. */
  url: string;
  stop(): Promise<void>;
}

/**
 * The warehouse of a world: a database of its own beside Tieout's, in the embedded Postgres below
 * `dataDir`, filled from the world's files. `now` is the instant through which they reach.
 */
export async function openNorthwindWarehouse(
  dataDir: string,
  { folder, now }: { folder: string; now: string },
): Promise<NorthwindWarehouse> {
  // The company, and the books beside it, can be made again: no commit waits for the disk.
  const server = await startEmbeddedPostgres(path.join(dataDir, 'postgres'), {
    settings: { synchronous_commit: 'off' },
  });
  const asSuperuser = async (
    database: string,
    work: (client: ReturnType<typeof superuserClient>) => Promise<void>,
  ): Promise<void> => {
    const client = superuserClient(server.connection, database);
    await client.connect();
    try {
      await work(client);
    } finally {
      await client.end();
    }
  };
  try {
    await asSuperuser('postgres', async (client) => {
      const found = await client.query('select from pg_database where datname = $1', [
        databaseName,
      ]);
      if (found.rowCount === 0) await client.query(`create database ${quoteName(databaseName)}`);
    });
    await asSuperuser(databaseName, (client) =>
      loadWarehouse(client, path.join(folder, 'warehouse'), now),
    );
  } catch (cause) {
    await server.stop();
    throw cause;
  }
  const { host, port } = server.connection;
  return {
    url:
      `postgres://${warehouseReader}@/${databaseName}` +
      `?host=${encodeURIComponent(host)}&port=${port}`,
    stop: () => server.stop(),
  };
}

import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import type { Client } from 'pg';
import { superuserClient, type EmbeddedPostgres } from './embedded-postgres';

/** The folder with package.json, migrations/ and controls/: the same from src/ and from dist/. */
export const packageRoot = path.resolve(__dirname, '..', '..', '..');

const bootstrapFile = path.join(packageRoot, 'src', 'platform', 'database', 'bootstrap.sql');

/**
 * Makes `database` with its three roles in an embedded server, as bootstrap.sql does for a Postgres
 * of one's own. Safe to repeat, and safe while another process does the same.
 */
export async function bootstrapDatabase(
  server: EmbeddedPostgres['connection'],
  database: string,
): Promise<void> {
  await asSuperuser(server, 'postgres', async (cluster) => {
    // Roles belong to the whole cluster: two that alter them at once would fail on each other.
    await cluster.query(`select pg_advisory_lock(hashtext('tieout bootstrap'))`);
    // The cluster is private: from its other databases, too, the reader shall see nothing.
    await cluster.query('revoke connect on database postgres, template1 from public');
    const found = await cluster.query('select from pg_database where datname = $1', [database]);
    if (found.rowCount === 0)
      await cluster.query(`create database ${cluster.escapeIdentifier(database)}`);
    await asSuperuser(server, database, async (client) => {
      await client.query(readFileSync(bootstrapFile, 'utf8'));
    });
  });
}

async function asSuperuser(
  server: EmbeddedPostgres['connection'],
  database: string,
  work: (client: Client) => Promise<void>,
): Promise<void> {
  const client = superuserClient(server, database);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

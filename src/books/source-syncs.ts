import type { Knex } from 'knex';
import type { Database } from '../platform/database/open-database';

/** What a sync could not read, and why; windows that say the same are told once. */
export interface Unread {
  /** Null where it was the source as a whole. */
  object: string | null;
  message: string;
  /** Of how many windows it is told; null where it is told of all there are. */
  windows: number | null;
  /** The first and the end of the last of those; ISO 8601, UTC. */
  from: string | null;
  to: string | null;
}

/** A sync of a declared source that is over. */
export interface SourceSyncRecord {
  source: 'stripe' | 'salesforce' | 'warehouse';
  /** As in tieout.yaml. */
  name: string;
  startedAt: string;
  finishedAt: string;
  outcome: 'read' | 'failed';
  unread: readonly Unread[];
}

/** Writes down that a source was synced, and what of it could not be read. */
export async function recordSourceSync(
  database: Pick<Database, 'app'>,
  { source, name, startedAt, finishedAt, outcome, unread }: SourceSyncRecord,
): Promise<void> {
  await database.app.raw(
    `insert into books.source_syncs (source, name, started_at, finished_at, outcome, unread)
     values (?, ?, ?, ?, ?, ?)`,
    [source, name, startedAt, finishedAt, outcome, JSON.stringify(unread)],
  );
}

/** The last sync that reached a source: what it did not find there, there was not when it began. */
export async function lastSyncThatRead(
  database: Knex,
  { source, name }: Pick<SourceSyncRecord, 'source' | 'name'>,
): Promise<Pick<SourceSyncRecord, 'startedAt' | 'unread'> | null> {
  const result = await database.raw<{ rows: Pick<SourceSyncRecord, 'startedAt' | 'unread'>[] }>(
    `select to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
       unread
     from books.source_syncs where source = ? and name = ? and outcome = 'read'
     order by sync_no desc limit 1`,
    [source, name],
  );
  return result.rows[0] ?? null;
}

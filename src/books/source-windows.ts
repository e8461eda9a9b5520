import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import type { Database } from '../platform/database/open-database';
import { windowState, type EarlierRead, type WindowFacts, type WindowState } from './window-state';

/** One kind of object of one account, as windows are counted. */
export interface WindowStream {
  source: string;
  account: string;
  object: string;
}

/** A read of a window, with everything that proves it. */
export interface WindowRead extends WindowFacts, WindowStream {
  apiVersion: string | null;
  /** What was asked, word by word, where it is a query. */
  queryText: string | null;
  pages: number;
  requestRefs: readonly string[];
  /** The landings of its raw objects. */
  extractIds: readonly string[];
}

/**
 * Records a read of a window and says whether the window is closed now, and if not, why. Reads are
 * append-only; `books.source_windows` shows each window as its last read left it, or open where the
 * books could not take an object of it.
 */
export async function recordWindow(
  database: Pick<Database, 'app'>,
  read: WindowRead,
  safeThrough: string,
): Promise<WindowState & { readId: string; readNo: number }> {
  return database.app.transaction(async (trx) => {
    const place = [read.source, read.account, read.object, read.from, read.to];
    await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 8))', [place.join('\n')]);
    const earlier = await latestRead(trx, place);
    const decided = windowState(read, earlier, safeThrough);
    const readNo = (earlier?.readNo ?? 0) + 1;
    const readId = randomUUID();
    await insertRead(trx, read, { readId, readNo, decided });
    return { ...decided, readId, readNo };
  });
}

async function latestRead(trx: Knex, place: string[]): Promise<EarlierRead | null> {
  const iso = (column: string): string =>
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const result = await trx.raw<{ rows: EarlierRead[] }>(
    `select read_no::int as "readNo", state, id_set_sha256 as "idSetSha256", totals,
       ${iso('started_at')} as "startedAt", ${iso('finished_at')} as "finishedAt"
     from tieout.last_window_reads
     where source = ? and account = ? and object = ?
       and from_at = ?::timestamptz and to_at = ?::timestamptz`,
    place,
  );
  return result.rows[0] ?? null;
}

async function insertRead(
  trx: Knex,
  read: WindowRead,
  { readId, readNo, decided }: { readId: string; readNo: number; decided: WindowState },
): Promise<void> {
  const { sourceTotal } = read;
  const asked = sourceTotal.status === 'unavailable' ? null : sourceTotal;
  await trx
    .withSchema('books')
    .table('source_window_reads')
    .insert({
      read_id: readId,
      source: read.source,
      account: read.account,
      object: read.object,
      from_at: read.from,
      to_at: read.to,
      read_no: readNo,
      api_version: read.apiVersion,
      query_text: read.queryText,
      pages: read.pages,
      request_refs: [...read.requestRefs],
      rows: read.rows,
      id_set_sha256: read.idSetSha256,
      totals: JSON.stringify(read.totals),
      source_total: sourceTotal.status,
      source_totals: asked ? JSON.stringify(asked.totals) : null,
      source_total_query: asked?.query ?? null,
      source_total_reason: sourceTotal.status === 'unavailable' ? sourceTotal.reason : null,
      state: decided.state,
      state_reason: decided.state === 'open' ? decided.reason : null,
      extract_ids: [...read.extractIds],
      started_at: read.startedAt,
      finished_at: read.finishedAt,
      closed_at: decided.state === 'closed' ? read.finishedAt : null,
    });
}

/** How far a stream is proven, and the first thing that stands in the way. */
export interface StreamCoverage {
  /** Everything in [from, closedThrough) is in closed windows; `from` when nothing is. */
  closedThrough: string;
  /** Why it does not go on: an open window, a gap, or the end of what was read. */
  stoppedBy: string;
  /** Closed windows on the way whose source could not be asked for a total. */
  withoutTotal: number;
  /** Windows of the stream that were ever read from then on. */
  windows: number;
}

/** How far the closed windows of a stream reach without a gap from an instant on. */
export async function closedCoverage(
  database: Knex,
  stream: WindowStream,
  from: string,
): Promise<StreamCoverage> {
  const iso = (column: string): string =>
    `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
  const result = await database.raw<{
    rows: { from: string; to: string; state: string; reason: string | null; total: string }[];
  }>(
    `select ${iso('from_at')} as from, ${iso('to_at')} as to, state, state_reason as reason,
       source_total as total
     from books.source_windows
     where source = ? and account = ? and object = ? and to_at > ?::timestamptz
     order by from_at, to_at`,
    [stream.source, stream.account, stream.object, from],
  );
  let [closedThrough, withoutTotal] = [new Date(from).toISOString(), 0];
  const windows = result.rows.length;
  for (const window of result.rows) {
    const said = `the window from ${window.from} to ${window.to}`;
    if (window.from > closedThrough)
      return { closedThrough, withoutTotal, windows, stoppedBy: `nothing was read before ${said}` };
    if (window.state !== 'closed' && window.to > closedThrough)
      return {
        closedThrough,
        withoutTotal,
        windows,
        stoppedBy: `${said} is open: ${window.reason}`,
      };
    if (window.state !== 'closed') continue;
    if (window.to > closedThrough) closedThrough = window.to;
    if (window.total === 'unavailable') withoutTotal += 1;
  }
  return { closedThrough, withoutTotal, windows, stoppedBy: 'nothing was read after it' };
}

import type { Database } from '../../src/platform/database/open-database';

/** Records what a second read would, had it found the same: controls can then be tried. */
export async function closeUnread(database: Pick<Database, 'owner'>, now: string): Promise<void> {
  const owner = await database.owner();
  try {
    await owner.query(
      `insert into books.source_window_reads (read_id, source, account, object, from_at, to_at,
         read_no, api_version, query_text, pages, request_refs, rows, id_set_sha256, totals,
         source_total, source_total_reason, state, extract_ids, started_at, finished_at, closed_at)
       select gen_random_uuid(), source, account, object, from_at, to_at, read_no + 1, api_version,
         query_text, 0, '{}', rows, id_set_sha256, totals, 'unavailable',
         'the benchmark took the second read for given', 'closed', '{}', $1, $1, $1
       from books.source_windows where state = 'open' and to_at <= $1::timestamptz`,
      [now],
    );
  } finally {
    await owner.end();
  }
}

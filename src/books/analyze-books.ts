import type { Knex } from 'knex';

/** Fewer rows are planned well enough without statistics. */
const fewRows = 500n;

/**
 * Gathers statistics of a table of the books when `begun` rows of it are many beside those that it
 * had when that was last done: autovacuum comes minutes later, and until then the planner takes a
 * table just filled for an empty one. Through a function of the owner: before PostgreSQL 17 no
 * other role can be allowed to. Gives whether it was done.
 */
export async function analyzeAfter(
  trx: Knex,
  { versions }: { versions: string },
  begun: bigint,
): Promise<boolean> {
  if (begun < fewRows) return false;
  const done = await trx.raw<{ rows: { analyzed: boolean }[] }>(
    'select tieout.analyze_books(?, ?) as analyzed',
    [versions, String(begun)],
  );
  return done.rows[0]?.analyzed === true;
}

import type { Knex } from 'knex';

/** Fewer rows are planned well enough without statistics. */
const fewRows = 500n;

/**
 * Gathers statistics of a table of the books when `begun` rows of it are many beside those that it
 * had when that was last done: autovacuum comes minutes later, and until then the planner takes a
 * table just filled for an empty one. Through a function of the owner: before PostgreSQL 17 no
 * other role can be allowed to.
 */
export async function analyzeAfter(
  trx: Knex,
  { versions }: { versions: string },
  begun: bigint,
): Promise<void> {
  if (begun < fewRows) return;
  await trx.raw('select tieout.analyze_books(?, ?)', [versions, String(begun)]);
}

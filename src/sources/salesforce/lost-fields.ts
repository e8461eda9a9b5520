import type { Knex } from 'knex';
import type { WindowStream } from '../../books/source-windows';
import type { ObjectPlan } from './plan-object';
import { selectedFields } from './soql';

/** The fields that an object was last read with; null when it never was. */
export async function lastSelectedFields(
  database: Knex,
  { source, account, object }: WindowStream,
): Promise<Set<string> | null> {
  const found = await database.raw<{ rows: { query: string | null }[] }>(
    `select query_text as query from tieout.last_window_reads
     where source = ? and account = ? and object = ? order by finished_at desc limit 1`,
    [source, account, object],
  );
  const [last] = found.rows;
  return last === undefined ? null : selectedFields(last.query);
}

/**
 * Fields that an object was last read with and that do not exist for this user any more: every
 * record that is read without them would lose their values in the books. `removed` names those that
 * the org itself gave up, as `Order.SBQQ__PaymentTerm__c`.
 */
export async function lostFields(
  database: Knex,
  stream: WindowStream,
  plan: Pick<ObjectPlan, 'object' | 'fields'>,
  removed: readonly string[],
): Promise<string[]> {
  const selected = (await lastSelectedFields(database, stream)) ?? [];
  // What the configuration named once, and names no more, is nobody's loss.
  const ours = new Set([...plan.object.required, ...plan.object.optional]);
  return [...selected]
    .filter((field) => ours.has(field) && !plan.fields.includes(field))
    .map((field) => `${stream.object}.${field}`)
    .filter((field) => !removed.includes(field));
}

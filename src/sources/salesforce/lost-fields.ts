import type { Knex } from 'knex';
import type { WindowStream } from '../../books/source-windows';
import type { ObjectPlan } from './plan-object';
import { selectedFields } from './soql';

/**
 * Fields that an object was last read with and that do not exist for this user any more: every
 * record that is read without them would lose their values in the books. `removed` names those that
 * the org itself gave up, as `Order.SBQQ__PaymentTerm__c`.
 */
export async function lostFields(
  database: Knex,
  { source, account, object }: WindowStream,
  plan: Pick<ObjectPlan, 'object' | 'fields'>,
  removed: readonly string[],
): Promise<string[]> {
  const found = await database.raw<{ rows: { query: string | null }[] }>(
    `select query_text as query from tieout.last_window_reads
     where source = ? and account = ? and object = ? order by finished_at desc limit 1`,
    [source, account, object],
  );
  // What the configuration named once, and names no more, is nobody's loss.
  const ours = new Set([...plan.object.required, ...plan.object.optional]);
  return [...selectedFields(found.rows[0]?.query ?? null)]
    .filter((field) => ours.has(field) && !plan.fields.includes(field))
    .map((field) => `${object}.${field}`)
    .filter((field) => !removed.includes(field));
}

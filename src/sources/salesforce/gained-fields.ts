import type { Knex } from 'knex';
import { lastSelectedFields } from './lost-fields';
import { streamOf, type ObjectJob } from './object-job';
import { landByIds } from './settle-vanished';

/** Ids that are looked up and asked for at a time. */
const batchSize = 1500;

/**
 * Lands every record again that we hold without a field which is selected now and was not when the
 * object was last read: granted, configured or known to Tieout since. Else its value would be empty
 * for good, whatever window it lies in. A record that is there no more stays as it was read: an old
 * one that Salesforce removed by age is none that anybody deleted. Killed, the next sync goes on.
 * Throws SalesforceFault.
 */
export async function readGainedFields(job: ObjectJob): Promise<void> {
  const { app } = job.database;
  const selected = await lastSelectedFields(app, streamOf(job));
  if (selected === null) return;
  const gained = job.plan.fields.filter((field) => !selected.has(field));
  if (gained.length === 0) return;
  for (let after = ''; ;) {
    const ids = await idsWithout(app, job, gained, after);
    const last = ids.at(-1);
    if (last === undefined) return;
    await landByIds(job, ids);
    after = last;
  }
}

/**
 * The next ids of records whose latest version lacks one of these fields. Null is no lack, but
 * where there is no related record its fields count as lacking.
 */
async function idsWithout(
  app: Knex,
  job: ObjectJob,
  fields: readonly string[],
  after: string,
): Promise<string[]> {
  const { source, account, object } = streamOf(job);
  const result = await app.raw<{ rows: { id: string }[] }>(
    `select object_id as id from (
       select distinct on (object_id) object_id, is_deleted, payload from books.raw_objects
       where source = ? and account = ? and object = ? and object_id > ?
       order by object_id, observed_at desc, raw_id desc) latest
     where not is_deleted and exists (
       select from unnest(?::text[]) as f (path)
       where payload::json #> string_to_array(f.path, '.') is null)
     order by object_id limit ?`,
    [source, account, object, after, [...fields], batchSize],
  );
  return result.rows.map(({ id }) => id);
}

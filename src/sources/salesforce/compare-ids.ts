import { landRaw } from '../../books/land-raw';
import { transactionClient } from '../../platform/database/connect';
import { copyIn } from '../../platform/database/copy';
import { countWindow } from './count-window';
import { streamOf, type ObjectJob } from './object-job';
import { nothingRead, readQuery } from './read-query';
import { settleVanished } from './settle-vanished';
import { keysetSoql, type InstantRange, type KeysetQuery } from './soql';
import { readBulk } from './read-bulk';

/** All ids of an object there against all ids we hold. */
export interface IdComparison {
  given: number;
  /** Held, not deleted as far as we saw, and given no more: now landed as gone. */
  gone: string[];
  /** Given, and never read: a window that closed without them was not whole. */
  missed: string[];
  /** Held in another version than is given, or as gone: what was written late behind its window. */
  stale: string[];
}

/**
 * Compares the full set of ids with the stamp of each: deletions past the recycle bin appear
 * nowhere else (RELIABILITY §3.2), nor do changes committed behind a window that is closed. What is
 * missing or other on our side is asked for by id and landed; what is missing there gets a
 * tombstone. The comparison itself is kept as a raw object of `<object>.id_set`.
 */
export async function compareIds(job: ObjectJob, range: InstantRange): Promise<IdComparison> {
  const { name: object, stamp } = job.plan.object;
  const filter = job.plan.canFilterStamp ? range : null;
  const expected = (await countWindow(job, filter))?.rows ?? 0;
  const query: KeysetQuery = { object, stamp, fields: ['Id', stamp], range: filter, order: 'id' };
  const differing = await differingIds(job, query, expected);
  const { gone } = await settleVanished(job, differing.unseen);
  await settleVanished(job, [...differing.missed, ...differing.stale]);
  await keepComparison(job, keysetSoql(query, null), { ...differing, gone });
  const { given, missed, stale } = differing;
  return { given, gone, missed, stale };
}

interface Differing {
  given: number;
  /** Held and not given. */
  unseen: string[];
  /** Given and not held. */
  missed: string[];
  /** Given with another stamp than is held, or held as gone. */
  stale: string[];
}

/** Set differences in the database, so that memory does not grow with the object. */
async function differingIds(
  job: ObjectJob,
  query: KeysetQuery,
  expected: number,
): Promise<Differing> {
  const { source, account, object } = streamOf(job);
  return job.database.app.transaction(async (trx) => {
    await trx.raw(`create temporary table given_ids
      (object_id text collate "C" not null, stamp timestamptz) on commit drop`);
    const client = await transactionClient(trx);
    await copyIn(client, 'copy pg_temp.given_ids from stdin', idLines(job, query, expected));
    const result = await trx.raw<{ rows: (Omit<Differing, 'given'> & { given: string })[] }>(
      `with held as (
         select distinct on (object_id) object_id, is_deleted,
           case when not is_deleted then payload::json ->> 'IsDeleted' end as in_bin,
           case when not is_deleted then (payload::json ->> ?)::timestamptz end as stamp
         from books.raw_objects where source = ? and account = ? and object = ?
         order by object_id, observed_at desc, raw_id desc
       ), given as (select object_id, max(stamp) as stamp from pg_temp.given_ids group by 1)
       select (select count(*) from given) as given,
         array(select object_id from held h where not is_deleted and in_bin is distinct from 'true'
           and not exists (select from given g where g.object_id = h.object_id)
           order by object_id) as unseen,
         array(select object_id from given g
           where not exists (select from held h where h.object_id = g.object_id)
           order by object_id) as missed,
         array(select object_id from given g join held h using (object_id)
           where h.stamp is distinct from g.stamp order by object_id) as stale`,
      [job.plan.object.stamp, source, account, object],
    );
    const found = result.rows[0];
    if (!found) throw new Error('an aggregate gives one row');
    return { ...found, given: Number(found.given) };
  });
}

async function* idLines(
  job: ObjectJob,
  query: KeysetQuery,
  expected: number,
): AsyncGenerator<string> {
  const read = nothingRead();
  const { connection, plan, sleep, limits } = job;
  const pages =
    expected > limits.bulkRows
      ? readBulk(connection, keysetSoql(query, null), plan, read, sleep)
      : readQuery(connection, query, read);
  for await (const page of pages) {
    const lines = page.map(({ id, stamp }) => `${id}\t${stamp === '' ? '\\N' : stamp}\n`);
    yield lines.join('');
  }
}

export const idSetObject = (object: string): string => `${object}.id_set`;

async function keepComparison(
  job: ObjectJob,
  query: string,
  { given, gone, missed, stale, unseen }: Differing & { gone: string[] },
): Promise<void> {
  const { source, account, object } = streamOf(job);
  const comparedAt = job.clock.now();
  // With its time, so that each comparison is a version of its own, whatever it found.
  const said = {
    compared_at: comparedAt,
    query,
    given,
    not_given: unseen.length,
    gone,
    missed,
    stale,
  };
  const observation = {
    objectId: object,
    observedAt: comparedAt,
    payload: JSON.stringify(said),
  };
  const { apiVersion } = job.connection;
  const read = { source, account, object: idSetObject(object), apiVersion };
  await landRaw(job.database, { ...read, observations: [observation] }, job);
}

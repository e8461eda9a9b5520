import { landRaw } from '../../books/land-raw';
import { landQuery, windowQuery } from './land-records';
import { streamOf, type ObjectJob } from './object-job';

/** Ids in one query: well below the 4,000 characters a condition may have. */
const idsPerQuery = 150;

/** What became of records that a read no longer gave. */
export interface Vanished {
  /** They changed since, and their new version was read. */
  moved: string[];
  /** Salesforce gives them no more, deleted or not: tombstones were landed. */
  gone: string[];
  extractIds: string[];
}

/**
 * Asks for records by id. Those that are still there are landed as they are now; the others are
 * gone for good, without ever having been seen deleted.
 */
export async function settleVanished(job: ObjectJob, ids: readonly string[]): Promise<Vanished> {
  const { there, extractIds } = await landByIds(job, ids);
  const vanished: Vanished = {
    ...{ moved: [...there], extractIds },
    gone: ids.filter((id) => !there.has(id)),
  };
  if (vanished.gone.length > 0) vanished.extractIds.push(await landTombstones(job, vanished.gone));
  return vanished;
}

/** Lands records as they are now, deleted ones too; says which of them are there. */
export async function landByIds(
  job: ObjectJob,
  ids: readonly string[],
): Promise<{ there: Set<string>; extractIds: string[] }> {
  const there = new Set<string>();
  const extractIds: string[] = [];
  for (let from = 0; from < ids.length; from += idsPerQuery) {
    const some = ids.slice(from, from + idsPerQuery);
    const where = `Id IN (${some.map((id) => `'${id}'`).join(',')})`;
    const { landing, records } = await landQuery(
      job,
      { ...windowQuery(job, null, 'id'), where },
      0,
    );
    for (const { id } of records) there.add(id);
    extractIds.push(landing.extractId);
  }
  return { there, extractIds };
}

async function landTombstones(job: ObjectJob, ids: readonly string[]): Promise<string> {
  const observedAt = job.clock.now();
  const requestRef = 'asked for by id; not there';
  const observations = ids.map((objectId) => ({
    ...{ objectId, observedAt, requestRef },
    payload: '',
    isDeleted: true,
  }));
  const { apiVersion } = job.connection;
  const read = { ...streamOf(job), apiVersion, observations };
  return (await landRaw(job.database, read, job)).extractId;
}

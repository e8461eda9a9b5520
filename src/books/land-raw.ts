import { createHash, hash, randomUUID } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import type { Knex } from 'knex';
import type { Clock } from '../platform/clock';
import { transactionClient } from '../platform/database/connect';
import { copyIn, copyOut } from '../platform/database/copy';
import type { Database } from '../platform/database/open-database';
import { analyzeAfter } from './analyze-books';
import { escaped } from './row-encoder';

/** An object as a source showed it once. */
export interface RawObservation {
  objectId: string;
  /** When the answer that holds it came; ISO 8601, UTC. */
  observedAt: string;
  /** Exactly what was sent for this object, UTF-8; '' for a deletion that was seen by absence. */
  payload: string | Buffer;
  /** The source says that it is gone, or no longer gives it. */
  isDeleted?: boolean;
  /** How the source can find its answer again: a request id, a query locator. */
  requestRef?: string | null;
}

/** What was read in one go: one kind of object, from one account, in one API version. */
export interface RawRead {
  source: string;
  account: string;
  object: string;
  apiVersion: string | null;
  /** A field that tells of the answer and not of the object: alone it makes no new version. */
  passingField?: string;
  observations: AsyncIterable<RawObservation> | Iterable<RawObservation>;
}

/** Counts as text. newVersions + unchanged + repeated = observations. */
export interface RawLanding {
  extractId: string;
  observations: string;
  /** Different ids among them. */
  objects: string;
  newVersions: string;
  /** As the latest version that was known: leave no row, only this count. */
  unchanged: string;
  /** Seen more than once in this read, with nothing new. */
  repeated: string;
  deletions: string;
  /**
   * SHA-256 of the ids that are not deleted, each once, sorted by their bytes, a line feed after
   * each.
   */
  idSetSha256: string;
}

const staging = 'pg_temp.staged_raw_objects';

/**
 * Keeps what a source answered, byte for byte, in one transaction: an object as it was already
 * known leaves no new version. Takes observations at the database's pace and keeps none of them.
 * Throws RangeError for what is no UTF-8 text or has no id; then nothing is kept.
 */
export async function landRaw(
  database: Pick<Database, 'app'>,
  read: RawRead,
  { clock }: { clock: Clock },
): Promise<RawLanding> {
  return database.app.transaction(async (trx) => {
    await openStaging(trx);
    const client = await transactionClient(trx);
    const columns = 'object_id, observed_at, is_deleted, payload, payload_sha256, request_ref';
    await copyIn(client, `copy ${staging} (${columns}) from stdin`, lines(read.observations));
    const idSetSha256 = await hashIds(
      copyOut(
        client,
        `copy (select distinct object_id from ${staging} where not is_deleted
        order by object_id) to stdout`,
      ),
    );
    const extractId = randomUUID();
    const counts = await keepNew(trx, read, extractId);
    const landedAt = clock.now();
    await recordRawExtract(trx, read, { extractId, idSetSha256, ...counts }, landedAt);
    await analyzeAfter(trx, { versions: 'raw_objects' }, BigInt(counts.newVersions));
    return { extractId, idSetSha256, ...counts };
  });
}

/**
 * Of this session alone, so that reads of several accounts and objects go on beside each other; it
 * is made once, because what makes a table costs more than a small lot that is put in it.
 */
async function openStaging(trx: Knex): Promise<void> {
  await trx.raw(`create temporary table if not exists staged_raw_objects (
    object_id text collate "C" not null, observed_at timestamptz not null,
    is_deleted boolean not null, payload text not null, payload_sha256 text not null,
    request_ref text, line_no bigint generated always as identity) on commit delete rows`);
}

async function* lines(observations: RawRead['observations']): AsyncGenerator<string> {
  for await (const { objectId, observedAt, payload, isDeleted, requestRef } of observations) {
    if (objectId === '') throw new RangeError('a raw object has no id');
    if (typeof payload !== 'string' && !isUtf8(payload))
      throw new RangeError(`the payload of ${objectId} is no UTF-8 text`);
    const text = typeof payload === 'string' ? payload : payload.toString('utf8');
    if (text.includes('\0') || /\p{Surrogate}/u.test(text))
      throw new RangeError(`the payload of ${objectId} is no text of JSON`);
    const reference = typeof requestRef === 'string' ? escaped(requestRef) : '\\N';
    yield (
      `${escaped(objectId)}\t${observedAt}\t${isDeleted === true}\t${escaped(text)}\t` +
      `${hash('sha256', payload, 'hex')}\t${reference}\n`
    );
  }
}

async function hashIds(chunks: AsyncIterable<Buffer>): Promise<string> {
  const sha256 = createHash('sha256');
  for await (const chunk of chunks) sha256.update(chunk);
  return sha256.digest('hex');
}

/** The same hash of ids that are at hand: for windows made of several reads. */
export function hashIdSet(ids: Iterable<string>): string {
  const bytes = [...new Set(ids)]
    .map((id) => Buffer.from(escaped(id)))
    .sort((a, b) => a.compare(b));
  const sha256 = createHash('sha256');
  for (const id of bytes) sha256.update(id).update('\n');
  return sha256.digest('hex');
}

type Counts = Omit<RawLanding, 'extractId' | 'idSetSha256'>;

/** Inserts every staged observation that differs from the one before it, in time. */
async function keepNew(trx: Knex, read: RawRead, extractId: string): Promise<Counts> {
  const stream = [read.source, read.account, read.object];
  const passing = read.passingField ?? '';
  // Two reads of the same objects at once would each find the other's versions missing.
  await trx.raw('select pg_advisory_xact_lock(hashtextextended(?, 7))', [stream.join('\n')]);
  const kept = await trx.raw<{ rows: Counts[] }>(
    `with ordered as (
       select line_no, object_id, observed_at, payload_sha256, is_deleted,
         case when not is_deleted and ?::text <> '' then payload end as content,
         row_number() over same_object as n,
         lag(payload_sha256) over same_object as before_sha256,
         lag(is_deleted) over same_object as before_deleted
       from ${staging}
       window same_object as (partition by object_id order by observed_at, line_no)
     ), judged as (
       select o.line_no, o.object_id, o.is_deleted, case
           when o.n > 1 and o.payload_sha256 = o.before_sha256
             and o.is_deleted = o.before_deleted then 'repeated'
           when o.n = 1 and o.payload_sha256 = k.payload_sha256
             and o.is_deleted = k.is_deleted then 'unchanged'
           when o.n = 1 and o.content is not null and not k.is_deleted then
             case when o.content::jsonb - ?::text = k.payload::jsonb - ?::text
               then 'unchanged' else 'new' end
           else 'new' end as kind
       from ordered o left join lateral (
         select r.payload_sha256, r.is_deleted, r.payload from books.raw_objects r
         where o.n = 1 and r.source = ? and r.account = ? and r.object = ?
           and r.object_id = o.object_id and r.observed_at <= o.observed_at
         order by r.observed_at desc, r.raw_id desc limit 1) k on true
     ), kept as (
       insert into books.raw_objects (source, account, object, object_id, observed_at, extract_id,
         is_deleted, payload, payload_sha256, api_version, request_ref)
       select ?, ?, ?, s.object_id, s.observed_at, ?::uuid, s.is_deleted, s.payload,
         s.payload_sha256, ?, s.request_ref
       from ${staging} s join judged j using (line_no)
       where j.kind = 'new' order by s.line_no
     )
     select count(*) as observations, count(distinct object_id) as objects,
       count(*) filter (where kind = 'new') as "newVersions",
       count(*) filter (where kind = 'unchanged') as unchanged,
       count(*) filter (where kind = 'repeated') as repeated,
       count(*) filter (where is_deleted) as deletions
     from judged`,
    [passing, passing, passing, ...stream, ...stream, extractId, read.apiVersion],
  );
  const counts = kept.rows[0];
  if (!counts) throw new Error('an aggregate gives one row');
  return counts;
}

async function recordRawExtract(
  trx: Knex,
  read: RawRead,
  landing: RawLanding,
  landedAt: string,
): Promise<void> {
  await trx.raw(
    `insert into books.raw_extracts (extract_id, source, account, object, api_version,
       observations, objects, new_versions, unchanged, repeated, deletions, id_set_sha256,
       first_observed_at, last_observed_at, landed_at)
     select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, min(observed_at), max(observed_at), ?
     from ${staging}`,
    [
      ...[landing.extractId, read.source, read.account, read.object, read.apiVersion],
      ...[landing.observations, landing.objects, landing.newVersions, landing.unchanged],
      ...[landing.repeated, landing.deletions, landing.idSetSha256, landedAt],
    ],
  );
}

import type { Knex } from 'knex';

/** One account of one source: what it was read from, and whose mappings apply. */
export interface RawStream {
  source: string;
  account: string;
}

/** The latest version of a raw object. */
export interface LatestRaw {
  object: string;
  objectId: string;
  observedAt: string;
  extractId: string;
  isDeleted: boolean;
  payload: string;
  payloadSha256: string;
  apiVersion: string | null;
}

/** An extract that the books do not show yet. */
export interface PendingExtract {
  extractId: string;
  object: string;
}

/**
 * Extracts of these objects that another version of the mappings than this one was applied to last,
 * or none, in order; all of them, or those of `only`.
 */
export async function pendingExtracts(
  database: Knex,
  { source, account, mappingVersion }: RawStream & { mappingVersion: string },
  objects: readonly string[],
  only: readonly string[] | null,
): Promise<PendingExtract[]> {
  const result = await database.raw<{ rows: PendingExtract[] }>(
    `select e.extract_id as "extractId", e.object from books.raw_extracts e
     where e.source = ? and e.account = ? and e.object = any (?::text[])
       and ? is distinct from (
         select (array_agg(d.mapping_version order by d.derivation_id desc))[1]
         from books.derivations d where d.extract_id = e.extract_id)
       ${only === null ? '' : 'and e.extract_id = any (?::uuid[])'}
     order by e.landed_at, e.extract_id`,
    [source, account, [...objects], mappingVersion, ...(only === null ? [] : [[...only]])],
  );
  return result.rows;
}

/** The next objects, by the bytes of their ids, that an extract brought new versions of. */
export async function idsOfExtract(
  database: Knex,
  extractId: string,
  after: string,
  limit: number,
): Promise<{ id: string; bytes: string }[]> {
  const result = await database.raw<{ rows: { id: string; bytes: string }[] }>(
    `select object_id as id, sum(octet_length(payload)) as bytes from books.raw_objects
     where extract_id = ? and object_id > ? group by object_id order by object_id limit ?`,
    [extractId, after, limit],
  );
  return result.rows;
}

/** The next ids, in byte order, of all objects of one kind. */
export async function idsOfObject(
  database: Knex,
  { source, account }: RawStream,
  object: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const result = await database.raw<{ rows: { id: string }[] }>(
    `select distinct object_id as id from books.raw_objects
     where source = ? and account = ? and object = ? and object_id > ?
     order by object_id limit ?`,
    [source, account, object, after, limit],
  );
  return result.rows.map(({ id }) => id);
}

/** The latest version of each of these objects, and of what stands apart of them. */
export async function latestRaws(
  database: Knex,
  { source, account }: RawStream,
  objects: readonly string[],
  ids: readonly string[],
): Promise<LatestRaw[]> {
  const result = await database.raw<{ rows: LatestRaw[] }>(
    `select r.* from unnest(?::text[]) as i (id) cross join unnest(?::text[]) as o (object)
     cross join lateral (
       select object, object_id as "objectId",
         to_char(observed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "observedAt",
         extract_id as "extractId", is_deleted as "isDeleted", payload,
         payload_sha256 as "payloadSha256", api_version as "apiVersion"
       from books.raw_objects
       where source = ? and account = ? and object = o.object and object_id = i.id
       order by observed_at desc, raw_id desc limit 1) r`,
    [[...ids], [...objects], source, account],
  );
  return result.rows;
}

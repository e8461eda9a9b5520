import type { Knex } from 'knex';

/** An object of a source that could not be mapped, as it stands in books.mapping_problems. */
export interface OpenMappingProblem {
  source: string;
  account: string;
  object: string;
  objectId: string;
  field: string;
  code: string;
  message: string;
}

/**
 * The objects because of which these tables are not whole; a control that reads one must not run.
 */
export async function openMappingProblems(
  database: Knex,
  tables: readonly string[],
): Promise<OpenMappingProblem[]> {
  const result = await database.raw<{ rows: OpenMappingProblem[] }>(
    `select source, source_account as account, object, object_id as "objectId", field, code, message
     from books.mapping_problems where tables && ?::text[]
     order by source, account, object, object_id`,
    [[...tables]],
  );
  return result.rows;
}

/** The first objects of one kind that wait for a row which another object holds. */
export async function idsOfWaiting(
  database: Knex,
  { source, account }: { source: string; account: string },
  object: string,
  limit: number,
): Promise<string[]> {
  const result = await database.raw<{ rows: { id: string }[] }>(
    `select object_id as id from books.mapping_problems
     where source = ? and source_account = ? and object = ? and code = 'held_elsewhere'
     order by object_id limit ?`,
    [source, account, object, limit],
  );
  return result.rows.map(({ id }) => id);
}

/** Objects of one kind that cannot be mapped for the same reason: how many, and one of them. */
export type UnmappedKind = OpenMappingProblem & { count: string };

/** Everything that was read and is not in the books, by kind and reason. */
export async function unmappedKinds(database: Knex): Promise<UnmappedKind[]> {
  const result = await database.raw<{ rows: UnmappedKind[] }>(
    `select distinct on (source, source_account, object, field, code)
       source, source_account as account, object, object_id as "objectId", field, code, message,
       count(*) over (partition by source, source_account, object, field, code)::text as count
     from books.mapping_problems
     order by source, source_account, object, field, code, object_id`,
  );
  return result.rows;
}

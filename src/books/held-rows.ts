import type { Knex } from 'knex';
import { quoteName } from '../core/sql-text';
import type { BooksTable } from './books-tables';
import { MappingProblem } from './mapping';
import { sameKey, stagingOf, type Origin } from './merge-staged';

interface HeldRow {
  /** The key's values, `/` between them. */
  key: string;
  objectId: string;
  holder: string;
}

/**
 * Of the staged rows, those that another object holds: one of the two is wrong, and which one only
 * the source can tell. By the id of the object that gives them, the problem to be told.
 */
export async function findHeldRows(
  trx: Knex.Transaction,
  origin: Origin,
  tables: readonly BooksTable[],
): Promise<Map<string, MappingProblem>> {
  const problems = new Map<string, MappingProblem>();
  for (const table of tables)
    for (const row of await heldRows(trx, origin, table))
      if (!problems.has(row.objectId)) problems.set(row.objectId, problemOf(origin, table, row));
  return problems;
}

/**
 * Staged rows whose key is current for an object that is not among those being merged. OFFSET keeps
 * it a lookup by key for each row, whatever the planner believes of the table.
 */
async function heldRows(trx: Knex, origin: Origin, table: BooksTable): Promise<HeldRow[]> {
  const key = table.key.map((name) => `s.${quoteName(name)}`).join(', ');
  const found = await trx.raw<{ rows: HeldRow[] }>(
    `select concat_ws('/', ${key}) as key, s.source_id as "objectId",
       concat_ws(' ', nullif(concat_ws('/', v.source, nullif(v.source_account, '')), ?),
         v.source_object, v.source_id) as holder
     from ${stagingOf(table)} s cross join lateral (
       select v.source, v.source_account, v.source_object, v.source_id
       from books.${table.versions} v where v.sys_to = 'infinity' and ${sameKey(table)} offset 0) v
     left join tieout.staged_objects t on t.object_id = v.source_id
     where t.object_id is null
       or (v.source, v.source_account, v.source_object) is distinct from (?, ?, ?)
     order by s.source_id`,
    [
      [origin.source, origin.account].filter((part) => part !== '').join('/'),
      ...[origin.source, origin.account, origin.object],
    ],
  );
  return found.rows;
}

function problemOf(
  { object }: Origin,
  { name, key: columns }: BooksTable,
  { key, objectId, holder }: HeldRow,
): MappingProblem {
  const message =
    `names the row ${key} of books.${name}, which ${holder} holds. Look both up at the source; ` +
    `once either is read without that row, the other has it.`;
  const field = columns.join(', ');
  return new MappingProblem(object, objectId, field, 'held_elsewhere', message);
}

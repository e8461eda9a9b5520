import type { Knex } from 'knex';
import { booksTables } from './books-tables';
import { columnsOf } from './check-columns';
import type { Origin } from './merge-staged';

/**
 * True when these origins have given rows of other entities in a table, current or ended, and never
 * one of this. False for a table whose rows belong to no entity.
 */
export async function ownsNone(
  database: Knex,
  tableName: string,
  entityId: string,
  origins: readonly Origin[],
): Promise<boolean> {
  const table = booksTables.find(({ name }) => name === tableName);
  if (table === undefined) return false;
  const columns = await columnsOf(database, table);
  if (!columns.some(({ name }) => name === 'entity_id')) return false;
  const of = origins.map(() => '(?, ?, ?)').join(', ');
  const names = origins.flatMap(({ source, account, object }) => [source, account, object]);
  const rows = `select from books.${table.versions} v
    where (v.source, v.source_account, v.source_object) in (${of})`;
  const found = await database.raw<{ rows: { ownsNone: boolean }[] }>(
    `select exists (${rows} and v.entity_id <> ?)
       and not exists (${rows} and v.entity_id = ?) as "ownsNone"`,
    [...names, entityId, ...names, entityId],
  );
  return found.rows[0]?.ownsNone === true;
}

import type { Knex } from 'knex';
import { InvalidInput, type Problem } from '../core/problem';
import { columnsOf } from './check-columns';
import type { Holder } from './holdings';

interface Emptied {
  /** Null where rows of the table belong to none. */
  entity: string | null;
  rows: string;
}

/**
 * Throws InvalidInput when an origin has, since the landing of this instant, no row any more of an
 * entity that it had rows of: a source that was emptied by mistake looks like one that has nothing,
 * and controls that may have an empty population would pass on it.
 */
export async function refuseEmptied(
  trx: Knex.Transaction,
  { table, origin, path, subject }: Omit<Holder, 'amount' | 'names'> & Named,
  landedAt: string,
): Promise<void> {
  const columns = await columnsOf(trx, table);
  const entity = columns.some(({ name }) => name === 'entity_id') ? 'entity_id' : 'null::text';
  const emptied = await trx.raw<{ rows: Emptied[] }>(
    `select ${entity} as entity, count(*)::text as rows from books.${table.versions}
     where source = ? and source_account = ? and source_object = ?
       and sys_to in ('infinity', ?::timestamptz)
     group by 1 having bool_and(sys_to <> 'infinity') order by 1`,
    [origin.source, origin.account, origin.object, landedAt],
  );
  if (emptied.rows.length === 0) return;
  throw new InvalidInput(
    subject,
    emptied.rows.map(({ entity: id, rows }): Problem => ({
      file: path,
      message:
        `gives no row${id === null ? '' : ` of ${id}`} any more, ` +
        `and books.${table.name} holds ${rows} of before.`,
      remedy: 'Find out what emptied it; where that may be so, declare may_be_empty.',
    })),
  );
}

interface Named {
  /** As people know the source of the rows. */
  path: string;
  /** In front of what is wrong. */
  subject: string;
}

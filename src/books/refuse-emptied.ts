import type { Knex } from 'knex';
import { InvalidInput, type Problem } from '../core/problem';
import { columnsOf } from './check-columns';
import type { Holder } from './holdings';

/** Below so many rows, a content may lose most of them in the course of things. */
const fewRows = 1000;

interface Emptied {
  /** Null where rows of the table belong to none. */
  entity: string | null;
  before: string;
  now: string;
}

/**
 * Throws InvalidInput when an origin has, since the landing of this instant, no row any more of an
 * entity that it had rows of, or less than half of many: a source that was emptied by mistake, or
 * read while it was filled again, looks like one that has nothing more, and controls pass on it.
 */
export async function refuseEmptied(
  trx: Knex.Transaction,
  { table, origin, path, subject }: Omit<Holder, 'amount' | 'names'> & Named,
  landedAt: string,
): Promise<void> {
  const columns = await columnsOf(trx, table);
  const entity = columns.some(({ name }) => name === 'entity_id') ? 'entity_id' : 'null::text';
  const emptied = await trx.raw<{ rows: Emptied[] }>(
    `select entity, before::text, now::text from (
       select ${entity} as entity, count(*) filter (where sys_from < ?::timestamptz) as before,
         count(*) filter (where sys_to = 'infinity') as now
       from books.${table.versions}
       where source = ? and source_account = ? and source_object = ?
         and sys_to in ('infinity', ?::timestamptz)
       group by 1) e
     where now = 0 or (before >= ? and now * 2 < before) order by 1`,
    [landedAt, origin.source, origin.account, origin.object, landedAt, fewRows],
  );
  if (emptied.rows.length === 0) return;
  throw new InvalidInput(
    subject,
    emptied.rows.map(({ entity: id, before, now }): Problem => {
      const of = id === null ? '' : ` of ${id}`;
      const given = now === '0' ? `no row${of} any more` : `only ${now}${of}`;
      return {
        file: path,
        message: `gives ${given}; books.${table.name} held ${before} before.`,
        remedy: 'Find out what emptied it; where that may be so, declare may_be_empty.',
      };
    }),
  );
}

interface Named {
  /** As people know the source of the rows. */
  path: string;
  /** In front of what is wrong. */
  subject: string;
}

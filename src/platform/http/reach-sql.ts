import type { Reach } from '../../core/permissions';

/** Columns that place a record: its entity, and the first day in and after its period. */
export interface ReachColumns {
  entity: string;
  start: string;
  end: string;
}

const parts = `jsonb_to_recordset(cast(:reach as jsonb))
       as part (entity text, "from" date, "to" date)`;

/**
 * SQL that is true for records within the reach bound as `:reach` (see reachParameter). What does
 * not depend on the record is asked once: only within windows is there something to ask of each.
 */
export const reachSql = ({ entity, start, end }: ReachColumns): string =>
  `(cast(:reach as jsonb) is null
     or ${entity} = any (array(select part.entity from ${parts} where part."from" is null))
     or ((select bool_or(part."from" is not null) from ${parts}) and exists (
       select from ${parts}
       where (part.entity is null or part.entity = ${entity})
         and ${start} >= part."from" and ${end} <= part."to")))`;

/** null: everything, which Postgres then need not ask row by row. */
export function reachParameter(reach: Reach): string | null {
  const whole = reach.some(({ entity, from }) => entity === null && from === null);
  return whole ? null : JSON.stringify(reach);
}

import type { Reach } from '../../core/permissions';

/** Columns that place a record: its entity, and the first day in and after its period. */
export interface ReachColumns {
  entity: string;
  start: string;
  end: string;
}

/** SQL that is true for records within the reach bound as `:reach` (see reachParameter). */
export const reachSql = ({ entity, start, end }: ReachColumns): string =>
  `(cast(:reach as jsonb) is null or exists (
     select from jsonb_to_recordset(cast(:reach as jsonb))
       as part (entity text, "from" date, "to" date)
     where (part.entity is null or part.entity = ${entity})
       and (part."from" is null or (${start} >= part."from" and ${end} <= part."to"))))`;

/** null: everything, which Postgres then need not ask row by row. */
export function reachParameter(reach: Reach): string | null {
  const whole = reach.some(({ entity, from }) => entity === null && from === null);
  return whole ? null : JSON.stringify(reach);
}

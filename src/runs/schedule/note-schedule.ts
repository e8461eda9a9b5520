import type { Knex } from 'knex';
import { periodLength, type Rhythm } from '../../core/control';

export interface Schedule {
  controls: readonly (Rhythm & { id: string })[];
  entities: readonly { id: string; time_zone: string }[];
  /** First day whose periods are run; null: nothing is run by the calendar. */
  since: string | null;
}

/**
 * Writes down what the schedule asks for from now on, where it differs from what it asked for: only
 * then can anybody say later that a run did not take place.
 */
export async function noteSchedule(
  app: Knex,
  { controls, entities, since }: Schedule,
  at: string,
): Promise<void> {
  const wanted = controls
    .filter(({ frequency }) => since !== null && frequency !== 'on_event')
    .flatMap((control) =>
      entities.map((entity) => ({
        control_id: control.id,
        entity_id: entity.id,
        frequency: control.frequency,
        period: periodLength(control),
        time_zone: entity.time_zone,
        since,
      })),
    );
  await app.raw(
    `insert into tieout.control_schedules
       (control_id, entity_id, frequency, period, time_zone, since, recorded_at)
     select coalesce(w.control_id, c.control_id), coalesce(w.entity_id, c.entity_id),
       coalesce(w.frequency, c.frequency), coalesce(w.period, c.period),
       coalesce(w.time_zone, c.time_zone), w.since, :at
     from json_to_recordset(:wanted) as w (control_id text, entity_id text, frequency text,
       period text, time_zone text, since date)
     full join (select distinct on (control_id, entity_id) * from tieout.control_schedules
       order by control_id, entity_id, schedule_no desc) c using (control_id, entity_id)
     where (w.frequency, w.period, w.time_zone, w.since)
       is distinct from (c.frequency, c.period, c.time_zone, c.since)
       and (w.control_id is not null or c.since is not null)`,
    { wanted: JSON.stringify(wanted), at },
  );
}

import type { Knex } from 'knex';
import { normalizeAmount } from '../../core/money';
import type { Reach } from '../../core/permissions';
import { quoteText } from '../../core/sql-text';
import { instantSql } from '../../platform/http/fields';
import { reachParameter, reachSql } from '../../platform/http/reach-sql';
import type { ControlHealth, OpenGroup, RiskPoint } from './overview.contract';

const ofRuns = reachSql({ entity: 'entity_id', start: 'period_start', end: 'period_end' });
const ofExceptions = reachSql({
  entity: 'e.entity_id',
  start: 'e.period_start',
  end: 'e.period_end',
});
/** An exception that is settled is at risk no more. */
const isOpen = `e.state not in ('cleared', 'closed')`;

/** Events that change whether it is at risk, and by how much; an index holds them alone. */
export const turns = [
  ...['opened', 'changed', 'reopened', 'recalled', 'lapsed'],
  ...['cleared', 'closed', 'reconciled'],
];
/** A run may find what stays closed, or opens closed: it is known and was let pass. */
const isAtRisk = `v.to_state not in ('cleared', 'closed')`;

export interface OverviewScope {
  reach: Reach;
  /** null: every entity in reach. */
  entity: string | null;
}

/** Reads the state of everything for the first screen; writes nothing. */
export class OverviewQueries {
  constructor(private readonly app: Knex) {}

  /** The newest run of each of these controls for each of these entities. */
  async newestRuns(
    controls: readonly string[],
    entities: readonly string[],
    scope: OverviewScope,
  ): Promise<ControlHealth[]> {
    const { rows } = await this.app.raw<{ rows: ControlHealth[] }>(
      `select c.id as control_id, n.id as entity_id,
         case when r.run_id is not null then jsonb_build_object('run_id', r.run_id,
           'period_key', r.period_key, 'outcome', r.outcome, 'outcome_reason', r.outcome_reason,
           'as_of', r.as_of, 'recorded_at', ${instantSql('r.recorded_at')}) end as newest,
         coalesce(o.exceptions, 0)::int as open
       from unnest(cast(:controls as text[])) as c (id)
       cross join unnest(cast(:entities as text[])) as n (id)
       left join lateral (
         select run_id, period_key, outcome, outcome_reason, as_of, recorded_at from tieout.runs
         where control_id = c.id and entity_id = n.id and ${ofRuns}
         order by period_key desc, seq desc limit 1) r on true
       left join (
         select e.control_id, e.entity_id, count(*) as exceptions from tieout.exceptions e
         where ${isOpen} and ${ofExceptions} group by e.control_id, e.entity_id) o
         on o.control_id = c.id and o.entity_id = n.id
       order by c.id, n.id`,
      { controls: [...controls], entities: [...entities], reach: reachParameter(scope.reach) },
    );
    return rows;
  }

  /** Open exceptions by severity, age and currency. */
  async open({ reach, entity }: OverviewScope, today: string): Promise<OpenGroup[]> {
    const { rows } = await this.app.raw<{ rows: OpenGroup[] }>(
      `select severity, age_days, currency, count(*)::text as exceptions,
         coalesce(sum(impact), 0)::text as impact
       from (
         select e.severity, e.currency, e.impact,
           case when d.days <= 7 then '0-7' when d.days <= 30 then '8-30'
             when d.days <= 90 then '31-90' else 'over 90' end as age_days
         from tieout.exceptions e,
           lateral (select cast(:today as date)
             - (e.first_seen_at at time zone 'UTC')::date as days) d
         where ${isOpen} and (cast(:entity as text) is null or e.entity_id = :entity)
           and ${ofExceptions}) aged
       group by severity, age_days, currency order by severity, age_days, currency`,
      { reach: reachParameter(reach), entity, today },
    );
    return rows.map((row) => ({ ...row, impact: normalizeAmount(row.impact) }));
  }

  /** What was at risk at the end of each day on which that changed, since a day. */
  async atRisk({ reach, entity }: OverviewScope, since: string): Promise<RiskPoint[]> {
    const { rows } = await this.app.raw<{ rows: RiskPoint[] }>(
      `with stand as (
         select v.exception_id, v.event_id, e.currency,
           (v.at at time zone 'UTC')::date as day,
           case when ${isAtRisk} then coalesce(v.impact, e.impact, 0) else 0 end as impact,
           case when ${isAtRisk} then 1 else 0 end as exceptions
         from tieout.exception_events v
         join tieout.exceptions e on e.exception_id = v.exception_id
         where v.kind in (${turns.map(quoteText).join(', ')}) and e.currency is not null
           and (cast(:entity as text) is null or e.entity_id = :entity) and ${ofExceptions}
       ), moved as (
         select currency, day,
           impact - lag(impact, 1, 0) over of_one as impact,
           exceptions - lag(exceptions, 1, 0) over of_one as exceptions
         from stand window of_one as (partition by exception_id order by event_id)
       ), by_day as (
         select currency, greatest(day, cast(:since as date)) as day, sum(impact) as impact,
           sum(exceptions) as exceptions
         from moved group by 1, 2
       )
       select to_char(day, 'YYYY-MM-DD') as on, currency,
         (sum(exceptions) over running)::text as exceptions,
         (sum(impact) over running)::text as impact
       from by_day window running as (partition by currency order by day)
       order by currency, day`,
      { reach: reachParameter(reach), entity, since },
    );
    return rows.map((row) => ({ ...row, impact: normalizeAmount(row.impact) }));
  }
}

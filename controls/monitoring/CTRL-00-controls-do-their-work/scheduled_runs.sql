-- Every control and period of which a run fell due in the period, with how many runs that were and how
-- many did not take place in their days of grace. A run that came later still counts as missed then:
-- nobody looked when they should have.
with due as (
  select d.control_id, d.period_key, d.period_end, d.due_on, d.is_final, d.run_id,
    d.run_by + :grace_days <= :as_of as is_late,
    coalesce(d.run_on, :as_of + 1) > d.run_by + :grace_days as is_unseen
  from books.due_runs d
  where d.entity_id = :entity and d.due_on >= :period_start and d.due_on < :period_end
),
latest as (
  select r.control_id, r.period_key, r.outcome,
    row_number() over (partition by r.control_id, r.period_key order by r.seq desc) as newest
  from books.control_runs r
  where r.entity_id = :entity and r.as_of >= r.period_end - 1
)
select
  d.control_id,
  d.period_key,
  count(*) as due,
  count(*) filter (where d.is_late and d.is_unseen) as missed,
  coalesce(cast(min(d.due_on) filter (where d.is_late and d.is_unseen) as text), '')
    as first_missed_on,
  coalesce(max(l.outcome), 'none') as outcome,
  bool_or(d.is_final and d.is_late) and coalesce(max(l.outcome), '') in ('not_evaluated', 'errored')
    as is_closed_without_verdict,
  'tieout:control:' || d.control_id as source_ref
from due d
left join latest l
  on l.control_id = d.control_id and l.period_key = d.period_key and l.newest = 1
group by d.control_id, d.period_key

-- Versions that runs of the period used or that were made in it, and those that are the newest now,
-- with whether anybody approved them before. The first version of an installation needs none.
with used as (
  select r.control_id, r.control_version,
    count(*) filter (
      where r.cause = 'scheduled'
        and not coalesce(v.initial or v.approved_at <= r.started_at, false)
    ) as scheduled_runs
  from books.control_runs r
  left join books.control_versions v
    on v.control_id = r.control_id and v.version = r.control_version
  where r.entity_id = :entity
    and (
      date_trunc('month', r.period_end - 1) = date_trunc('month', :period_end - 1)
      or (
        (r.recorded_at at time zone 'UTC')::date >= :period_start
        and (r.recorded_at at time zone 'UTC')::date < :period_end
      )
    )
  group by r.control_id, r.control_version
),
newest as (
  select v.control_id, v.version, v.initial, v.approved_at, v.registered_at,
    row_number() over (partition by v.control_id order by v.registered_at desc, v.version) as place
  from books.control_versions v
  where (v.registered_at at time zone 'UTC')::date <= :as_of + 1
)
select
  coalesce(u.control_id, n.control_id) as control_id,
  coalesce(u.control_version, n.version) as control_version,
  left(coalesce(u.control_version, n.version), 12) as short_version,
  coalesce(u.scheduled_runs, 0) as scheduled_runs,
  coalesce(
    not n.initial and n.approved_at is null
      and (n.registered_at at time zone 'UTC')::date + :approval_days < :as_of,
    false
  ) as is_late,
  coalesce(cast((n.registered_at at time zone 'UTC')::date as text), 'an unknown day')
    as deployed_on,
  'tieout:control:' || coalesce(u.control_id, n.control_id) as source_ref
from used u
full join (select c.control_id, c.version, c.initial, c.approved_at, c.registered_at
    from newest c where c.place = 1) n
  on n.control_id = u.control_id and n.version = u.control_version

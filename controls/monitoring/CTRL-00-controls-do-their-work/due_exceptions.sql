-- Exceptions whose due date lies in the period, and whether somebody settled them by then.
with due as (
  select e.exception_id, e.control_id, e.code, e.period_key, e.severity, e.state, e.due_on,
    (coalesce(e.closed_at, e.cleared_at) at time zone 'UTC')::date as settled_on
  from books.control_exceptions e
  where e.entity_id = :entity
    and e.control_id <> 'CTRL-00'
    and e.due_on >= :period_start and e.due_on < :period_end
)
select
  cast(d.exception_id as text) as exception_id,
  d.control_id,
  d.code,
  d.period_key,
  d.severity,
  d.due_on,
  d.severity in ('critical', 'high') as is_grave,
  coalesce(d.settled_on > d.due_on, d.due_on < :as_of) as is_overdue,
  case
    when d.settled_on is null then d.state
    else d.state || ' since ' || cast(d.settled_on as text)
  end as state_text,
  'tieout:exception:' || cast(d.exception_id as text) as source_ref
from due d

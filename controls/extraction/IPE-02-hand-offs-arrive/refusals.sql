-- What the meter refused in the period, and whether it was sent again within the hours that are
-- given for it. One refused late on the last day has until after the as-of day only if they allow.
select
  e.error_id,
  coalesce(e.meter_key, 'no meter') as meter_key,
  e.code as problem,
  e.error_count,
  to_char(e.window_start_at, 'YYYY-MM-DD HH24:MI') as occurred_at_text,
  coalesce(e.window_end_at <= e.window_start_at + :replay_hours * interval '1 hour', false)
    or e.window_start_at + :replay_hours * interval '1 hour'
      > (:as_of + 1)::timestamp at time zone 'UTC' as replayed_in_time,
  'meter:error:' || e.error_id as source_ref
from books.usage_errors e
where e.entity_id = :entity
  and e.window_start_at >= (:period_start)::timestamp at time zone 'UTC'
  and e.window_start_at < (:period_end)::timestamp at time zone 'UTC'

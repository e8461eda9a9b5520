-- Every window of the period that has ended by the as-of day, as its last read left it. A window is
-- proven by two equal reads, ten minutes apart, and by the source's own total where there is one.
select
  w.source || ':' || w.account || ':' || w.object || ':' || to_char(w.from_at, 'YYYY-MM-DD HH24:MI')
    || ':' || to_char(w.to_at, 'YYYY-MM-DD HH24:MI') as window_id,
  w.source, w.object,
  to_char(w.from_at, 'YYYY-MM-DD HH24:MI') as window_from,
  to_char(w.to_at, 'YYYY-MM-DD HH24:MI') as window_to,
  w.state = 'open' as is_open,
  w.source_total = 'differs' as source_disagrees,
  w.state = 'open' and coalesce(w.state_reason, '') like 'it was closed by read%' as drifted,
  coalesce(w.state_reason, 'proven') as reason,
  w.source || ':window:' || w.account || '/' || w.object as source_ref
from books.source_windows w
where w.from_at < (:period_end)::timestamp at time zone 'UTC'
  and w.to_at > (:period_start)::timestamp at time zone 'UTC'
  and w.to_at <= (:as_of + 1)::timestamp at time zone 'UTC'
  and exists (
    select 1 from books.source_scopes s
    where s.source = w.source and s.account = w.account and s.entity_id = :entity)

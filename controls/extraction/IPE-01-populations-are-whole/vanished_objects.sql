-- Objects that a source once gave and gives no more, asked for by id and never seen deleted.
select
  d.source, d.object, d.object_id,
  d.noticed_at, (d.noticed_at at time zone 'UTC')::date as noticed_on,
  d.noticed_at >= (:period_start)::timestamp at time zone 'UTC'
    and d.noticed_at < (:period_end)::timestamp at time zone 'UTC' as noticed_in_period,
  d.source || ':' || d.object || ':' || d.object_id as source_ref
from books.hard_deletions d
where exists (
  select 1 from books.source_scopes s
  where s.source = d.source and s.account = d.account and s.entity_id = :entity)

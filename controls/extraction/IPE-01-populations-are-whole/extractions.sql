-- Everything that is read, and through when: kinds of objects by the windows that were read without
-- a gap, data sets by when their source extracted them (or, where it does not say, when they were
-- landed). All of it must reach the end of the as-of day.
with streams as (
  select w.source, w.account, w.object, min(w.from_at) as first_at, max(w.to_at) as last_at,
    range_agg(tstzrange(w.from_at, w.to_at)) as spans
  from books.source_windows w
  where exists (
    select 1 from books.source_scopes s
    where s.source = w.source and s.account = w.account and s.entity_id = :entity)
  group by w.source, w.account, w.object
)
select
  s.source || ':' || s.account || ':' || s.object as extraction_id,
  to_char(s.last_at, 'YYYY-MM-DD HH24:MI') as known_through,
  :as_of as as_of_day,
  s.last_at < (:as_of + 1)::timestamp at time zone 'UTC'
    or not s.spans @> tstzrange(s.first_at, (:as_of + 1)::timestamp at time zone 'UTC') as is_stale,
  false as is_unverified,
  s.source || ':stream:' || s.account || '/' || s.object as source_ref
from streams s
union all
select
  -- Two accounts that fill a table under one name are two extractions.
  'landed:' || e.table_name || ':' || e.source || ':' || e.object || case when count(*) over (
    partition by e.table_name, e.source, e.object) > 1 then '@' || e.account else '' end
    as extraction_id,
  to_char(coalesce(e.extracted_at, e.landed_at), 'YYYY-MM-DD HH24:MI') as known_through,
  :as_of as as_of_day,
  coalesce(e.extracted_at, e.landed_at) < (:as_of + 1)::timestamp at time zone 'UTC' as is_stale,
  e.control_total = 'absent' as is_unverified,
  'landed:' || e.table_name || '/' || e.object as source_ref
from books.latest_extracts e

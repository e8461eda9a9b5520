-- The whole log, however old: one item for each day whose records all hold, and one for each record
-- that does not.
select
  'day ' || cast((c.at at time zone 'UTC')::date as text) as record,
  cast(null as text) as fault,
  count(*) as records,
  'tieout:log:' || cast((c.at at time zone 'UTC')::date as text) as source_ref
from books.evidence_checks c
where c.fault is null and (c.entity_id = :entity or c.entity_id is null)
group by (c.at at time zone 'UTC')::date
union all
select
  c.subject || ' ' || c.subject_id as record,
  c.fault,
  1 as records,
  'tieout:' || c.subject || ':' || c.subject_id as source_ref
from books.evidence_checks c
where c.fault is not null and (c.entity_id = :entity or c.entity_id is null)

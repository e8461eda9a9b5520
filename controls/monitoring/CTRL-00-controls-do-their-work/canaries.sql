-- What each control was last shown and asked to find, in runs of the period or recorded in it. What it
-- could not be shown, for want of an item that could carry it, proves nothing and is counted.
with told as (
  select c.control_id, c.procedure, c.code, c.found, c.note, c.seq, c.period_key,
    row_number() over (
      partition by c.control_id, c.procedure, c.code
      -- Two runs can be recorded at one instant: of one period the later one then has the higher number.
      order by c.recorded_at desc, c.period_end desc, c.seq desc
    ) as place
  from books.planted_canaries c
  where c.entity_id = :entity
    -- A canary that could not be planted says nothing of those that were.
    and (c.found is not null or not exists (
      select from books.planted_canaries o
      where o.entity_id = c.entity_id and o.control_id = c.control_id
        and o.procedure = c.procedure and o.code = c.code and o.found is not null
        and date_trunc('month', o.period_end - 1) = date_trunc('month', :period_end - 1)
    ))
    and (
      date_trunc('month', c.period_end - 1) = date_trunc('month', :period_end - 1)
      or (
        (c.recorded_at at time zone 'UTC')::date >= :period_start
        and (c.recorded_at at time zone 'UTC')::date < :period_end
      )
    )
)
select
  t.control_id,
  t.procedure,
  t.code,
  'run ' || cast(t.seq as text) || ' of ' || t.period_key
    || case when t.note is null then '' else ' (' || t.note || ')' end as missed_in,
  coalesce(not t.found, false) as is_missed,
  t.found is null as is_unchecked,
  'tieout:control:' || t.control_id as source_ref
from told t
where t.place = 1

-- Meters by the name that the product's store knows them by: the first of these under which the store
-- has hours: the meter's own name, what follows the prefix of it, its id, the name it is shown by.
with stored as (
  select distinct u.meter_key
  from books.usage_hours u
  where u.hour_at >= :period_start - 37
    and u.hour_at < :period_end
),
names as (
  select
    m.meter_id,
    m.event_name,
    case
      when starts_with(m.event_name, :event_prefix)
      then right(m.event_name, length(m.event_name) - length(:event_prefix))
      else m.event_name
    end as short_name,
    m.display_name
  from books.meters m
)
select
  n.meter_id,
  case
    when n.event_name in (select s.meter_key from stored s) then n.event_name
    when n.short_name in (select s.meter_key from stored s) then n.short_name
    when n.meter_id in (select s.meter_key from stored s) then n.meter_id
    when n.display_name in (select s.meter_key from stored s) then n.display_name
    else n.short_name
  end as meter_key
from names n

-- Meters by the name that the product's store knows them by: its own name, where the store has hours
-- under it, else what follows the prefix.
with stored as (
  select distinct u.meter_key
  from books.usage_hours u
  where u.hour_at >= :period_start - 37
    and u.hour_at < :period_end
)
select
  m.meter_id,
  case
    when starts_with(m.event_name, :event_prefix)
      and not exists (select from stored s where s.meter_key = m.event_name)
      then right(m.event_name, length(m.event_name) - length(:event_prefix))
    else m.event_name
  end as meter_key
from books.meters m

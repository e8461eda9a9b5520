-- Subscriptions that were there at the end of the as-of day, with the state that they had then: as the
-- first read after that day found it, which is certain where the last one before says the same
-- (`is_known`). Of what was read only later, the dates alone tell: what has ended since ran then; whether
-- it was paused, or left unpaid, is taken as it is now.
with states as (
  select
    s.subscription_id,
    s.entity_id,
    s.customer_id,
    coalesce(n.status, s.status) as status,
    case when n.subscription_id is not null then n.is_paused else s.is_paused end as is_paused,
    case when n.subscription_id is not null then n.pause_behavior else s.pause_behavior end
      as pause_behavior,
    s.ended_at,
    coalesce(
      b.status = n.status
        and b.is_paused = n.is_paused
        and b.pause_behavior is not distinct from n.pause_behavior,
      false
    ) as is_known
  from books.subscriptions s
  left join books.subscription_versions b
    on b.subscription_id = s.subscription_id
    and b.sys_from < :as_of + interval '1 day'
    and b.sys_to >= :as_of + interval '1 day'
  left join books.subscription_versions n
    on n.subscription_id = s.subscription_id
    and n.sys_from < :as_of + interval '2 days'
    and n.sys_to >= :as_of + interval '2 days'
  where s.created_at < :as_of + interval '1 day'
)
select
  t.subscription_id,
  t.entity_id,
  t.customer_id,
  case
    when t.status = 'canceled' and t.ended_at >= :as_of + interval '1 day' then 'active'
    else t.status
  end as status,
  t.is_paused,
  t.pause_behavior,
  case when t.ended_at < :as_of + interval '1 day' then t.ended_at end as ended_at,
  t.is_known
from states t

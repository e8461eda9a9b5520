-- Subscriptions that were there at the end of the as-of day, with the state that they had then as far as
-- a read of that day or before tells it (`is_known`). Of what was read only later, the dates alone
-- tell: what has ended since ran then; whether it was paused, or left unpaid, is taken as it is now.
select
  s.subscription_id,
  s.entity_id,
  s.customer_id,
  case
    when v.subscription_id is not null then v.status
    when s.status = 'canceled' and s.ended_at >= :as_of + interval '1 day' then 'active'
    else s.status
  end as status,
  case when v.subscription_id is not null then v.is_paused else s.is_paused end as is_paused,
  case when v.subscription_id is not null then v.pause_behavior else s.pause_behavior end
    as pause_behavior,
  case when s.ended_at < :as_of + interval '1 day' then s.ended_at end as ended_at,
  v.subscription_id is not null as is_known
from books.subscriptions s
left join books.subscription_versions v
  on v.subscription_id = s.subscription_id
  and v.sys_from < :as_of + interval '1 day'
  and v.sys_to >= :as_of + interval '1 day'
where s.created_at < :as_of + interval '1 day'

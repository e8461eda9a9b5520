-- The billing period that each item was in at the end of the as-of day: the one that it is in as last
-- read, or that as many whole intervals of its price before.
with intervals as (
  select
    i.subscription_item_id,
    i.period_start_at,
    i.period_end_at,
    case p.billing_interval when 'year' then 12 when 'month' then 1 end
      * coalesce(p.interval_count, 1) as months,
    case p.billing_interval when 'week' then 7 else 1 end * coalesce(p.interval_count, 1) as days,
    (extract(year from i.period_start_at) - extract(year from :as_of + interval '1 day')) * 12
      + extract(month from i.period_start_at) - extract(month from :as_of + interval '1 day')
      as months_since,
    i.period_start_at >= :as_of + interval '1 day' as is_later
  from books.subscription_items i
  join books.prices p on p.source_account = i.source_account and p.price_id = i.price_id
  where i.entity_id = :entity
),
stepped as (
  select
    n.subscription_item_id,
    n.period_start_at,
    n.period_end_at,
    n.is_later,
    coalesce(n.months, 0) * interval '1 month'
      + case when n.months is null then n.days else 0 end * interval '1 day' as length,
    case when n.months is null
      then n.period_start_at
        - floor(extract(day from n.period_start_at - (:as_of + interval '1 day')) / n.days) * n.days
          * interval '1 day'
      else n.period_start_at - floor(n.months_since / n.months) * n.months * interval '1 month'
    end as start_at
  from intervals n
)
select
  s.subscription_item_id,
  case
    when not s.is_later then s.period_start_at
    when s.start_at >= :as_of + interval '1 day' then s.start_at - s.length
    else s.start_at
  end as period_start_at,
  case
    when not s.is_later then s.period_end_at
    when s.start_at >= :as_of + interval '1 day' then s.start_at
    else s.start_at + s.length
  end as period_end_at
from stepped s

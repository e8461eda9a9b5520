-- Every item of a subscription without an order that was active in the period, at its price.
with account_customers as materialized (
  select distinct k.customer_id
  from populations.customer_accounts k
  join books.orders o on o.customer_id = k.account_id
  where o.is_deleted is not true
),
payers as materialized (
  select
    i.source_account,
    i.price_id,
    count(distinct s.customer_id) as customers,
    min(s.start_on) as first_start,
    max(s.start_on) as last_start
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  group by i.source_account, i.price_id
),
-- Prices that somebody pays, by what they are for: the same in one account, product, currency and
-- interval is a price of the same place on a list.
paid as materialized (
  select
    p.source_account,
    p.price_id,
    coalesce(p.product_id, '') as product_id,
    concat_ws(
      ' ', p.currency, p.billing_interval, p.interval_count, p.usage_type, p.meter_id
    ) as place,
    p.created_at,
    y.customers,
    y.first_start,
    y.last_start
  from books.prices p
  join payers y on y.source_account = p.source_account and y.price_id = p.price_id
  where p.entity_id = :entity
),
marked as materialized (
  select distinct p.source_account, coalesce(p.product_id, '') as product_id
  from books.prices p
  where p.entity_id = :entity and (p.price_list is not null or p.lookup_key is not null)
),
-- Where an account marks no price of a product, what customers are sold tells: beside a price that
-- was there before and that others pay, one that a single customer pays is none of a list, and so is
-- one that few pay while many still choose the other. A price older than the usual one is
-- grandfathered; the only one of its currency or interval has nothing to be held against.
unusual as materialized (
  select p.source_account, p.price_id
  from paid p
  where exists (
      select from paid o
      where o.source_account = p.source_account
        and o.product_id = p.product_id
        and o.place = p.place
        and o.price_id <> p.price_id
        and o.customers > 1
        and coalesce(o.created_at <= p.created_at, true)
        and (
          p.customers = 1
          or (
            o.customers >= :usual_times * p.customers
            and coalesce(o.last_start > p.first_start, false)
          )
        )
    )
    or (
      p.customers = 1
      and not exists (
        select from paid o
        where o.source_account = p.source_account
          and o.product_id = p.product_id
          and o.price_id <> p.price_id
      )
    )
)
select
  i.subscription_item_id,
  coalesce(p.unit_amount, 0) * coalesce(i.quantity, 1) as amount,
  s.currency,
  coalesce(c.name, s.customer_id) as customer_name,
  coalesce(n.name, i.product_id, 'unknown product') as product,
  s.start_on,
  coalesce(to_char(p.unit_amount, 'FM999,999,990.00999999999999'), 'tiers') as price_text,
  coalesce(p.billing_interval, 'time') as billing_interval,
  -- Grandfathered prices stand on the list they were published with.
  p.price_list is not null or p.lookup_key is not null
    or (m.source_account is null and y.price_id is not null and u.price_id is null)
    as is_published,
  'stripe:subscription:' || s.subscription_id as source_ref
from books.subscription_items i
join books.subscriptions s on s.subscription_id = i.subscription_id
left join books.customers c on c.customer_id = s.customer_id
left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
left join marked m on m.source_account = i.source_account
  and m.product_id = coalesce(p.product_id, '')
left join paid y on y.source_account = i.source_account and y.price_id = i.price_id
left join unusual u on u.source_account = i.source_account and u.price_id = i.price_id
left join books.products n on n.product_id = i.product_id and n.source_account = i.source_account
left join account_customers a on a.customer_id = s.customer_id
where s.entity_id = :entity
  and s.order_id is null
  and i.order_line_id is null
  and p.order_line_id is null
  and a.customer_id is null
  and s.start_on < :period_end
  and (s.ended_on is null or s.ended_on >= :period_start)

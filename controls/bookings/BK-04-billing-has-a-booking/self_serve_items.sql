-- Every item of a subscription without an order that was active in the period, at its price.
with marked as (
  select distinct p.source_account
  from books.prices p
  where p.entity_id = :entity and (p.price_list is not null or p.lookup_key is not null)
),
payers as (
  select i.source_account, i.price_id, count(distinct s.customer_id) as customers
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  group by i.source_account, i.price_id
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
  -- Where an account marks none of its prices, one that several customers pay is a published one.
  p.price_list is not null or p.lookup_key is not null
    or (m.source_account is null and coalesce(y.customers > 1, false)) as is_published,
  'stripe:subscription:' || s.subscription_id as source_ref
from books.subscription_items i
join books.subscriptions s on s.subscription_id = i.subscription_id
left join books.customers c on c.customer_id = s.customer_id
left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
left join marked m on m.source_account = i.source_account
left join payers y on y.source_account = i.source_account and y.price_id = i.price_id
left join books.products n on n.product_id = i.product_id and n.source_account = i.source_account
where s.entity_id = :entity
  and s.order_id is null
  and i.order_line_id is null
  and not exists (
    select from books.customer_links k
    join books.orders o on o.customer_id = k.from_id
    where k.from_system = 'salesforce' and k.to_system = 'stripe' and k.to_id = s.customer_id
  )
  and s.start_on < :period_end
  and (s.ended_on is null or s.ended_on >= :period_start)

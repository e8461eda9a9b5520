-- Subscriptions created in the period, with an earlier one that was running and sells the same
-- product to the same customer in the same currency, for the same workspace and order, created at
-- most 24 hours before. Both must have run beside each other for a day: one that was replaced, or
-- cancelled at once, bills nothing twice.
with sold as (
  select i.subscription_id, coalesce(i.product_id, p.product_id) as product_id,
    max(i.workspace) as workspace
  from books.subscription_items i
  left join books.prices p on p.source_account = i.source_account and p.price_id = i.price_id
  group by i.subscription_id, coalesce(i.product_id, p.product_id)
),
-- The day is that in the book time zone: that of the start, or of the first item where it starts on
-- another day than it was created.
first_items as (
  select i.subscription_id, min(i.created_on) as created_on
  from books.subscription_items i
  group by i.subscription_id
),
subscriptions as (
  select
    s.subscription_id,
    s.customer_id,
    s.currency,
    s.status,
    s.created_at,
    s.ended_at,
    s.order_id,
    o.product_id,
    coalesce(s.workspace, o.workspace) as workspace
  from books.subscriptions s
  join sold o on o.subscription_id = s.subscription_id
  where s.entity_id = :entity
    and s.status not in ('incomplete', 'incomplete_expired') -- those never began
),
twins as (
  select l.subscription_id, min(e.subscription_id) as earlier_id, min(e.created_at) as created_at,
    min(p.name) as product_name
  from subscriptions l
  join subscriptions e on e.customer_id = l.customer_id
    and e.product_id = l.product_id
    and e.currency = l.currency
  left join books.products p on p.product_id = l.product_id
  where e.subscription_id <> l.subscription_id
    and (e.created_at < l.created_at
      or (e.created_at = l.created_at and e.subscription_id < l.subscription_id))
    and e.created_at + interval '24 hours' > l.created_at
    and coalesce(e.ended_at > l.created_at + interval '24 hours', true)
    and coalesce(l.ended_at > l.created_at + interval '24 hours', true)
    and e.workspace is not distinct from l.workspace
    and coalesce(e.order_id = l.order_id, true)
  group by l.subscription_id
)
select
  s.subscription_id,
  coalesce(c.name, s.customer_id) as customer_name,
  s.status,
  s.created_at,
  coalesce(s.workspace, 'no workspace') as workspace,
  t.subscription_id is not null as is_twin,
  coalesce(t.earlier_id, '') as earlier_id,
  t.created_at as earlier_at,
  coalesce(t.product_name, 'the same product') as product_name,
  'stripe:subscription:' || s.subscription_id as source_ref
from books.subscriptions s
left join twins t on t.subscription_id = s.subscription_id
left join books.customers c on c.customer_id = s.customer_id
left join first_items f on f.subscription_id = s.subscription_id
cross join lateral (
  select coalesce(
    case when s.start_at = s.created_at then s.start_on end, f.created_on, s.start_on
  ) as created_on
) d
where s.entity_id = :entity
  and d.created_on >= :period_start
  and d.created_on < :period_end

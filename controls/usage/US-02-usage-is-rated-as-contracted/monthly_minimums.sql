-- Monthly minimums of orders: each cycle of usage of the order that was invoiced in the period, with
-- what its usage lines and the line that tops them up come to. A commitment paid once, ahead, is
-- drawn down as credit instead.
with minimums as (
  select
    l.order_line_id,
    l.order_id,
    l.commit_amount,
    l.currency,
    l.start_date,
    l.end_date
  from books.order_lines l
  join books.orders o on o.order_id = l.order_id
  where l.entity_id = :entity
    and l.commit_amount > 0
    and l.charge_type = 'RECURRING'
    and not l.is_deleted
    and o.status = 'Activated'
    and (o.activated_on is null or o.activated_on <= :as_of)
),
usage as (
  select
    coalesce(i.order_id, o.order_id) as order_id,
    i.invoice_id,
    i.subscription_id,
    i.customer_id,
    i.number,
    i.customer_name,
    i.posting_date,
    l.currency,
    min(l.period_start_at) as period_start_at,
    max(l.period_end_at) as period_end_at,
    min(l.service_start) as service_start,
    max(l.service_end_excl) as service_end_excl,
    sum(l.amount) as amount
  from books.invoice_lines l
  join populations.invoices_as_of i on i.invoice_id = l.invoice_id
  join books.prices p on p.source_account = l.source_account and p.price_id = l.price_id
  left join populations.order_line_documents d on d.invoice_line_id = l.invoice_line_id
  left join books.order_lines o on o.order_line_id = coalesce(d.order_line_id, p.order_line_id)
  where i.entity_id = :entity
    and i.status in ('open', 'paid', 'uncollectible')
    and i.posting_date >= :period_start
    and i.posting_date < :period_end
    and p.usage_type = 'metered'
  group by coalesce(i.order_id, o.order_id), i.invoice_id, i.subscription_id, i.customer_id,
    i.number, i.customer_name, i.posting_date, l.currency
),
top_ups as (
  select l.invoice_id, d.order_line_id, sum(l.amount) as amount
  from populations.order_line_documents d
  join minimums m on m.order_line_id = d.order_line_id
  join books.invoice_lines l on l.invoice_line_id = d.invoice_line_id
  group by l.invoice_id, d.order_line_id
),
-- Cycles in which the meter of an item counted, and the item has no line: US-01 finds the line, and
-- what it would have brought counts towards the minimum.
incomplete as (
  select distinct u.invoice_id
  from usage u
  join minimums m on m.order_id = u.order_id
  join books.subscription_items i on i.subscription_id = u.subscription_id
  join books.prices p on p.source_account = i.source_account and p.price_id = i.price_id
  join books.usage_summaries s on s.customer_id = u.customer_id
    and s.meter_id = p.meter_id
    and s.start_at >= u.period_start_at
    and s.end_at <= u.period_end_at
  where s.quantity > 0
    and not exists (
      select 1
      from books.invoice_lines l
      where l.invoice_id = u.invoice_id and l.subscription_item_id = i.subscription_item_id
    )
)
select
  m.order_line_id,
  u.invoice_id,
  coalesce(u.number, u.invoice_id) as number,
  u.customer_name,
  m.order_id,
  u.posting_date,
  u.service_start,
  u.service_end_excl,
  u.currency,
  u.amount + coalesce(t.amount, 0) as amount,
  m.commit_amount,
  to_char(u.amount, 'FM999,999,999,990.00') as usage_text,
  to_char(coalesce(t.amount, 0), 'FM999,999,999,990.00') as top_up_text,
  to_char(m.commit_amount, 'FM999,999,999,990.00') as commit_text,
  m.commit_amount - u.amount - coalesce(t.amount, 0) as shortfall,
  case when z.minor_unit = 1 then 1 else 0.01 end as tolerance,
  c.invoice_id is not null as is_incomplete,
  'stripe:invoice:' || u.invoice_id as source_ref
from minimums m
join usage u on u.order_id = m.order_id and u.currency = m.currency
left join top_ups t on t.invoice_id = u.invoice_id and t.order_line_id = m.order_line_id
left join incomplete c on c.invoice_id = u.invoice_id
left join populations.currency_sizes z on z.currency = u.currency

-- Which order line a line of an invoice bills, and what says so: the line's own metadata ('line'),
-- that of its invoice item, of its subscription item or of its price. Stripe writes the metadata of the
-- subscription on lines that a subscription makes, so that most name no order line themselves. Where
-- billing names a line nowhere, the line of the invoice's order ('order') or of the customer's account
-- ('account') is meant that sells the product on the first day of service; where several do, amount,
-- day and order decide, and what still fits several is told of none.
with told as materialized (
  select
    l.invoice_line_id,
    l.invoice_id,
    l.source_account,
    l.order_line_id,
    l.subscription_id,
    l.subscription_item_id,
    l.invoice_item_id,
    l.product_id,
    l.product_code,
    l.price_id,
    l.currency,
    l.amount,
    l.quantity,
    l.service_start,
    i.customer_id,
    coalesce(i.order_id, s.order_id) as order_id
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  left join books.subscriptions s on s.subscription_id = coalesce(l.subscription_id, i.subscription_id)
  where l.order_line_id is not null
    or i.order_id is not null
    or s.order_id is not null
    or i.customer_id in (select k.customer_id from populations.customer_accounts k)
    or l.invoice_item_id in (
      select n.invoice_item_id from books.invoice_items n where n.order_line_id is not null
    )
    or l.price_id in (select p.price_id from books.prices p where p.order_line_id is not null)
    or l.subscription_item_id in (
      select x.subscription_item_id from populations.order_line_items x
    )
),
by_metadata as materialized (
  select
    t.invoice_line_id,
    coalesce(t.order_line_id, n.order_line_id, p.order_line_id) as order_line_id,
    case
      when t.order_line_id is not null then 'line'
      when n.order_line_id is not null then 'invoice_item'
      else 'price'
    end as said_by
  from told t
  left join books.invoice_items n on n.invoice_item_id = t.invoice_item_id
  left join books.prices p on p.price_id = t.price_id and p.source_account = t.source_account
  where coalesce(t.order_line_id, n.order_line_id, p.order_line_id) is not null
),
-- Of the lines that an item serves one after another, the one whose days the service begins in.
by_item as materialized (
  select distinct on (t.invoice_line_id)
    t.invoice_line_id,
    x.order_line_id,
    x.said_by
  from told t
  left join books.invoice_items n on n.invoice_item_id = t.invoice_item_id
  join populations.order_line_items x
    on x.subscription_item_id = coalesce(t.subscription_item_id, n.subscription_item_id)
  left join books.order_lines b on b.order_line_id = x.order_line_id
  where not exists (select from by_metadata m where m.invoice_line_id = t.invoice_line_id)
  order by t.invoice_line_id,
    coalesce(b.start_date <= t.service_start, true) desc,
    b.start_date desc,
    x.order_line_id
),
unnamed_lines as materialized (
  select
    l.order_line_id,
    l.order_id,
    l.account_id,
    l.currency,
    l.quantity,
    l.unit_price_billing,
    l.total_amount,
    l.start_date,
    l.first_day,
    l.end_day,
    l.code,
    l.name
  from populations.sold_lines l
  where l.quantity > 0
    and not exists (select from by_metadata m where m.order_line_id = l.order_line_id)
    and not exists (select from by_item m where m.order_line_id = l.order_line_id)
    and not exists (
      select from populations.order_line_items m where m.order_line_id = l.order_line_id
    )
    and not exists (select from books.invoice_items m where m.order_line_id = l.order_line_id)
),
fitting as materialized (
  select
    t.invoice_line_id,
    b.order_line_id,
    case when t.order_id = b.order_id then 'order' else 'account' end as said_by,
    case when t.amount in (b.total_amount, round(b.quantity * b.unit_price_billing, 3)) then 4
      else 0 end
      + case when t.service_start = b.start_date then 2 else 0 end
      + case when t.order_id = b.order_id then 1 else 0 end as likeness
  from told t
  left join books.prices p on p.price_id = t.price_id and p.source_account = t.source_account
  left join books.products n
    on n.product_id = coalesce(t.product_id, p.product_id) and n.source_account = t.source_account
  join unnamed_lines b
    on (b.code in (lower(t.product_code), lower(n.code)) or b.name = lower(n.name))
    and b.currency = t.currency
    and coalesce(t.service_start, b.first_day) >= b.first_day
    and coalesce(t.service_start, b.first_day) < b.end_day
    and (
      b.order_id = t.order_id
      or exists (
        select from populations.customer_accounts k
        where k.customer_id = t.customer_id and k.account_id = b.account_id
      )
    )
  where not exists (select from by_metadata m where m.invoice_line_id = t.invoice_line_id)
    and not exists (select from by_item m where m.invoice_line_id = t.invoice_line_id)
)
select m.invoice_line_id, m.order_line_id, m.said_by from by_metadata m
union all
select m.invoice_line_id, m.order_line_id, m.said_by from by_item m
union all
select f.invoice_line_id, f.order_line_id, f.said_by
from fitting f
where not exists (
  select from fitting o
  where o.invoice_line_id = f.invoice_line_id
    and o.order_line_id <> f.order_line_id
    and o.likeness >= f.likeness
)

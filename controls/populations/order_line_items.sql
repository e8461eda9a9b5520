-- Which order line an item of a subscription bills, and what says so: the metadata of the item
-- ('item') or of the price that was made for the line ('price'). Where billing names a line nowhere,
-- the lines of the order that the subscription belongs to ('order') and of the customer's account
-- ('account': an amendment is added to the subscription of the first order) are held against its items
-- by product, currency and days. Where several fit at the same time, price, quantity, first day and
-- order decide, both ways; what still fits several is left alone.
-- `own_order_id`: the order that the subscription was set up for, where it does not say so itself;
-- `is_in_force`: of the steps of a ramp that one item serves, the one it now has the price of;
-- `continues`: the item served an earlier order before; `goes_on`: it serves a later one after.
with named as materialized (
  select
    i.subscription_item_id,
    coalesce(i.order_line_id, p.order_line_id) as order_line_id,
    case when i.order_line_id is null then 'price' else 'item' end as said_by
  from books.subscription_items i
  left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
  where coalesce(i.order_line_id, p.order_line_id) is not null
),
unnamed_items as materialized (
  select
    i.subscription_item_id,
    s.subscription_id,
    s.customer_id,
    s.order_id,
    coalesce(p.currency, s.currency) as currency,
    i.quantity,
    p.unit_amount,
    coalesce(p.usage_type, i.usage_type, 'licensed') = 'metered' as is_metered,
    coalesce(case when i.created_on > s.start_on then i.created_on end, s.start_on) as first_day,
    s.start_on,
    coalesce(s.ended_on, date '9999-12-31') as end_day,
    lower(n.code) as code,
    lower(n.name) as name
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
  left join books.products n
    on n.product_id = coalesce(i.product_id, p.product_id) and n.source_account = i.source_account
  where i.order_line_id is null
    and p.order_line_id is null
    and s.status not in ('incomplete', 'incomplete_expired')
    and (
      s.order_id is not null
      or s.customer_id in (select k.customer_id from populations.customer_accounts k)
    )
),
unnamed_lines as materialized (
  select
    l.order_line_id,
    l.order_id,
    l.subscription_id,
    l.account_id,
    l.currency,
    l.quantity,
    l.unit_price_billing,
    l.charge_type = 'USAGE' as is_metered,
    l.first_day,
    l.end_day,
    l.code,
    l.name
  from populations.sold_lines l
  where l.charge_type in ('RECURRING', 'USAGE')
    and (l.quantity > 0 or l.charge_type = 'USAGE')
    and not exists (select from named m where m.order_line_id = l.order_line_id)
    and not exists (select from books.prices m where m.order_line_id = l.order_line_id)
    and not exists (select from books.invoice_lines m where m.order_line_id = l.order_line_id)
    and not exists (select from books.invoice_items m where m.order_line_id = l.order_line_id)
),
candidates as materialized (
  select
    i.subscription_item_id,
    b.order_line_id,
    b.order_id,
    -- The subscription is the order's own when it names it, or names none and began with the item.
    case when i.order_id is not null then i.order_id
      when i.first_day = i.start_on then b.order_id end as own_order_id,
    case when i.order_id = b.order_id or i.subscription_id = b.subscription_id then 'order'
      else 'account' end as said_by,
    b.first_day as line_first_day,
    b.end_day as line_end_day,
    i.first_day as item_first_day,
    i.end_day as item_end_day,
    case when not b.is_metered
        and abs(i.unit_amount - b.unit_price_billing) <= coalesce(u.minor_unit, 0.01)
      then 8 else 0 end
      + case when not b.is_metered and i.quantity = b.quantity then 4 else 0 end
      + case when i.first_day = b.first_day then 2 else 0 end
      + case when i.order_id = b.order_id or i.subscription_id = b.subscription_id then 1
        else 0 end as likeness,
    -- Equal items of equal lines are as good as each other: the first is the first's.
    row_number() over (
      partition by b.order_line_id, i.unit_amount, i.quantity, i.first_day
      order by i.subscription_item_id
    ) = row_number() over (
      partition by i.subscription_item_id, b.unit_price_billing, b.quantity, b.first_day
      order by b.order_line_id
    ) as has_same_place
  from unnamed_items i
  join unnamed_lines b
    on b.is_metered = i.is_metered
    and (b.code = i.code or b.name = i.name)
    and b.first_day < i.end_day
    and i.first_day < b.end_day
    and (
      i.order_id = b.order_id
      or i.subscription_id = b.subscription_id
      or (
        b.currency = i.currency
        and exists (
          select from populations.customer_accounts k
          where k.customer_id = i.customer_id and k.account_id = b.account_id
        )
      )
    )
  left join populations.currency_sizes u on u.currency = b.currency
),
fitting as materialized (
  select c.*, likeness * 2 + case when likeness >= 14 and has_same_place then 1 else 0 end as fit
  from candidates c
),
matched as materialized (
  select f.*
  from fitting f
  where not exists (
      select from fitting o
      where o.subscription_item_id = f.subscription_item_id
        and o.order_line_id <> f.order_line_id
        and o.fit >= f.fit
        and o.line_first_day < f.line_end_day
        and f.line_first_day < o.line_end_day
    )
    and not exists (
      select from fitting o
      where o.order_line_id = f.order_line_id
        and o.subscription_item_id <> f.subscription_item_id
        and o.fit >= f.fit
        and o.item_first_day < f.item_end_day
        and f.item_first_day < o.item_end_day
    )
)
select
  n.subscription_item_id,
  n.order_line_id,
  n.said_by,
  cast(null as text) as own_order_id,
  true as is_in_force,
  false as continues,
  false as goes_on
from named n
union all
select
  m.subscription_item_id,
  m.order_line_id,
  m.said_by,
  m.own_order_id,
  not exists (
    select from matched e
    where e.subscription_item_id = m.subscription_item_id
      and e.order_id = m.order_id
      and e.order_line_id <> m.order_line_id
      and (e.fit > m.fit or (e.fit = m.fit and e.line_first_day < m.line_first_day))
  ) as is_in_force,
  exists (
    select from matched e
    where e.subscription_item_id = m.subscription_item_id
      and e.order_id <> m.order_id
      and e.line_end_day <= m.line_first_day
  ) as continues,
  exists (
    select from matched e
    where e.subscription_item_id = m.subscription_item_id
      and e.order_id <> m.order_id
      and e.line_first_day >= m.line_end_day
  ) as goes_on
from matched m

-- What later orders change of the quantity of an order line, from which day on. An order may say which
-- line it changes (`is_stated`). An amendment that does not, and that billing shows nowhere, has raised
-- an item of the same account, product and price when that has just its quantity more than was booked,
-- or just that of all such amendments.
with stated as materialized (
  select
    m.original_order_line_id as order_line_id,
    m.order_line_id as changed_by,
    coalesce(m.start_date, x.term_start) as start_date,
    m.quantity
  from books.order_lines m
  join books.orders x on x.order_id = m.order_id
  where m.original_order_line_id is not null
    and m.is_deleted is not true
    and x.status = 'Activated'
    and x.is_deleted is not true
    and (x.activated_on is null or x.activated_on <= :as_of)
),
changed as (
  select s.order_line_id, sum(s.quantity) as quantity
  from stated s
  where s.start_date <= :as_of
  group by s.order_line_id
),
served as materialized (
  select q.order_line_id, q.quantity
  from populations.order_line_quantities q
),
raises as materialized (
  select
    e.order_line_id,
    b.order_line_id as changed_by,
    b.start_date,
    b.quantity,
    v.quantity - e.quantity - coalesce(r.quantity, 0) as surplus,
    sum(b.quantity) over (partition by e.order_line_id) as quantity_of_all,
    row_number() over (
      partition by e.order_line_id, b.quantity order by b.start_date, b.order_line_id
    ) as place
  from populations.sold_lines e
  join served v on v.order_line_id = e.order_line_id
  join populations.sold_lines b
    on b.account_id = e.account_id
    and b.order_line_id <> e.order_line_id
    and b.charge_type = e.charge_type
    and b.currency = e.currency
    and b.unit_price_billing = e.unit_price_billing
    and (b.code = e.code or b.name = e.name)
    and (b.is_amendment or e.is_amendment)
    and b.first_day < e.end_day
    and e.first_day < b.end_day
  left join changed r on r.order_line_id = e.order_line_id
  where e.charge_type = 'RECURRING'
    and b.start_date <= :as_of
    and b.quantity > 0
    and v.quantity > e.quantity + coalesce(r.quantity, 0)
    and not exists (select from served w where w.order_line_id = b.order_line_id)
    and not exists (
      select from populations.order_line_phases p where p.order_line_id = b.order_line_id
    )
    -- The item may be the amendment's, made anew with all of the quantity.
    and (
      e.is_amendment
      or not exists (
        select from populations.order_line_documents d where d.order_line_id = b.order_line_id
      )
    )
),
explained as (
  select r.order_line_id, r.changed_by, r.start_date, r.quantity,
    count(*) over (partition by r.changed_by) as lines_raised
  from raises r
  where r.surplus = r.quantity_of_all
    or (r.surplus = r.quantity and r.place = 1)
)
select s.order_line_id, s.changed_by, s.start_date, s.quantity, true as is_stated
from stated s
union all
select e.order_line_id, e.changed_by, e.start_date, e.quantity, false as is_stated
from explained e
where e.lines_raised = 1

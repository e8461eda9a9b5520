-- Order lines that stand in a phase of a subscription schedule: by the price that was made for the
-- line, or, for a step of a ramp whose price names no line, by the phase that begins with the step at
-- its price, in the schedule that bills another step of it.
with unnamed_steps as materialized (
  select
    b.order_line_id,
    b.order_id,
    b.segment_index,
    coalesce(b.product_code, b.product_id) as product,
    b.start_date,
    b.unit_price_billing,
    b.currency
  from books.order_lines b
  where b.segment_index is not null
    and b.is_deleted is not true
    and not exists (select from books.prices o where o.order_line_id = b.order_line_id)
),
-- Every word in quotes that a phase holds, among them the ids of its prices.
words as materialized (
  select h.source_account, h.schedule_id, h.start_on, w.word
  from books.subscription_schedule_phases h
  cross join unnest(string_to_array(cast(h.items as text), '"')) as w (word)
)
select p.order_line_id, min(w.start_on) as start_on, min(p.unit_amount) as unit_amount
from books.prices p
join words w on w.word = p.price_id and w.source_account = p.source_account
where p.order_line_id is not null
group by p.order_line_id
union all
select b.order_line_id, min(w.start_on) as start_on, min(p.unit_amount) as unit_amount
from unnamed_steps b
join books.order_lines e
  on e.order_id = b.order_id
  and e.segment_index is not null
  and e.segment_index <> b.segment_index
  and coalesce(e.product_code, e.product_id) = b.product
join populations.order_line_items x on x.order_line_id = e.order_line_id
join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
join books.subscriptions s on s.subscription_id = i.subscription_id
join words w
  on w.schedule_id = s.schedule_id
  and w.source_account = s.source_account
  and w.start_on = b.start_date
join books.prices p
  on p.price_id = w.word
  and p.source_account = w.source_account
  and p.unit_amount = b.unit_price_billing
  and p.currency = b.currency
group by b.order_line_id

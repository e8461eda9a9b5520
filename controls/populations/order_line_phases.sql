-- Order lines that stand in a phase of a subscription schedule: by the price that was made for the
-- line, or, for a step of a ramp whose price names no line, by the phase that begins with the step at
-- its price, in the schedule that bills another step of it.
select p.order_line_id, min(h.start_on) as start_on, min(p.unit_amount) as unit_amount
from books.prices p
join books.subscription_schedule_phases h
  on strpos(cast(h.items as text), '"' || p.price_id || '"') > 0
  and h.source_account = p.source_account
where p.order_line_id is not null
group by p.order_line_id
union all
select b.order_line_id, min(h.start_on) as start_on, min(p.unit_amount) as unit_amount
from books.order_lines b
join books.order_lines e
  on e.order_id = b.order_id
  and e.segment_index is not null
  and e.segment_index <> b.segment_index
  and coalesce(e.product_code, e.product_id) = coalesce(b.product_code, b.product_id)
join populations.order_line_items x on x.order_line_id = e.order_line_id
join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
join books.subscriptions s on s.subscription_id = i.subscription_id
join books.subscription_schedule_phases h
  on h.schedule_id = s.schedule_id
  and h.source_account = s.source_account
  and h.start_on = b.start_date
join books.prices p
  on p.source_account = h.source_account
  and p.unit_amount = b.unit_price_billing
  and p.currency = b.currency
  and strpos(cast(h.items as text), '"' || p.price_id || '"') > 0
where b.segment_index is not null
  and not exists (select from books.prices o where o.order_line_id = b.order_line_id)
group by b.order_line_id

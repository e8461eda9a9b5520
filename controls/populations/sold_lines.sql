-- Lines of activated orders that sell something, with the days on which billing may serve them:
-- reductions only change lines, and are in populations.order_line_changes.
select
  l.order_line_id,
  l.order_id,
  o.subscription_id,
  o.customer_id as account_id,
  l.charge_type,
  l.currency,
  l.quantity,
  l.unit_price_billing,
  l.total_amount,
  coalesce(l.contract_action = 'Amend' or o.order_type = 'Amendment', false) as is_amendment,
  coalesce(l.start_date, o.term_start) as start_date,
  -- The subscription of a ramp begins with the order, whichever step it now bills.
  case when l.segment_index is not null then o.term_start
    else coalesce(l.start_date, o.term_start) end as service_from,
  -- What is charged once is billed when it suits, from a month before on.
  case when l.charge_type = 'ONE_TIME' then least(l.start_date, o.term_start) - 31
    else coalesce(l.start_date, o.term_start) end as first_day,
  case when c.is_evergreen then date '9999-12-31'
    when l.charge_type = 'ONE_TIME' then coalesce(o.term_end, date '9999-12-30') + 1
    else coalesce(l.end_date, o.term_end, date '9999-12-30') + 1 end as end_day,
  lower(coalesce(l.product_code, n.code)) as code,
  lower(n.name) as name
from books.order_lines l
join books.orders o on o.order_id = l.order_id
left join books.contracts c on c.contract_id = o.contract_id
left join books.products n on n.product_id = l.product_id
where o.status = 'Activated'
  and o.is_deleted is not true
  and l.is_deleted is not true
  and o.is_reduction is not true
  and l.is_delta is not true

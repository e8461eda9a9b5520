-- Every line of an order that was activated by the as-of day, with the terms it was sold on.
select
  l.order_line_id,
  l.order_id,
  l.original_order_line_id,
  o.order_number,
  o.customer_name,
  o.term_start,
  o.term_end,
  o.payment_terms,
  coalesce(l.product_code, l.product_id, 'unknown product') as product,
  l.product_id,
  l.charge_type,
  l.currency,
  l.quantity,
  l.unit_price_billing,
  coalesce(l.prorate_multiplier, 1) as multiplier,
  l.total_amount,
  coalesce(l.start_date, o.term_start) as start_date,
  coalesce(l.end_date, o.term_end) as end_date,
  l.billing_frequency,
  l.billing_type,
  l.commit_amount,
  l.overage_price,
  l.segment_index,
  coalesce(o.is_reduction or l.is_delta, false) as is_reduction,
  coalesce(l.contract_action = 'Amend' or o.order_type in ('Amendment', 'Reduction'), false)
    as is_amendment,
  coalesce(c.is_evergreen, false) as is_evergreen
from books.order_lines l
join books.orders o on o.order_id = l.order_id
left join books.contracts c on c.contract_id = o.contract_id
where o.entity_id = :entity
  and o.status = 'Activated'
  and o.is_deleted is not true
  and l.is_deleted is not true
  and (o.activated_on is null or o.activated_on <= :as_of)

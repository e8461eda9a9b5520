-- Order lines of activated orders that something is to be billed for.
select
  b.order_line_id,
  o.order_id,
  coalesce(o.order_number, o.order_id) as order_number,
  o.customer_name,
  o.term_start,
  o.term_end,
  coalesce(b.product_code, b.product_id, 'unknown product') as product,
  b.charge_type,
  b.currency,
  b.quantity,
  b.unit_price_billing as unit,
  b.total_amount,
  coalesce(b.start_date, o.term_start) as start_date,
  coalesce(b.end_date, o.term_end) as end_date,
  coalesce(b.billing_type = 'Arrears', false) as is_in_arrears,
  case b.billing_frequency
    when 'Monthly' then 1 when 'Quarterly' then 3 when 'Semiannual' then 6 when 'Annual' then 12
  end as months,
  b.segment_index,
  coalesce(b.contract_action = 'Amend' or o.order_type = 'Amendment', false) as is_amendment,
  coalesce(c.is_evergreen, false) as is_evergreen
from books.order_lines b
join books.orders o on o.order_id = b.order_id
left join books.contracts c on c.contract_id = o.contract_id
where o.entity_id = :entity
  and o.status = 'Activated'
  and o.is_deleted is not true
  and b.is_deleted is not true
  and (o.activated_on is null or o.activated_on <= :as_of)
  -- What is used is measured (US-01), what lacks to a monthly minimum too (US-02); a reduction
  -- takes away.
  and b.charge_type in ('RECURRING', 'ONE_TIME')
  and not (b.charge_type = 'RECURRING' and b.commit_amount is not null)
  and b.quantity > 0
  and b.total_amount > 0
  and o.is_reduction is not true
  and b.is_delta is not true
  -- What raised the quantity of another line is due with that.
  and not exists (
    select from populations.order_line_changes m
    where m.changed_by = b.order_line_id and not m.is_stated
  )

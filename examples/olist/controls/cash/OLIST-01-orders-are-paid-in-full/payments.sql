-- Every payment, with the state of its order for whoever reads a finding.
select
  p.order_id,
  p.payment_sequential,
  p.payment_value as amount,
  p.currency,
  p.payment_type,
  coalesce(o.order_status, 'unknown order') as order_status,
  'olist:order_payment:' || p.order_id || '/' || p.payment_sequential::text as source_ref
from files.order_payments p
left join files.orders o on o.order_id = p.order_id

-- Orders activated in the period: the whole scope, not only those that look wrong.
select
  o.order_id,
  o.total_amount as amount,
  o.currency,
  coalesce(o.order_number, o.order_id) as order_number,
  o.customer_name,
  o.activated_on,
  'salesforce:Order:' || o.order_id as source_ref
from books.orders o
where o.entity_id = :entity
  and o.status = 'Activated'
  and o.is_deleted is not true
  and o.activated_on >= :period_start
  and o.activated_on < :period_end

-- Customers that billing has by the end of the period: all, not only those that look wrong.
select
  c.customer_id,
  coalesce(c.name, c.customer_id) as name,
  c.country,
  'stripe:customer:' || c.customer_id as source_ref
from books.customers c
where c.entity_id = :entity
  and c.system = 'stripe'
  and c.is_deleted is not true
  and coalesce(c.created_on, :period_start) < :period_end

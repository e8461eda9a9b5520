-- Accounts of sales that name a billing customer. Selected by itself, not out of the other side: what
-- stands on one side alone could otherwise never be found.
select
  k.to_id as customer_id,
  coalesce(a.name, a.customer_id) as name,
  a.country,
  'salesforce:Account:' || a.customer_id as source_ref
from books.customer_links k
join books.customers a on a.customer_id = k.from_id and a.system = 'salesforce'
where k.entity_id = :entity
  and k.from_system = 'salesforce'
  and k.to_system = 'stripe'
  and a.is_deleted is not true
  and coalesce(a.created_on, :period_start) < :period_end

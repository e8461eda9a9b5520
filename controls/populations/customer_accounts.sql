-- Which account of Salesforce a billing customer belongs to, and who says so: the account that names
-- the customer ('account'), the customer that names the account ('customer'), or the subscription that
-- was set up for an order of the account ('order'). A merged account is the one that took its place.
select
  k.to_id as customer_id,
  coalesce(a.master_id, k.from_id) as account_id,
  k.link_method,
  'account' as said_by
from books.customer_links k
left join populations.account_masters a on a.account_id = k.from_id
where k.from_system = 'salesforce' and k.to_system = 'stripe'
union
select
  k.from_id as customer_id,
  coalesce(a.master_id, k.to_id) as account_id,
  k.link_method,
  'customer' as said_by
from books.customer_links k
left join populations.account_masters a on a.account_id = k.to_id
where k.from_system = 'stripe' and k.to_system = 'salesforce'
union
select
  s.customer_id,
  coalesce(a.master_id, o.customer_id) as account_id,
  'ORDER' as link_method,
  'order' as said_by
from books.subscriptions s
join books.orders o on o.order_id = s.order_id
left join populations.account_masters a on a.account_id = o.customer_id

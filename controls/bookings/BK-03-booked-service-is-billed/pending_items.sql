-- Every invoice item that waits for an invoice, with the days since it was dated.
select
  n.invoice_item_id,
  n.amount,
  n.currency,
  coalesce(c.name, n.customer_id) as customer_name,
  coalesce(n.description, 'an item without description') as description,
  n.dated_on,
  :as_of - n.dated_on as age_days,
  'stripe:invoiceitem:' || n.invoice_item_id as source_ref
from books.invoice_items n
left join books.customers c on c.customer_id = n.customer_id
where n.entity_id = :entity and n.invoice_id is null and n.dated_on < :period_end

-- Every invoice item that waited for an invoice at the end of the as-of day, with the days since it
-- was dated.
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
where n.entity_id = :entity
  and n.dated_on < :period_end
  and (
    n.invoice_id is null
    or n.invoice_id in (select i.invoice_id from books.invoices i where i.created_on > :as_of)
  )

-- What was invoiced for each order line, or waited for its invoice, at the end of the as-of day.
select
  x.order_line_id,
  l.service_start,
  l.unit_amount,
  l.quantity,
  l.amount,
  l.discount,
  coalesce(l.is_proration, false) as is_proration,
  coalesce(l.subscription_item_id, '') <> '' as is_of_subscription,
  i.status = 'draft' as is_draft,
  i.instalment_no is not null as is_instalment,
  l.invoice_line_id as line_id
from populations.order_line_documents x
join books.invoice_lines l on l.invoice_line_id = x.invoice_line_id
join populations.invoices_as_of i on i.invoice_id = l.invoice_id
where i.status <> 'void'
union all
select
  coalesce(n.order_line_id, x.order_line_id) as order_line_id,
  n.service_start,
  n.unit_amount,
  n.quantity,
  n.amount,
  0 as discount,
  n.is_proration,
  coalesce(n.subscription_item_id, '') <> '' as is_of_subscription,
  true as is_draft,
  false as is_instalment,
  n.invoice_item_id as line_id
from books.invoice_items n
left join populations.order_line_items x on x.subscription_item_id = n.subscription_item_id
where coalesce(n.order_line_id, x.order_line_id) is not null
  and n.dated_on <= :as_of
  and (
    n.invoice_id is null
    or n.invoice_id in (select i.invoice_id from books.invoices i where i.created_on > :as_of)
  )

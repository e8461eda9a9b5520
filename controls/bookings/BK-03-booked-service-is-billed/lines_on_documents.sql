-- Lines of invoices and drafts that name an order line.
select
  l.order_line_id,
  l.invoice_line_id,
  l.invoice_id,
  l.service_start,
  l.amount - l.discount as amount,
  l.discount,
  coalesce(l.is_proration, false) as is_proration,
  i.status,
  coalesce(i.number, i.invoice_id) as number,
  i.document_date,
  coalesce(i.document_date, i.created_on) as dated_on,
  i.instalment_no is not null as is_instalment
from books.invoice_lines l
join books.invoices i on i.invoice_id = l.invoice_id
where i.entity_id = :entity
  and l.order_line_id is not null
  and coalesce(i.document_date, i.created_on, :as_of) <= :as_of

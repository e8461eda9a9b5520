-- Lines of invoices and drafts that bill an order line.
select
  x.order_line_id,
  l.invoice_line_id,
  l.invoice_id,
  l.service_start,
  l.amount - l.discount as amount,
  l.discount,
  coalesce(l.is_proration, false) as is_proration,
  -- As of that day: what is voided later stood then, and what replaces it comes later too.
  case when i.status = 'void' and i.voided_on > :as_of then 'open' else i.status end as status,
  coalesce(i.number, i.invoice_id) as number,
  i.document_date,
  coalesce(i.document_date, i.created_on) as dated_on,
  i.instalment_no is not null as is_instalment
from populations.order_line_documents x
join books.invoice_lines l on l.invoice_line_id = x.invoice_line_id
join books.invoices i on i.invoice_id = l.invoice_id
where i.entity_id = :entity
  and coalesce(i.document_date, i.created_on, :as_of) <= :as_of

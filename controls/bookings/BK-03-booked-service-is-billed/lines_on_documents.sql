-- Lines of invoices and drafts that bill an order line, as these were at the end of the as-of day:
-- what is voided later stood then, and what replaces it comes later too; what is finalised later was
-- a draft.
select
  x.order_line_id,
  l.invoice_line_id,
  l.invoice_id,
  l.service_start,
  l.amount - l.discount as amount,
  l.discount,
  coalesce(l.is_proration, false) as is_proration,
  i.status,
  coalesce(i.number, i.invoice_id) as number,
  case when i.status <> 'draft' then i.document_date end as document_date,
  coalesce(case when i.status <> 'draft' then i.document_date end, i.created_on) as dated_on,
  i.instalment_no is not null as is_instalment
from populations.order_line_documents x
join books.invoice_lines l on l.invoice_line_id = x.invoice_line_id
join populations.invoices_as_of i on i.invoice_id = l.invoice_id
where i.entity_id = :entity
  and coalesce(i.created_on, i.document_date, :as_of) <= :as_of

-- Every final invoice of the period: the whole scope, not only those that look wrong.
select
  i.invoice_id,
  i.total as amount,
  i.currency,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  i.document_date,
  i.due_on,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
where i.entity_id = :entity
  and i.status not in ('draft', 'void')
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end

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
  -- Final: issued, whatever became of it.
  and i.status <> 'draft'
  -- A status is that of today: what is voided after the day as of which is judged stood on it.
  and (i.status <> 'void' or i.voided_on > :as_of)
  -- One whose day is not known is in every period, until somebody looks.
  and (
    i.document_date is null
    or (i.document_date >= :period_start and i.document_date < :period_end)
  )

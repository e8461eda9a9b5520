-- Final invoices of those orders, whenever they were made; and invoices of the period that name an
-- order which was never activated. Cut by the same date as the other side, or months do not tie.
select
  i.order_id,
  i.total_ex_tax as amount,
  i.currency,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
left join books.orders o on o.order_id = i.order_id and o.status = 'Activated'
where i.entity_id = :entity
  and i.order_id is not null
  -- Final: issued, whatever became of it.
  and i.status <> 'draft'
  -- A status is that of today: what is voided after the day as of which is judged stood on it.
  and (i.status <> 'void' or i.voided_on > :as_of)
  and coalesce(i.document_date, :period_start) <= :as_of
  and coalesce(o.activated_on, i.document_date, :period_start) >= :period_start
  and coalesce(o.activated_on, i.document_date, :period_start) < :period_end

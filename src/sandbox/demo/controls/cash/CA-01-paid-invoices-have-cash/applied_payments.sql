-- Payments that succeeded, for invoices of the period, up to the as-of date; those whose invoice is
-- not in the books belong to the period they were applied in.
select
  p.invoice_id,
  p.amount_paid as amount,
  p.currency,
  p.payment_id,
  p.posting_date as applied_on,
  coalesce(i.number, p.invoice_id) as number,
  coalesce(i.customer_name, 'an unknown customer') as customer_name,
  coalesce(i.status, 'not in the books') as invoice_status,
  'stripe:invoice_payment:' || p.invoice_payment_id as source_ref
from books.invoice_payments p
left join books.invoices i on i.invoice_id = p.invoice_id
where p.entity_id = :entity
  and p.status = 'paid'
  and (p.posting_date is null or p.posting_date <= :as_of)
  and coalesce(i.document_date, p.posting_date, :period_start) >= :period_start
  and coalesce(i.document_date, p.posting_date, :period_start) < :period_end

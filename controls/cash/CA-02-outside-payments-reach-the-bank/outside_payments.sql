-- What somebody recorded as paid outside Stripe by the end of the as-of day, per invoice.
select
  p.invoice_payment_id as mark_id,
  p.invoice_id,
  coalesce(i.number, p.invoice_id) as number,
  i.order_id,
  i.customer_id,
  coalesce(i.customer_name, 'an unknown customer') as customer_name,
  p.currency,
  p.amount_paid as amount,
  coalesce(p.posting_date, i.paid_on, :period_start) as marked_on,
  coalesce(m.marked_by, 'nobody named') as marked_by,
  m.withholding_certificate is not null as is_certified
from books.invoice_payments p
left join books.invoices i on i.invoice_id = p.invoice_id
left join books.payments m on m.payment_id = p.payment_id
where p.entity_id = :entity
  and p.payment_type in ('payment_record', 'out_of_band')
  and p.status = 'paid'
  and p.amount_paid > 0
  and (p.posting_date is null or p.posting_date <= :as_of)

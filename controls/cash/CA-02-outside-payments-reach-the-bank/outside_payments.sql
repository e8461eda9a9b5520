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
union all
-- What the invoice alone says was paid outside Stripe, without a payment that says so.
select
  i.invoice_id as mark_id,
  i.invoice_id,
  coalesce(i.number, i.invoice_id) as number,
  i.order_id,
  i.customer_id,
  i.customer_name,
  i.currency,
  i.amount_paid_oob - coalesce(r.amount, 0) as amount,
  coalesce(i.paid_on, i.document_date, :period_start) as marked_on,
  'nobody named' as marked_by,
  false as is_certified
from books.invoices i
left join (
  select p.invoice_id, sum(p.amount_paid) as amount
  from books.invoice_payments p
  where p.status = 'paid'
    and p.payment_type in ('payment_record', 'out_of_band')
  group by p.invoice_id
) r on r.invoice_id = i.invoice_id
where i.entity_id = :entity
  and i.status not in ('draft', 'void')
  and i.amount_paid_oob > coalesce(r.amount, 0)
  and (i.paid_on is null or i.paid_on <= :as_of)

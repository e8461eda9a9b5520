-- Invoices of the period with the cash applied to them, in the invoice's currency.
select
  i.invoice_id,
  sum(p.amount_paid) as amount,
  i.currency,
  i.status,
  i.amount_due,
  -- More than was due is no mistake once it is the customer's credit.
  i.amount_due + i.amount_overpaid as most,
  i.amount_remaining,
  -- As people read them; the conditions use the exact amounts.
  to_char(i.amount_due, 'FM999,999,999,999,990.009999') as due_text,
  to_char(i.amount_remaining, 'FM999,999,999,999,990.009999') as remaining_text,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  count(*) as payment_count,
  max(p.posting_date) as last_applied_on,
  coalesce(max(p.posting_date), i.document_date, :period_start) as last_moved_on,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
join books.invoice_payments p on p.invoice_id = i.invoice_id and p.currency = i.currency
where i.entity_id = :entity
  and i.status in ('open', 'paid', 'uncollectible')
  and i.amount_due > 0
  and p.status = 'paid'
  and (p.posting_date is null or p.posting_date <= :as_of)
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end
group by i.invoice_id, i.currency, i.status, i.amount_due, i.amount_overpaid, i.amount_remaining,
  i.number, i.customer_name, i.document_date

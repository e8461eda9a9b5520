-- What each invoice of the period says was settled: all of what was due once it is paid, otherwise
-- what is paid so far. Invoices settled by credit alone owe nothing and need no cash.
select
  i.invoice_id,
  case
    when i.status = 'paid' then greatest(i.amount_due, i.amount_paid)
    else i.amount_paid
  end as amount,
  i.currency,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  i.status,
  i.document_date,
  coalesce(
    (
      select 'payment ' || min(p.payment_id) || ' is ' || min(p.status)
      from books.invoice_payments p
      where p.invoice_id = i.invoice_id and p.status <> 'paid'
    ),
    'none was attempted'
  ) as attempt,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoices i
where i.entity_id = :entity
  and i.status in ('open', 'paid', 'uncollectible')
  and i.amount_due > 0
  and (i.status = 'paid' or i.amount_paid > 0)
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end

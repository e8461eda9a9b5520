-- Payments that succeeded, for invoices of the period, up to the as-of date; those whose invoice is
-- not in the books belong to the period they were applied in. What became of the money since then
-- stands on the payment itself: a debit may come back after the invoice was paid by it, on the day on
-- which the balance moved back. A payment that Stripe captured for an open invoice and that was never
-- applied to it stands here as well.
with intended as materialized (
  select p.payment_id, min(p.invoice_id) as invoice_id
  from books.invoice_payments p
  where p.status = 'open'
  group by p.payment_id
  having count(*) = 1
)
select
  p.invoice_id,
  p.amount_paid as amount,
  p.currency,
  p.payment_id,
  p.posting_date as applied_on,
  coalesce(i.number, p.invoice_id) as number,
  coalesce(i.customer_name, 'an unknown customer') as customer_name,
  coalesce(s.status, 'not in the books') as invoice_status,
  coalesce(
    (m.status = 'failed' or m.failure_balance_transaction_id is not null)
      and (b.posting_date is null or b.posting_date <= :as_of),
    false
  ) as came_back,
  coalesce(m.failure_code, 'no reason given') as failure_code,
  coalesce(m.customer_id, n.customer_id, i.customer_id) is distinct from i.customer_id
    and i.invoice_id is not null as is_of_another,
  coalesce(c.name, m.customer_id, n.customer_id, 'nobody') as payer_name,
  'stripe:invoice_payment:' || p.invoice_payment_id as source_ref
from books.invoice_payments p
left join books.invoices i on i.invoice_id = p.invoice_id
left join populations.invoices_as_of s on s.invoice_id = i.invoice_id
left join books.payment_intents n on n.payment_intent_id = p.payment_id
left join books.payments m on m.payment_id = coalesce(n.latest_payment_id, p.payment_id)
left join books.balance_transactions b
  on b.balance_transaction_id = m.failure_balance_transaction_id
left join books.customers c
  on c.system = 'stripe' and c.customer_id = coalesce(m.customer_id, n.customer_id)
where p.entity_id = :entity
  and p.status = 'paid'
  and (p.posting_date is null or p.posting_date <= :as_of)
  and coalesce(i.document_date, p.posting_date, :period_start) >= :period_start
  and coalesce(i.document_date, p.posting_date, :period_start) < :period_end
union all
select
  w.invoice_id,
  w.amount,
  w.currency,
  w.payment_id,
  w.posting_date as applied_on,
  coalesce(i.number, w.invoice_id) as number,
  i.customer_name,
  s.status as invoice_status,
  false as came_back,
  'no reason given' as failure_code,
  false as is_of_another,
  coalesce(w.customer_id, 'nobody') as payer_name,
  'stripe:payment:' || w.payment_id as source_ref
from (
  select
    coalesce(m.invoice_id, n.invoice_id, a.invoice_id) as invoice_id,
    m.amount_captured - m.amount_refunded as amount,
    m.currency,
    m.payment_id,
    m.payment_intent_id,
    m.posting_date,
    m.customer_id
  from books.payments m
  left join books.payment_intents n on n.payment_intent_id = m.payment_intent_id
  -- What was to be paid by it, where the payment itself names no invoice.
  left join intended a on a.payment_id = m.payment_intent_id
  where m.entity_id = :entity
    and m.status = 'succeeded'
    and m.is_captured
    and not m.is_off_stripe
    and m.amount_captured > m.amount_refunded
    and m.posting_date <= :as_of
) w
join books.invoices i on i.invoice_id = w.invoice_id and i.currency = w.currency
join populations.invoices_as_of s on s.invoice_id = i.invoice_id
where i.status = 'open'
  and s.status = 'open'
  and not exists (
    select 1 from books.invoice_payments p
    where p.status = 'paid' and p.payment_id = w.payment_intent_id
  )
  and not exists (
    select 1 from books.invoice_payments p
    where p.status = 'paid' and p.payment_id = w.payment_id
  )
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end

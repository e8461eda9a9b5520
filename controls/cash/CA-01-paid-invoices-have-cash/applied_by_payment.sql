-- Payments made in the period, with all they were applied to, up to the as-of date, against what
-- they brought. A refund does not take an application back: what is refunded was received first.
-- A payment that came back (CA01-FAILED_LATER), or of which the books know no more than that it was
-- applied (CA01-PAID_NO_CASH tells an invoice that nothing covers), brought what was applied.
with applied as (
  select
    p.payment_id,
    p.currency,
    sum(p.amount_paid) as amount,
    string_agg(coalesce(i.number, p.invoice_id), ', ' order by coalesce(i.number, p.invoice_id))
      as numbers,
    min(i.customer_name) as customer_name,
    min(p.posting_date) as applied_on
  from books.invoice_payments p
  left join books.invoices i on i.invoice_id = p.invoice_id
  where p.entity_id = :entity
    and p.status = 'paid'
    and (p.posting_date is null or p.posting_date <= :as_of)
  group by p.payment_id, p.currency
),
paid as (
  select
    a.payment_id,
    a.amount,
    a.currency,
    a.numbers,
    coalesce(a.customer_name, 'an unknown customer') as customer_name,
    coalesce(n.created_on, m.posting_date, a.applied_on, :period_start) as paid_on,
    case
      when n.status = 'requires_payment_method' or f.failure_balance_transaction_id is not null
        then a.amount
      else coalesce(n.amount_received, m.amount_captured, a.amount)
    end as received,
    n.payment_intent_id is not null as is_intent
  from applied a
  left join books.payment_intents n
    on n.payment_intent_id = a.payment_id and n.currency = a.currency
  left join books.payments m on m.payment_id = a.payment_id and m.currency = a.currency
  left join books.payments f on f.payment_id = n.latest_payment_id
)
select
  payment_id,
  amount,
  currency,
  numbers,
  customer_name,
  paid_on,
  received,
  to_char(received, 'FM999,999,999,999,990.009999') as received_text,
  'stripe:' || case when is_intent then 'payment_intent' else 'payment' end || ':' || payment_id
    as source_ref
from paid
where paid_on >= :period_start
  and paid_on < :period_end

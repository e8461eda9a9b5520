-- What each invoice of the period says was settled by the as-of date: all of what was due once it is
-- paid, otherwise what is paid so far. What was paid since then is left out on both sides. Invoices
-- settled by credit alone owe nothing and need no cash.
with later as materialized (
  select p.invoice_id, sum(p.amount_paid) as amount
  from books.invoice_payments p
  where p.entity_id = :entity
    and p.status = 'paid'
    and p.posting_date > :as_of
  group by p.invoice_id
),
-- What was marked as paid outside Stripe without a payment of its own is for CA-02.
outside as materialized (
  select p.invoice_id, sum(p.amount_paid) as amount
  from books.invoice_payments p
  where p.entity_id = :entity
    and p.status = 'paid'
    and p.payment_type in ('payment_record', 'out_of_band')
  group by p.invoice_id
),
attempts as materialized (
  select p.invoice_id, 'payment ' || min(p.payment_id) || ' is ' || min(p.status) as attempt
  from books.invoice_payments p
  where p.entity_id = :entity
    and p.status <> 'paid'
  group by p.invoice_id
),
settled as (
  select
    i.invoice_id,
    case
      when s.status = 'paid' then greatest(i.amount_due, i.amount_paid - coalesce(l.amount, 0))
      -- Open with nothing left to pay: the cash that did it stands alone on the other side.
      when s.status = 'open' and i.status = 'open' and i.amount_remaining <= 0 then 0
      else i.amount_paid - coalesce(l.amount, 0)
    end - greatest(0, coalesce(i.amount_paid_oob, 0) - coalesce(o.amount, 0)) as amount,
    i.currency,
    i.number,
    i.customer_name,
    s.status,
    i.document_date
  from books.invoices i
  join populations.invoices_as_of s on s.invoice_id = i.invoice_id
  left join later l on l.invoice_id = i.invoice_id
  left join outside o on o.invoice_id = i.invoice_id
  where i.entity_id = :entity
    and s.status in ('open', 'paid', 'uncollectible')
    and i.amount_due > 0
    and (
      i.document_date is null
      or (i.document_date >= :period_start and i.document_date < :period_end)
    )
)
select
  s.invoice_id,
  s.amount,
  s.currency,
  coalesce(s.number, s.invoice_id) as number,
  s.customer_name,
  s.status,
  s.document_date,
  coalesce(a.attempt, 'none was attempted') as attempt,
  'stripe:invoice:' || s.invoice_id as source_ref
from settled s
left join attempts a on a.invoice_id = s.invoice_id
where s.amount > 0

-- Invoices of the period with the cash applied to them by the end of the as-of day, in the invoice's
-- currency. What was paid, or taken off by a credit note, after that day was still owed on it.
-- Invoices of earlier months stand here in the period in which a part of a payment has waited
-- :partial_days for the rest.
with cash as (
  select
    p.invoice_id,
    p.currency,
    sum(p.amount_paid) filter (where p.posting_date is null or p.posting_date <= :as_of) as amount,
    count(*) filter (where p.posting_date is null or p.posting_date <= :as_of) as payment_count,
    coalesce(sum(p.amount_paid) filter (where p.posting_date > :as_of), 0) as paid_later,
    max(p.posting_date) filter (where p.posting_date <= :as_of) as last_applied_on
  from books.invoice_payments p
  where p.entity_id = :entity
    and p.status = 'paid'
  group by p.invoice_id, p.currency
),
credited_later as (
  select
    c.invoice_id,
    sum(case when c.created_on > :as_of then c.pre_payment else 0 - c.pre_payment end) as amount
  from books.credit_notes c
  where c.entity_id = :entity
    and c.pre_payment <> 0
    and (
      (c.status = 'issued' and c.created_on > :as_of)
      or (c.voided_on > :as_of and c.created_on <= :as_of)
    )
  group by c.invoice_id
),
owed as (
  select
    i.invoice_id,
    k.amount,
    i.currency,
    s.status,
    i.amount_due + coalesce(n.amount, 0) as amount_due,
    -- More than was due is no mistake once it is the customer's credit.
    i.amount_overpaid,
    greatest(
      i.amount_remaining - i.amount_overpaid + k.paid_later + coalesce(n.amount, 0), 0
    ) as amount_remaining,
    coalesce(i.number, i.invoice_id) as number,
    i.customer_name,
    k.payment_count,
    k.last_applied_on,
    i.document_date
  from books.invoices i
  join populations.invoices_as_of s on s.invoice_id = i.invoice_id
  join cash k on k.invoice_id = i.invoice_id and k.currency = i.currency
  left join credited_later n on n.invoice_id = i.invoice_id
  where i.entity_id = :entity
    and s.status in ('open', 'paid', 'uncollectible')
    and k.payment_count > 0
    and coalesce(i.document_date, :period_start) < :period_end
    and (
      coalesce(i.document_date, :period_start) >= :period_start
      or (
        s.status = 'open'
        and k.last_applied_on + :partial_days + 1 >= :period_start
        and k.last_applied_on + :partial_days + 1 < :period_end
      )
    )
)
select
  invoice_id,
  amount,
  currency,
  status,
  amount_due,
  amount_due + amount_overpaid as most,
  amount_remaining,
  -- As people read them; the conditions use the exact amounts.
  to_char(amount_due, 'FM999,999,999,999,990.009999') as due_text,
  to_char(amount_remaining, 'FM999,999,999,999,990.009999') as remaining_text,
  number,
  customer_name,
  payment_count,
  last_applied_on,
  coalesce(last_applied_on, document_date, :period_start) as last_moved_on,
  'stripe:invoice:' || invoice_id as source_ref
from owed
where amount_due > 0

-- Invoices of the period on which more was paid than was owed by the as-of day, with what of it the customer was given
-- as credit.
with credited as (
  select t.invoice_id, t.currency, sum(t.delta_credit) as amount
  from books.customer_credit_transactions t
  where t.entity_id = :entity
    and t.delta_credit > 0
    and t.invoice_id is not null
    and t.kind <> 'unapplied_from_invoice'
    and t.created_on <= :as_of
  group by t.invoice_id, t.currency
)
select
  i.invoice_id,
  i.amount_overpaid as amount,
  i.currency,
  i.number,
  i.customer_name,
  coalesce(i.paid_on, i.document_date) as paid_on,
  coalesce(c.amount, 0) as credited,
  to_char(coalesce(c.amount, 0), 'FM999,999,999,999,990.009999') as credited_text,
  'stripe:invoice:' || i.invoice_id as source_ref
from (
  select
    o.invoice_id,
    o.amount_overpaid,
    o.currency,
    coalesce(o.number, o.invoice_id) as number,
    o.customer_name,
    o.paid_on,
    o.document_date
  from books.invoices o
  where o.entity_id = :entity
    and o.amount_overpaid > 0
    and (o.paid_on is null or o.paid_on <= :as_of)
) i
left join credited c on c.invoice_id = i.invoice_id and c.currency = i.currency
where coalesce(i.paid_on, i.document_date, :period_start) >= :period_start
  and coalesce(i.paid_on, i.document_date, :period_start) < :period_end

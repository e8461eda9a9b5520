-- Every line of the invoices finalised in the period, with the currencies of its order and of its
-- revenue, and its tax.
with scheduled as materialized (
  select
    l.invoice_line_id,
    min(l.currency) as currency,
    max(l.currency) as other_currency
  from books.revenue_schedule_lines l
  where l.entity_id = :entity and l.invoice_line_id is not null
  group by l.invoice_line_id
)
select
  l.invoice_line_id,
  l.amount - l.discount as amount,
  l.currency,
  coalesce(i.number, i.invoice_id) as number,
  i.customer_name,
  i.document_date,
  coalesce(o.currency <> l.currency, b.currency <> l.currency, false)
    or coalesce(u.currency <> l.currency, false)
    or coalesce(s.currency <> l.currency or s.other_currency <> l.currency, false)
    as is_other_currency,
  coalesce(o.currency, b.currency, u.currency, l.currency) as booked_currency,
  coalesce(s.other_currency, l.currency) as scheduled_currency,
  coalesce(
    l.tax_excl > 0 and l.revenue_base > l.amount - l.discount - l.tax_incl, false
  ) as has_tax_in_revenue,
  l.tax_excl,
  to_char(l.tax_excl, 'FM999,999,999,990.009999') as tax_text,
  'stripe:invoice:' || i.invoice_id as source_ref
from books.invoice_lines l
join populations.invoices_as_of i on i.invoice_id = l.invoice_id
left join books.order_lines o on o.order_line_id = l.order_line_id
-- A line that names no line of an order is booked in the currency of the order of its invoice.
left join books.orders b on b.order_id = i.order_id
left join books.subscriptions u
  on u.subscription_id = coalesce(l.subscription_id, i.subscription_id)
left join scheduled s on s.invoice_line_id = l.invoice_line_id
where i.entity_id = :entity
  and i.status not in ('draft', 'void')
  and coalesce(i.document_date, :period_start) >= :period_start
  and coalesce(i.document_date, :period_start) < :period_end

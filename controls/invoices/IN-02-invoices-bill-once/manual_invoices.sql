-- Invoices made by hand for an order that became final in the period, with the earlier one for the
-- same lines of the order and the same amount, at most :manual_days before. Instalments are told
-- apart by their number, months by their service periods; an exact copy is found line by line.
with credited as (
  select c.invoice_id, sum(c.amount) as amount
  from populations.credit_notes_as_of c
  group by c.invoice_id
),
contents as (
  select
    l.invoice_id,
    min(l.period_start_at) as period_start_at,
    max(l.period_end_at) as period_end_at,
    -- What it bills, as far as each line says: null where none does.
    string_agg(l.order_line_id, ',' order by l.order_line_id) as order_lines,
    string_agg(l.product_id, ',' order by l.product_id) as products,
    string_agg(coalesce(l.description, ''), ',' order by coalesce(l.description, '')) as words
  from books.invoice_lines l
  group by l.invoice_id
),
invoices as (
  select
    i.invoice_id,
    i.number,
    i.order_id,
    i.customer_id,
    i.customer_name,
    i.posting_date,
    i.finalized_at,
    i.currency,
    i.total,
    i.instalment_no,
    c.order_lines,
    c.products,
    c.words,
    c.period_start_at,
    c.period_end_at,
    coalesce(k.amount, 0) >= i.total and i.total > 0 as is_withdrawn
  from populations.invoices_as_of i
  join contents c on c.invoice_id = i.invoice_id
  left join credited k on k.invoice_id = i.invoice_id
  where i.entity_id = :entity
    and i.status not in ('draft', 'void')
    and i.billing_reason = 'manual'
    and i.order_id is not null
    and i.posting_date < :period_end
),
twins as (
  select l.invoice_id, min(e.number) as number, max(e.posting_date) as posted_on
  from invoices l
  join invoices e on e.order_id = l.order_id
    and e.customer_id = l.customer_id
    and e.currency = l.currency
    and e.total = l.total
    -- By hand, the lines of the order are often left out: then by what both name.
    and coalesce(e.order_lines = l.order_lines, e.products = l.products, e.words = l.words)
  where e.invoice_id <> l.invoice_id
    and (e.finalized_at < l.finalized_at
      or (e.finalized_at = l.finalized_at and e.invoice_id < l.invoice_id))
    and e.posting_date + :manual_days >= l.posting_date
    and coalesce(e.instalment_no, '') = coalesce(l.instalment_no, '')
    and not e.is_withdrawn
    and not l.is_withdrawn
    and l.total <> 0
    -- Not the same period, which is an exact copy; nor two periods that do not touch.
    and not (e.period_start_at = l.period_start_at and e.period_end_at = l.period_end_at)
    and (e.period_start_at = e.period_end_at
      or l.period_start_at = l.period_end_at
      or (e.period_start_at < l.period_end_at and e.period_end_at > l.period_start_at))
  group by l.invoice_id
)
select
  l.invoice_id,
  coalesce(l.number, l.invoice_id) as number,
  l.customer_name,
  l.order_id,
  l.posting_date,
  l.currency,
  l.total as amount,
  t.invoice_id is not null as is_twin,
  coalesce(t.number, '') as earlier_number,
  t.posted_on as earlier_on,
  case when l.is_withdrawn then 'Credited in full' end as reconciling,
  'stripe:invoice:' || l.invoice_id as source_ref
from invoices l
left join twins t on t.invoice_id = l.invoice_id
where l.posting_date >= :period_start

-- Invoice lines and drafts of the order lines, each with what it bills of what was due in the period;
-- and lines of the period's invoices for which nothing was due.
with -- Each line, and the event whose days of service it begins in.
lines as materialized (
  select
    n.order_line_id,
    n.invoice_line_id,
    n.invoice_id,
    n.amount,
    n.is_proration,
    n.status,
    n.number,
    n.document_date,
    n.dated_on,
    n.is_instalment,
    n.service_start,
    e.due_on,
    e.amount as due_amount,
    coalesce(e.is_otherwise, false) as is_otherwise,
    -- Changes within days that are billed already are prorated; they bill nothing that was due.
    bool_or(not n.is_proration and n.status <> 'void') over (
      partition by n.order_line_id, e.due_on
    ) as has_whole,
    bool_or(n.status <> 'void') over (partition by n.order_line_id, e.due_on) as has_valid
  from populations.lines_on_documents n
  left join populations.billing_events e
    on e.order_line_id = n.order_line_id
    and (
      (n.service_start >= e.service_start and n.service_start < e.service_end)
      or n.service_start is null
      or e.is_once
    )
),
-- Voided, and billed again to the same customer by lines that name no order line: the same service
-- at the same amount, or the revision of the invoice.
rebilled as materialized (
  select distinct w.invoice_line_id
  from books.invoice_lines w
  join books.invoices v on v.invoice_id = w.invoice_id
  join books.invoices a on a.customer_id = v.customer_id and a.invoice_id <> v.invoice_id
  join populations.invoices_as_of b
    on b.invoice_id = a.invoice_id and b.status in ('open', 'paid', 'uncollectible')
  join books.invoice_lines l on l.invoice_id = a.invoice_id and l.currency = w.currency
  left join populations.order_line_documents x on x.invoice_line_id = l.invoice_line_id
  where v.entity_id = :entity
    and v.status = 'void'
    and x.invoice_line_id is null
    and w.amount > 0
    and l.amount > 0
    and (l.amount = w.amount or a.revises_invoice_id = v.invoice_id)
    and l.service_start < w.service_end_excl
    and w.service_start < l.service_end_excl
),
counted as materialized (
  select
    l.order_line_id,
    l.due_on,
    l.due_amount,
    l.is_otherwise,
    sum(l.amount) as amount,
    bool_and(l.status = 'void' and r.invoice_line_id is null) as is_void,
    -- A draft bills nothing yet: how long it stays one is a matter of its own.
    max(l.dated_on) filter (where not l.is_instalment and l.status <> 'draft') as billed_on,
    string_agg(distinct l.number, ', ' order by l.number) as number,
    min(l.invoice_id) as invoice_id
  from lines l
  left join rebilled r on r.invoice_line_id = l.invoice_line_id
  where l.due_on is not null
    and (l.status <> 'void' or not l.has_valid)
    and (not l.is_proration or not l.has_whole)
    and l.amount <> 0
  group by l.order_line_id, l.due_on, l.due_amount, l.is_otherwise
)
select
  c.order_line_id,
  c.due_on,
  least(c.amount, round(c.due_amount, 3)) as amount,
  b.currency,
  c.number,
  coalesce(c.billed_on, c.due_on) as billed_on,
  c.is_void,
  case when c.is_otherwise then 'Set up otherwise than sold (BK-02)' end as reconciling,
  'stripe:invoice:' || c.invoice_id as source_ref
from counted c
join populations.lines_to_bill b on b.order_line_id = c.order_line_id
where c.due_on >= :period_start
  and c.due_on < :period_end
union all
select
  c.order_line_id,
  c.due_on,
  c.amount - round(c.due_amount, 3) as amount,
  b.currency,
  c.number,
  coalesce(c.billed_on, c.due_on) as billed_on,
  false as is_void,
  'Billed beyond what was due (BK-04, IN-02)' as reconciling,
  'stripe:invoice:' || c.invoice_id as source_ref
from counted c
join populations.lines_to_bill b on b.order_line_id = c.order_line_id
where c.due_on >= :period_start
  and c.due_on < :period_end
  and c.amount > round(c.due_amount, 3)
union all
select
  l.order_line_id,
  l.document_date as due_on,
  l.amount,
  b.currency,
  l.number,
  l.document_date as billed_on,
  false as is_void,
  case
    when l.due_on is not null then 'Prorations of what was billed before (BK-02)'
    when o.order_line_id is not null then 'Set up otherwise than sold (BK-02)'
    when l.service_start >= b.start_date or l.amount <= 0
      then 'Nothing was due by the order (BK-04)'
  end as reconciling,
  'stripe:invoice:' || l.invoice_id as source_ref
from lines l
join populations.lines_to_bill b on b.order_line_id = l.order_line_id
left join populations.lines_set_up_otherwise o on o.order_line_id = l.order_line_id
where l.document_date >= :period_start
  and l.document_date < :period_end
  and l.status <> 'void'
  and (l.due_on is null or (l.is_proration and l.has_whole))

-- Everything that the order lines of activated orders make due for billing in the period; what is left
-- for further instalments stands apart.
with due as materialized (
  select
    e.order_line_id,
    e.due_on,
    round(e.amount, 3) as amount,
    round(n.amount, 3) as amount_so_far,
    b.currency,
    b.order_number,
    b.customer_name,
    b.product,
    e.service_start,
    e.service_end,
    e.is_otherwise
  from populations.billing_events e
  join populations.lines_to_bill b on b.order_line_id = e.order_line_id
  left join populations.instalments_so_far n
    on n.order_line_id = e.order_line_id and n.due_on = e.due_on
  where e.due_on >= :period_start
    and e.due_on < :period_end
)
select
  d.order_line_id,
  d.due_on,
  p.amount,
  d.currency,
  d.order_number,
  d.customer_name,
  d.product,
  d.service_start,
  d.service_end,
  p.reconciling,
  'salesforce:OrderItem:' || d.order_line_id as source_ref
from due d
cross join lateral (
  select
    coalesce(d.amount_so_far, d.amount) as amount,
    case when d.is_otherwise then 'Set up otherwise than sold (BK-02)' end as reconciling
  union all
  select d.amount - d.amount_so_far, 'Further instalments'
  where d.amount_so_far is not null
) p

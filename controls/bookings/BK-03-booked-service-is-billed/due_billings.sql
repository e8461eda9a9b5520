-- Everything that the order lines of activated orders make due for billing in the period; what is left
-- for further instalments stands apart.
select
  e.order_line_id,
  e.due_on,
  round(coalesce(n.amount, e.amount), 3) as amount,
  b.currency,
  b.order_number,
  b.customer_name,
  b.product,
  e.service_start,
  e.service_end,
  case when e.is_otherwise then 'Set up otherwise than sold (BK-02)' end as reconciling,
  'salesforce:OrderItem:' || e.order_line_id as source_ref
from populations.billing_events e
join populations.lines_to_bill b on b.order_line_id = e.order_line_id
left join populations.instalments_so_far n
  on n.order_line_id = e.order_line_id and n.due_on = e.due_on
where e.due_on >= :period_start
  and e.due_on < :period_end
union all
select
  e.order_line_id,
  e.due_on,
  round(e.amount, 3) - round(n.amount, 3) as amount,
  b.currency,
  b.order_number,
  b.customer_name,
  b.product,
  e.service_start,
  e.service_end,
  'Further instalments' as reconciling,
  'salesforce:OrderItem:' || e.order_line_id as source_ref
from populations.billing_events e
join populations.lines_to_bill b on b.order_line_id = e.order_line_id
join populations.instalments_so_far n
  on n.order_line_id = e.order_line_id and n.due_on = e.due_on
where e.due_on >= :period_start
  and e.due_on < :period_end

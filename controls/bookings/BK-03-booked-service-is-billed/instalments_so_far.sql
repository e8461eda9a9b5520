-- What was billed of an amount due of which further instalments may come: the last is not long ago.
select
  e.order_line_id,
  e.due_on,
  sum(n.amount) as amount
from populations.billing_events e
join populations.lines_on_documents n
  on n.order_line_id = e.order_line_id
  and (
    (n.service_start >= e.service_start and n.service_start < e.service_end)
    or n.service_start is null
    or e.is_once
  )
where n.status <> 'void' and not n.is_proration
group by e.order_line_id, e.due_on, e.amount
having bool_or(n.is_instalment)
  and sum(n.amount) < e.amount
  and max(n.dated_on) + :instalment_days >= :as_of

-- Lines of which billing has something else than was sold: BK-02 reports them, with the value.
with documents as materialized (
  select
    n.order_line_id,
    max(n.service_start) filter (where n.discount > 0) as last_discounted
  from populations.lines_on_documents n
  group by n.order_line_id
),
planned as materialized (
  select distinct n.order_line_id from populations.order_line_phases n
),
-- What later orders have changed by now.
reduced as materialized (
  select r.order_line_id, sum(r.quantity) as quantity
  from populations.order_line_changes r
  where r.start_date <= :as_of
  group by r.order_line_id
)
select b.order_line_id
from populations.lines_to_bill b
left join populations.items_of_lines i on i.order_line_id = b.order_line_id
left join documents d on d.order_line_id = b.order_line_id
left join planned n on n.order_line_id = b.order_line_id
left join reduced r on r.order_line_id = b.order_line_id
left join populations.currency_sizes u on u.currency = b.currency
where b.charge_type = 'RECURRING'
  and (
    abs(i.unit - b.unit) > coalesce(u.minor_unit, 0.01)
    or i.quantity <> b.quantity + coalesce(r.quantity, 0)
    or (i.order_id = b.order_id and not i.continues
      and i.started_on <> case when b.segment_index is null then b.start_date
        else b.term_start end)
    or (i.order_line_id is null and d.order_line_id is null and n.order_line_id is null)
    or d.last_discounted >= b.start_date
  )

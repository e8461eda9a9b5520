-- Lines of which billing has something else than was sold: BK-02 reports them, with the value.
with planned as materialized (
  select distinct p.order_line_id
  from books.prices p
  join books.subscription_schedule_phases h
    on strpos(cast(h.items as text), '"' || p.price_id || '"') > 0
    and h.source_account = p.source_account
  where p.order_line_id is not null
)
select b.order_line_id
from populations.lines_to_bill b
left join populations.items_of_lines i on i.order_line_id = b.order_line_id
where b.charge_type = 'RECURRING'
  and (
    abs(i.unit - b.unit)
      > case when b.currency in ('JPY', 'KRW', 'CLP', 'ISK', 'VND') then 1 else 0.01 end
    or i.quantity <> b.quantity + (
      select coalesce(sum(r.quantity), 0)
      from populations.line_reductions r
      where r.order_line_id = b.order_line_id and r.start_date <= :as_of
    )
    or (i.order_id = b.order_id
      and i.started_on <> case when b.segment_index is null then b.start_date
        else b.term_start end)
    or (i.order_line_id is null
      and not exists (
        select from populations.lines_on_documents n where n.order_line_id = b.order_line_id
      )
      and not exists (select from planned n where n.order_line_id = b.order_line_id))
    or exists (
      select from populations.lines_on_documents n
      where n.order_line_id = b.order_line_id
        and n.discount > 0
        and n.service_start >= b.start_date
    )
  )

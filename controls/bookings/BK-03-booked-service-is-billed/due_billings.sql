-- Everything that the order lines of activated orders make due for billing in the period.
with booked as materialized (
  select
    b.order_line_id,
    o.order_id,
    coalesce(o.order_number, o.order_id) as order_number,
    o.customer_name,
    o.term_start,
    o.term_end,
    coalesce(b.product_code, b.product_id, 'unknown product') as product,
    b.charge_type,
    b.currency,
    b.quantity,
    b.unit_price_billing as unit,
    b.total_amount,
    coalesce(b.start_date, o.term_start) as start_date,
    coalesce(b.end_date, o.term_end) as end_date,
    coalesce(b.billing_type = 'Arrears', false) as is_in_arrears,
    case b.billing_frequency
      when 'Monthly' then 1 when 'Quarterly' then 3 when 'Semiannual' then 6 when 'Annual' then 12
    end as months,
    b.segment_index,
    coalesce(b.contract_action = 'Amend' or o.order_type = 'Amendment', false) as is_amendment,
    coalesce(c.is_evergreen, false) as is_evergreen
  from books.order_lines b
  join books.orders o on o.order_id = b.order_id
  left join books.contracts c on c.contract_id = o.contract_id
  where o.entity_id = :entity
    and o.status = 'Activated'
    and o.is_deleted is not true
    and b.is_deleted is not true
    and (o.activated_on is null or o.activated_on <= :as_of)
    -- What is used is measured (US-01), what lacks to a monthly minimum too (US-02); a reduction
    -- takes away.
    and b.charge_type in ('RECURRING', 'ONE_TIME')
    and not (b.charge_type = 'RECURRING' and b.commit_amount is not null)
    and b.quantity > 0
    and b.total_amount > 0
    and o.is_reduction is not true
    and b.is_delta is not true
),
reductions as materialized (
  select m.original_order_line_id as order_line_id, m.start_date, m.quantity
  from books.order_lines m
  join books.orders x on x.order_id = m.order_id and x.status = 'Activated'
  where m.original_order_line_id is not null and m.is_deleted is not true
),
items as materialized (
  select
    i.order_line_id,
    sum(i.quantity) as quantity,
    min(p.unit_amount) as unit,
    min(s.start_on) as started_on,
    max(s.order_id) as order_id,
    max(s.ended_on) as ended_on
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  left join books.prices p on p.price_id = i.price_id and p.source_account = i.source_account
  where i.order_line_id is not null
  group by i.order_line_id
),
billed_lines as materialized (
  select
    l.order_line_id,
    l.invoice_line_id,
    l.invoice_id,
    l.service_start,
    l.amount - l.discount as amount,
    l.discount,
    coalesce(l.is_proration, false) as is_proration,
    i.status,
    coalesce(i.number, i.invoice_id) as number,
    i.document_date,
    coalesce(i.document_date, i.created_on) as dated_on,
    i.instalment_no is not null as is_instalment
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  where i.entity_id = :entity
    and l.order_line_id is not null
    and coalesce(i.document_date, i.created_on, :as_of) <= :as_of
),
planned as materialized (
  select distinct p.order_line_id
  from books.prices p
  join books.subscription_schedule_phases h
    on strpos(cast(h.items as text), '"' || p.price_id || '"') > 0
    and h.source_account = p.source_account
  where p.order_line_id is not null
),
-- Lines of which billing has something else than was sold: BK-02 reports them, with the value.
otherwise as materialized (
  select b.order_line_id
  from booked b
  left join items i on i.order_line_id = b.order_line_id
  where b.charge_type = 'RECURRING'
    and (
      abs(i.unit - b.unit)
        > case when b.currency in ('JPY', 'KRW', 'CLP', 'ISK', 'VND') then 1 else 0.01 end
      or i.quantity <> b.quantity + (
        select coalesce(sum(r.quantity), 0)
        from reductions r
        where r.order_line_id = b.order_line_id and r.start_date <= :as_of
      )
      or (i.order_id = b.order_id
        and i.started_on <> case when b.segment_index is null then b.start_date
          else b.term_start end)
      or (i.order_line_id is null
        and not exists (select from billed_lines n where n.order_line_id = b.order_line_id)
        and not exists (select from planned n where n.order_line_id = b.order_line_id))
      or exists (
        select from billed_lines n
        where n.order_line_id = b.order_line_id
          and n.discount > 0
          and n.service_start >= b.start_date
      )
    )
),
-- The days on which something is to be billed: the steps of the line's frequency from its first day
-- to its last, and beyond it while a contract goes on; once for what is charged once.
steps as materialized (
  select
    b.order_line_id,
    s.step,
    case when b.months is null or b.charge_type = 'ONE_TIME' then b.start_date
      else cast(b.start_date + s.step * b.months * interval '1 month' as date) end as service_start,
    case when b.months is null or b.charge_type = 'ONE_TIME' then b.end_date + 1
      else cast(b.start_date + (s.step + 1) * b.months * interval '1 month' as date)
    end as service_end
  from booked b
  left join items i on i.order_line_id = b.order_line_id
  join (
    select tens.n * 10 + ones.n as step
    from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9), (10), (11)) as tens (n)
    join (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) as ones (n) on true
  ) s
    on s.step = 0
    or (
      b.charge_type = 'RECURRING'
      and b.months is not null
      and b.start_date + s.step * b.months * interval '1 month'
        <= case when b.is_evergreen then least(:as_of, coalesce(i.ended_on - 1, :as_of))
          else b.end_date end
    )
),
events as materialized (
  select
    b.order_line_id,
    s.service_start,
    case when b.is_evergreen then s.service_end
      else least(s.service_end, b.end_date + 1) end as service_end,
    case
      when b.charge_type = 'ONE_TIME' then b.term_start
      when b.is_in_arrears then least(s.service_end, b.end_date + 1)
      else s.service_start
    end as due_on,
    -- A stub is sold as a whole; else the price of a period by the quantity then in force.
    case
      when b.charge_type = 'ONE_TIME' or b.months is null then b.total_amount
      when s.step = 0 and s.service_end > b.end_date + 1 then b.total_amount
      else b.unit * (
        b.quantity + (
          select coalesce(sum(r.quantity), 0)
          from reductions r
          where r.order_line_id = b.order_line_id and r.start_date <= s.service_start
        )
      )
    end as amount,
    o.order_line_id is not null as is_otherwise,
    b.charge_type = 'ONE_TIME' as is_once
  from steps s
  join booked b on b.order_line_id = s.order_line_id
  left join otherwise o on o.order_line_id = b.order_line_id
)
select
  e.order_line_id,
  e.due_on,
  round(e.amount, 3) as amount,
  b.currency,
  b.order_number,
  b.customer_name,
  b.product,
  e.service_start,
  e.service_end,
  case when e.is_otherwise then 'Set up otherwise than sold (BK-02)' end as reconciling,
  'salesforce:OrderItem:' || e.order_line_id as source_ref
from events e
join booked b on b.order_line_id = e.order_line_id
where e.due_on >= :period_start
  and e.due_on < :period_end

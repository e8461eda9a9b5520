-- Invoice lines and drafts of the order lines, each with what it bills of what was due in the period;
-- and lines of the period's invoices for which nothing was due.
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
),
-- Each line, and the event whose days of service it begins in.
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
  from billed_lines n
  left join events e
    on e.order_line_id = n.order_line_id
    and (
      (n.service_start >= e.service_start and n.service_start < e.service_end)
      or n.service_start is null
      or e.is_once
    )
),
counted as materialized (
  select
    l.order_line_id,
    l.due_on,
    l.due_amount,
    l.is_otherwise,
    sum(l.amount) as amount,
    bool_and(l.status = 'void') as is_void,
    -- A draft bills nothing yet: how long it stays one is a matter of its own.
    max(l.dated_on) filter (where not l.is_instalment and l.status <> 'draft') as billed_on,
    string_agg(distinct l.number, ', ' order by l.number) as number,
    min(l.invoice_id) as invoice_id
  from lines l
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
join booked b on b.order_line_id = c.order_line_id
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
join booked b on b.order_line_id = c.order_line_id
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
join booked b on b.order_line_id = l.order_line_id
left join otherwise o on o.order_line_id = l.order_line_id
where l.document_date >= :period_start
  and l.document_date < :period_end
  and l.status <> 'void'
  and (l.due_on is null or (l.is_proration and l.has_whole))

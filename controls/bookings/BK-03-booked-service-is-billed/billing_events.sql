-- Every billing of an order line: the days of service, when it is due and what for.
with -- The days on which something is to be billed: the steps of the line's frequency from its first day
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
  from populations.lines_to_bill b
  left join populations.items_of_lines i on i.order_line_id = b.order_line_id
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
-- What later orders have changed when a step begins.
reduced as materialized (
  select s.order_line_id, s.step, sum(r.quantity) as quantity
  from steps s
  join populations.order_line_changes r on r.order_line_id = s.order_line_id
  where r.start_date <= s.service_start
  group by s.order_line_id, s.step
)
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
    else b.unit * (b.quantity + coalesce(r.quantity, 0))
  end as amount,
  o.order_line_id is not null as is_otherwise,
  b.charge_type = 'ONE_TIME' as is_once
from steps s
join populations.lines_to_bill b on b.order_line_id = s.order_line_id
left join reduced r on r.order_line_id = s.order_line_id and r.step = s.step
left join populations.lines_set_up_otherwise o on o.order_line_id = b.order_line_id

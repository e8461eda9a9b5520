-- Every line of an activated order whose term touches the period, beside what is set up in billing
-- for it: the item of the subscription, the phases of its schedule, or what was invoiced by hand.
-- They are matched by the id of the order line that the integration writes on items and prices, and
-- by what they are where it writes none (populations.order_line_items, .order_line_documents).

-- Months that are sold for nothing beside paid ones of the same product: a coupon until then.
with free_months as materialized (
  select order_id, product, max(end_date) + 1 as free_until
  from populations.booked_order_lines
  where charge_type = 'RECURRING' and unit_price_billing = 0 and quantity > 0
  group by order_id, product
),
-- The planned end of a schedule.
schedules as materialized (
  select schedule_id, max(end_on) as end_on
  from books.subscription_schedule_phases
  group by schedule_id
),
by_hand as materialized (
  select
    order_line_id,
    service_start,
    unit_amount,
    quantity,
    is_instalment,
    row_number() over (partition by order_line_id order by service_start desc, line_id desc)
      as place,
    count(*) over (partition by order_line_id) as lines
  from populations.invoiced_for_lines
  where not is_proration and not is_of_subscription
),
-- The newest invoice line by hand. Instalments of what is charged once, and what lacks to a monthly
-- minimum, have amounts of their own: BK-03 and US-02 add them up.
hand as materialized (
  select h.order_line_id, h.unit_amount, h.quantity, h.service_start
  from by_hand h
  join populations.booked_order_lines b on b.order_line_id = h.order_line_id
  where h.place = 1
    and not h.is_instalment
    and (b.charge_type = 'RECURRING' and b.commit_amount is null or h.lines = 1)
    and not (b.charge_type = 'RECURRING' and b.commit_amount is not null)
),
-- What amendments changed of a line by the as-of date, or, where it is billed by hand, by the first
-- day of the service billed last; the chain is added up, never deduplicated.
changes as materialized (
  select m.order_line_id, sum(m.quantity) as quantity,
    sum(m.quantity) filter (where m.is_stated) as stated_quantity
  from populations.order_line_changes m
  left join populations.items_in_force i on i.order_line_id = m.order_line_id
  left join hand h on h.order_line_id = m.order_line_id and i.order_line_id is null
  where m.start_date <= coalesce(h.service_start, :as_of)
  group by m.order_line_id
),
raises as materialized (
  select m.changed_by as order_line_id from populations.order_line_changes m where not m.is_stated
),
billed as materialized (
  select
    n.order_line_id,
    count(*) as lines,
    sum(n.amount - n.discount) filter (where not n.is_draft) as net,
    -- Discounts of service after the months that were sold for nothing.
    coalesce(
      sum(n.discount) filter (
        where n.service_start >= coalesce(
          f.free_until,
          case when b.unit_price_billing = 0 then b.end_date + 1 else b.start_date end
        )
      ),
      0
    ) as late_discount,
    min(n.service_start) filter (
      where n.discount > 0 and n.service_start >= coalesce(
        f.free_until,
        case when b.unit_price_billing = 0 then b.end_date + 1 else b.start_date end
      )
    ) as late_discount_from
  from populations.invoiced_for_lines n
  join populations.booked_order_lines b on b.order_line_id = n.order_line_id
  left join free_months f on f.order_id = b.order_id and f.product = b.product
  group by n.order_line_id
),
-- A commitment that was bought is a paid credit grant of its amount from its first day on.
grants as materialized (
  select b.order_line_id, count(distinct g.grant_id) as grants
  from populations.booked_order_lines b
  join books.orders o on o.order_id = b.order_id
  -- Whichever of the account's customers is billed in the currency.
  join (
    select distinct k.customer_id, k.account_id from populations.customer_accounts k
  ) c on c.account_id = o.customer_id
  join books.credit_grants g
    on g.customer_id = c.customer_id
    and g.category = 'paid'
    and g.currency = b.currency
    and g.amount = b.commit_amount
    and g.effective_on >= b.start_date - 1
    and g.effective_on <= b.end_date
  where b.commit_amount is not null and b.charge_type = 'ONE_TIME'
  group by b.order_line_id
),
-- Quantity in force in billing less what is booked, of the line that a reduction changes.
surplus as materialized (
  select
    b.order_line_id,
    coalesce(i.quantity, h.quantity) - (b.quantity + coalesce(r.quantity, 0)) as quantity
  from populations.booked_order_lines b
  left join changes r on r.order_line_id = b.order_line_id
  left join populations.items_in_force i on i.order_line_id = b.order_line_id
  left join hand h on h.order_line_id = b.order_line_id
  where not b.is_reduction
),
-- The steps of a ramp that come before each one and are set up, the nearest first: it goes on in
-- their place.
steps_before as materialized (
  select
    b.order_line_id,
    e.total_amount,
    row_number() over (
      partition by b.order_line_id order by e.segment_index desc, e.order_line_id
    ) as place
  from populations.booked_order_lines b
  join populations.booked_order_lines e on e.order_id = b.order_id and e.product = b.product
    and e.segment_index < b.segment_index
  where e.order_line_id in (select q.order_line_id from populations.order_line_phases q)
    or e.order_line_id in (select q.order_line_id from populations.items_in_force q)
),
compared as materialized (
  select
    b.order_line_id,
    b.order_id,
    b.order_number,
    b.customer_name,
    b.product,
    b.charge_type,
    b.currency,
    b.total_amount,
    b.quantity as line_quantity,
    b.multiplier,
    b.unit_price_billing as booked_unit,
    b.term_start,
    b.term_end,
    b.start_date,
    b.end_date,
    b.billing_frequency,
    b.payment_terms,
    t.days as terms_days,
    b.commit_amount,
    b.overage_price,
    b.segment_index,
    b.is_reduction,
    b.is_amendment,
    b.is_evergreen,
    b.quantity + coalesce(r.quantity, 0) as booked_quantity,
    i.subscription_id,
    i.unit_amount as item_unit,
    i.currency as item_currency,
    coalesce(i.quantity, h.quantity) as set_up_quantity,
    case when b.unit_price_billing <> 0
      then coalesce(i.unit_amount, h.unit_amount, p.unit_amount) end as set_up_unit,
    i.interval_months,
    case b.billing_frequency
      when 'Monthly' then 1 when 'Quarterly' then 3 when 'Semiannual' then 6 when 'Annual' then 12
    end as booked_months,
    -- An item of the order's own subscription begins with it, another one when it was added.
    case when i.order_line_id is null then p.start_on
      when i.continues then b.start_date
      when i.order_id = b.order_id then i.started_on else i.added_on end as set_up_start,
    case when i.order_line_id is not null and i.order_id = b.order_id
        and b.segment_index is not null then b.term_start
      else b.start_date end as booked_start,
    case when i.order_line_id is null or i.goes_on then null
      else least(
        coalesce(c.end_on, i.cancel_on, i.ended_on),
        coalesce(i.ended_on, c.end_on, i.cancel_on)
      ) end as set_up_end,
    case when b.is_amendment then b.end_date + 1 else b.term_end + 1 end as booked_end,
    i.order_line_id is not null as has_item,
    i.order_line_id is not null or p.order_line_id is not null
      or n.order_line_id is not null or y.order_line_id is not null as is_set_up,
    i.days_until_due,
    coalesce(g.grants, 0) as grants,
    coalesce(n.net, 0) as billed_net,
    coalesce(n.late_discount, 0) as late_discount,
    n.late_discount_from,
    i.discounted_until,
    i.percent_off,
    coalesce(
      f.free_until,
      case when b.unit_price_billing = 0 then b.end_date + 1 else b.start_date end
    ) as discount_booked_until,
    -- Nothing shows before the first bill of what is billed after service.
    b.start_date + case when b.billing_type = 'Arrears' and b.charge_type = 'RECURRING' then 31
      else 0 end as shows_from,
    f.order_id is not null and b.unit_price_billing = 0 and x.order_id is not null
      as is_free_beside_paid,
    s.quantity as surplus,
    w.stated_quantity as reduced_by_all,
    v.total_amount as value_before
  from populations.booked_order_lines b
  left join changes r on r.order_line_id = b.order_line_id and not b.is_reduction
  left join populations.items_in_force i on i.order_line_id = b.order_line_id
  left join schedules c on c.schedule_id = i.schedule_id
  left join populations.order_line_phases p on p.order_line_id = b.order_line_id
  left join hand h on h.order_line_id = b.order_line_id
  left join billed n on n.order_line_id = b.order_line_id
  left join grants g on g.order_line_id = b.order_line_id
  left join populations.order_terms t on t.order_id = b.order_id
  left join free_months f on f.order_id = b.order_id and f.product = b.product
  left join (
    select distinct order_id, product
    from populations.booked_order_lines
    where unit_price_billing > 0
  ) x on x.order_id = b.order_id and x.product = b.product
  left join surplus s on s.order_line_id = b.original_order_line_id and b.is_reduction
  left join changes w on w.order_line_id = b.original_order_line_id and b.is_reduction
  left join raises y on y.order_line_id = b.order_line_id
  left join steps_before v on v.order_line_id = b.order_line_id and v.place = 1
  where b.term_start < :period_end and b.term_end >= :period_start
),
sized as materialized (
  select c.*, coalesce(u.minor_unit, 0.01) as minor_unit
  from compared c
  left join populations.currency_sizes u on u.currency = c.currency
),
-- A price that is not the one that was sold, but comes to it: less the discount, which was sold as a
-- coupon, or by other months than the order bills, which BK02-FREQ tells.
fitted as materialized (
  select
    s.*,
    coalesce(
      abs(s.set_up_unit - s.booked_unit) > s.minor_unit
      and abs(s.set_up_unit * (100 - s.percent_off) / 100 - s.booked_unit) <= s.minor_unit,
      false
    ) as is_sold_by_coupon,
    coalesce(
      s.interval_months <> s.booked_months
      and abs(s.set_up_unit - s.booked_unit * s.interval_months / s.booked_months)
        <= s.minor_unit,
      false
    ) as is_sold_by_other_months
  from sized s
),
priced as materialized (
  select
    f.*,
    case
      when f.is_sold_by_coupon then f.set_up_unit * (100 - f.percent_off) / 100
      when f.is_sold_by_other_months then f.booked_unit
      else f.set_up_unit
    end as net_unit,
    -- A later step of the ramp is set up nowhere: that this one has an end is told of that one.
    exists (
      select from compared m
      where m.order_id = f.order_id
        and m.product = f.product
        and m.segment_index > f.segment_index
        and m.booked_unit > 0
        and not m.is_set_up
    ) and f.set_up_end = f.end_date + 1 as is_cut_ramp
  from fitted f
)
select
  order_line_id,
  total_amount as amount,
  currency,
  coalesce(order_number, order_id) as order_number,
  customer_name,
  product,
  charge_type,
  coalesce(segment_index, 1) as segment,
  is_amendment,
  is_reduction,
  is_evergreen,
  is_set_up,
  has_item,
  is_free_beside_paid,
  commit_amount is not null as is_commitment,
  start_date,
  end_date,
  shows_from <= :as_of - :set_up_days as should_show,
  start_date <= :as_of - :set_up_days as has_begun,
  booked_unit,
  net_unit as set_up_unit,
  to_char(booked_unit, 'FM999,999,999,999,990.00999999') as booked_unit_text,
  to_char(net_unit, 'FM999,999,999,999,990.00999999') as set_up_unit_text,
  minor_unit,
  line_quantity,
  booked_quantity,
  set_up_quantity,
  rtrim(to_char(line_quantity, 'FM999,999,999,990.999999'), '.') as line_quantity_text,
  rtrim(to_char(booked_quantity, 'FM999,999,999,990.999999'), '.') as booked_quantity_text,
  rtrim(to_char(set_up_quantity, 'FM999,999,999,990.999999'), '.') as set_up_quantity_text,
  item_currency,
  booked_months,
  interval_months,
  coalesce(billing_frequency, 'no frequency') as billing_frequency,
  booked_start,
  set_up_start,
  booked_end,
  case when is_cut_ramp then booked_end else set_up_end end as set_up_end,
  payment_terms,
  'Net ' || cast(days_until_due as text) as set_up_terms,
  coalesce(days_until_due <> terms_days, false) as terms_differ,
  overage_price,
  item_unit,
  to_char(overage_price, 'FM999,999,990.00999999999999') as overage_text,
  to_char(item_unit, 'FM999,999,990.00999999999999') as item_unit_text,
  grants,
  billed_net,
  to_char(billed_net, 'FM999,999,999,999,990.009999') as billed_net_text,
  case when is_sold_by_coupon then 0 else late_discount end as late_discount,
  to_char(late_discount, 'FM999,999,999,999,990.009999') as late_discount_text,
  coalesce(late_discount_from, discount_booked_until) as late_discount_from,
  coalesce(discounted_until > discount_booked_until, false) and not is_sold_by_coupon
    as is_discounted_too_long,
  discount_booked_until,
  -- A reduction is missing when billing has exactly its quantity, or that of all of them, too many.
  coalesce(is_reduction and line_quantity <> 0 and surplus in (-line_quantity, -reduced_by_all),
    false) as is_missing_reduction,
  abs(coalesce(total_amount - value_before, total_amount)) as value_of_step,
  round(net_unit * line_quantity * multiplier, 6) as set_up_value,
  to_char(round(net_unit * line_quantity * multiplier, 2), 'FM999,999,999,999,990.00')
    as set_up_value_text,
  -- Days that billing begins late or early, as a share of the line's value.
  round(
    total_amount * abs(set_up_start - booked_start) / greatest(end_date - start_date + 1, 1), 6
  ) as value_of_start,
  round(
    total_amount * abs(set_up_end - booked_end) / greatest(end_date - start_date + 1, 1), 6
  ) as value_of_end,
  -- The line's quantity differs, and no missing reduction of it explains that.
  set_up_quantity is not null and charge_type <> 'USAGE' and not is_reduction
    and set_up_quantity <> booked_quantity
    and not exists (
      select from populations.booked_order_lines m
      left join changes w on w.order_line_id = priced.order_line_id
      where m.original_order_line_id = priced.order_line_id and m.is_reduction
        and m.quantity <> 0
        and priced.set_up_quantity - priced.booked_quantity in (-m.quantity, -w.stated_quantity)
    ) as quantity_differs,
  'salesforce:OrderItem:' || order_line_id as source_ref
from priced

-- Metered items by service period: what the meter counted in it, and what was billed for it. A
-- service period is that of a usage line, or a stretch of service that no line covered at the end of the
-- as-of day. Lines count in the month in which they were posted, uncovered stretches in the month in
-- which they are overdue: :grace_days after they end, when the invoice of the period must be final.
with items as (
  select
    i.subscription_item_id,
    i.subscription_id,
    s.customer_id,
    s.billing_mode,
    s.anchor_at,
    s.currency,
    i.price_id,
    i.source_account,
    greatest(
      case
        when i.created_at is null or i.created_at <= s.created_at + interval '1 hour' then s.start_at
        else i.created_at
      end,
      coalesce(s.trial_end_at, s.start_at)
    ) as due_from,
    case when s.ended_at < :as_of + interval '1 day' then s.ended_at else c.period_start_at end
      as due_to,
    true as is_on_subscription
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  join populations.item_cycles c on c.subscription_item_id = i.subscription_item_id
  where s.entity_id = :entity
    and i.usage_type = 'metered'
    and s.status not in ('incomplete', 'incomplete_expired')
),
-- Every usage line that is not void, but for those that a paused collection voids at once.
lines as (
  select
    l.invoice_line_id,
    coalesce(l.subscription_item_id, n.subscription_item_id) as subscription_item_id,
    i.subscription_id,
    i.customer_id,
    i.number,
    a.status,
    -- It was made after the day, and late by then.
    a.invoice_id is null and (l.period_end_at at time zone 'UTC')::date + :grace_days <= :as_of
      as is_too_late,
    i.finalized_at,
    i.posting_date,
    l.source_account,
    l.price_id,
    p.meter_id,
    p.product_id,
    p.transform_divide_by,
    l.quantity,
    l.amount - l.discount - l.tax_incl as net,
    l.currency,
    l.period_start_at,
    l.period_end_at
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  join books.prices p on p.source_account = l.source_account and p.price_id = l.price_id
  left join populations.invoices_as_of a on a.invoice_id = l.invoice_id
  left join books.invoice_items n on n.invoice_item_id = l.invoice_item_id
  where i.entity_id = :entity
    and p.usage_type = 'metered'
    and l.period_end_at > l.period_start_at
    and (
      i.status <> 'void'
      or i.voided_on > :as_of
      or i.voided_at <= i.finalized_at + interval '1 hour'
    )
),
-- An item that is on its subscription no more is known by its lines: to the end of the last cycle
-- that another line of the subscription closes.
removed as (
  select
    l.subscription_item_id,
    l.subscription_id,
    s.customer_id,
    s.billing_mode,
    s.anchor_at,
    s.currency,
    max(l.price_id) as price_id,
    l.source_account,
    min(l.period_start_at) as due_from,
    coalesce(
      (
        select min(o.period_end_at)
        from lines o
        where o.subscription_id = l.subscription_id
          and o.period_end_at > max(l.period_end_at)
      ),
      max(l.period_end_at)
    ) as due_to,
    false as is_on_subscription
  from lines l
  join books.subscriptions s on s.subscription_id = l.subscription_id
  where l.subscription_item_id is not null
    and not exists (select 1 from items i where i.subscription_item_id = l.subscription_item_id)
  group by l.subscription_item_id, l.subscription_id, s.customer_id, s.billing_mode, s.anchor_at,
    s.currency, l.source_account
),
served as (
  select i.subscription_item_id, i.subscription_id, i.customer_id, i.billing_mode, i.anchor_at,
    i.currency, i.price_id, i.source_account, i.due_from, i.due_to, i.is_on_subscription
  from items i
  union all
  select r.subscription_item_id, r.subscription_id, r.customer_id, r.billing_mode, r.anchor_at,
    r.currency, r.price_id, r.source_account, r.due_from, r.due_to, r.is_on_subscription
  from removed r
),
covered as (
  select l.subscription_item_id,
    range_agg(tstzrange(l.period_start_at, l.period_end_at)) filter (where not l.is_too_late)
      as spans,
    sum(l.net) as net,
    sum(l.quantity) as quantity
  from lines l
  group by l.subscription_item_id
),
gaps as (
  select
    s.subscription_item_id,
    lower(g.gap) as period_start_at,
    upper(g.gap) as period_end_at,
    coalesce(s.billing_mode, '') = 'classic' and not s.is_on_subscription as is_removed,
    -- A cycle ends at the minute of its anchor; a price may change at any other.
    coalesce(s.billing_mode, '') = 'classic' and s.is_on_subscription
      and coalesce(
        extract(hour from upper(g.gap)) <> extract(hour from s.anchor_at)
          or extract(minute from upper(g.gap)) <> extract(minute from s.anchor_at),
        false
      ) as is_changed
  from served s
  left join covered c on c.subscription_item_id = s.subscription_item_id
  cross join lateral unnest(
    tstzmultirange(tstzrange(s.due_from, s.due_to)) - coalesce(c.spans, '{}')) as g(gap)
  where s.due_from < s.due_to
    and (s.is_on_subscription or s.billing_mode = 'classic')
),
-- What a price that changed left behind is known when the line after it is posted.
due_gaps as (
  select
    g.subscription_item_id,
    g.period_start_at,
    g.period_end_at,
    g.is_removed,
    g.is_changed,
    greatest(
      (g.period_end_at at time zone 'UTC')::date + :grace_days,
      min(l.posting_date)
    ) as due_on
  from gaps g
  left join lines l on g.is_changed
    and l.subscription_item_id = g.subscription_item_id
    and l.period_start_at = g.period_end_at
  group by g.subscription_item_id, g.period_start_at, g.period_end_at, g.is_removed, g.is_changed
),
-- The periods of this month. A copy of an invoice bills the same period again, which IN-02 finds:
-- here it is one period.
billed as (
  select
    l.subscription_item_id,
    l.period_start_at,
    l.period_end_at,
    min(l.posting_date) as due_on,
    max(l.quantity) as billed,
    max(l.net) as net,
    min(l.number) as number,
    max(l.finalized_at) as finalized_at,
    max(l.transform_divide_by) as divide_by,
    max(l.meter_id) as meter_id,
    min(l.invoice_line_id) as invoice_line_id
  from lines l
  where l.status in ('open', 'paid', 'uncollectible')
    and l.subscription_item_id is not null
  group by l.subscription_item_id, l.period_start_at, l.period_end_at
),
periods as (
  select s.customer_id, s.subscription_id, s.currency, b.subscription_item_id, b.period_start_at,
    b.period_end_at, b.due_on, b.billed, b.net, b.number, b.finalized_at, b.divide_by, b.meter_id,
    b.invoice_line_id, false as is_gap, false as is_removed, false as is_changed
  from billed b
  join served s on s.subscription_item_id = b.subscription_item_id
  where b.due_on >= :period_start and b.due_on < :period_end
  union all
  select s.customer_id, s.subscription_id, s.currency, g.subscription_item_id, g.period_start_at,
    g.period_end_at, g.due_on, 0, 0, '', null, null, p.meter_id, '', true, g.is_removed,
    g.is_changed
  from due_gaps g
  join served s on s.subscription_item_id = g.subscription_item_id
  join books.prices p on p.source_account = s.source_account and p.price_id = s.price_id
  where g.due_on >= :period_start and g.due_on < :period_end and g.due_on <= :as_of
),
hours as (
  select u.customer_id, u.meter_id, u.start_at, u.end_at, u.quantity
  from books.usage_summaries u
  where u.entity_id = :entity
    and u.end_at > (select min(p.period_start_at) from periods p)
    and u.start_at < (select max(p.period_end_at) from periods p)
),
-- Hours that lie wholly inside a period.
whole as (
  select p.subscription_item_id, p.period_start_at, p.period_end_at, sum(u.quantity) as quantity
  from periods p
  join hours u on u.customer_id = p.customer_id and u.meter_id = p.meter_id
  where u.start_at >= p.period_start_at and u.end_at <= p.period_end_at
  group by p.subscription_item_id, p.period_start_at, p.period_end_at
),
-- Hours that an end of a period cuts. The events of the product tell on which side of it an hour
-- lies; what they leave open may belong to either.
cut as (
  select
    p.subscription_item_id,
    p.period_start_at,
    p.period_end_at,
    sum(case
      when (u.start_at >= p.period_start_at or h.first_event_at >= p.period_start_at)
        and (u.end_at <= p.period_end_at or h.last_event_at < p.period_end_at) then u.quantity
      else 0
    end) as inside,
    sum(case
      when h.last_event_at < p.period_start_at or h.first_event_at >= p.period_end_at then 0
      else u.quantity
    end) as perhaps
  from periods p
  join hours u on u.customer_id = p.customer_id and u.meter_id = p.meter_id
  left join populations.product_meters m on m.meter_id = u.meter_id
  left join books.usage_hours h on h.customer_id = u.customer_id
    and h.meter_key = m.meter_key
    and h.hour_at = u.start_at
  where (u.start_at < p.period_start_at and u.end_at > p.period_start_at)
    or (u.start_at < p.period_end_at and u.end_at > p.period_end_at)
  group by p.subscription_item_id, p.period_start_at, p.period_end_at
),
compared as (
  select
    p.customer_id,
    p.subscription_id,
    p.subscription_item_id,
    p.period_start_at,
    p.period_end_at,
    p.due_on,
    p.billed,
    p.net,
    p.number,
    p.finalized_at,
    p.currency,
    p.meter_id,
    p.invoice_line_id,
    p.is_gap,
    p.is_removed,
    p.is_changed,
    coalesce(w.quantity, 0) + coalesce(c.inside, 0) as low,
    coalesce(w.quantity, 0) + coalesce(c.perhaps, 0) as high,
    -- Stripe may bill packages begun or full instead of units.
    p.billed < coalesce(w.quantity, 0) + coalesce(c.inside, 0)
      and (p.divide_by is null
        or p.billed < floor((coalesce(w.quantity, 0) + coalesce(c.inside, 0)) / p.divide_by))
      as is_short,
    p.billed > greatest(coalesce(w.quantity, 0) + coalesce(c.perhaps, 0), 0) as is_over
  from periods p
  left join whole w on w.subscription_item_id = p.subscription_item_id
    and w.period_start_at = p.period_start_at and w.period_end_at = p.period_end_at
  left join cut c on c.subscription_item_id = p.subscription_item_id
    and c.period_start_at = p.period_start_at and c.period_end_at = p.period_end_at
),
-- The few that differ are looked at more closely: units that reached the store only after the
-- invoice was final; …
odd as (
  select c.customer_id, c.subscription_id, c.subscription_item_id, c.period_start_at,
    c.period_end_at, c.billed, c.low, c.high, c.finalized_at, c.meter_id
  from compared c
  where not c.is_gap and (c.is_short or c.is_over)
),
late as (
  select o.subscription_item_id, o.period_start_at, o.period_end_at, sum(h.quantity) as quantity
  from odd o
  join populations.product_meters m on m.meter_id = o.meter_id
  join books.usage_hours h on h.customer_id = o.customer_id
    and h.meter_key = m.meter_key
    and h.hour_at > o.period_start_at - interval '1 hour'
    and h.hour_at < o.period_end_at
  where h.first_event_at >= o.period_start_at
    and h.first_event_at < o.period_end_at
    and h.ingested_at_max > o.finalized_at
  group by o.subscription_item_id, o.period_start_at, o.period_end_at
),
-- … the period before or after, when it differs too and both together agree; …
beside as (
  select o.subscription_item_id, o.period_start_at, o.period_end_at, o.billed, o.low, o.high,
    n.billed as beside_billed,
    coalesce(sum(u.quantity) filter (
      where u.start_at >= n.period_start_at and u.end_at <= n.period_end_at), 0) as beside_low,
    coalesce(sum(u.quantity), 0) as beside_high
  from odd o
  join billed n on n.subscription_item_id = o.subscription_item_id
    and (n.period_end_at = o.period_start_at or n.period_start_at = o.period_end_at)
  left join books.usage_summaries u on u.customer_id = o.customer_id
    and u.meter_id = o.meter_id
    and u.end_at > n.period_start_at
    and u.start_at < n.period_end_at
  group by o.subscription_item_id, o.period_start_at, o.period_end_at, o.billed, o.low, o.high,
    n.period_start_at, n.period_end_at, n.billed
),
shifted as (
  select distinct b.subscription_item_id, b.period_start_at, b.period_end_at
  from beside b
  where (b.beside_billed < b.beside_low or b.beside_billed > b.beside_high)
    and b.billed + b.beside_billed >= b.low + b.beside_low
    and b.billed + b.beside_billed <= b.high + b.beside_high
),
-- … and another meter of the same period, when each bills what the other counted.
swapped as (
  select distinct c.subscription_item_id, c.period_start_at, c.period_end_at
  from odd c
  join odd o on o.subscription_id = c.subscription_id
    and o.period_start_at = c.period_start_at
    and o.period_end_at = c.period_end_at
    and o.subscription_item_id <> c.subscription_item_id
  where c.billed >= o.low and c.billed <= o.high
    and o.billed >= c.low and o.billed <= c.high
)
select
  c.subscription_item_id,
  to_char(c.period_start_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as service_from,
  to_char(c.period_end_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as service_to,
  (c.period_start_at at time zone 'UTC')::date as from_on,
  (c.period_end_at at time zone 'UTC')::date as to_on,
  c.subscription_id,
  coalesce(k.name, c.customer_id) as customer_name,
  coalesce(m.display_name, m.event_name, c.meter_id, 'an unknown meter') as meter_name,
  coalesce(c.number, '') as number,
  c.currency,
  c.net as amount,
  c.is_gap,
  c.is_removed,
  c.is_changed,
  c.billed as billed_quantity,
  c.low as metered_quantity,
  to_char(c.billed, 'FM999,999,999,999,999,990') as billed_text,
  to_char(c.low, 'FM999,999,999,999,999,990') as metered_text,
  to_char(abs(c.billed - c.low), 'FM999,999,999,999,999,990') as difference_text,
  to_char(coalesce(l.quantity, 0), 'FM999,999,999,999,999,990') as late_text,
  c.is_short,
  c.is_over,
  c.high < 0 and c.billed = 0 as is_floored,
  c.is_short and coalesce(l.quantity, 0) > 0 and c.billed + coalesce(l.quantity, 0) >= c.low
    as is_late,
  b.subscription_item_id is not null as is_shifted,
  w.subscription_item_id is not null as is_swapped,
  round(abs(c.billed - c.low) * case when v.quantity > 0 then v.net / v.quantity else 0 end, 2)
    as difference_value,
  to_char(
    abs(c.billed - c.low) * case when v.quantity > 0 then v.net / v.quantity else 0 end,
    'FM999,999,999,990.00'
  ) as value_text,
  case
    when c.is_gap then 'stripe:subscription:' || c.subscription_id
    else 'stripe:invoice_line:' || c.invoice_line_id
  end as source_ref
from compared c
left join covered v on v.subscription_item_id = c.subscription_item_id
left join late l on l.subscription_item_id = c.subscription_item_id
  and l.period_start_at = c.period_start_at and l.period_end_at = c.period_end_at
left join shifted b on b.subscription_item_id = c.subscription_item_id
  and b.period_start_at = c.period_start_at and b.period_end_at = c.period_end_at
left join swapped w on w.subscription_item_id = c.subscription_item_id
  and w.period_start_at = c.period_start_at and w.period_end_at = c.period_end_at
left join books.customers k on k.customer_id = c.customer_id
left join books.meters m on m.meter_id = c.meter_id

-- Every licensed item of a subscription that was in service in the period, with the stretches of its
-- service that no invoice line covered at the end of the as-of day. A stretch counts in the month in
-- which it is overdue: :grace_days after it begins (a draft may be 72 hours old, and a day more).
-- Metered items are billed by what was used; US-01 holds that against their lines.
with sold_earlier as materialized (
  -- Service that an order sold from an earlier day on than that on which its own subscription began.
  select x.subscription_item_id, s.start_on - min(l.service_from) as days
  from populations.order_line_items x
  join populations.sold_lines l on l.order_line_id = x.order_line_id
  join books.subscription_items i on i.subscription_item_id = x.subscription_item_id
  join books.subscriptions s on s.subscription_id = i.subscription_id
  where l.order_id = coalesce(s.order_id, x.own_order_id)
    and l.charge_type = 'RECURRING'
    and l.quantity > 0
    and l.unit_price_billing > 0
    and not l.is_amendment
    and l.service_from < s.start_on
  group by x.subscription_item_id, s.start_on
),
items as (
  select
    i.subscription_item_id,
    i.subscription_id,
    s.customer_id,
    t.status,
    -- Neither a trial that ended without a means of payment nor a pause that voids bills anything.
    t.status = 'paused' or (t.is_paused and coalesce(t.pause_behavior, 'void') = 'void')
      as is_paused,
    s.currency,
    p.billing_interval,
    coalesce(p.interval_count, 1) as interval_count,
    coalesce(i.quantity, 1) as quantity,
    p.unit_amount,
    n.name as product_name,
    -- An item that came with its subscription serves from its start, which may be backdated, or from
    -- that of its order.
    greatest(
      case
        when i.created_at is null or i.created_at <= s.created_at + interval '1 hour'
          then s.start_at - coalesce(e.days, 0) * interval '1 day'
        else i.created_at
      end,
      s.trial_end_at
    ) as due_from,
    -- A bill in advance is due for the present period once its draft must be final.
    case
      when t.ended_at is not null then t.ended_at
      when c.period_start_at + :grace_days * interval '1 day' < :as_of + interval '1 day'
        then c.period_end_at
      else c.period_start_at
    end as due_to
  from books.subscription_items i
  join populations.subscriptions_as_of t on t.subscription_id = i.subscription_id
  join books.subscriptions s on s.subscription_id = i.subscription_id
  join populations.item_cycles c on c.subscription_item_id = i.subscription_item_id
  join books.prices p on p.source_account = i.source_account and p.price_id = i.price_id
  left join sold_earlier e on e.subscription_item_id = i.subscription_item_id
  left join books.products n
    on n.source_account = i.source_account and n.product_id = p.product_id
  where s.entity_id = :entity
    and s.status not in ('incomplete', 'incomplete_expired')
    and (i.created_at is null or i.created_at < :as_of + interval '1 day')
    and (p.usage_type is null or p.usage_type = 'licensed')
    and (p.unit_amount is null or p.unit_amount > 0)
),
first_unpaid as (
  select u.subscription_id, min(u.created_at) as created_at
  from populations.invoices_as_of a
  join books.invoices u on u.invoice_id = a.invoice_id
  where a.status in ('open', 'uncollectible') and a.subscription_id is not null
  group by u.subscription_id
),
-- Voided and billed again by a line that names no item: on the revision of the invoice, or to the
-- same customer for the same service at the same amount.
voided as materialized (
  select
    v.invoice_id,
    v.customer_id,
    w.invoice_line_id,
    w.currency,
    w.amount,
    w.period_start_at,
    w.period_end_at
  from books.invoices v
  join books.invoice_lines w on w.invoice_id = v.invoice_id
  where v.entity_id = :entity
    and v.status = 'void'
),
unnamed as materialized (
  select
    a.invoice_id,
    a.customer_id,
    a.revises_invoice_id,
    l.currency,
    l.amount,
    l.period_start_at,
    l.period_end_at
  from books.invoice_lines l
  join books.invoices a on a.invoice_id = l.invoice_id
  join populations.invoices_as_of b on b.invoice_id = l.invoice_id
  where a.customer_id in (select v.customer_id from voided v)
    and b.status in ('open', 'paid', 'uncollectible')
    and l.subscription_item_id is null
    and l.amount > 0
),
rebilled as (
  select w.invoice_line_id
  from voided w
  join unnamed l
    on l.customer_id = w.customer_id
    and l.currency = w.currency
    and l.invoice_id <> w.invoice_id
  where (l.amount = w.amount or l.revises_invoice_id = w.invoice_id)
    and l.period_start_at <= w.period_start_at + interval '1 day'
    and l.period_end_at >= w.period_end_at - interval '1 day'
),
lines as (
  select
    -- A proration names its item only through its invoice item.
    coalesce(l.subscription_item_id, n.subscription_item_id, o.subscription_item_id)
      as subscription_item_id,
    l.period_start_at,
    l.period_end_at,
    l.amount - l.discount - l.tax_incl as net,
    case
      when a.status in ('open', 'paid', 'uncollectible') then 'final'
      -- Paused collection voids what it makes at once.
      when a.status = 'void' and i.voided_at <= i.finalized_at + interval '1 hour' then 'paused'
      when a.status = 'void' and l.invoice_line_id in (
        select r.invoice_line_id from rebilled r
      ) then 'final'
      when a.status = 'void' then 'void'
      -- What waited then for the invoice that has come since.
      when a.status is null then 'waits'
      when t.is_paused and t.pause_behavior = 'keep_as_draft' then 'paused'
      -- A draft that has become final since: whether a pause kept it until then, only a read of that
      -- day could tell.
      when i.status <> 'draft' and t.is_known is not true then 'kept'
      -- After the last failed attempt Stripe leaves what it makes as drafts.
      when u.created_at < i.created_at then 'unpaid'
      else 'draft'
    end as state
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  left join populations.invoices_as_of a on a.invoice_id = l.invoice_id
  left join books.invoice_items n on n.invoice_item_id = l.invoice_item_id
  left join populations.subscriptions_as_of t on t.subscription_id = i.subscription_id
  left join first_unpaid u on u.subscription_id = i.subscription_id
  -- A line that names no item bills those of its subscription that have its price.
  left join books.subscription_items o
    on o.subscription_id = coalesce(l.subscription_id, i.subscription_id)
    and l.subscription_item_id is null
    and l.invoice_item_id is null
    and (l.price_id is null or l.price_id = o.price_id)
  where i.entity_id = :entity
    and (
      a.invoice_id is not null
      or n.dated_on <= :as_of
      -- A proration waits since what it is for.
      or (l.is_proration and l.period_start_at < :as_of + interval '1 day')
    )
    and l.amount >= 0
    and l.period_end_at > l.period_start_at
),
covered as (
  select
    l.subscription_item_id,
    range_agg(tstzrange(l.period_start_at, l.period_end_at))
      filter (where l.state in ('final', 'paused', 'unpaid', 'kept', 'waits')) as covered,
    range_agg(tstzrange(l.period_start_at, l.period_end_at))
      filter (where l.state = 'draft') as drafted
  from lines l
  where l.subscription_item_id is not null
  group by l.subscription_item_id
),
gaps as (
  select
    i.subscription_item_id,
    lower(g.gap) as gap_from,
    upper(g.gap) as gap_to,
    upper(g.gap) = i.due_to and i.status in ('active', 'past_due') as is_open,
    coalesce(tstzmultirange(g.gap) <@ c.drafted, false) as is_drafted
  from items i
  left join covered c on c.subscription_item_id = i.subscription_item_id
  cross join lateral unnest(
    tstzmultirange(tstzrange(i.due_from, i.due_to)) - coalesce(c.covered, '{}')) as g(gap)
  where i.due_from < i.due_to
    and not (i.is_paused and upper(g.gap) = i.due_to)
),
overdue as (
  select
    g.subscription_item_id,
    g.gap_from,
    g.gap_to,
    g.is_open,
    g.is_drafted,
    extract(day from g.gap_to - g.gap_from) + extract(hour from g.gap_to - g.gap_from) / 24 as days
  from gaps g
  -- Anchors that move leave crumbs of less than an hour.
  where g.gap_to >= g.gap_from + interval '1 hour'
    and (g.gap_from at time zone 'UTC')::date + :grace_days >= :period_start
    and (g.gap_from at time zone 'UTC')::date + :grace_days < :period_end
    and (g.gap_from at time zone 'UTC')::date + :grace_days <= :as_of
),
-- What was charged before the gap says what it is worth; without it, the price.
charged_before as (
  select
    g.subscription_item_id,
    g.gap_from,
    l.net
      / (extract(day from l.period_end_at - l.period_start_at)
        + extract(hour from l.period_end_at - l.period_start_at) / 24) as net_per_day,
    row_number() over (
      partition by g.subscription_item_id, g.gap_from order by l.period_end_at desc, l.net desc
    ) as place
  from overdue g
  join lines l on l.subscription_item_id = g.subscription_item_id
  where l.state = 'final'
    and l.period_end_at >= l.period_start_at + interval '1 day'
    and l.period_start_at < g.gap_from
),
found as (
  select
    v.subscription_item_id,
    min(v.gap_from) as gap_from,
    max(v.gap_to) as gap_to,
    sum(v.days) as days,
    sum(v.days * b.net_per_day) as net,
    bool_or(v.is_open) as is_open,
    bool_and(v.is_drafted) as is_drafted
  from overdue v
  left join charged_before b on b.subscription_item_id = v.subscription_item_id
    and b.gap_from = v.gap_from
    and b.place = 1
  group by v.subscription_item_id
),
-- An item that comes later, such as the second year of a ramp, is of a subscription that is billed.
billed as (
  select distinct i.subscription_id
  from populations.invoices_as_of i
  where i.entity_id = :entity
    and i.status <> 'void'
    and i.subscription_id is not null
),
priced as (
  select
    i.subscription_item_id,
    i.subscription_id,
    i.customer_id,
    i.status,
    i.currency,
    i.quantity,
    i.product_name,
    i.due_from,
    i.due_to,
    coalesce(i.unit_amount * i.quantity, 0) as interval_amount,
    i.interval_count
      * case i.billing_interval when 'year' then 365 when 'month' then 30 when 'week' then 7 else 1 end
      as interval_days
  from items i
)
select
  i.subscription_item_id,
  i.subscription_id,
  coalesce(c.name, i.customer_id) as customer_name,
  coalesce(i.product_name, 'an unnamed product') as product_name,
  trim(trailing '.' from trim(trailing '0' from i.quantity::numeric(38, 12)::text)) as quantity_text,
  i.status,
  i.currency,
  -- The item's price for one interval.
  round(i.interval_amount, 2) as amount,
  (f.gap_from at time zone 'UTC')::date as gap_from,
  (f.gap_to at time zone 'UTC')::date as gap_to,
  coalesce(round(f.days), 0)::bigint as gap_days,
  coalesce(round(f.net, 2), round(f.days * i.interval_amount / i.interval_days, 2), 0) as gap_value,
  to_char(coalesce(round(f.net, 2), round(f.days * i.interval_amount / i.interval_days, 2), 0),
    'FM999,999,999,990.00') as gap_value_text,
  f.subscription_item_id is not null as has_gap,
  coalesce(f.is_drafted, false) as is_drafted,
  k.subscription_id is null as is_never_billed,
  coalesce(f.is_open and f.days >= :stopped_intervals * i.interval_days, false) as is_stopped,
  'stripe:subscription:' || i.subscription_id as source_ref
from priced i
left join books.customers c on c.customer_id = i.customer_id
left join billed k on k.subscription_id = i.subscription_id
left join found f on f.subscription_item_id = i.subscription_item_id
where i.due_from < :period_end
  and i.due_to > :period_start - :grace_days

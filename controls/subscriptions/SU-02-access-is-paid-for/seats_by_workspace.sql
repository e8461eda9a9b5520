-- Workspaces with seats in the month: on every day, the seats assigned against the seats in force,
-- which are those of the last line billed (or waiting to be billed) for each item of the workspace.
-- A period that nobody billed is SU-01's: the quantity before it stays in force. What was billed, and
-- what waited for it, is taken as of the end of the as-of day.
with only_workspaces as (
  select d.customer_id,
    case when min(d.workspace) = max(d.workspace) then min(d.workspace) end as workspace
  from books.seat_days d
  where d.entity_id = :entity
  group by d.customer_id
),
-- An item that names no workspace serves its customer's, where there is one.
items as (
  select
    i.subscription_item_id,
    i.subscription_id,
    s.customer_id,
    coalesce(i.workspace, s.workspace, o.workspace) as workspace,
    coalesce(i.product_id, p.product_id) as product_id,
    s.currency,
    s.ended_at,
    x.subscription_item_id is not null as is_of_order,
    p.billing_interval,
    p.unit_amount
      / (coalesce(p.interval_count, 1)
        * case p.billing_interval when 'year' then 365 when 'month' then 30 when 'week' then 7 else 1 end)
      as price_per_day
  from books.subscription_items i
  join books.subscriptions s on s.subscription_id = i.subscription_id
  join books.prices p on p.source_account = i.source_account and p.price_id = i.price_id
  left join only_workspaces o on o.customer_id = s.customer_id
  left join (
    select distinct m.subscription_item_id from populations.order_line_items m
  ) x on x.subscription_item_id = i.subscription_item_id
  where s.entity_id = :entity
    and coalesce(i.workspace, s.workspace, o.workspace) is not null
    and (p.usage_type is null or p.usage_type = 'licensed')
),
-- Lines charge a quantity from their first moment on; credits give back what a later line replaces.
charged as (
  select
    coalesce(l.subscription_item_id, n.subscription_item_id) as subscription_item_id,
    i.subscription_id,
    l.product_id,
    l.quantity,
    l.period_start_at,
    l.period_end_at
  from books.invoice_lines l
  join books.invoices i on i.invoice_id = l.invoice_id
  left join populations.invoices_as_of a on a.invoice_id = l.invoice_id
  left join books.invoice_items n on n.invoice_item_id = l.invoice_item_id
  where i.entity_id = :entity
    and l.amount >= 0
    and l.quantity is not null
    -- What was invoiced later waited then, if it was there: a proration since what it is for.
    and (
      a.invoice_id is not null
      or n.dated_on <= :as_of
      or (l.is_proration and l.period_start_at < :as_of + interval '1 day')
    )
    and (a.status is distinct from 'void' or i.voided_at <= i.finalized_at + interval '1 hour')
  union all
  -- A change of seats that waits for the next invoice.
  select n.subscription_item_id, n.subscription_id, n.product_id, n.quantity, n.period_start_at,
    n.period_end_at
  from books.invoice_items n
  where n.entity_id = :entity
    and n.invoice_id is null
    and n.dated_on <= :as_of
    and n.is_proration
    and n.amount >= 0
    and n.quantity is not null
  union all
  -- The seats of a trial, which need not have a line: nothing is due for them.
  select t.subscription_item_id, s.subscription_id, t.product_id, t.quantity, s.trial_start_at,
    s.trial_end_at
  from books.subscriptions s
  join books.subscription_items t on t.subscription_id = s.subscription_id
  where s.entity_id = :entity
    and s.trial_end_at > s.trial_start_at
    and s.trial_end_at > :period_start
    and s.status not in ('incomplete', 'incomplete_expired')
    and t.quantity is not null
),
-- An item that was replaced on its subscription served the workspace that the others of it serve.
known as (
  select
    c.subscription_item_id,
    coalesce(i.workspace, o.workspace) as workspace,
    i.subscription_item_id is not null as is_on_subscription,
    i.ended_at,
    c.period_start_at,
    max(c.quantity) as quantity,
    max(c.period_end_at) as period_end_at
  from charged c
  left join items i on i.subscription_item_id = c.subscription_item_id
  left join (
    select s.subscription_id, s.product_id, min(s.workspace) as workspace
    from items s
    group by s.subscription_id, s.product_id
  ) o on o.subscription_id = c.subscription_id and o.product_id = c.product_id
  where c.subscription_item_id is not null
    and coalesce(i.workspace, o.workspace) is not null
  group by c.subscription_item_id, coalesce(i.workspace, o.workspace), i.subscription_item_id,
    i.ended_at, c.period_start_at
),
in_force as (
  select
    k.subscription_item_id,
    k.workspace,
    k.quantity,
    k.period_start_at as from_at,
    coalesce(
      lead(k.period_start_at) over (
        partition by k.subscription_item_id order by k.period_start_at),
      case
        when not k.is_on_subscription then k.period_end_at
        else k.ended_at
      end
    ) as to_at
  from known k
),
days as (
  select d.customer_id, d.workspace, d.day_on, max(d.plan) as plan,
    max(d.seats_assigned) as assigned
  from books.seat_days d
  where d.entity_id = :entity
    and d.day_on > :period_end - 1 - :under_days
    and d.day_on < :period_end
    and d.day_on <= :as_of
  group by d.customer_id, d.workspace, d.day_on
),
-- At any moment of the day: seats added and given back on one day are not too many.
paid as (
  select y.workspace, y.day_on, sum(y.quantity) as paid
  from (
    select d.workspace, d.day_on, f.subscription_item_id, max(f.quantity) as quantity
    from days d
    join in_force f on f.workspace = d.workspace
      and f.from_at < (d.day_on + 1)::timestamp at time zone 'UTC'
      and coalesce(f.to_at > d.day_on::timestamp at time zone 'UTC', true)
    group by d.workspace, d.day_on, f.subscription_item_id
  ) y
  group by y.workspace, y.day_on
),
by_day as (
  select d.customer_id, d.workspace, d.plan, d.day_on, d.assigned, coalesce(p.paid, 0) as paid,
    max(d.day_on) over (partition by d.workspace) as last_on
  from days d
  left join paid p on p.workspace = d.workspace and p.day_on = d.day_on
),
by_workspace as (
  select
    b.workspace,
    min(b.customer_id) as customer_id,
    max(b.plan) as plan,
    max(b.assigned) filter (where b.day_on >= :period_start) as most_assigned,
    max(b.paid) filter (where b.day_on >= :period_start) as most_paid,
    sum(b.paid) filter (where b.day_on >= :period_start) as paid_days,
    sum(b.assigned) filter (where b.day_on >= :period_start) as assigned_days,
    count(*) filter (where b.day_on >= :period_start and b.assigned > b.paid) as days_over,
    sum(b.assigned - b.paid) filter (where b.day_on >= :period_start and b.assigned > b.paid)
      as seats_over,
    min(b.day_on) filter (where b.day_on >= :period_start and b.assigned > b.paid) as over_from,
    max(b.day_on) filter (where b.day_on >= :period_start and b.assigned > b.paid) as over_to,
    count(*) filter (where b.day_on > b.last_on - :under_days and b.assigned < b.paid)
      as days_under,
    min(b.paid - b.assigned) filter (where b.day_on > b.last_on - :under_days) as least_under,
    max(b.last_on) as last_on
  from by_day b
  group by b.workspace
),
priced as (
  select
    i.workspace,
    max(i.currency) as currency,
    max(i.price_per_day) as price_per_day,
    bool_and(i.billing_interval = 'month' and not i.is_of_order) as is_monthly
  from items i
  group by i.workspace
),
internal as (
  select e.workspace
  from books.entitlements e
  where e.workspace is not null
  group by e.workspace
  having bool_and(e.is_internal)
)
select
  b.workspace,
  coalesce(c.name, b.customer_id) as customer_name,
  b.plan,
  coalesce(p.currency, c.currency, 'USD') as currency,
  round(b.paid_days * coalesce(p.price_per_day, 0), 2) as amount,
  b.most_assigned,
  b.most_paid::bigint as most_paid,
  b.days_over,
  coalesce(b.seats_over, 0)::bigint as seats_over,
  b.over_from,
  b.over_to,
  b.days_under,
  coalesce(b.least_under, 0)::bigint as least_under,
  b.last_on,
  p.workspace is not null as has_items,
  coalesce(p.is_monthly, false) as is_monthly,
  round(coalesce(b.seats_over, 0) * coalesce(p.price_per_day, 0), 2) as over_value,
  to_char(coalesce(b.seats_over, 0) * coalesce(p.price_per_day, 0), 'FM999,999,999,990.00')
    as over_value_text,
  case when n.workspace is not null then 'Internal workspace' end as reconciling,
  'product:workspace:' || b.workspace as source_ref
from by_workspace b
left join priced p on p.workspace = b.workspace
left join books.customers c on c.customer_id = b.customer_id
left join internal n on n.workspace = b.workspace
where b.last_on >= :period_start

-- Subscriptions in service in the month, with the time that they were served for nothing by the end of
-- the as-of day: on trial, by a coupon for the whole price, or while collection was paused.
with workspaces as (
  select i.subscription_id, max(i.workspace) as workspace
  from books.subscription_items i
  group by i.subscription_id
),
-- Trials of one workspace add up, so that a trial begun again is no new one.
trials as (
  select
    s.subscription_id,
    s.trial_start_at,
    s.trial_end_at,
    sum(s.trial_end_at - s.trial_start_at) over (
      partition by s.customer_id, coalesce(s.workspace, w.workspace, s.subscription_id)
      order by s.trial_start_at, s.subscription_id
    ) as so_far
  from books.subscriptions s
  left join workspaces w on w.subscription_id = s.subscription_id
  where s.entity_id = :entity
    and s.trial_start_at is not null
    and s.trial_end_at > s.trial_start_at
    and s.status not in ('incomplete', 'incomplete_expired')
),
overrun_trials as (
  select
    t.subscription_id,
    t.trial_start_at,
    t.trial_end_at,
    extract(day from t.so_far) as days,
    -- Where the days that are granted end in this trial.
    greatest(t.trial_start_at,
      t.trial_end_at - (t.so_far - :trial_days * interval '1 day')) as allowed_to
  from trials t
  where t.so_far >= (:trial_days + 1) * interval '1 day'
),
-- How long coupons of the whole price give a subscription away; one that lasts forever has no end.
gifts as (
  select
    s.subscription_id,
    max(coalesce(d.end_at, timestamptz '9999-12-31 00:00:00+00')) as given_to
  from books.subscriptions s
  join books.discounts d on d.subscription_id = s.subscription_id
    or (d.subscription_id is null and d.customer_id = s.customer_id)
  join books.coupons c on c.source_account = d.source_account and c.coupon_id = d.coupon_id
  where s.entity_id = :entity
    and c.percent_off = 100
    and c.duration <> 'once'
  group by s.subscription_id
),
free_lines as materialized (
  select l.invoice_id, l.period_start_at, l.period_end_at, l.discount
  from books.invoice_lines l
  where l.amount > 0
    and l.discount >= l.amount
    and l.period_start_at >= :period_start
    and l.period_start_at < :period_end
),
gratis as (
  select
    i.subscription_id,
    min(l.period_start_at) as free_from,
    max(l.period_end_at) as free_to,
    sum(l.discount) as amount
  from free_lines l
  join populations.invoices_as_of i on i.invoice_id = l.invoice_id
  join gifts g on g.subscription_id = i.subscription_id
  where i.entity_id = :entity
    and i.status in ('open', 'paid', 'uncollectible')
    -- A period that began while the coupon was in force is given away to its end.
    and l.period_start_at >= g.given_to
  group by i.subscription_id
),
-- A paused collection voids what it makes at once, writes it off, or keeps it as a draft.
cycles as (
  select
    i.subscription_id,
    i.invoice_id,
    i.created_at,
    coalesce(a.status = 'void' and i.voided_at <= i.finalized_at + interval '1 hour', false)
      or coalesce(
        a.status = 'uncollectible' and i.uncollectible_at <= i.finalized_at + interval '1 hour',
        false)
      or (a.status = 'draft' and t.is_paused) as is_paused
  from populations.invoices_as_of a
  join books.invoices i on i.invoice_id = a.invoice_id
  join populations.subscriptions_as_of t on t.subscription_id = i.subscription_id
  where i.entity_id = :entity
    and i.billing_reason = 'subscription_cycle'
),
stretches as (
  select
    c.subscription_id,
    c.created_at,
    c.is_paused,
    sum(case when c.is_paused then 0 else 1 end) over (
      partition by c.subscription_id order by c.created_at, c.invoice_id) as stretch_no
  from cycles c
),
pauses as (
  select
    t.subscription_id,
    t.created_at,
    min(t.created_at) over (partition by t.subscription_id, t.stretch_no) as paused_from
  from stretches t
  where t.is_paused
),
-- A pause in which nothing is made at all begins where the last period that was billed ends.
silent_pauses as (
  select s.subscription_id, max(l.period_end_at) as paused_from
  from populations.subscriptions_as_of s
  join books.invoices i on i.subscription_id = s.subscription_id
  join books.invoice_lines l on l.invoice_id = i.invoice_id
  where s.entity_id = :entity
    and s.is_paused
    and s.status in ('active', 'past_due')
    and i.status in ('open', 'paid')
    and l.amount >= 0
    and not exists (
      select from pauses p where p.subscription_id = s.subscription_id
    )
  group by s.subscription_id
),
overrun_pauses as (
  select p.subscription_id, min(p.paused_from) as paused_from, max(p.created_at) as paused_to
  from pauses p
  where p.created_at >= :period_start
    and p.created_at < :period_end
    and p.created_at > p.paused_from + :pause_days * interval '1 day'
  group by p.subscription_id
  union all
  select p.subscription_id, p.paused_from,
    (least(:as_of + 1, :period_end))::timestamp at time zone 'UTC' as paused_to
  from silent_pauses p
  where p.paused_from + :pause_days * interval '1 day'
    < (least(:as_of + 1, :period_end))::timestamp at time zone 'UTC'
)
select
  s.subscription_id,
  coalesce(c.name, s.customer_id) as customer_name,
  coalesce(s.workspace, w.workspace, 'no workspace') as workspace,
  r.status,
  t.subscription_id is not null as is_trial_over,
  coalesce(t.days, 0)::bigint as trial_days,
  (t.allowed_to at time zone 'UTC')::date as trial_allowed_to,
  (t.trial_end_at at time zone 'UTC')::date as trial_to,
  g.subscription_id is not null as is_gift_over,
  (g.free_from at time zone 'UTC')::date as free_from,
  (g.free_to at time zone 'UTC')::date as free_to,
  to_char(coalesce(g.amount, 0), 'FM999,999,999,990.00') as free_text,
  (f.given_to at time zone 'UTC')::date as given_to,
  p.subscription_id is not null as is_pause_over,
  (p.paused_from at time zone 'UTC')::date as paused_from,
  (p.paused_to at time zone 'UTC')::date as paused_to,
  s.currency,
  'stripe:subscription:' || s.subscription_id as source_ref
from books.subscriptions s
join populations.subscriptions_as_of r on r.subscription_id = s.subscription_id
left join workspaces w on w.subscription_id = s.subscription_id
left join overrun_trials t on t.subscription_id = s.subscription_id
  and t.allowed_to < :period_end
  and t.trial_end_at > :period_start
left join gifts f on f.subscription_id = s.subscription_id
left join gratis g on g.subscription_id = s.subscription_id
left join overrun_pauses p on p.subscription_id = s.subscription_id
left join books.customers c on c.customer_id = s.customer_id
where s.entity_id = :entity
  and s.status not in ('incomplete', 'incomplete_expired')
  and least(s.start_at, s.created_at) < :period_end
  and coalesce(s.ended_at, :period_end) >= :period_start

-- Workspaces of the product that somebody had access to in the period, with the longest stretch of
-- it in which the customer had no subscription for them. Our own people's workspaces are on a list.
with links as (
  select k.customer_id, min(k.account_id) as account_id
  from populations.customer_accounts k
  group by k.customer_id
),
-- Two Stripe customers of one account are one customer.
access as (
  select
    e.workspace,
    min(e.customer_id) as customer_id,
    min(coalesce(l.account_id, e.customer_id)) as party_id,
    max(e.plan) as plan,
    min(e.entitlement_id) as entitlement_id,
    bool_and(e.is_internal) as is_internal,
    -- What was taken away later was there to the end of the as-of day.
    range_agg(tstzrange(e.granted_at, least(e.revoked_at, :as_of + interval '1 day'))) as spans
  from books.entitlements e
  left join links l on l.customer_id = e.customer_id
  where e.entity_id = :entity
    and e.workspace is not null
    and e.granted_at < least(e.revoked_at, :as_of + interval '1 day')
  group by e.workspace
),
-- A subscription that names no workspace pays for all of its customer's.
lives as (
  select
    coalesce(l.account_id, s.customer_id) as party_id,
    coalesce(s.workspace, max(i.workspace)) as workspace,
    tstzrange(least(s.start_at, s.created_at), s.ended_at) as life
  from books.subscriptions s
  left join books.subscription_items i on i.subscription_id = s.subscription_id
  left join links l on l.customer_id = s.customer_id
  where s.status not in ('incomplete', 'incomplete_expired')
    and (s.ended_at is null or s.ended_at > least(s.start_at, s.created_at))
  group by s.subscription_id, s.customer_id, l.account_id, s.workspace, s.start_at, s.created_at,
    s.ended_at
),
by_workspace as (
  select v.workspace, range_agg(v.life) as paid
  from lives v
  where v.workspace is not null
  group by v.workspace
),
by_party as (
  select v.party_id, range_agg(v.life) as paid
  from lives v
  where v.workspace is null
  group by v.party_id
),
unpaid as (
  select
    a.workspace,
    min(lower(g.gap)) as free_from,
    max(upper(g.gap)) as free_to
  from access a
  left join by_workspace w on w.workspace = a.workspace
  left join by_party p on p.party_id = a.party_id
  cross join lateral unnest(
    a.spans - coalesce(w.paid, '{}') - coalesce(p.paid, '{}')) as g(gap)
  where lower(g.gap) < :period_end
    and upper(g.gap) > :period_start
    and upper(g.gap) > lower(g.gap) + :access_days * interval '1 day'
  group by a.workspace
)
select
  a.workspace,
  coalesce(c.name, a.customer_id) as customer_name,
  a.plan,
  a.is_internal,
  u.workspace is not null as is_free,
  (u.free_from at time zone 'UTC')::date as free_from,
  (u.free_to at time zone 'UTC')::date as free_to,
  case when a.is_internal then 'Internal workspace' end as reconciling,
  'product:entitlement:' || a.entitlement_id as source_ref
from access a
left join books.customers c on c.customer_id = a.customer_id
left join unpaid u on u.workspace = a.workspace
where a.spans && tstzrange(:period_start::timestamptz, :period_end::timestamptz)

-- Subscriptions that Stripe has given up charging, each with the access that its workspace still has.
-- Another subscription for the same workspace may pay for that access.
with owed as (
  select i.subscription_id, min(i.finalized_at) as unpaid_since,
    sum(case when i.status = 'draft' then i.total else i.amount_remaining end) as amount
  from books.invoices i
  where i.entity_id = :entity
    and i.status in ('open', 'draft', 'uncollectible')
    and i.subscription_id is not null
  group by i.subscription_id
),
workspaces as (
  select i.subscription_id, max(i.workspace) as workspace
  from books.subscription_items i
  group by i.subscription_id
),
access as (
  select
    s.subscription_id,
    min(e.granted_at) as granted_at,
    max(e.plan) as plan
  from books.subscriptions s
  left join workspaces w on w.subscription_id = s.subscription_id
  join books.entitlements e on e.workspace = coalesce(s.workspace, w.workspace)
    or (coalesce(s.workspace, w.workspace) is null and e.customer_id = s.customer_id)
  where s.status = 'unpaid'
    and not e.is_internal
    and e.granted_at < :period_end
    and (e.revoked_at is null or e.revoked_at >= :as_of + interval '1 day')
    and not exists (
      select 1
      from books.subscriptions p
      left join workspaces v on v.subscription_id = p.subscription_id
      where p.subscription_id <> s.subscription_id
        and p.customer_id = s.customer_id
        -- One that names no workspace pays for all of its customer's.
        and coalesce(p.workspace, v.workspace, e.workspace) = e.workspace
        and p.status in ('active', 'trialing', 'past_due')
    )
  group by s.subscription_id
)
select
  s.subscription_id,
  coalesce(c.name, s.customer_id) as customer_name,
  coalesce(s.workspace, w.workspace, 'no workspace') as workspace,
  s.currency,
  coalesce(o.amount, 0) as amount,
  (o.unpaid_since at time zone 'UTC')::date as unpaid_since,
  a.subscription_id is not null as has_access,
  (a.granted_at at time zone 'UTC')::date as granted_on,
  coalesce(a.plan, '') as plan,
  'stripe:subscription:' || s.subscription_id as source_ref
from books.subscriptions s
left join owed o on o.subscription_id = s.subscription_id
left join workspaces w on w.subscription_id = s.subscription_id
left join access a on a.subscription_id = s.subscription_id
left join books.customers c on c.customer_id = s.customer_id
where s.entity_id = :entity
  and s.status = 'unpaid'
  and coalesce(o.unpaid_since, s.start_at) < :period_end

-- Subscriptions that Stripe had given up charging by the end of the as-of day, each with the access that
-- its workspace still had. Another subscription for the same workspace may pay for that access. Where
-- no read of that day tells the state, it was given up with the last attempt that failed.
with owed as materialized (
  select a.subscription_id, min(i.finalized_at) filter (where a.status <> 'draft') as unpaid_since,
    sum(case when a.status = 'draft' then i.total else i.amount_remaining end) as amount
  from populations.invoices_as_of a
  join books.invoices i on i.invoice_id = a.invoice_id
  where a.entity_id = :entity
    and a.status in ('open', 'draft', 'uncollectible')
    and a.subscription_id is not null
  group by a.subscription_id
),
attempts as materialized (
  select i.subscription_id, max(m.created_at) as last_at
  from books.subscriptions s
  join books.invoices i on i.subscription_id = s.subscription_id
  join books.invoice_payments p on p.invoice_id = i.invoice_id
  join books.payments m on coalesce(m.payment_intent_id, m.payment_id) = p.payment_id
  where s.entity_id = :entity
    and s.status = 'unpaid'
    and m.status = 'failed'
  group by i.subscription_id
),
unpaid as (
  select t.subscription_id
  from populations.subscriptions_as_of t
  left join attempts w on w.subscription_id = t.subscription_id
  where t.entity_id = :entity
    and t.status = 'unpaid'
    and (t.is_known or w.last_at is null or w.last_at < :as_of + interval '1 day')
),
workspaces as materialized (
  select i.subscription_id, max(i.workspace) as workspace
  from books.subscription_items i
  group by i.subscription_id
),
access as (
  select
    s.subscription_id,
    min(e.granted_at) as granted_at,
    max(e.plan) as plan
  from unpaid u
  join books.subscriptions s on s.subscription_id = u.subscription_id
  left join workspaces w on w.subscription_id = s.subscription_id
  join books.entitlements e on e.workspace = coalesce(s.workspace, w.workspace)
    or (coalesce(s.workspace, w.workspace) is null and e.customer_id = s.customer_id)
  where not e.is_internal
    and e.granted_at < :period_end
    and (e.revoked_at is null or e.revoked_at >= :as_of + interval '1 day')
    and not exists (
      select 1
      from populations.subscriptions_as_of r
      join books.subscriptions p on p.subscription_id = r.subscription_id
      left join workspaces v on v.subscription_id = p.subscription_id
      where p.subscription_id <> s.subscription_id
        and p.customer_id = s.customer_id
        -- One that names no workspace pays for all of its customer's.
        and coalesce(p.workspace, v.workspace, e.workspace) = e.workspace
        and r.status in ('active', 'trialing', 'past_due')
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
from unpaid u
join books.subscriptions s on s.subscription_id = u.subscription_id
left join owed o on o.subscription_id = s.subscription_id
left join workspaces w on w.subscription_id = s.subscription_id
left join access a on a.subscription_id = s.subscription_id
left join books.customers c on c.customer_id = s.customer_id
where s.entity_id = :entity
  and coalesce(o.unpaid_since, s.start_at) < :period_end

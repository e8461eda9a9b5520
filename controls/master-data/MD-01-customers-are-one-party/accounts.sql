-- Every account with an activated order, after merges, with the billing customers that are its own.
with accounts as materialized (
  select
    coalesce(m.master_id, c.customer_id) as account_id,
    sum(o.total_amount) as booked,
    min(o.currency) as currency,
    -- Where the order says no first day, service begins with its activation.
    bool_or(
      coalesce(o.activated_on, o.term_start) + :link_days < :as_of
      and coalesce(o.term_start, o.activated_on) + :link_days < :as_of
    ) as should_be_linked
  from books.orders o
  join books.customers c on c.customer_id = o.customer_id and c.system = 'salesforce'
  left join populations.account_masters m on m.account_id = c.customer_id
  where o.entity_id = :entity
    and o.status = 'Activated'
    and o.is_deleted is not true
    and (o.activated_on is null or o.activated_on <= :as_of)
    -- An order without a last day goes on; many say it on their lines alone.
    and (o.term_end is null or o.term_end >= :period_start)
    and coalesce(o.term_start, o.activated_on, :period_start) < :period_end
  group by 1
),
-- Customers that are active: a subscription that began, or an invoice, in the year and a month up to
-- the end of the period, so that two that follow each other in one contract year count as two.
active as materialized (
  select s.customer_id, min(s.currency) as currency
  from books.subscriptions s
  where s.entity_id = :entity
    and s.status not in ('incomplete', 'incomplete_expired')
    and s.start_on < :period_end
    and s.start_on <= :as_of
    and (s.ended_on is null or s.ended_on > :period_end - :active_days)
  group by s.customer_id
  union
  select i.customer_id, min(i.currency)
  from populations.invoices_as_of i
  where i.entity_id = :entity
    and i.status not in ('draft', 'void')
    and i.document_date < :period_end
    and i.document_date > :period_end - :active_days
  group by i.customer_id
),
customers as materialized (
  select
    k.account_id,
    count(distinct k.customer_id) filter (where a.customer_id is not null) as active_customers,
    string_agg(distinct k.customer_id, ', ' order by k.customer_id)
      filter (where a.customer_id is not null) as active_ids,
    bool_or(k.said_by in ('account', 'customer')) as is_linked,
    -- A customer that is gone for good has left the books.
    bool_or((c.is_deleted or c.customer_id is null) and k.said_by = 'account') as has_deleted_link,
    min(k.customer_id) filter (
      where (c.is_deleted or c.customer_id is null) and k.said_by = 'account'
    ) as deleted_id,
    bool_and(k.link_method = 'FUZZY') as is_fuzzy
  from populations.customer_accounts k
  left join books.customers c on c.customer_id = k.customer_id
  left join active a on a.customer_id = k.customer_id
  -- One party may have a customer in each entity and each currency.
  where c.entity_id = :entity or c.customer_id is null
  group by k.account_id
)
select
  a.account_id,
  a.booked as amount,
  a.currency,
  coalesce(n.name, a.account_id) as name,
  -- Of a group, or of a reseller, the parent may be the one that is billed.
  a.should_be_linked and k.is_linked is not true and h.is_linked is not true as is_orphan,
  coalesce(m.customers, 0) > 1 as has_several,
  coalesce(m.ids, 'none') as customer_ids,
  coalesce(k.has_deleted_link, false) as has_deleted_link,
  coalesce(k.deleted_id, 'none') as deleted_id,
  'salesforce:Account:' || a.account_id as source_ref
from accounts a
left join books.customers n on n.customer_id = a.account_id
left join customers k on k.account_id = a.account_id
left join populations.account_masters t on t.account_id = n.parent_id
left join customers h on h.account_id = coalesce(t.master_id, n.parent_id)
left join (
  select p.account_id, max(p.customers) as customers, max(p.ids) as ids
  from (
    select
      k.account_id,
      v.currency,
      count(distinct k.customer_id) as customers,
      string_agg(distinct k.customer_id, ' and ' order by k.customer_id) as ids
    from populations.customer_accounts k
    join active v on v.customer_id = k.customer_id
    group by k.account_id, v.currency
    having count(distinct k.customer_id) > 1
  ) p
  group by p.account_id
) m on m.account_id = a.account_id

-- Activated orders of deals won in the period, whenever they were activated up to the as-of date;
-- orders activated in the period that no won deal stands behind; and, for deals without an
-- activated order, the orders that wait, at the value of their deal.
-- Of a contract that several deals name, renewals and amendments of it, none is told to be its own.
with deals_of_contracts as materialized (
  select p.contract_id, min(p.opportunity_id) as opportunity_id
  from books.opportunities p
  where p.contract_id is not null and p.is_deleted is not true
  group by p.contract_id
  having count(*) = 1
),
named as materialized (
  select
    o.order_id,
    coalesce(o.order_number, o.order_id) as order_number,
    o.customer_name,
    o.total_amount,
    o.currency,
    o.status,
    o.activated_on,
    o.term_start,
    o.is_reduction or coalesce(o.order_type in ('Amendment', 'Reduction'), false) as is_amendment,
    o.status = 'Activated' and (o.activated_on is null or o.activated_on <= :as_of)
      as is_activated,
    -- Months of the term, at least one.
    greatest(
      coalesce(
        12 * (extract(year from o.term_end + 1) - extract(year from o.term_start))
        + extract(month from o.term_end + 1) - extract(month from o.term_start),
        12
      ),
      1
    ) as months,
    -- Where the order does not say its deal, its quote or its contract does, or the deal names them.
    coalesce(
      o.opportunity_id, r.opportunity_id, q.opportunity_id, c.opportunity_id, d.opportunity_id
    ) as opportunity_id
  from books.orders o
  left join books.quotes r on r.quote_id = o.quote_id and o.opportunity_id is null
  left join books.opportunities q
    on q.quote_id = o.quote_id and o.opportunity_id is null and q.is_deleted is not true
  left join books.contracts c
    on c.contract_id = o.contract_id and o.opportunity_id is null and q.opportunity_id is null
  left join deals_of_contracts d on d.contract_id = o.contract_id
  where o.entity_id = :entity and o.is_deleted is not true and o.status <> 'Canceled'
),
waiting as materialized (
  select
    n.opportunity_id,
    count(*) as orders,
    min(n.order_id) as order_id,
    string_agg(n.order_number || ' is ' || n.status, ', ' order by n.order_number, n.order_id)
      as order_state
  from named n
  where not n.is_activated
    and not exists (
      select from named a where a.opportunity_id = n.opportunity_id and a.is_activated
    )
  group by n.opportunity_id
)
select
  -- An order without a deal is an item of its own.
  coalesce(n.opportunity_id, 'order ' || n.order_id) as opportunity_id,
  -- What the amount of a deal stands for in this org.
  case :amount_basis
    when 'ACV' then round(n.total_amount * 12 / n.months, 2)
    when 'MRR' then round(n.total_amount / n.months, 2)
    else n.total_amount
  end as amount,
  n.currency,
  n.order_number,
  n.customer_name,
  n.activated_on,
  n.term_start,
  true as is_activated,
  false as is_overdue,
  case
    when n.opportunity_id is null then 'it names no deal'
    when d.opportunity_id is null then 'the deal it names is not there'
    when d.is_deleted then 'the deal ' || d.name || ' was deleted'
    when d.is_won is not true then 'the deal ' || d.name || ' is ' || d.status
    else 'the deal ' || d.name || ' belongs to another entity'
  end as deal_state,
  -- Activated as promptly as orders are, for a deal that was won before service began.
  coalesce(
    d.close_date <= coalesce(d.term_start, n.term_start)
    and date_trunc('month', n.activated_on)
      = date_trunc('month', coalesce(d.term_start, n.term_start))
    and (
      select count(*)
      from generate_series(d.close_date + 1, n.activated_on, interval '1 day') as t (day)
      where extract(isodow from t.day) < 6
    ) <= :order_weekdays,
    false
  ) as is_prompt,
  case
    when n.total_amount = 0 then 'Orders without charge'
    -- What changes an order later is no part of what the deal was won for.
    when n.is_amendment and exists (
      select from named f
      where f.opportunity_id = n.opportunity_id and f.is_activated and not f.is_amendment
    ) then 'Amendments of the deal''s orders'
  end as reconciling,
  'salesforce:Order:' || n.order_id as source_ref
from named n
left join books.opportunities d on d.opportunity_id = n.opportunity_id
where n.is_activated
  and coalesce(
    case when d.is_won and d.is_closed then d.close_date end, n.activated_on, :period_start
  ) >= :period_start
  and coalesce(
    case when d.is_won and d.is_closed then d.close_date end, n.activated_on, :period_start
  ) < :period_end
union all
select
  d.opportunity_id,
  d.total_amount as amount,
  d.currency,
  w.order_state as order_number,
  d.customer_name,
  cast(null as date) as activated_on,
  cast(null as date) as term_start,
  false as is_activated,
  greatest(d.close_date, coalesce(d.order_after, d.close_date)) + :draft_days < :as_of
    as is_overdue,
  'is won' as deal_state,
  false as is_prompt,
  case when d.total_amount = 0 then 'Deals without charge' end as reconciling,
  'salesforce:Order:' || w.order_id as source_ref
from waiting w
join books.opportunities d on d.opportunity_id = w.opportunity_id
where d.entity_id = :entity
  and d.is_closed
  and d.is_won
  and d.is_deleted is not true
  and d.close_date >= :period_start
  and d.close_date < :period_end

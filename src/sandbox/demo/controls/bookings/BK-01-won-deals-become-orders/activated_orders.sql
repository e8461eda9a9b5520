-- Activated orders of deals won in the period, whenever they were activated up to the as-of date;
-- and orders activated in the period that no won deal stands behind.
select
  -- An order without a deal is an item of its own.
  coalesce(o.opportunity_id, 'order ' || o.order_id) as opportunity_id,
  o.total_amount as amount,
  o.currency,
  coalesce(o.order_number, o.order_id) as order_number,
  o.customer_name,
  o.activated_on,
  case
    when o.opportunity_id is null then 'it names no deal'
    when d.opportunity_id is null then 'the deal it names does not exist'
    when d.is_deleted then 'the deal ' || d.name || ' was deleted'
    when d.is_won is not true then 'the deal ' || d.name || ' is ' || d.status
    else 'the deal ' || d.name || ' belongs to another entity'
  end as deal_state,
  case when o.total_amount = 0 then 'Orders without charge' end as reconciling,
  'salesforce:Order:' || o.order_id as source_ref
from books.orders o
left join books.opportunities d on d.opportunity_id = o.opportunity_id
where o.entity_id = :entity
  and o.status = 'Activated'
  and o.is_deleted is not true
  and (o.activated_on is null or o.activated_on <= :as_of)
  and coalesce(
    case when d.is_won and d.is_closed and d.is_deleted is not true then d.close_date end,
    o.activated_on,
    :period_start
  ) >= :period_start
  and coalesce(
    case when d.is_won and d.is_closed and d.is_deleted is not true then d.close_date end,
    o.activated_on,
    :period_start
  ) < :period_end

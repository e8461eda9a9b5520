-- Every deal won in the period, by the close date in the entity's book time zone.
select
  d.opportunity_id,
  d.total_amount as amount,
  d.currency,
  d.name,
  d.close_date as closed_on,
  d.term_start,
  coalesce(
    (
      select 'order ' || min(o.order_number) || ' is ' || min(o.status)
      from books.orders o
      where o.opportunity_id = d.opportunity_id
        and o.status <> 'Activated'
        and o.is_deleted is not true
    ),
    'none exists'
  ) as order_state,
  -- Pilots and renewals without charge need no order; they stay on the statement, under this name.
  case when d.total_amount = 0 then 'Deals without charge' end as reconciling,
  'salesforce:Opportunity:' || d.opportunity_id as source_ref
from books.opportunities d
where d.entity_id = :entity
  and d.is_closed
  and d.is_won
  and d.is_deleted is not true
  and d.close_date >= :period_start
  and d.close_date < :period_end
